"""Roadside Inspection (RSI).

After a technical inspection at the roadside, you notify the state where the vehicle is registered of the
result. It acknowledges the receipt automatically, and must not refuse it. One business case may have an
initial and a detailed message.
Directive 2014/47/EU, Article 18; Implementing Regulation (EU) 2017/2205, Annex, point 2.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from movehub.protocol.message import Body
from movehub.protocol.outcome import Outcome, was_delivered
from movehub.protocol.workflow import HUB_AUTHORITY
from movehub.records.personal import PersonalText
from movehub.records.record import record, wire

from .vocabulary import Address, ErruRequest, Vehicle


class InspectionItem(StrEnum):
    """The items that were checked. Directive 2014/47/EU, Annex II (0 to 9) and Annex III (10 and 20)."""

    IDENTIFICATION = "0"
    BRAKING = "1"
    STEERING = "2"
    VISIBILITY = "3"
    LIGHTING_AND_ELECTRICAL = "4"
    AXLES_WHEELS_TYRES_SUSPENSION = "5"
    CHASSIS = "6"
    #: Tachograph and speed limiter among it.
    OTHER_EQUIPMENT = "7"
    #: Noise, emissions, leaks.
    NUISANCE = "8"
    #: Supplementary tests of M2 and M3 vehicles.
    PASSENGER_VEHICLES = "9"
    CARGO_STABILITY = "10"
    CARGO_RESTRAINT = "20"


class FailureAssessment(StrEnum):
    """How bad a deficiency is. Directive 2014/47/EU, Article 12(2)."""

    MINOR = "Minor"
    MAJOR = "Major"
    #: A direct and immediate risk: the vehicle may not go on.
    DANGEROUS = "Dangerous"


class InspectionStatus(StrEnum):
    """What became of the notification. The last two are for the hub alone to say."""

    OK = "OK"
    #: Received. The register does not know the vehicle or the undertaking.
    NOT_FOUND = "NotFound"
    TIMEOUT = "Timeout"
    NOT_AVAILABLE = "NotAvailable"


#: What a state that received the notification says, and its meaning.
_OUTCOMES = {InspectionStatus.OK: Outcome.FOUND, InspectionStatus.NOT_FOUND: Outcome.NOT_FOUND}


@record
class InspectionResult:
    """The result in short. `inspection_passed` does not exclude failed items: official data have both."""

    inspection_passed: bool
    #: Dangerous deficiencies: the vehicle may not be used, or only within limits.
    vehicle_prohibition_or_restriction: bool
    #: You ask the state of registration for a periodic technical inspection.
    pti_requested: bool


@record
class InspectionDetails:
    """The place, the time and the inspector."""

    #: The report's number in the state that inspected.
    inspection_identifier: str | None = None
    inspection_location: PersonalText
    inspection_date_time: datetime
    #: The authority, or the inspector by name.
    inspection_authority_or_name: PersonalText
    inspection_result: InspectionResult


@record
class InspectedVehicle(Vehicle):
    """The vehicle."""

    #: The VIN: 17 letters and digits without I, O and Q.
    vehicle_identification_number: PersonalText
    #: As in the type-approval, such as `N3` or `T4.1a`.
    vehicle_category: str
    #: In kilometres, 0 without an odometer.
    odometer_reading: int


@record
class InspectedDriver:
    """The driver."""

    family_name: PersonalText
    first_name: PersonalText
    driving_licence_number: PersonalText | None = None
    driving_licence_country: str | None = None


@record
class TransportUndertakingDetails:
    """The transport undertaking that operates the vehicle, as on the certified true copy."""

    transport_undertaking_name: PersonalText
    #: Of the Community licence, or of a certified true copy of it.
    community_licence_number: PersonalText
    address: Address = wire("TransportUndertakingAddress")


@record
class Company(Address):
    """A holder that is a company."""

    company_name: PersonalText


@record
class NaturalPerson(Address):
    """A holder that is a person."""

    family_name: PersonalText
    first_name: PersonalText


@record
class HolderDetails:
    """The holder of the registration certificate, if no transport undertaking operates the vehicle."""

    registration_certificate: PersonalText | None = None
    holder: Company | NaturalPerson


@record
class IdentificationDetails:
    """The vehicle, its driver, and who answers for it."""

    vehicle: InspectedVehicle = wire("VehicleDetails")
    driver: InspectedDriver = wire("DriverDetails")
    operator: TransportUndertakingDetails | HolderDetails


@record
class FailedCheck:
    """One deficiency."""

    #: Its number in the Directive, such as `1.1.13.a`. It begins with that of its item.
    failed_reason: str
    failed_assessment: FailureAssessment
    #: Whether it was put right on the spot.
    is_rectified: bool | None = None


@record
class CheckedItem:
    """One part of the vehicle that was checked, with its defects."""

    item_type: InspectionItem
    item_failed: bool
    #: The hub requires at least one if the item failed, and none otherwise.
    failed_checks: tuple[FailedCheck, ...] = wire(each="FailedCheck", default=())


@record
class RoadSideInspectionResponse(Body, root="RoadSideInspection_Response"):
    """The receipt of the other state, or the hub's notice that there is none."""

    business_case_id: str
    originating_authority: str
    responding_authority: str
    status_code: InspectionStatus
    #: What the state or the hub adds in words. Read it: it can take back the OK.
    status_message: PersonalText | None = None

    @property
    def delivered(self) -> bool:
        """Whether the other state has the notification, and no message takes that back.

        `NotFound` counts as delivered: "the receipt of the RSI message shall not be refused" (Regulation (EU)
        2017/2205, Annex, point 2).
        """
        return was_delivered(self.status_code, self.status_message, self.responding_authority, _OUTCOMES)

    @property
    def outcome(self) -> Outcome:
        """Whether the other state knows whom it is about: found, not found, or no answer."""
        return _OUTCOMES.get(self.status_code, Outcome.NO_ANSWER) if self.delivered else Outcome.NO_ANSWER


@record
class RoadSideInspectionRequest(ErruRequest["RoadSideInspectionResponse"], root="RoadSideInspection_Request"):
    """Tell the state of registration what an inspection of a vehicle gave."""

    #: The words for what became of it.
    statuses: ClassVar[type[InspectionStatus]] = InspectionStatus

    inspection_details: InspectionDetails
    identification_details: IdentificationDetails
    #: One to twelve.
    checked_items: tuple[CheckedItem, ...] = wire(each="CheckedItem")

    def answer(
        self, responding_authority: str, *, found: bool, status_message: str | None = None
    ) -> RoadSideInspectionResponse:
        """Return a Member State's answer: `OK`, or `NotFound` if it does not know whom it is about."""
        status = InspectionStatus.OK if found else InspectionStatus.NOT_FOUND
        return self._answered(responding_authority, status, status_message)

    def unanswered(
        self, status: InspectionStatus, status_message: str | None = None
    ) -> RoadSideInspectionResponse:
        """Return the answer of the hub for a state that gave none, or could not be reached."""
        return self._answered(HUB_AUTHORITY, status, status_message)

    def _answered(
        self, authority: str, status: InspectionStatus, message: str | None
    ) -> RoadSideInspectionResponse:
        return RoadSideInspectionResponse(
            business_case_id=self.business_case_id,
            originating_authority=self.originating_authority,
            responding_authority=authority,
            status_code=status,
            status_message=message,
        )
