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

from movehub.protocol.later_response import AnsweredLater
from movehub.protocol.message import Body, Request
from movehub.protocol.outcome import Acknowledged, NotificationStatus, Receipt
from movehub.protocol.repetition import same_but_case_and_blanks
from movehub.records.personal import PersonalText
from movehub.records.record import record, wire

from .vocabulary import AS_PUBLISHED, IN_FORCE, CardStatus, TachonetRequest


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
    #: In one line. Mandatory, but in the edition 2016, which lacks it.
    authority_address: str | None = wire(editions=IN_FORCE)
    family_name: PersonalText | None = None
    first_name: PersonalText | None = None
    phone: PersonalText | None = None
    email: PersonalText | None = None


@record
class ModifiedCard:
    """The card, its new status, and when and by whom it was changed."""

    card_number: PersonalText
    new_card_status: CardStatus
    #: Only in the edition 2016. Free text, so it can tell of people.
    reason: PersonalText | None = wire(editions=AS_PUBLISHED, default=None)
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
    """What became of the update of the issuing state's register. It goes out in the request's workflow.

    You send it as soon as the register has been updated or the notification rejected (Annex II, 1.3).
    `ModifyCardStatusRequest.respond` makes it.
    """

    acknowledged_with: ClassVar[type[ModifyCardStatusAcknowledgement]] = ModifyCardStatusAcknowledgement
    acknowledged_as: ClassVar[AcknowledgementType] = AcknowledgementType.RESPONSE

    business_case_id: str
    originating_authority: str
    responding_authority: str
    status_code: ModificationStatus
    status_message: PersonalText | None = None
    #: The number in the request. Mandatory, but in the edition 2016, which lacks it and the next field.
    card_number: PersonalText | None = wire(editions=IN_FORCE)
    #: Read `recorded_status` instead: this field also has a value if the register has no such card.
    card_status: CardStatus | None = wire(editions=IN_FORCE)

    @property
    def recorded_status(self) -> CardStatus | None:
        """The status of the card in the register of its state, or None if the register has no such card.

        It is also None in the edition 2016, which lacks it.
        """
        known = self.status_code is not ModificationStatus.CARD_NUMBER_NOT_FOUND
        return self.card_status if known else None

    def contradicts(self, request: Body) -> bool:
        """Whether it has another card number than the request. The edition 2016 has no number here.

        Letter case and blanks make no other number.
        """
        if self.card_number is None or not isinstance(request, ModifyCardStatusRequest):
            return False
        return not same_but_case_and_blanks(self.card_number, request.modified_card.card_number)


@record
class ModifyCardStatusRequest(
    AnsweredLater,
    Acknowledged["ModifyCardStatusAcknowledgement"],
    TachonetRequest["ModifyCardStatusAcknowledgement"],
    root="ModifyCardStatus_Request",
):
    """Tell the register that issued a card (`to="PL"`) of its new status. First comes a receipt."""

    acknowledged_with: ClassVar[type[ModifyCardStatusAcknowledgement]] = ModifyCardStatusAcknowledgement
    acknowledged_as: ClassVar[AcknowledgementType] = AcknowledgementType.NOTIFICATION

    modified_card: ModifiedCard

    def respond(
        self,
        responding_authority: str,
        status: ModificationStatus,
        recorded_status: CardStatus | None,
        status_message: str | None = None,
    ) -> ModifyCardStatusResponse:
        """Return what became of the update of the register, with the card number of this request.

        `recorded_status` is the status of the card that the register has now, changed or not (Annex II, 1.3).
        It is None if, and only if, the register has no such card. Since the field is mandatory, the response
        then repeats the status that was declared (inferred).

        The edition 2016 has neither the number nor the status in the response, so both are None in it. Its
        requests have no address of the authority, which is mandatory in the law in force. If an official
        schema lacks that address, but has number and status in the response, fill them with `replace`.

        Raises ValueError if only one of `status` and `recorded_status` says that there is no such card.
        """
        if (status is ModificationStatus.CARD_NUMBER_NOT_FOUND) is not (recorded_status is None):
            raise ValueError("the recorded status is None for CardNumberNotFound, and for no other status")
        in_force = self.modified_card.declared_by.authority_address is not None
        return ModifyCardStatusResponse(
            business_case_id=self.business_case_id,
            originating_authority=self.originating_authority,
            responding_authority=responding_authority,
            status_code=status,
            status_message=status_message,
            card_number=self.modified_card.card_number if in_force else None,
            card_status=(recorded_status or self.modified_card.new_card_status) if in_force else None,
        )
