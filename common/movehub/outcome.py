"""Found, not found, and no answer: three things, never two.

`Timeout` and `NotAvailable` are words of the hub for a state that did not answer. They say nothing about
the person asked for, and reading them as "not found" would clear somebody whom nobody has looked up.
Regulation (EU) 2016/68, Annex VI, 1.9 (b); Regulation (EU) 2016/480, Annex VI, 1.7 (b).
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, StrEnum


class Outcome(Enum):
    """What a state's row means for the one who asked."""

    FOUND = "found"
    NOT_FOUND = "not found"
    NO_ANSWER = "no answer"


class SearchStatus(StrEnum):
    """The status of one state's answer to a search. The last two are for the hub alone to say."""

    FOUND = "Found"
    NOT_FOUND = "NotFound"
    TIMEOUT = "Timeout"
    NOT_AVAILABLE = "NotAvailable"

    @property
    def outcome(self) -> Outcome:
        """What it means for the one who asked."""
        return _OUTCOMES[self]


_OUTCOMES = {
    SearchStatus.FOUND: Outcome.FOUND,
    SearchStatus.NOT_FOUND: Outcome.NOT_FOUND,
    SearchStatus.TIMEOUT: Outcome.NO_ANSWER,
    SearchStatus.NOT_AVAILABLE: Outcome.NO_ANSWER,
}


class StateRow:
    """One Member State's row in an answer."""

    __slots__ = ()
    member_state_code: str
    status_code: SearchStatus
    #: What the state or the hub adds in words. Read it: it can change what the status means.
    status_message: str | None

    @property
    def outcome(self) -> Outcome:
        """Found, not found, or no answer."""
        return self.status_code.outcome


class StateRows:
    """What answers with one row a Member State have in common."""

    __slots__ = ()

    @property
    def _rows(self) -> Sequence[StateRow]:
        return self.member_states  # type: ignore[attr-defined,no-any-return]

    @property
    def complete(self) -> bool:
        """Whether every state that was asked has answered. Where False, nobody is cleared yet."""
        return not self.unanswered

    @property
    def unanswered(self) -> tuple[str, ...]:
        """The codes of the states that did not answer."""
        return tuple(row.member_state_code for row in self._rows if row.outcome is Outcome.NO_ANSWER)
