"""The data files of the sandbox, row by row, and a register of driver cards over one of them."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from importlib.resources import files

from erru_client import ManagerName
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

KEYS = BuiltinSearchKeys()


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
                self._by_keys[KEYS.keys(row["family_name"], row["first_name"] or None), born].append(row)
                self._by_licence[row["driving_licence_number"], born].append(row)

    def check_issued_cards(self, driver: SearchedDriver) -> tuple[FoundDriver, ...]:
        """Search by keys (Annex IV, 2), then by licence number, as an own algorithm may (Annex IV, 3)."""
        keys = keys_of(driver)
        found = list(self._by_keys.get((keys, driver.date_of_birth), ()))
        more = self._by_licence.get((driver.driving_licence_number or "", driver.date_of_birth), ())
        return tuple(_driver(row, SearchMechanism.NYSIIS) for row in found) + tuple(
            _driver(row, SearchMechanism.CUSTOM) for row in more if row not in found
        )


def keys_of(name: SearchedDriver | ManagerName) -> SearchKeys:
    """Return the search keys of a search: the hub's, where it has given them."""
    if name.family_name_search_key is not None:
        return SearchKeys(name.family_name_search_key, name.first_name_search_key)
    return KEYS.keys(name.family_name, name.first_name)


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
