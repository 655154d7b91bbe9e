"""Workflows in four legs: what is acknowledged, by whom, and by the hub in the place of a silent state.

A notification is acknowledged, the response to it follows later, and is acknowledged in its turn. ERRU's NCR
(Regulation (EU) 2016/480, Annex II, 1.2) and TACHOnet's MCS (Regulation (EU) 2016/68, Annex II, 1.3 and
Annex III, appendix).
"""

from __future__ import annotations

from typing import Any, ClassVar, Generic, TypeVar

from movehub.protocol.message import Body
from movehub.protocol.outcome import NotificationStatus
from movehub.protocol.workflow import HUB_AUTHORITY

ReceiptT_co = TypeVar("ReceiptT_co", bound=Body, covariant=True)


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
