"""A register of transport undertakings for the sandbox.

Its data are `undertakings.csv`, `true_copies.csv` and `managers.csv`.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from erru_client import (
    Address,
    Certificate,
    CertifiedTrueCopy,
    CommunityLicence,
    Fitness,
    FoundCertificate,
    FoundName,
    FoundTransportManager,
    FoundUndertaking,
    LicenceStatus,
    LicenceType,
    ManagedUndertaking,
    ManagedUndertakings,
    NotifyCheckResultRequest,
    NotifyCheckResultResponse,
    NotifyUnfitnessRequest,
    RoadSideInspectionRequest,
    SearchByCertificate,
    SearchByLicenceAndName,
    SearchByLicenceAndVehicle,
    SearchByName,
    SearchByNameAndVehicle,
    SearchedCompany,
    SearchMethod,
    TransportUndertakingDetails,
    UndertakingSearchMethod,
    Vehicle,
)
from erru_client.matching import same_number
from movehub.names.search_keys import BuiltinSearchKeys, SearchKeys, search_keys_of
from movehub.protocol.message import Message
from movehub.sandbox.registers.rows import Row, record_of, rows_of

Notified = Message[
    NotifyCheckResultRequest | NotifyCheckResultResponse | NotifyUnfitnessRequest | RoadSideInspectionRequest
]

#: The first criterion of each search, from the descriptions of the three in the official schema.
_PRIMARY: dict[type, UndertakingSearchMethod] = {
    SearchByLicenceAndName: UndertakingSearchMethod.NAME,
    SearchByLicenceAndVehicle: UndertakingSearchMethod.LICENCE,
    SearchByNameAndVehicle: UndertakingSearchMethod.VEHICLE,
}


class UndertakingRegister:
    """One state's register of transport managers and undertakings. It stores every notification."""

    def __init__(self, member_state: str) -> None:
        #: Every notification, in the order of arrival.
        self.notified: list[Notified] = []
        self._undertakings = rows_of("undertakings", member_state)
        #: The certified true copies of each licence.
        self._copies: dict[str, list[CertifiedTrueCopy]] = defaultdict(list)
        for row in rows_of("true_copies", member_state):
            self._copies[row["licence_number"]].append(record_of(CertifiedTrueCopy, row))
        self._by_certificate: dict[tuple[str, str], list[Row]] = defaultdict(list)
        self._by_keys: dict[tuple[SearchKeys | None, date], set[tuple[str, str]]] = defaultdict(set)
        keys = BuiltinSearchKeys()
        for row in rows_of("managers", member_state):
            certificate = row["certificate_number"], row["certificate_issue_country"]
            born = date.fromisoformat(row["date_of_birth"])
            self._by_certificate[certificate].append(row)
            self._by_keys[keys.keys(row["family_name"], row["first_name"]), born].add(certificate)

    def check_good_repute(
        self, search: SearchByName | SearchByCertificate
    ) -> tuple[FoundTransportManager, ...]:
        """Search by keys, and by certificate if the request has one (Annex IV)."""
        methods: dict[tuple[str, str], SearchMethod] = {}
        if search.certificate is not None:
            methods[_certificate_key(search.certificate)] = SearchMethod.CPC
        if isinstance(search, SearchByName):
            searched = search_keys_of(search.name), search.name.date_of_birth
            for certificate in sorted(self._by_keys.get(searched, ())):
                methods.setdefault(certificate, SearchMethod.NYSIIS)
        return tuple(
            _manager(self._by_certificate[certificate], method)
            for certificate, method in methods.items()
            if certificate in self._by_certificate
        )

    def check_transport_undertaking_data(self, company: SearchedCompany) -> tuple[FoundUndertaking, ...]:
        """Search by each criterion in turn, until one finds something (2016/480, Annex VIII, 3.3 and 3.4)."""
        search = company.search
        criteria = {
            UndertakingSearchMethod.LICENCE: search.community_licence_number,
            UndertakingSearchMethod.NAME: search.transport_undertaking_name,
            UndertakingSearchMethod.VEHICLE: search.vehicle and search.vehicle.vehicle_registration_number,
        }
        primary = _PRIMARY[type(search)]
        for method in (primary, *(each for each in criteria if each is not primary)):
            wanted = criteria[method]
            found = [row for row in self._undertakings if wanted and self._fits(row, method, wanted)]
            if found:
                return tuple(self._found(row, method, every=company.request_all_vehicles) for row in found)
        return ()

    def notify_unfitness(self, notification: Notified) -> None:
        """Store the notification."""
        self.notified.append(notification)

    notify_check_result = notify_unfitness

    def receive_check_result_response(self, response: Message[NotifyCheckResultResponse]) -> None:
        """Store the response."""
        self.notified.append(response)

    def road_side_inspection(self, inspection: Message[RoadSideInspectionRequest]) -> bool:
        """Store the inspection. Return whether the licence or the vehicle is in the register."""
        self.notified.append(inspection)
        details = inspection.body.identification_details
        plate = details.vehicle.vehicle_registration_number
        licence = (
            details.operator.community_licence_number
            if isinstance(details.operator, TransportUndertakingDetails)
            else ""
        )
        return any(
            self._fits(row, UndertakingSearchMethod.LICENCE, licence)
            or self._fits(row, UndertakingSearchMethod.VEHICLE, plate)
            for row in self._undertakings
        )

    def _fits(self, row: Row, method: UndertakingSearchMethod, wanted: str) -> bool:
        if method is UndertakingSearchMethod.NAME:
            return row["name"].casefold() == wanted.casefold()
        if method is UndertakingSearchMethod.VEHICLE:
            numbers = row["plates"].split(";")
        else:
            licence = row["licence_number"]
            numbers = [licence, *(copy.true_copy_number for copy in self._copies.get(licence, ()))]
        return any(same_number(number, wanted) for number in numbers)

    def _found(self, row: Row, method: UndertakingSearchMethod, *, every: bool) -> FoundUndertaking:
        return record_of(
            FoundUndertaking,
            row,
            transport_undertaking_name=row["name"],
            search_method=method,
            vehicles=_vehicles(row) if every else (),
            address=record_of(Address, row),
            licences=(_licence(row),),
            true_copies=tuple(self._copies.get(row["licence_number"], ())),
        )


def _certificate_key(certificate: Certificate) -> tuple[str, str]:
    return certificate.certificate_number, certificate.certificate_issue_country


def _manager(of_one: list[Row], method: SearchMethod) -> FoundTransportManager:
    row = of_one[0]
    managed = tuple(_undertaking(each) for each in of_one if each["undertaking_name"])
    return FoundTransportManager(
        responding_authority=row["responding_authority"],
        search_method=method,
        name=record_of(FoundName, row),
        certificate=record_of(FoundCertificate, row, fitness=record_of(Fitness, row)),
        transport_undertakings=ManagedUndertakings(
            total_managed_undertakings=len(managed),
            total_managed_vehicles=sum(each.number_of_vehicles for each in managed),
            undertakings=managed,
        ),
    )


def _undertaking(row: Row) -> ManagedUndertaking:
    name, address = row["undertaking_name"], record_of(Address, row)
    return record_of(ManagedUndertaking, row, transport_undertaking_name=name, address=address)


def _vehicles(row: Row) -> tuple[Vehicle, ...]:
    return tuple(
        Vehicle(vehicle_registration_number=plate, vehicle_registration_country=row["state"])
        for plate in row["plates"].split(";")
    )


def _licence(row: Row) -> CommunityLicence:
    return record_of(
        CommunityLicence,
        row,
        community_licence_number=row["licence_number"],
        community_licence_status=LicenceStatus(row["licence_status"]),
        community_licence_type=LicenceType(row["licence_type"]),
    )
