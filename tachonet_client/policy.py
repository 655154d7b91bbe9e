"""How a state follows Annex VIII of Regulation (EU) 2016/68 where the law leaves it a choice.

state = "FI"
records_icdl_since = 2024-01-01  # leave it out if your state follows 1.6 and does not record them
prefers_ccs = true               # 1.3 by CCS, not by singlecast CIC. This is the default

[sample]                         # how the 30 % of 1.5 are drawn: see `sampling`
salt = "any text, disclosed to whoever audits"
percentage = 35                  # 30 to 100
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from movehub.errors import InvalidConfiguration
from movehub.input_files import read_toml
from movehub.protocol.member_states import participants_of

from .participants import PARTICIPANTS
from .sampling import DEFAULT_PERCENTAGE, Sample

#: Article 6: Regulation (EU) 2016/68 applies from this day. 1.7 and 1.8 count from it.
DATE_OF_APPLICATION: Final = date(2018, 3, 2)

#: Annex VIII, 1.9: how long every domestic application is checked once a state has begun to record.
YEARS_OF_CHECKING_ALL: Final = 5

#: The settings of the file, with their types. A `datetime` is not allowed, although it is a `date`.
_SETTINGS: Final = {"state": str, "records_icdl_since": date, "prefers_ccs": bool, "sample": dict}
_OF_THE_SAMPLE: Final = {"salt": str, "percentage": int}
_REQUIRED: Final = {"state", "sample", "salt"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How a state follows Annex VIII where it has a choice."""

    #: The own Member State.
    state: str
    #: The day from which it has effectively recorded ICDL notifications in its register (1.9). None if it
    #: follows 1.6 and does not record them.
    records_icdl_since: date | None
    #: How the 30 % of 1.5 are drawn.
    sample: Sample
    #: Whether 1.3 is done by CCS or by singlecast CIC. The law leaves it open.
    prefers_ccs: bool = True
    #: The states that take part, as `participants_of` returns them.
    participants: frozenset[str] = PARTICIPANTS

    def __post_init__(self) -> None:
        if not self.takes_part(self.state):
            raise InvalidConfiguration("the own state must be the code of a state that takes part")

    @classmethod
    def read(cls, path: str | Path, participants: Iterable[str] | None = None) -> Policy:
        """Read a TOML file. `participants` are the states that take part, if they differ from the default.

        Raises InvalidConfiguration that names the setting.
        """
        settings = _checked(read_toml(path, "policy file"), _SETTINGS, "")
        sample = _checked(settings["sample"], _OF_THE_SAMPLE, "sample.")
        return cls(
            state=settings["state"],
            records_icdl_since=settings.get("records_icdl_since"),
            sample=Sample(sample["salt"], sample.get("percentage", DEFAULT_PERCENTAGE)),
            prefers_ccs=settings.get("prefers_ccs", True),
            participants=PARTICIPANTS if participants is None else participants_of(participants),
        )

    def takes_part(self, state: str) -> bool:
        """Whether a state can be asked, by its code in a header."""
        return state in self.participants

    def records_on(self, day: date) -> bool:
        """Whether ICDL notifications were recorded on a day."""
        return self.records_icdl_since is not None and self.records_icdl_since <= day

    def checks_all_on(self, day: date) -> bool:
        """Whether the five years of 1.8 and 1.9 were running on a day.

        A state that recorded five years before the date of application is free of 1.8 from that date on.
        """
        since = self.records_icdl_since
        if since is None or day < since:
            return False
        return (day.year - YEARS_OF_CHECKING_ALL, day.month, day.day) < (since.year, since.month, since.day)


def _checked(given: dict[str, Any], known: dict[str, type], section: str) -> dict[str, Any]:
    for name in _REQUIRED & known.keys():
        if name not in given:
            raise InvalidConfiguration(f"the policy file lacks {section}{name}")
    for name, value in given.items():
        if name not in known:
            raise InvalidConfiguration(f"the policy file has an unknown setting {section}{name}")
        wrong = isinstance(value, bool) is not (known[name] is bool) or isinstance(value, datetime)
        if wrong or not isinstance(value, known[name]):
            raise InvalidConfiguration(
                f"the policy file has {section}{name} of another type than {known[name].__name__}"
            )
    return given
