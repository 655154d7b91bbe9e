"""Notify Unfitness (NU).

if TYPE_CHECKING:
    from movehub.names.search_keys import SearchKeys

A Member State tells one other, or all of them (`to="ZZ"`), that a transport manager has been declared unfit,
so that the certificate of professional competence is no longer valid anywhere. Regulation (EU) 2016/480,
Annex II, 1.4 and Annex VIII, 4; Regulation (EC) No 1071/2009, Article 14.

The schema also lets a notification come without the start of the unfitness, and the Commission's text
beside it says that a notification may mean "that the sanction has been discharged and the certificate
reinstated". That the missing date is what tells the two apart is inferred, so nothing here says
"reinstated" without "possibly".
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
    #: No date. Never unfitness; have it confirmed by the originating authority before acting on it.
    POSSIBLY_REINSTATED = "possibly a reinstatement, to be confirmed"


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
    """One Member State's receipt, or the hub's word that there is none. Look at `delivered`."""

    member_state_code: str
    responding_authority: str
    status_code: NotificationStatus
    status_message: PersonalText | None = None


@record
class NotifyUnfitnessAcknowledgement(Body, root="NotifyUnfitness_Acknowledgement"):
    """A state's acknowledgement with its own row, or the hub's with a row for every state told."""

    business_case_id: str
    originating_authority: str
    member_states: tuple[UnfitnessReceipt, ...] = wire("MemberState")

    @property
    def delivered(self) -> bool:
        """Whether every state has the notification."""
        return not self.undelivered

    @property
    def undelivered(self) -> tuple[str, ...]:
        """The codes of the states that do not have it, or are not known to."""
        return tuple(row.member_state_code for row in self.member_states if not row.delivered)


@record
class NotifyUnfitnessRequest(ErruRequest["NotifyUnfitnessAcknowledgement"], root="NotifyUnfitness_Request"):
    """Tell one state (`to="SE"`) or all of them (`to="ZZ"`); always acknowledged (Annex VIII, 4.2)."""

    #: The words for what became of it.
    statuses: ClassVar[type[NotificationStatus]] = NotificationStatus

    transport_manager: NotifiedTransportManager

    @property
    def reading(self) -> UnfitnessReading:
        """What the notification says: unfit from a date, or possibly reinstated."""
        dated = self.transport_manager.unfit_start_date is not None
        return UnfitnessReading.UNFIT_FROM if dated else UnfitnessReading.POSSIBLY_REINSTATED

    @property
    def name_searched(self) -> ManagerName | None:
        """The manager's name, where the notification has it."""
        return self.transport_manager.details.transport_manager

    def with_search_keys(self, keys: SearchKeys) -> NotifyUnfitnessRequest:
        """Return the same notification with the search keys filled in, where it has a name."""
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
        """Return the hub's row for a state that gave no receipt, or was sent nothing."""
        return UnfitnessReceipt(
            member_state_code=member_state,
            responding_authority=HUB_AUTHORITY,
            status_code=status,
            status_message=status_message,
        )
