"""Modify Card Status (MCS).

    elsewhere ── Request ──▸ issuer                     withdrawn, suspended, stolen, or in exchange
    elsewhere ◂── Acknowledgement MCSN_Ack ── issuer    when it arrives
    elsewhere ◂── Response ── issuer                    when the register was updated, same workflow
    elsewhere ── Acknowledgement MCSR_Ack ──▸ issuer

Regulation (EU) 2016/68, Annex II, 1.3, Annex III, appendix, and Annex VIII, 2.1 (b) and 3.2.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from movehub.protocol.message import Body, Request
from movehub.protocol.outcome import Acknowledged, NotificationStatus, Receipt
from movehub.records.personal import PersonalText
from movehub.records.record import record

from .vocabulary import CardStatus, TachonetRequest


class AcknowledgementType(StrEnum):
    """The message that is acknowledged (inferred from ERRU's `NCRN_Ack` and `NCRR_Ack`)."""

    NOTIFICATION = "MCSN_Ack"
    RESPONSE = "MCSR_Ack"


class ModificationStatus(StrEnum):
    """What became of the update of the register (the words of version 1.41)."""

    OK = "OK"
    CARD_NUMBER_NOT_FOUND = "CardNumberNotFound"
    #: The card cannot go from its present status to the new one. The issuer decides that, not the hub.
    CARD_STATUS_INVALID = "CardStatusInvalid"


@record
class Declarer:
    """The authority that changed the status, and perhaps the person."""

    authority: str
    family_name: PersonalText | None = None
    first_name: PersonalText | None = None
    phone: PersonalText | None = None
    email: PersonalText | None = None


@record
class ModifiedCard:
    """The card, its new status, and why, when and by whom it was changed."""

    card_number: PersonalText
    new_card_status: CardStatus
    #: Free text, so it can tell of people.
    reason: PersonalText | None = None
    #: Date and time of the change itself, not of the message.
    status_modified_at: datetime
    declared_by: Declarer


@record
class ModifyCardStatusAcknowledgement(Receipt, Body, root="ModifyCardStatus_Acknowledgement"):
    """The receipt of the other state, or the hub's notice that there is none. See `delivered`."""

    business_case_id: str
    originating_authority: str
    responding_authority: str
    acknowledgement_type: AcknowledgementType
    status_code: NotificationStatus
    status_message: PersonalText | None = None

    def repeated(self) -> tuple[object, ...]:
        """Case, and which of the two messages it acknowledges."""
        return self.business_case_id, self.originating_authority, self.acknowledgement_type


@record
class ModifyCardStatusResponse(
    Acknowledged["ModifyCardStatusAcknowledgement"],
    Request["ModifyCardStatusAcknowledgement"],
    root="ModifyCardStatus_Response",
):
    """What became of the update of the issuing state's register. It goes out in the request's workflow."""

    acknowledged_with: ClassVar[type[ModifyCardStatusAcknowledgement]] = ModifyCardStatusAcknowledgement
    acknowledged_as: ClassVar[AcknowledgementType] = AcknowledgementType.RESPONSE

    business_case_id: str
    originating_authority: str
    responding_authority: str
    status_code: ModificationStatus
    status_message: PersonalText | None = None


@record
class ModifyCardStatusRequest(
    Acknowledged["ModifyCardStatusAcknowledgement"],
    TachonetRequest["ModifyCardStatusAcknowledgement"],
    root="ModifyCardStatus_Request",
):
    """Tell the register that issued a card (`to="PL"`) of its new status. First comes a receipt."""

    acknowledged_with: ClassVar[type[ModifyCardStatusAcknowledgement]] = ModifyCardStatusAcknowledgement
    acknowledged_as: ClassVar[AcknowledgementType] = AcknowledgementType.NOTIFICATION

    modified_card: ModifiedCard

    def respond(
        self, responding_authority: str, status: ModificationStatus, status_message: str | None = None
    ) -> ModifyCardStatusResponse:
        """Return what became of the update of the register."""
        return ModifyCardStatusResponse(
            business_case_id=self.business_case_id,
            originating_authority=self.originating_authority,
            responding_authority=responding_authority,
            status_code=status,
            status_message=status_message,
        )
