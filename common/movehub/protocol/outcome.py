"""Found, not found, and no answer: three things, never two. And delivered, or not known to be.

`Timeout` and `NotAvailable` are words of the hub for a state that did not answer. They say nothing about
the person asked for, and reading them as "not found" would clear somebody whom nobody has looked up.
Regulation (EU) 2016/68, Annex VI, 1.9 (b); Regulation (EU) 2016/480, Annex VI, 1.7 (b).

Workflows in four legs: what is acknowledged, by whom, and by the hub in the place of a silent state.

A notification is acknowledged, the response to it follows later, and is acknowledged in its turn. ERRU's NCR
(Regulation (EU) 2016/480, Annex II, 1.2) and TACHOnet's MCS (Regulation (EU) 2016/68, Annex II, 1.3 and
Annex III, appendix).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum, StrEnum
from typing import Any, ClassVar, Generic, TypeVar

from movehub.protocol.member_states import sent_as
from movehub.protocol.message import Body
from movehub.protocol.workflow import HUB_AUTHORITY

ReceiptT_co = TypeVar("ReceiptT_co", bound=Body, covariant=True)


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
        """Found, not found, or no answer. Where there are records, somebody was found, whatever it says."""
        return Outcome.FOUND if getattr(self, "found", ()) else self.status_code.outcome


class StateRows:
    """What answers with one row a Member State have in common."""

    __slots__ = ()

    @property
    def _rows(self) -> Sequence[StateRow]:
        return self.member_states  # type: ignore[attr-defined,no-any-return]

    @property
    def complete(self) -> bool:
        """Whether every state that has a row has answered. Where False, nobody is cleared yet.

        Who was asked in a broadcast is the hub's to know: hold `missing` against the states you expect.
        """
        return bool(self._rows) and not self.unanswered

    def missing(self, expected: Iterable[str]) -> tuple[str, ...]:
        """Return which of the states expected have no row at all, or one without an answer.

        `EL` and `GB` are understood for `GR` and `UK`.
        """
        answered = {
            sent_as(row.member_state_code) for row in self._rows if row.outcome is not Outcome.NO_ANSWER
        }
        return tuple(code for code in expected if sent_as(code) not in answered)

    @property
    def unanswered(self) -> tuple[str, ...]:
        """The codes of the states that did not answer."""
        return tuple(row.member_state_code for row in self._rows if row.outcome is Outcome.NO_ANSWER)


class NotificationStatus(StrEnum):
    """The status of an acknowledgement. The last two are for the hub alone to say."""

    OK = "OK"
    TIMEOUT = "Timeout"
    NOT_AVAILABLE = "NotAvailable"


#: How the hub says in words that its OK is none: "... is still using ERRU v2 messages. The notification has
#: not been forwarded. ..." (the Commission's test case NCR_11; no document lists such texts).
_NOT_FORWARDED = "not been forwarded"


def was_delivered(status: StrEnum, status_message: str | None) -> bool:
    """Return whether a notification reached the other state: OK, and no message that takes it back."""
    return status == "OK" and _NOT_FORWARDED not in (status_message or "").casefold()


class Receipt:
    """An acknowledgement of a notification by one Member State, or the hub's word for a missing one."""

    __slots__ = ()
    status_code: NotificationStatus
    #: What the state or the hub adds in words. Read it: it can take back the OK.
    status_message: str | None

    @property
    def delivered(self) -> bool:
        """Whether the state has the notification.

        False for Timeout and NotAvailable, where nobody knows, and for an OK whose message says that the
        notification was not forwarded.
        """
        return was_delivered(self.status_code, self.status_message)


class Acknowledged(Generic[ReceiptT_co]):
    """A body that is acknowledged: the notification, or the response to it."""

    __slots__ = ()
    #: The class of the acknowledgement, and its type: one of the system's `AcknowledgementType`.
    acknowledged_with: ClassVar[type[Any]]
    acknowledged_as: ClassVar[Any]
    #: The words for what became of it.
    statuses: ClassVar[type[NotificationStatus]] = NotificationStatus
    business_case_id: str
    originating_authority: str

    def repeated(self) -> tuple[object, ...]:
        """Case, and the type that the acknowledgement must have."""
        return self.business_case_id, self.originating_authority, self.acknowledged_as

    def acknowledge(self, responding_authority: str) -> ReceiptT_co:
        """Return the receipt of a Member State: the message arrived. It promises nothing more.

        It is due within seconds (2016/68, Annex VI, 1.5; 2016/480, Annex VIII, 2.6).
        """
        return self._receipt(responding_authority, NotificationStatus.OK, None)

    def unanswered(self, status: NotificationStatus, status_message: str | None = None) -> ReceiptT_co:
        """Return the hub's word in the place of a state that gave no receipt, or was sent nothing."""
        return self._receipt(HUB_AUTHORITY, status, status_message)

    def _receipt(self, authority: str, status: NotificationStatus, message: str | None) -> ReceiptT_co:
        receipt: ReceiptT_co = self.acknowledged_with(
            business_case_id=self.business_case_id,
            originating_authority=self.originating_authority,
            responding_authority=authority,
            acknowledgement_type=self.acknowledged_as,
            status_code=status,
            status_message=message,
        )
        return receipt
