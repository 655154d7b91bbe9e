"""Words and records that more than one ERRU workflow uses. Regulation (EU) 2016/480, Annex III."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from movehub.binding import record
from movehub.message import Body, Request
from movehub.personal import PersonalDate, PersonalText

AnswerT_co = TypeVar("AnswerT_co", bound=Body, covariant=True)


class RequestPurpose(StrEnum):
    """Why the question is asked."""

    ISSUE = "Issue"
    CONTROL = "Control"
    #: The hub looks whether the state is there; never a case for the register.
    HEARTBEAT = "Heartbeat"
    OTHER = "Other"


class RequestSource(StrEnum):
    """Who asks: a competent authority, a roadside inspection, the hub."""

    COMPETENT_AUTHORITY = "CA"
    ROADSIDE_INSPECTION = "RSI"
    HUB = "Hub"
    OTHER = "Other"


class LicenceStatus(StrEnum):
    """How a Community licence stands in the register."""

    ACTIVE = "Active"
    SUSPENDED = "Suspended"
    WITHDRAWN = "Withdrawn"
    EXPIRED = "Expired"
    LOST_OR_STOLEN = "LostOrStolen"
    ANNULLED = "Annulled"
    RETURNED = "Returned"


@record
class ErruRequest(Request[AnswerT_co]):
    """What every ERRU request begins with."""

    #: The case number of the originating state, at most 36 characters; not unique across states.
    business_case_id: str
    originating_authority: str
    request_purpose: RequestPurpose
    request_source: RequestSource


@record
class Address:
    """A postal address; `country` is an ISO 3166-1 alpha-2 code."""

    address: PersonalText
    post_code: PersonalText
    city: PersonalText
    country: str


@record
class Certificate:
    """A certificate of professional competence (CPC)."""

    certificate_number: PersonalText
    certificate_issue_date: PersonalDate
    certificate_issue_country: str
