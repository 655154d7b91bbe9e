"""How a Member State of the sandbox behaves, for all workflows or for some of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from movehub.errors import InvalidConfiguration
from movehub.protocol.member_states import sent_as
from movehub.protocol.workflow import WORKFLOWS
from movehub.sandbox import version_2

#: The abbreviations of all workflows, such as `CGR`. No two systems share one.
ALL: Final = frozenset(workflow.abbreviation for workflow in WORKFLOWS)


@dataclass(frozen=True, slots=True)
class Profile:
    """What a Member State supports. The default is the newest edition and every workflow."""

    #: The edition of ERRU that it speaks, if it is not the newest.
    edition: str | None = None
    #: Workflows that it does not take part in, such as `NU`.
    lacks: frozenset[str] = frozenset()
    #: Workflows for which it still uses version 2 (`movehub.sandbox.version_2`).
    version_2: frozenset[str] = frozenset()
    #: Workflows for which the hub cannot reach it.
    down: frozenset[str] = frozenset()

    def takes_part_in(self, abbreviation: str) -> bool:
        """Return whether it has a workflow. Version 2 has neither NU nor RSI."""
        without = self.version_2 & version_2.WITHOUT
        return abbreviation not in self.lacks | without


def by_state(entries: Iterable[str], states: Collection[str]) -> dict[str, frozenset[str]]:
    """Read entries such as `FR`, for all workflows, and `FR:CGR`. Return the workflows of each state.

    Raises InvalidConfiguration if a state or a workflow is unknown.
    """
    found: dict[str, frozenset[str]] = {}
    for entry in entries:
        code, colon, abbreviation = entry.partition(":")
        state = sent_as(code)
        if state not in states:
            raise InvalidConfiguration(f"{code} takes part in no system of this sandbox")
        if colon and abbreviation not in ALL:
            raise InvalidConfiguration(
                f"{abbreviation} is no workflow. Write {code}:CGR, for example; there are "
                f"{', '.join(sorted(ALL))}"
            )
        found[state] = found.get(state, frozenset()) | (frozenset({abbreviation}) if colon else ALL)
    return found
