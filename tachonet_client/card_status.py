"""Card statuses: what the 18 of them mean, and what they are in a national procedure.

Every register must recognise all of them, but need not use all of them. If your register does not use a
status, translate it. Never reject a message because of its status. Regulation (EU) 2016/68, Annex II, 3 and
4, appendix.

**No status says whether a card is valid for driving** (Annex II, 5). Only the field `valid_for_driving` in a
CIC or CCS answer says that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from movehub.errors import InvalidConfiguration
from movehub.law import CARD_STATUSES

from .vocabulary import CardStatus

if TYPE_CHECKING:
    from pathlib import Path

#: An authority's own values: texts, or the members of a `StrEnum` of its own.
LocalT = TypeVar("LocalT", bound=str)


class Declared(Enum):
    """Whether an MCS may set a status, according to the superseded version 1.41."""

    #: Its schema and its specification both let it be declared.
    YES = "yes"
    #: Its schema does, its specification does not.
    DISPUTED = "disputed"
    #: Neither does: only the issuer itself brings a card into this status.
    NO = "no"


@dataclass(frozen=True, slots=True)
class StatusDefinition:
    """One row of the appendix. `law` is the regulation's name, `meaning` its definition in our words."""

    status: CardStatus
    law: str
    declared: Declared
    meaning: str
    source: str = f"Regulation (EU) {CARD_STATUSES}"


_S, _D = CardStatus, StatusDefinition
_YES, _NO = Declared.YES, Declared.NO

#: Source: Annex II, appendix, in its order. `declared` follows version 1.41, with `Rejected` added.
STATUSES: Final = (
    _D(
        _S.APPLICATION, "Application", _NO, "An application was received and registered with its search keys."
    ),
    _D(_S.APPROVED, "Approved", _NO, "The issuing authority has approved the application."),
    _D(_S.REJECTED, "Rejected", _NO, "The issuing authority has not approved the application."),
    _D(_S.PERSONALISED, "Personalised", _NO, "The card has been made out for its holder."),
    _D(
        _S.DISPATCHED,
        "Dispatched",
        _NO,
        "The card was sent to the driver, or to the agency that delivers it.",
    ),
    # To declare it means that another status was declared by mistake, and the driver has the card after all.
    _D(_S.HANDED_OVER, "Handed Over", _YES, "The driver has been given the card."),
    _D(_S.CONFISCATED, "Confiscated", _YES, "The competent authority has taken the card from the driver."),
    _D(_S.SUSPENDED, "Suspended", _YES, "The card has been taken from the driver for a time."),
    # Annex VIII, 2.1 asks for an MCS of a withdrawn card, so the dispute is settled: it may be declared.
    _D(_S.WITHDRAWN, "Withdrawn", Declared.DISPUTED, "The issuing authority has annulled the card for good."),
    _D(_S.SURRENDERED, "Surrendered", _NO, "The card was given back to the issuing authority as not needed."),
    _D(_S.LOST, "Lost", _YES, "The card has been declared lost to the issuing authority."),
    _D(_S.STOLEN, "Stolen", _YES, "The card has been declared stolen, and counts as lost."),
    _D(
        _S.MALFUNCTIONING,
        "Malfunctioning",
        _YES,
        "The card has been declared faulty to the issuing authority.",
    ),
    _D(_S.EXPIRED, "Expired", _NO, "The period for which the card was issued is over."),
    _D(_S.REPLACED, "Replaced", _NO, "Lost, stolen or faulty, it has a successor (replacement index)."),
    _D(
        _S.RENEWED,
        "Renewed",
        _NO,
        "For new data or a new period it has a successor (renewal index).",
    ),
    _D(
        _S.IN_EXCHANGE,
        "In Exchange",
        _YES,
        "Another state has begun to exchange the card.",
    ),
    _D(_S.EXCHANGED, "Exchanged", _YES, "Another state has exchanged the card for one of its own."),
)

_DEFINITIONS: Final = {definition.status: definition for definition in STATUSES}


def definition_of(status: CardStatus) -> StatusDefinition:
    """Return what the appendix says of a status."""
    return _DEFINITIONS[status]


def doubt_about_new_status(status: CardStatus) -> str | None:
    """Return a warning if an MCS with this status is probably a mistake: only the issuer sets it.

    It is no reason to refuse a message: the issuer judges transitions (`CardStatusInvalid`), and the present
    list is not public.
    """
    if _DEFINITIONS[status].declared is not Declared.NO:
        return None
    return f"{status.value} is not among the statuses that version 1.41 lets another state declare"


@dataclass(frozen=True, slots=True)
class StatusTranslation(Generic[LocalT]):
    """A translation of all 18 statuses into values of the national procedure, checked when it is made.

    `of` takes a Python mapping, `read` a TOML file, `default` the table that is shipped.
    """

    table: Mapping[CardStatus, LocalT]
    local: frozenset[LocalT]

    @classmethod
    def of(
        cls, table: Mapping[CardStatus, LocalT] | Mapping[str, LocalT], local: Iterable[LocalT]
    ) -> StatusTranslation[LocalT]:
        """Make a translation into `local`, the values of the procedure. It may be a `StrEnum` class.

        Raises InvalidConfiguration that names every status without a value, every value that is not in
        `local`, and every key that is no status.
        """
        values = frozenset(local)
        given = {str(status): value for status, value in table.items()}
        faults = [
            _fault("no value for", [status for status in CardStatus if status not in given]),
            _fault("no status of Annex II is called", [key for key in given if key not in set(CardStatus)]),
            _fault("not a local value:", [value for value in given.values() if value not in values]),
        ]
        if any(faults):
            raise InvalidConfiguration("the status translation: " + "; ".join(filter(None, faults)))
        return cls(MappingProxyType({status: given[status] for status in CardStatus}), values)

    @classmethod
    def read(cls, path: str | Path) -> StatusTranslation[str]:
        """Read a TOML file with the list `local` and the table `[translation]`.

        Raises InvalidConfiguration as `of` does, and where the file cannot be read.
        """
        from movehub.input_files import read_toml  # only here: whoever reads messages needs no TOML

        content = read_toml(path, "status translation")
        table, local = content.get("translation", {}), content.get("local", [])
        if not isinstance(table, dict) or not _are_texts(local) or not _are_texts(list(table.values())):
            raise InvalidConfiguration(
                "the status translation needs a list of texts, local, and a table of texts, [translation]"
            )
        return StatusTranslation[str].of(table, local)

    @staticmethod
    def configured(path: Path | None) -> StatusTranslation[str]:
        """Return the translation of the setting `tachonet.statuses`, or the one that is shipped for None.

        Raises InvalidConfiguration that names the setting.
        """
        if path is None:
            return StatusTranslation.default()
        try:
            return StatusTranslation.read(path)
        except InvalidConfiguration as error:
            reason = error.reason
        raise InvalidConfiguration(f"tachonet.statuses, {path}: {reason}")

    @staticmethod
    def default() -> StatusTranslation[str]:
        """Return the table that is shipped, `card_statuses.toml`: seven values of a small procedure."""
        return _shipped()

    def to_local(self, status: CardStatus) -> LocalT:
        """Return the value of the national procedure. There is one for every status."""
        return self.table[status]


@cache
def _shipped() -> StatusTranslation[str]:
    from importlib.resources import files

    return StatusTranslation[str].read(str(files("tachonet_client") / "card_statuses.toml"))


def _are_texts(values: Any) -> bool:
    return isinstance(values, list) and bool(values) and all(isinstance(value, str) for value in values)


def _fault(said: str, names: Iterable[str]) -> str:
    named = ", ".join(dict.fromkeys(str(name) for name in names))
    return f"{said} {named}" if named else ""
