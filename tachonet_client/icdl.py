"""Issued Card Driving Licence (ICDL).

You notify the state that issued a driving licence when you issue, renew or exchange a driver card on it.
Regulation (EU) 2016/68, Annex II, 1.4, Annex III, appendix, Annex IV, 5, and Annex VIII, 1.2
and 3.3.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from movehub.protocol.message import Body
from movehub.protocol.outcome import was_delivered
from movehub.protocol.workflow import HUB_AUTHORITY
from movehub.records.personal import PersonalDate, PersonalText
from movehub.records.record import record, wire

from .vocabulary import AS_PUBLISHED, IN_FORCE, TachonetRequest

if TYPE_CHECKING:
    from movehub.names.search_keys import SearchKeys


class IssuedCardDrivingLicenceStatus(StrEnum):
    """What became of a notification (the words of version 1.41). The last two are the hub's alone."""

    OK = "OK"
    DRIVING_LICENCE_NUMBER_NOT_FOUND = "DrivingLicenceNumberNotFound"
    DRIVING_LICENCE_NUMBER_INVALID = "DrivingLicenceNumberInvalid"
    NOT_PROCESSED = "NotProcessed"
    TIMEOUT = "Timeout"
    NOT_AVAILABLE = "NotAvailable"

    @property
    def of_the_hub(self) -> bool:
        """Whether the hub alone can say it, in the place of a state that gave no answer."""
        return self in {IssuedCardDrivingLicenceStatus.TIMEOUT, IssuedCardDrivingLicenceStatus.NOT_AVAILABLE}


class RecordingStatus(StrEnum):
    """Whether a state recorded a notification, and if not, why: the statuses that a register can give."""

    OK = "OK"
    DRIVING_LICENCE_NUMBER_NOT_FOUND = "DrivingLicenceNumberNotFound"
    #: No licence of the state can have this number.
    DRIVING_LICENCE_NUMBER_INVALID = "DrivingLicenceNumberInvalid"
    #: The state does not record notifications at all (Annex VIII, 1.6), or this one was a heartbeat.
    NOT_PROCESSED = "NotProcessed"


@record
class NotifiedCard:
    """The card that was issued, its driver, and the foreign licence it was issued on.

    Family name and date of birth are mandatory, but in the edition 2016 (inferred there: Annex IV, 5).
    """

    card_number: PersonalText
    driving_licence_number: PersonalText
    family_name: PersonalText | None
    first_name: PersonalText | None = None
    date_of_birth: PersonalDate | None
    place_of_birth: PersonalText | None = wire(editions=IN_FORCE, default=None)
    #: NYSIIS keys. Leave them to the hub. A state that records the notification records them (Annex IV, 5):
    #: `search_keys_of`.
    family_name_search_key: PersonalText | None = None
    first_name_search_key: PersonalText | None = None

    def with_search_keys(self, keys: SearchKeys) -> NotifiedCard:
        """Return the same card with the search keys filled in."""
        return replace(self, family_name_search_key=keys.family_name, first_name_search_key=keys.first_name)

    def without_search_keys(self) -> NotifiedCard:
        """Return the same card as the sender named it."""
        return replace(self, family_name_search_key=None, first_name_search_key=None)


@record
class DriverName:
    """A driver with known names, from which search keys are made."""

    family_name: PersonalText
    first_name: PersonalText | None = None


@record
class LicenceHolder:
    """The driver to whom the card was issued, as the answering register knows the person. Only in 2016."""

    family_name: PersonalText
    first_name: PersonalText | None = None
    date_of_birth: PersonalDate


@record
class IssuedCardDrivingLicenceResponse(Body, root="IssuedCardDrivingLicence_Response"):
    """The answer of the notified state, or of the hub if that state gave none.

    It has no data of a person. Only in the edition 2016 could it name the licence's holder and repeat the
    card.
    """

    business_case_id: str
    originating_authority: str
    responding_authority: str
    status_code: IssuedCardDrivingLicenceStatus
    status_message: PersonalText | None = None
    issued_card: NotifiedCard | None = wire(editions=AS_PUBLISHED, default=None)
    holder: LicenceHolder | None = wire("HolderDetails", editions=AS_PUBLISHED, default=None)

    @property
    def delivered(self) -> bool:
        """Whether the state was informed, and no message takes that back.

        If False, the duty to inform it stands (Annex VIII, 1.2).
        """
        return was_delivered(
            self.status_code, self.status_message, self.responding_authority, tuple(RecordingStatus)
        )


@record
class IssuedCardDrivingLicenceRequest(
    TachonetRequest["IssuedCardDrivingLicenceResponse"], root="IssuedCardDrivingLicence_Request"
):
    """Tell the state that issued a driving licence (`to="PL"`) of a card that was issued on it."""

    #: The words for what became of it.
    statuses: ClassVar[type[IssuedCardDrivingLicenceStatus]] = IssuedCardDrivingLicenceStatus

    issued_card: NotifiedCard

    @property
    def name_searched(self) -> DriverName | None:
        """The name for the search keys, or None."""
        card = self.issued_card
        if card.family_name is None:
            return None
        return DriverName(family_name=card.family_name, first_name=card.first_name)

    def with_search_keys(self, keys: SearchKeys) -> IssuedCardDrivingLicenceRequest:
        """Return the same notification with the search keys filled in."""
        return replace(self, issued_card=self.issued_card.with_search_keys(keys))

    def answer(
        self, responding_authority: str, result: RecordingStatus, status_message: str | None = None
    ) -> IssuedCardDrivingLicenceResponse:
        """Return the answer of the register: `OK` if it recorded the notification, or why it did not.

        Raises TypeError for other values, such as a status that only the hub uses.
        """
        if not isinstance(result, RecordingStatus):
            raise TypeError("an answer takes a RecordingStatus")
        status = IssuedCardDrivingLicenceStatus(result.value)
        return self._answered(responding_authority, status, status_message)

    def unanswered(
        self, status: IssuedCardDrivingLicenceStatus, status_message: str | None = None
    ) -> IssuedCardDrivingLicenceResponse:
        """Return the answer of the hub for a state that gave none.

        Raises ValueError for a status that only a state can know.
        """
        if not status.of_the_hub:
            raise ValueError("only Timeout and NotAvailable say that a state gave no answer")
        return self._answered(HUB_AUTHORITY, status, status_message)

    def _answered(
        self,
        responding_authority: str,
        status: IssuedCardDrivingLicenceStatus,
        status_message: str | None = None,
    ) -> IssuedCardDrivingLicenceResponse:
        return IssuedCardDrivingLicenceResponse(
            business_case_id=self.business_case_id,
            originating_authority=self.originating_authority,
            responding_authority=responding_authority,
            status_code=status,
            status_message=status_message,
        )
