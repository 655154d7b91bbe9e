"""Check Issued Cards (CIC).

Before you issue a driver card, you ask one register or all of them whether the applicant holds one already.
Regulation (EU) 2016/68, Annex II, 1.1, Annex III, appendix, and Annex VIII, 1.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from movehub.protocol.message import Body
from movehub.protocol.outcome import SearchStatus, StateRow
from movehub.records.personal import PersonalDate, PersonalText
from movehub.records.record import record, wire

from .vocabulary import (
    AS_PUBLISHED,
    IN_FORCE,
    CardStatus,
    ContactDetails,
    DrivingLicence,
    SearchMechanism,
    TachonetRequest,
    WorkshopDetails,
)

if TYPE_CHECKING:
    from movehub.names.search_keys import SearchKeys


@record
class SearchedDriver:
    """The applicant."""

    family_name: PersonalText
    #: Its absence does not make the search a wildcard search.
    first_name: PersonalText | None = None
    date_of_birth: PersonalDate
    place_of_birth: PersonalText | None = wire(editions=IN_FORCE, default=None)
    driving_licence_number: PersonalText | None = None
    driving_licence_issuing_country: str | None = None
    #: NYSIIS keys. Leave them to the hub.
    family_name_search_key: PersonalText | None = None
    first_name_search_key: PersonalText | None = None

    def with_search_keys(self, keys: SearchKeys) -> SearchedDriver:
        """Return the same driver with the search keys filled in."""
        return replace(self, family_name_search_key=keys.family_name, first_name_search_key=keys.first_name)

    def without_search_keys(self) -> SearchedDriver:
        """Return the same driver as the asker named it."""
        return replace(self, family_name_search_key=None, first_name_search_key=None)


@record
class IssuedCard:
    """A card of the found driver: a driver card, or a workshop card."""

    card_number: PersonalText
    card_status: CardStatus
    #: The word of the state that issued the card. Annex II, 5 forbids to work it out from the status, here
    #: and on reading. Mandatory, but in the edition 2016, which lacks it.
    valid_for_driving: bool | None = wire(editions=IN_FORCE)
    card_issuing_authority: str
    start_of_validity_date: date
    expiry_date: date
    status_modified_date: date
    temporary_card: bool | None = None


@record
class FoundDriver:
    """One driver whom a state's register knows, with the card.

    A driver card has its `driving_licence`, a workshop card has its `workshop`.
    """

    #: Found by the search keys or otherwise. The appendix lists it once for the answer. Here each record has
    #: it, because Annex IV, 4 asks for it by record (inferred).
    search_mechanism: SearchMechanism
    family_name: PersonalText
    first_name: PersonalText | None = None
    date_of_birth: PersonalDate
    place_of_birth: PersonalText | None = None
    card: IssuedCard = wire("CardDetails")
    driving_licence: DrivingLicence | None = wire("DrivingLicenceDetails", default=None)
    workshop: WorkshopDetails | None = wire("WorkshopDetails", editions=IN_FORCE, default=None)


@record
class CardsInState(StateRow):
    """One Member State's answer."""

    member_state_code: str
    status_code: SearchStatus
    status_message: PersonalText | None = None
    contact: ContactDetails | None = wire("ContactDetails", editions=AS_PUBLISHED, default=None)
    found: tuple[FoundDriver, ...] = wire("DriverDetails", default=())


@record
class CheckIssuedCardsResponse(Body, root="CheckIssuedCards_Response"):
    """A state's answer with its own row, or the hub's with a row for every state asked."""

    business_case_id: str
    originating_authority: str
    searched_driver: SearchedDriver
    member_states: tuple[CardsInState, ...] = wire("MemberState")

    def repeated(self) -> tuple[object, ...]:
        """Return the case and the search. Only the hub may add search keys."""
        return _repeated(self)


@record
class CheckIssuedCardsRequest(TachonetRequest["CheckIssuedCardsResponse"], root="CheckIssuedCards_Request"):
    """Ask one register (`to="PL"`) or all of them (`to="ZZ"`) for cards of one driver."""

    #: The words for what became of it.
    statuses: ClassVar[type[SearchStatus]] = SearchStatus

    searched_driver: SearchedDriver

    @property
    def name_searched(self) -> SearchedDriver:
        """The driver asked about."""
        return self.searched_driver

    def with_search_keys(self, keys: SearchKeys) -> CheckIssuedCardsRequest:
        """Return the same request with the search keys filled in."""
        return replace(self, searched_driver=self.searched_driver.with_search_keys(keys))

    def repeated(self) -> tuple[object, ...]:
        """Return the case and the search. Only the hub may add search keys."""
        return _repeated(self)

    def answered_with(self, *rows: CardsInState) -> CheckIssuedCardsResponse:
        """Return the answer with these rows. The rest repeats the request exactly."""
        return CheckIssuedCardsResponse(
            business_case_id=self.business_case_id,
            originating_authority=self.originating_authority,
            searched_driver=self.searched_driver,
            member_states=rows,
        )

    def answer(
        self, member_state: str, found: tuple[FoundDriver, ...], status_message: str | None = None
    ) -> CheckIssuedCardsResponse:
        """Return the answer of a register: `Found` with records, `NotFound` without."""
        status = SearchStatus.FOUND if found else SearchStatus.NOT_FOUND
        return self.answered_with(
            CardsInState(
                member_state_code=member_state, status_code=status, status_message=status_message, found=found
            )
        )

    def unanswered(
        self, member_state: str, status: SearchStatus, status_message: str | None = None
    ) -> CardsInState:
        """Return the hub's row for a state that did not answer."""
        return CardsInState(member_state_code=member_state, status_code=status, status_message=status_message)


def _repeated(body: CheckIssuedCardsRequest | CheckIssuedCardsResponse) -> tuple[object, ...]:
    return body.business_case_id, body.originating_authority, body.searched_driver.without_search_keys()
