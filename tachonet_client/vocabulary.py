"""Words and records that more than one TACHOnet workflow uses. Regulation (EU) 2016/68, Annexes II and III.

The names on the wire are reconstructed in the manner of ERRU 3.5 (see `editions`); the content and what is
mandatory are the law's.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TypeVar

from movehub.protocol.message import Body, Request
from movehub.records.personal import PersonalText
from movehub.records.record import record

AnswerT_co = TypeVar("AnswerT_co", bound=Body, covariant=True)


class RequestPurpose(StrEnum):
    """Why the question is asked (inferred from ERRU and its change notes)."""

    ISSUE = "Issue"
    CONTROL = "Control"
    EXCHANGE = "Exchange"
    #: The hub looks whether the state is there; never a case for the register.
    HEARTBEAT = "Heartbeat"
    OTHER = "Other"


class RequestSource(StrEnum):
    """Who asks: a card-issuing authority, a roadside inspection, the hub (inferred from ERRU)."""

    CARD_ISSUING_AUTHORITY = "CIA"
    ROADSIDE_INSPECTION = "RSI"
    HUB = "Hub"
    OTHER = "Other"


class CardStatus(StrEnum):
    """The 18 statuses of Annex II, appendix.

    None of them says whether the holder may drive with the card: Annex II, 5 forbids to read that from a
    status.
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
class ContactDetails:
    """Whom to ask in person where a state does not answer; filled in by the hub (Annex I, 2.6.2)."""

    phone: PersonalText | None = None
    email: PersonalText | None = None
