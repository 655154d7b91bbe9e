"""Words and records that more than one ERRU workflow uses. Regulation (EU) 2016/480, Annex III."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Self, TypeVar

from movehub.protocol.message import Body, Request
from movehub.records.personal import PersonalDate, PersonalText
from movehub.records.record import record, wire

if TYPE_CHECKING:
    from movehub.names.search_keys import SearchKeys

AnswerT_co = TypeVar("AnswerT_co", bound=Body, covariant=True)


class RequestPurpose(StrEnum):
    """The purpose of a request."""

    ISSUE = "Issue"
    CONTROL = "Control"
    #: The hub checks that the state can be reached. It is never a case for the register.
    HEARTBEAT = "Heartbeat"
    OTHER = "Other"


class RequestSource(StrEnum):
    """The source of a request: a competent authority, a roadside inspection, or the hub."""

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

    #: The case number of the originating state, at most 36 characters. It is not unique across states.
    business_case_id: str
    originating_authority: str
    request_purpose: RequestPurpose
    request_source: RequestSource


@record
class Address:
    """A postal address. `country` is an ISO 3166-1 alpha-2 code."""

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


@record
class ManagerName:
    """A transport manager by name, as on the certificate of professional competence."""

    family_name: PersonalText
    first_name: PersonalText
    date_of_birth: PersonalDate
    place_of_birth: PersonalText | None = None
    #: NYSIIS keys. Leave them to the hub.
    family_name_search_key: PersonalText | None = None
    first_name_search_key: PersonalText | None = None

    def with_search_keys(self, keys: SearchKeys) -> Self:
        """Return the same person with the search keys filled in."""
        return replace(self, family_name_search_key=keys.family_name, first_name_search_key=keys.first_name)

    @property
    def has_search_keys(self) -> bool:
        """Whether somebody has filled in a search key."""
        return self.family_name_search_key is not None or self.first_name_search_key is not None

    def without_search_keys(self) -> Self:
        """Return the same person as the asker named it."""
        return replace(self, family_name_search_key=None, first_name_search_key=None)


@record
class Vehicle:
    """A vehicle by its number plate. The country is an ISO 3166-1 alpha-2 code."""

    vehicle_registration_number: PersonalText
    vehicle_registration_country: str


@record
class RegisteredUndertaking:
    """A transport undertaking as its register knows it, with its fleet and its Community licence."""

    transport_undertaking_name: PersonalText
    number_of_vehicles: int
    community_licence_number: PersonalText
    community_licence_status: LicenceStatus
    address: Address = wire("TransportUndertakingAddress")
