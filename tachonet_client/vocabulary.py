"""Words and records that more than one TACHOnet workflow uses. Regulation (EU) 2016/68, Annexes II and III.

The names on the wire are reconstructed in the manner of ERRU 3.5 (see `editions`). The law defines the
content, and which of it is mandatory.

A field that only one edition has names the edition: `wire(editions=IN_FORCE)` or
`wire(editions=AS_PUBLISHED)`. In the other edition you leave it None.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Final, TypeVar

from movehub.protocol.message import Body, Request
from movehub.records.personal import PersonalDate, PersonalText
from movehub.records.record import record, wire

AnswerT_co = TypeVar("AnswerT_co", bound=Body, covariant=True)

#: The editions that have a field of the law in force, which the text as first published lacks.
IN_FORCE: Final = ("3.0",)
#: The editions that have a field of the text as first published in January 2016, which is no longer law.
AS_PUBLISHED: Final = ("2016",)


class RequestPurpose(StrEnum):
    """The purpose of a request (inferred from ERRU and its change notes)."""

    ISSUE = "Issue"
    CONTROL = "Control"
    EXCHANGE = "Exchange"
    #: The hub checks that the state can be reached. It is never a case for the register.
    HEARTBEAT = "Heartbeat"
    OTHER = "Other"


class RequestSource(StrEnum):
    """The source: a card-issuing authority, a roadside inspection, or the hub (inferred from ERRU)."""

    CARD_ISSUING_AUTHORITY = "CIA"
    ROADSIDE_INSPECTION = "RSI"
    HUB = "Hub"
    OTHER = "Other"


class CardStatus(StrEnum):
    """The 18 statuses of Annex II, appendix.

    A status does not say whether the holder may drive with the card (Annex II, 5).
    """

    APPLICATION = "Application"
    APPROVED = "Approved"
    REJECTED = "Rejected"
    PERSONALISED = "Personalised"
    DISPATCHED = "Dispatched"
    HANDED_OVER = "HandedOver"
    CONFISCATED = "Confiscated"
    SUSPENDED = "Suspended"
    WITHDRAWN = "Withdrawn"
    SURRENDERED = "Surrendered"
    LOST = "Lost"
    STOLEN = "Stolen"
    MALFUNCTIONING = "Malfunctioning"
    EXPIRED = "Expired"
    REPLACED = "Replaced"
    RENEWED = "Renewed"
    IN_EXCHANGE = "InExchange"
    EXCHANGED = "Exchanged"


class DrivingLicenceStatus(StrEnum):
    """How a driving licence stands (the words of version 1.41)."""

    VALID = "Valid"
    INVALID = "Invalid"
    NOT_FOUND = "NotFound"


class SearchMechanism(StrEnum):
    """How a card was found (Annex IV, 4)."""

    NYSIIS = "NYSIIS"
    CUSTOM = "Custom"


@record
class TachonetRequest(Request[AnswerT_co]):
    """What every TACHOnet request begins with, as in ERRU 3.5 (inferred)."""

    #: The case number of the requesting authority, at most 36 characters.
    business_case_id: str
    originating_authority: str
    request_purpose: RequestPurpose = RequestPurpose.ISSUE
    request_source: RequestSource = RequestSource.CARD_ISSUING_AUTHORITY


@record
class DrivingLicence:
    """The driving licence that a card was issued on."""

    driving_licence_number: PersonalText
    driving_licence_issuing_country: str
    driving_licence_status: DrivingLicenceStatus | None = None
    driving_licence_issue_date: date | None = None
    driving_licence_expiry_date: date | None = None


@record
class WorkshopDetails:
    """The workshop that a workshop card was issued to (Article 2 (j)).

    Only the edition 2016 names the person.
    """

    workshop_name: PersonalText
    workshop_address: PersonalText
    family_name: PersonalText | None = wire(editions=AS_PUBLISHED, default=None)
    first_name: PersonalText | None = wire(editions=AS_PUBLISHED, default=None)
    date_of_birth: PersonalDate | None = wire(editions=AS_PUBLISHED, default=None)


@record
class ContactDetails:
    """The contacts of a state that does not answer. Only the edition 2016 has them.

    2016/68 as published, Annex I, 2.6.2. Today you look the contacts up on the portal (Annex I, 2.6.1).
    """

    phone: PersonalText | None = None
    email: PersonalText | None = None
