"""Check Transport Undertaking Data (CTUD).

You ask the state where an undertaking is established for its licences, vehicles, staff and risk rating, often
from the roadside. Regulation (EU) 2016/480, Annex II, 1.3 and Annex VIII, 3.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import ClassVar

from movehub.errors import InvalidOutgoing
from movehub.protocol.message import Body
from movehub.protocol.outcome import Outcome, SearchStatus, search_outcome
from movehub.protocol.workflow import HUB_AUTHORITY
from movehub.records.personal import PersonalText
from movehub.records.record import record, wire

from .vocabulary import Address, ErruRequest, LicenceStatus, Vehicle


class UndertakingSearchMethod(StrEnum):
    """The criterion by which an undertaking was found. It need not be the first one asked for."""

    NAME = "CompanyName"
    LICENCE = "CommunityLicence"
    VEHICLE = "VehicleRegistration"
    #: The register's own means.
    LOCAL = "Local"


class LicenceType(StrEnum):
    """For what a licence is. Written out on the wire."""

    COMMUNITY_PASSENGERS = "Community licence for passenger transport"
    NATIONAL_PASSENGERS = "National licence for passenger transport"
    COMMUNITY_GOODS = "Community licence for goods transport"
    #: Vehicles of at most 3.5 tonnes only.
    COMMUNITY_GOODS_LIGHT = "Community licence for goods transport, exclusively ≤3.5 t"
    NATIONAL_GOODS = "National licence for goods transport"


class WithdrawalReason(StrEnum):
    """Which requirement of Regulation (EC) No 1071/2009, Article 3(1), is no longer met."""

    NO_ESTABLISHMENT = "No effective and stable establishment"
    NO_FINANCIAL_STANDING = "No appropriate financial standing"
    NO_PROFESSIONAL_COMPETENCE = "No requisite professional competence"
    NO_GOOD_REPUTE = "Not of good repute"
    OTHER = "Other"


class RiskBand(StrEnum):
    """The risk that an undertaking breaks the rules. Regulation (EU) 2022/695, Annex, point 4."""

    RED = "Red"  # high: a rating of 201 or more
    AMBER = "Amber"  # medium: 101 to 200
    GREEN = "Green"  # low: 0 to 100
    #: Not checked in the last two years, so the risk is unknown. This is not the same as low.
    GREY = "Grey"


def band_of(risk_rating: int) -> RiskBand:
    """Return the band of the rating of an undertaking that was checked. Without a check it is `GREY`."""
    if risk_rating > 200:
        return RiskBand.RED
    return RiskBand.AMBER if risk_rating > 100 else RiskBand.GREEN


@record
class SearchByLicenceAndName:
    """By licence number and name, and by vehicle where it is known."""

    transport_undertaking_name: PersonalText
    #: Of the Community licence, or of a certified true copy of it.
    community_licence_number: PersonalText
    vehicle: Vehicle | None = None


@record
class SearchByLicenceAndVehicle:
    """By licence number and vehicle, and by name where it is known."""

    transport_undertaking_name: PersonalText | None = None
    #: Of the Community licence, or of a certified true copy of it.
    community_licence_number: PersonalText
    vehicle: Vehicle


@record
class SearchByNameAndVehicle:
    """By name and vehicle, and by licence number where it is known."""

    transport_undertaking_name: PersonalText
    #: Of the Community licence, or of a certified true copy of it.
    community_licence_number: PersonalText | None = None
    vehicle: Vehicle


def search_by(
    name: str, licence: str, vehicle: Vehicle | None
) -> SearchByLicenceAndName | SearchByLicenceAndVehicle | SearchByNameAndVehicle:
    """Return the search by these criteria, of which one may be empty. Raises InvalidOutgoing below two."""
    if licence and vehicle is not None:
        return SearchByLicenceAndVehicle(
            transport_undertaking_name=name, community_licence_number=licence, vehicle=vehicle
        )
    if licence and name:
        return SearchByLicenceAndName(transport_undertaking_name=name, community_licence_number=licence)
    if name and vehicle is not None:
        return SearchByNameAndVehicle(transport_undertaking_name=name, vehicle=vehicle)
    raise InvalidOutgoing("give two of name, licence number and vehicle", workflow="ERRU CTUD")


@record
class SearchedCompany:
    """The undertaking asked about, by at least two criteria. No state may require three (3.3)."""

    #: Whether the answer should list every vehicle of the undertaking.
    request_all_vehicles: bool
    search: SearchByLicenceAndName | SearchByLicenceAndVehicle | SearchByNameAndVehicle


@record
class CommunityLicence:
    """One licence of the undertaking and how it stands."""

    community_licence_number: PersonalText
    community_licence_status: LicenceStatus
    community_licence_type: LicenceType
    start_date: date
    expiry_date: date
    withdrawal_date: date | None = None
    suspension_date: date | None = None
    suspension_expiry_date: date | None = None
    suspension_or_withdrawal_reason: WithdrawalReason | None = None
    #: The authority that issued it. The spelling is that of the wire.
    licencing_authority: str


@record
class CertifiedTrueCopy:
    """A certified true copy of the licence, as carried on a vehicle."""

    true_copy_number: PersonalText
    true_copy_issue_date: date
    true_copy_expiry_date: date
    true_copy_suspension_date: date | None = None
    true_copy_suspension_expiry_date: date | None = None
    true_copy_withdrawal_date: date | None = None


@record
class FoundUndertaking:
    """One undertaking that the register knows."""

    transport_undertaking_name: PersonalText
    legal_form: str | None = None
    number_of_vehicles: int
    #: On 31 December of the last year.
    number_of_employees: int
    risk_rating: int
    risk_band: RiskBand
    search_method: UndertakingSearchMethod
    vehicles: tuple[Vehicle, ...] = wire("VehicleRegistrations", each="Vehicle", default=())
    address: Address = wire("TransportUndertakingAddress")
    #: One to four.
    licences: tuple[CommunityLicence, ...] = wire("CommunityLicenceDetails")
    true_copies: tuple[CertifiedTrueCopy, ...] = wire(
        "CertifiedTrueCopyDetails", each="CertifiedTrueCopy", default=()
    )


@record
class CheckTransportUndertakingDataResponse(Body, root="CheckTransportUndertakingData_Response"):
    """The answer of the register, or the hub's notice that there is none."""

    business_case_id: str
    originating_authority: str
    responding_authority: str
    status_code: SearchStatus
    #: What the state or the hub adds in words. Read it: it can change what the status means.
    status_message: PersonalText | None = None
    searched_company: SearchedCompany
    undertakings: tuple[FoundUndertaking, ...] = wire("TransportUndertaking", default=())

    @property
    def outcome(self) -> Outcome:
        """Found, not found, or no answer. Where there are records, it was found, whatever it says."""
        return search_outcome(
            self.status_code,
            self.status_message,
            self.responding_authority,
            has_records=bool(self.undertakings),
        )

    def repeated(self) -> tuple[object, ...]:
        """Case and search."""
        return self.business_case_id, self.originating_authority, self.searched_company


@record
class CheckTransportUndertakingDataRequest(
    ErruRequest["CheckTransportUndertakingDataResponse"], root="CheckTransportUndertakingData_Request"
):
    """Ask the register of one Member State about one undertaking. There is no broadcast."""

    #: The words for what became of it.
    statuses: ClassVar[type[SearchStatus]] = SearchStatus

    searched_company: SearchedCompany

    def repeated(self) -> tuple[object, ...]:
        """Case and search."""
        return self.business_case_id, self.originating_authority, self.searched_company

    def answer(
        self,
        responding_authority: str,
        undertakings: tuple[FoundUndertaking, ...],
        status_message: str | None = None,
    ) -> CheckTransportUndertakingDataResponse:
        """Return the answer of a register: `Found` with records, `NotFound` without."""
        status = SearchStatus.FOUND if undertakings else SearchStatus.NOT_FOUND
        return self._answered(responding_authority, status, status_message, undertakings)

    def unanswered(
        self, status: SearchStatus, status_message: str | None = None
    ) -> CheckTransportUndertakingDataResponse:
        """Return the answer of the hub for a state that gave none."""
        return self._answered(HUB_AUTHORITY, status, status_message, ())

    def _answered(
        self,
        authority: str,
        status: SearchStatus,
        message: str | None,
        undertakings: tuple[FoundUndertaking, ...],
    ) -> CheckTransportUndertakingDataResponse:
        return CheckTransportUndertakingDataResponse(
            business_case_id=self.business_case_id,
            originating_authority=self.originating_authority,
            responding_authority=authority,
            status_code=status,
            status_message=message,
            searched_company=self.searched_company,
            undertakings=undertakings,
        )
