"""Modify Card Status (MCS).

The register that issued a card is told that the card was withdrawn, suspended, stolen or handed in for
exchange in another state. Four messages: the request and its acknowledgement when it arrives, the response
and its acknowledgement when the register has been updated. Regulation (EU) 2016/68, Annex II, 1.3, Annex
III, appendix, and Annex VIII, 2.1 (b) and 3.2.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from movehub.binding import record
from movehub.message import Body, Request
from movehub.outcome import SearchStatus
from movehub.personal import PersonalText

from .vocabulary import HUB_AUTHORITY, CardStatus, TachonetRequest, no_answer


class AcknowledgementType(StrEnum):
    """Which message is acknowledged (inferred from ERRU's `NCRN_Ack` and `NCRR_Ack`)."""

    OF_REQUEST = "MCSN_Ack"
    OF_RESPONSE = "MCSR_Ack"


class AcknowledgementStatus(StrEnum):
    """Whether a message arrived. The last two are for the hub alone to say."""

    OK = "OK"
    TIMEOUT = "Timeout"
    NOT_AVAILABLE = "NotAvailable"


class ModificationStatus(StrEnum):
    """What became of the update of the register (the words of version 1.41)."""

    OK = "OK"
    CARD_NUMBER_NOT_FOUND = "CardNumberNotFound"
    #: The card can not go from its present status to the new one; the issuer judges that, not the hub.
    CARD_STATUS_INVALID = "CardStatusInvalid"


@record
class Declarer:
    """Who changed the status: the authority, and the person there, where one is named."""

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
class ModifyCardStatusAcknowledgement(Body, root="ModifyCardStatus_Acknowledgement"):
    """The word that a message arrived: of the receiving state, or of the hub where that state was silent."""

    business_case_id: str
    originating_authority: str
    responding_authority: str
    acknowledgement_type: AcknowledgementType
    status_code: AcknowledgementStatus
    status_message: str | None = None

    @property
    def arrived(self) -> bool:
        """Whether the message reached the state. Where False, nobody there knows of it yet."""
        return self.status_code is AcknowledgementStatus.OK


@record
class ModifyCardStatusResponse(Request["ModifyCardStatusAcknowledgement"], root="ModifyCardStatus_Response"):
    """What became of the update of the issuing state's register."""

    business_case_id: str
    originating_authority: str
    responding_authority: str
    status_code: ModificationStatus
    status_message: str | None = None

    def acknowledge(self, status_message: str | None = None) -> ModifyCardStatusAcknowledgement:
        """Return the requester's word that the response arrived."""
        return _arrived(self, self.responding_authority, status_message)

    def unacknowledged(self, status: SearchStatus) -> ModifyCardStatusAcknowledgement:
        """Return the hub's word that the requester was silent. Raises ValueError for a state's own status."""
        return _silent(self, status)


@record
class ModifyCardStatusRequest(
    TachonetRequest["ModifyCardStatusAcknowledgement"], root="ModifyCardStatus_Request"
):
    """Tell the register that issued a card (`to="PL"`) of its new status."""

    modified_card: ModifiedCard

    def acknowledge(
        self, responding_authority: str, status_message: str | None = None
    ) -> ModifyCardStatusAcknowledgement:
        """Return the word that the request arrived. It promises nothing about the register."""
        return _arrived(self, responding_authority, status_message)

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

    def unacknowledged(self, status: SearchStatus) -> ModifyCardStatusAcknowledgement:
        """Return the hub's word that the state was silent. Raises ValueError for a state's own status."""
        return _silent(self, status)


def _arrived(
    body: ModifyCardStatusRequest | ModifyCardStatusResponse, authority: str, status_message: str | None
) -> ModifyCardStatusAcknowledgement:
    return ModifyCardStatusAcknowledgement(
        business_case_id=body.business_case_id,
        originating_authority=body.originating_authority,
        responding_authority=authority,
        acknowledgement_type=_TYPES[type(body)],
        status_code=AcknowledgementStatus.OK,
        status_message=status_message,
    )


def _silent(
    body: ModifyCardStatusRequest | ModifyCardStatusResponse, status: SearchStatus
) -> ModifyCardStatusAcknowledgement:
    said = AcknowledgementStatus(no_answer(status).value)
    return replace(_arrived(body, HUB_AUTHORITY, None), status_code=said)


#: Annex III, appendix: an acknowledgement says whether it is for the request or for the response.
_TYPES: Final[dict[type[Body], AcknowledgementType]] = {
    ModifyCardStatusRequest: AcknowledgementType.OF_REQUEST,
    ModifyCardStatusResponse: AcknowledgementType.OF_RESPONSE,
}
