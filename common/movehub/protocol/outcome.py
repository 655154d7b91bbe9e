"""The outcome of a search, and the acknowledgement of a notification.

A search has three outcomes, never two: found, not found, and no answer. The hub writes `Timeout` or
`NotAvailable` for a state that did not answer. That says nothing about the person asked for. If you read it
as "not found", you clear a person whom that state never looked up. Regulation (EU) 2016/68, Annex VI, 1.8
(b); Regulation (EU) 2016/480, Annex VI, 1.7 (b).

A notification is acknowledged. In ERRU's NCR (Regulation (EU) 2016/480, Annex II, 1.2) and TACHOnet's MCS
(Regulation (EU) 2016/68, Annex II, 1.3 and Annex III, appendix) a response follows later, and it is
acknowledged too. If a state is silent, the hub acknowledges in its place, and delivery is then unknown.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import Enum, StrEnum
from typing import Any, ClassVar, Generic, TypeVar

from movehub.protocol.hub_texts import takes_back
from movehub.protocol.message import Body
from movehub.protocol.workflow import HUB_AUTHORITY

ReceiptT_co = TypeVar("ReceiptT_co", bound=Body, covariant=True)


class Outcome(Enum):
    """The meaning of a state's row."""

    FOUND = "found"
    NOT_FOUND = "not found"
    NO_ANSWER = "no answer"


class SearchStatus(StrEnum):
    """The status of one state's answer to a search. Only the hub uses the last two."""

    FOUND = "Found"
    NOT_FOUND = "NotFound"
    TIMEOUT = "Timeout"
    NOT_AVAILABLE = "NotAvailable"

    @property
    def outcome(self) -> Outcome:
        """The meaning of this status."""
        return _OUTCOMES[self]


_OUTCOMES = {
    SearchStatus.FOUND: Outcome.FOUND,
    SearchStatus.NOT_FOUND: Outcome.NOT_FOUND,
    SearchStatus.TIMEOUT: Outcome.NO_ANSWER,
    SearchStatus.NOT_AVAILABLE: Outcome.NO_ANSWER,
}


def search_outcome(
    status: SearchStatus,
    status_message: str | None,
    responding_authority: str | None = None,
    *,
    has_records: bool,
) -> Outcome:
    """Return the meaning of an answer to a search. With records it is FOUND, whatever its status.

    `NotFound` with a text that takes it back, as one takes back an OK, is no answer: see `hub_texts`. A row
    of a state in a broadcast has no `responding_authority`.
    """
    if has_records:
        return Outcome.FOUND
    return Outcome.NO_ANSWER if takes_back(status_message, responding_authority) else status.outcome


class StateRow:
    """One Member State's row in an answer."""

    __slots__ = ()
    member_state_code: str
    status_code: SearchStatus
    #: A message of the state or the hub. Read it: it can change the meaning of the status.
    status_message: str | None

    @property
    def outcome(self) -> Outcome:
        """Found, not found, or no answer. A row with records is FOUND, whatever its status."""
        found = bool(getattr(self, "found", ()))
        return search_outcome(self.status_code, self.status_message, has_records=found)


class NotificationStatus(StrEnum):
    """The status of an acknowledgement. Only the hub uses the last two."""

    OK = "OK"
    TIMEOUT = "Timeout"
    NOT_AVAILABLE = "NotAvailable"


def was_delivered(
    status: StrEnum,
    status_message: str | None,
    responding_authority: str,
    received: Collection[str] = ("OK",),
) -> bool:
    """Return whether a notification reached the other state.

    It did if the status is one of those `received`, without a message that takes it back: see `hub_texts`.
    """
    return status in received and not takes_back(status_message, responding_authority)


class Receipt:
    """An acknowledgement of a notification by one Member State, or by the hub in its place."""

    __slots__ = ()
    responding_authority: str
    status_code: NotificationStatus
    #: A message of the state or the hub. Read it: it can take back the OK.
    status_message: str | None

    @property
    def delivered(self) -> bool:
        """Whether the state has the notification.

        False for Timeout and NotAvailable, since delivery is then unknown, and for an OK with a message that
        takes it back: the hub's, unless it is known to be harmless. See `hub_texts`.
        """
        return was_delivered(self.status_code, self.status_message, self.responding_authority)


class Acknowledged(Generic[ReceiptT_co]):
    """A body that is acknowledged: a notification, or the response to it."""

    __slots__ = ()
    #: The class of the acknowledgement, and its type: a member of the system's `AcknowledgementType`.
    acknowledged_with: ClassVar[type[Any]]
    acknowledged_as: ClassVar[Any]
    #: The statuses of the acknowledgement.
    statuses: ClassVar[type[NotificationStatus]] = NotificationStatus
    business_case_id: str
    originating_authority: str

    def repeated(self) -> tuple[object, ...]:
        """Return the case, and the type that the acknowledgement must have."""
        return self.business_case_id, self.originating_authority, self.acknowledged_as

    def acknowledge(self, responding_authority: str) -> ReceiptT_co:
        """Return the receipt of a Member State. It says that the message arrived, and no more.

        It is due within seconds (2016/68, Annex VI, 1.5; 2016/480, Annex VI, 1.5.1).
        """
        return self._receipt(responding_authority, NotificationStatus.OK, None)

    def unanswered(self, status: NotificationStatus, status_message: str | None = None) -> ReceiptT_co:
        """Return the hub's receipt in place of a state that gave none, or that the hub did not ask."""
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
