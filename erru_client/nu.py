"""Notify Unfitness (NU).

A Member State notifies one other state, or all of them (`to="ZZ"`), that it has declared a transport manager
unfit. The certificate of professional competence is then no longer valid in any state. Regulation (EU)
2016/480, Annex II, 1.4 and Annex VIII, 4; Regulation (EC) No 1071/2009, Article 14.

The start of the unfitness is mandatory in the law (Annex III, appendix), and optional in the schema. Without
it two readings exist: two public sources take the manager as unfit from the day of reception, and the
Commission's text in the schema says that a notification may mean a reinstatement. So the reading of such a
notification is `UNDATED`. You send one only if you say so: see the rule `NU-1`.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING, ClassVar

from movehub.protocol.message import Body
from movehub.protocol.outcome import NotificationStatus, Receipt
from movehub.protocol.workflow import HUB_AUTHORITY
from movehub.records.personal import PersonalDate, PersonalText
from movehub.records.record import record, wire

from .vocabulary import Certificate, ErruRequest, ManagerName

if TYPE_CHECKING:
    from movehub.names.search_keys import SearchKeys


class UnfitnessReading(Enum):
    """What a notification says of the manager."""

    #: Unfit from `unfit_start_date` on.
    UNFIT_FROM = "unfit from the start date on"
    #: No date. Confirm it before you act on it: either reading can be wrong for the manager.
    UNDATED = (
        "some registers read it as unfit from the day of reception, others as a reinstatement. "
        "Confirm with the originating authority which one it is"
    )


@record
class TransportManagerNameDetails:
    """The manager by name, and by certificate where it is known."""

    transport_manager: ManagerName
    certificate: Certificate | None = wire("CertificateOfProfessionalCompetence", default=None)


@record
class TransportManagerCertificateDetails:
    """The manager by certificate, and by name where it is known."""

    certificate: Certificate = wire("CertificateOfProfessionalCompetence")
    transport_manager: ManagerName | None = None


@record
class NotifiedTransportManager:
    """The manager, and from when unfit. Read it through `NotifyUnfitnessRequest.reading`."""

    unfit_start_date: PersonalDate | None = None
    details: TransportManagerNameDetails | TransportManagerCertificateDetails


@record
class UnfitnessReceipt(Receipt):
    """The receipt of one Member State, or the hub's notice that there is none. See `delivered`."""

    member_state_code: str
    responding_authority: str
    status_code: NotificationStatus
    status_message: PersonalText | None = None


@record
class NotifyUnfitnessAcknowledgement(Body, root="NotifyUnfitness_Acknowledgement"):
    """A state's acknowledgement with its own row, or the hub's with a row for every state told.

    The rows do not tell who was notified: see `complete` and `missing` of the `Reply`.
    """

    business_case_id: str
    originating_authority: str
    member_states: tuple[UnfitnessReceipt, ...] = wire("MemberState")


@record
class NotifyUnfitnessRequest(ErruRequest["NotifyUnfitnessAcknowledgement"], root="NotifyUnfitness_Request"):
    """Notify one state (`to="SE"`) or all of them (`to="ZZ"`). Each acknowledges it (Annex VIII, 4.2)."""

    #: The words for what became of it.
    statuses: ClassVar[type[NotificationStatus]] = NotificationStatus

    transport_manager: NotifiedTransportManager

    @property
    def reading(self) -> UnfitnessReading:
        """What the notification says: unfit from a date, or undated, which has two readings."""
        dated = self.transport_manager.unfit_start_date is not None
        return UnfitnessReading.UNFIT_FROM if dated else UnfitnessReading.UNDATED

    @property
    def reading_in_words(self) -> str:
        """The reading for a person, with its date. It is personal data."""
        start = self.transport_manager.unfit_start_date
        return f"unfit from {start} on" if start else f"no start date: {self.reading.value}"

    @property
    def name_searched(self) -> ManagerName | None:
        """The name of the manager, or None."""
        return self.transport_manager.details.transport_manager

    def with_search_keys(self, keys: SearchKeys) -> NotifyUnfitnessRequest:
        """Return the notification with search keys, if it has a name."""
        manager, name = self.transport_manager, self.name_searched
        if name is None:
            return self
        details = replace(manager.details, transport_manager=name.with_search_keys(keys))
        return replace(self, transport_manager=replace(manager, details=details))

    def answered_with(self, *rows: UnfitnessReceipt) -> NotifyUnfitnessAcknowledgement:
        """Return the acknowledgement with these rows."""
        return NotifyUnfitnessAcknowledgement(
            business_case_id=self.business_case_id,
            originating_authority=self.originating_authority,
            member_states=rows,
        )

    def acknowledge(self, member_state: str, responding_authority: str) -> NotifyUnfitnessAcknowledgement:
        """Return the acknowledgement of one Member State."""
        return self.answered_with(
            UnfitnessReceipt(
                member_state_code=member_state,
                responding_authority=responding_authority,
                status_code=NotificationStatus.OK,
            )
        )

    def unanswered(
        self, member_state: str, status: NotificationStatus, status_message: str | None = None
    ) -> UnfitnessReceipt:
        """Return the row of the hub for a state that gave no receipt, or could not be reached."""
        return UnfitnessReceipt(
            member_state_code=member_state,
            responding_authority=HUB_AUTHORITY,
            status_code=status,
            status_message=status_message,
        )
