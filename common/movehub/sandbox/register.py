"""The data files of the sandbox: invented people, row by row, and two registers over them."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from importlib.resources import files

from erru_client import (
    Address,
    Certificate,
    CertificateValidity,
    Fitness,
    FitnessStatus,
    FoundCertificate,
    FoundName,
    FoundTransportManager,
    LicenceStatus,
    ManagedUndertaking,
    ManagedUndertakings,
    SearchByCertificate,
    SearchByName,
    SearchedName,
    SearchMethod,
)
from tachonet_client import (
    CardStatus,
    DrivingLicence,
    DrivingLicenceStatus,
    FoundDriver,
    IssuedCard,
    SearchedDriver,
    SearchMechanism,
)

from ..search_keys import BuiltinSearchKeys, SearchKeys

Row = dict[str, str]

_KEYS = BuiltinSearchKeys()


def rows(name: str) -> Iterator[Row]:
    """Yield the rows of one data file, such as `drivers`."""
    text = (files("movehub.sandbox") / "registers" / f"{name}.csv").read_text("utf-8")
    yield from csv.DictReader(text.splitlines())


class DriverRegister:
    """One state's register of driver cards, over `drivers.csv`."""

    def __init__(self, member_state: str) -> None:
        self._by_keys: dict[tuple[SearchKeys, date], list[Row]] = defaultdict(list)
        self._by_licence: dict[tuple[str, date], list[Row]] = defaultdict(list)
        for row in rows("drivers"):
            if row["state"] == member_state:
                born = date.fromisoformat(row["date_of_birth"])
                self._by_keys[_KEYS.keys(row["family_name"], row["first_name"] or None), born].append(row)
                self._by_licence[row["driving_licence_number"], born].append(row)

    def check_issued_cards(self, driver: SearchedDriver) -> tuple[FoundDriver, ...]:
        """Search by keys (Annex IV, 2), then by licence number, as an own algorithm may (Annex IV, 3)."""
        keys = _keys(driver)
        found = list(self._by_keys.get((keys, driver.date_of_birth), ()))
        more = self._by_licence.get((driver.driving_licence_number or "", driver.date_of_birth), ())
        return tuple(_driver(row, SearchMechanism.NYSIIS) for row in found) + tuple(
            _driver(row, SearchMechanism.CUSTOM) for row in more if row not in found
        )


class ManagerRegister:
    """One state's register of transport managers, over `managers.csv`."""

    def __init__(self, member_state: str) -> None:
        self._by_certificate: dict[tuple[str, str], list[Row]] = defaultdict(list)
        self._by_keys: dict[tuple[SearchKeys, date], set[tuple[str, str]]] = defaultdict(set)
        for row in rows("managers"):
            if row["state"] == member_state:
                certificate = row["certificate_number"], row["certificate_issue_country"]
                born = date.fromisoformat(row["date_of_birth"])
                self._by_certificate[certificate].append(row)
                self._by_keys[_KEYS.keys(row["family_name"], row["first_name"]), born].add(certificate)

    def check_good_repute(
        self, search: SearchByName | SearchByCertificate
    ) -> tuple[FoundTransportManager, ...]:
        """Search by keys, and by certificate where it is given (Annex IV)."""
        methods: dict[tuple[str, str], SearchMethod] = {}
        if search.certificate is not None:
            methods[_certificate_key(search.certificate)] = SearchMethod.CPC
        if isinstance(search, SearchByName):
            for certificate in sorted(self._by_keys.get((_keys(search.name), search.name.date_of_birth), ())):
                methods.setdefault(certificate, SearchMethod.NYSIIS)
        return tuple(
            _manager(self._by_certificate[certificate], method)
            for certificate, method in methods.items()
            if certificate in self._by_certificate
        )


def _keys(name: SearchedDriver | SearchedName) -> SearchKeys:
    if name.family_name_search_key is not None:
        return SearchKeys(name.family_name_search_key, name.first_name_search_key)
    return _KEYS.keys(name.family_name, name.first_name)


def _certificate_key(certificate: Certificate) -> tuple[str, str]:
    return certificate.certificate_number, certificate.certificate_issue_country


def _driver(row: Row, mechanism: SearchMechanism) -> FoundDriver:
    return FoundDriver(
        search_mechanism=mechanism,
        family_name=row["family_name"],
        first_name=row["first_name"],
        date_of_birth=date.fromisoformat(row["date_of_birth"]),
        place_of_birth=row["place_of_birth"],
        card=IssuedCard(
            card_number=row["card_number"],
            card_status=CardStatus(row["card_status"]),
            card_issuing_authority=row["card_issuing_authority"],
            start_of_validity_date=date.fromisoformat(row["start_of_validity_date"]),
            expiry_date=date.fromisoformat(row["expiry_date"]),
            status_modified_date=date.fromisoformat(row["status_modified_date"]),
            temporary_card=row["temporary_card"] == "true" if row["temporary_card"] else None,
        ),
        driving_licence=DrivingLicence(
            driving_licence_number=row["driving_licence_number"],
            driving_licence_issuing_country=row["driving_licence_issuing_country"],
            driving_licence_status=_optional(DrivingLicenceStatus, row["driving_licence_status"]),
        ),
    )


def _optional(words: type[DrivingLicenceStatus], text: str) -> DrivingLicenceStatus | None:
    return words(text) if text else None


def _manager(of_one: list[Row], method: SearchMethod) -> FoundTransportManager:
    row = of_one[0]
    managed = tuple(_undertaking(each) for each in of_one if each["undertaking_name"])
    return FoundTransportManager(
        responding_authority=row["responding_authority"],
        search_method=method,
        name=FoundName(
            family_name=row["family_name"],
            first_name=row["first_name"],
            date_of_birth=date.fromisoformat(row["date_of_birth"]),
            place_of_birth=row["place_of_birth"],
        ),
        certificate=FoundCertificate(
            certificate_number=row["certificate_number"],
            certificate_issue_date=date.fromisoformat(row["certificate_issue_date"]),
            certificate_issue_country=row["certificate_issue_country"],
            certificate_validity=CertificateValidity(row["certificate_validity"]),
            fitness=Fitness(
                fitness_status=FitnessStatus(row["fitness_status"]),
                unfit_start_date=_date(row["unfit_start_date"]),
                unfit_end_date=_date(row["unfit_end_date"]),
            ),
        ),
        transport_undertakings=ManagedUndertakings(
            total_managed_undertakings=len(managed),
            total_managed_vehicles=sum(each.number_of_vehicles for each in managed),
            undertakings=managed,
        ),
    )


def _date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _undertaking(row: Row) -> ManagedUndertaking:
    return ManagedUndertaking(
        transport_undertaking_name=row["undertaking_name"],
        number_of_vehicles=int(row["number_of_vehicles"]),
        community_licence_number=row["community_licence_number"],
        community_licence_status=LicenceStatus(row["community_licence_status"]),
        address=Address(
            address=row["address"], post_code=row["post_code"], city=row["city"], country=row["country"]
        ),
    )
