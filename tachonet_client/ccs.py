"""Check Card Status (CCS).

You ask the state that issued a card for its status, and whether it is valid for driving.
Regulation (EU) 2016/68, Annex II, 1.2 and 5, Annex III, appendix, and Annex VIII, 1.3, 2.1 (a) and 3.1.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from movehub.protocol.message import Body
from movehub.protocol.outcome import Outcome, SearchStatus, search_outcome
from movehub.protocol.repetition import same_but_case_and_blanks
from movehub.protocol.workflow import HUB_AUTHORITY
from movehub.records.personal import PersonalDate, PersonalText
from movehub.records.record import record, wire

from .vocabulary import (
    AS_PUBLISHED,
    IN_FORCE,
    CardStatus,
    ContactDetails,
    DrivingLicence,
    TachonetRequest,
    WorkshopDetails,
)


@record
class SearchedCard:
    """The card asked about, a driver card or a workshop card. You ask the state that issued it."""

    card_number: PersonalText


@record
class HolderDetails:
    """The driver that a card was issued to.

    The licence stands beside the holder in a card. Only the edition 2016 has it here.
    """

    family_name: PersonalText
    first_name: PersonalText | None = None
    date_of_birth: PersonalDate
    place_of_birth: PersonalText | None = None
    driving_licence: DrivingLicence | None = wire(
        "DrivingLicenceDetails", editions=AS_PUBLISHED, default=None
    )


@record
class CheckedCard:
    """A card as the register that issued it knows it.

    A driver card has its `holder` and `driving_licence`. A workshop card has its `workshop`, and may have its
    holder. In the edition 2016 a card has either its holder or its workshop.
    """

    #: The number that was asked for. Mandatory, but in the edition 2016, which lacks it.
    card_number: PersonalText | None = wire(editions=IN_FORCE)
    card_status: CardStatus
    card_issuing_authority: str
    start_of_validity_date: date
    expiry_date: date
    status_modified_date: date
    #: What the issuing state says. Annex II, 5 forbids to work it out from the status, here and on reading.
    valid_for_driving: bool
    temporary_card: bool | None = None
    workshop: WorkshopDetails | None = wire("WorkshopDetails", default=None)
    holder: HolderDetails | None = wire("HolderDetails", default=None)
    driving_licence: DrivingLicence | None = wire("DrivingLicenceDetails", editions=IN_FORCE, default=None)


@record
class CheckCardStatusResponse(Body, root="CheckCardStatus_Response"):
    """The answer of the issuing state, or of the hub if that state gave none."""

    business_case_id: str
    originating_authority: str
    responding_authority: str
    status_code: SearchStatus
    #: What the state or the hub adds in words. Read it: it can change what the status means.
    status_message: PersonalText | None = None
    searched_card: SearchedCard
    contact: ContactDetails | None = wire("ContactDetails", editions=AS_PUBLISHED, default=None)
    card: CheckedCard | None = wire("CardDetails", default=None)

    @property
    def outcome(self) -> Outcome:
        """Found, not found, or no answer. Where there is a card, it was found, whatever it says."""
        return search_outcome(
            self.status_code,
            self.status_message,
            self.responding_authority,
            has_records=self.card is not None,
        )

    def repeated(self) -> tuple[object, ...]:
        """Case and card."""
        return self.business_case_id, self.originating_authority, self.searched_card

    def contradicts(self, request: Body) -> bool:
        """Whether it is about another card than the request: then its validity for driving is of that card.

        Letter case and blanks make no other number. The edition 2016 has no number here.
        """
        number = self.card.card_number if self.card else None
        if number is None or not isinstance(request, CheckCardStatusRequest):
            return False
        return not same_but_case_and_blanks(number, request.searched_card.card_number)


@record
class CheckCardStatusRequest(TachonetRequest["CheckCardStatusResponse"], root="CheckCardStatus_Request"):
    """Ask the register that issued a card (`to="PL"`) about it. There is no broadcast of this question."""

    #: The words for what became of it.
    statuses: ClassVar[type[SearchStatus]] = SearchStatus

    searched_card: SearchedCard

    def repeated(self) -> tuple[object, ...]:
        """Case and card."""
        return self.business_case_id, self.originating_authority, self.searched_card

    def answer(
        self, responding_authority: str, card: CheckedCard | None, status_message: str | None = None
    ) -> CheckCardStatusResponse:
        """Return the register's answer: `Found` with the card, `NotFound` where it has no such card."""
        return CheckCardStatusResponse(
            business_case_id=self.business_case_id,
            originating_authority=self.originating_authority,
            responding_authority=responding_authority,
            status_code=SearchStatus.NOT_FOUND if card is None else SearchStatus.FOUND,
            status_message=status_message,
            searched_card=self.searched_card,
            card=card,
        )

    def unanswered(self, status: SearchStatus, status_message: str | None = None) -> CheckCardStatusResponse:
        """Return the answer of the hub for a state that gave none.

        Raises ValueError for a status that only a state can know.
        """
        if status.outcome is not Outcome.NO_ANSWER:
            raise ValueError("only Timeout and NotAvailable say that a state gave no answer")
        return CheckCardStatusResponse(
            business_case_id=self.business_case_id,
            originating_authority=self.originating_authority,
            responding_authority=HUB_AUTHORITY,
            status_code=status,
            status_message=status_message,
            searched_card=self.searched_card,
        )
