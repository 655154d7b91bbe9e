"""From a row of the sandbox's data to the records of TACHOnet. What a row leaves empty is left out."""

from __future__ import annotations

from datetime import date

from movehub.sandbox.register import Row
from tachonet_client import (
    CardStatus,
    CheckedCard,
    DrivingLicence,
    DrivingLicenceStatus,
    FoundDriver,
    HolderDetails,
    IssuedCard,
    LicenceHolder,
    SearchMechanism,
    WorkshopDetails,
)


def found_driver(row: Row, mechanism: SearchMechanism) -> FoundDriver:
    """Return what CIC tells of a driver card."""
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
            temporary_card=_yes(row["temporary_card"]),
        ),
        driving_licence=_licence(row),
    )


def checked_card(row: Row) -> CheckedCard:
    """Return what CCS tells of a card, its driver or its workshop with it."""
    return CheckedCard(
        card_status=CardStatus(row["card_status"]),
        card_issuing_authority=row["card_issuing_authority"],
        start_of_validity_date=date.fromisoformat(row["start_of_validity_date"]),
        expiry_date=date.fromisoformat(row["expiry_date"]),
        status_modified_date=date.fromisoformat(row["status_modified_date"]),
        valid_for_driving=row["valid_for_driving"] == "true",
        temporary_card=_yes(row["temporary_card"]),
        holder=_workshop(row) if "workshop_name" in row else _driver(row),
    )


def licence_holder(row: Row) -> LicenceHolder:
    """Return what ICDL tells of the driver whom a licence was issued to."""
    return LicenceHolder(
        family_name=row["family_name"],
        first_name=row["first_name"],
        date_of_birth=date.fromisoformat(row["date_of_birth"]),
    )


def _driver(row: Row) -> HolderDetails:
    return HolderDetails(
        family_name=row["family_name"],
        first_name=row["first_name"],
        date_of_birth=date.fromisoformat(row["date_of_birth"]),
        place_of_birth=row["place_of_birth"],
        driving_licence=_licence(row),
    )


def _workshop(row: Row) -> WorkshopDetails:
    return WorkshopDetails(
        workshop_name=row["workshop_name"],
        workshop_address=row["workshop_address"],
        family_name=row["family_name"],
        first_name=row["first_name"],
        date_of_birth=date.fromisoformat(row["date_of_birth"]) if row["date_of_birth"] else None,
    )


def _licence(row: Row) -> DrivingLicence:
    status = row["driving_licence_status"]
    return DrivingLicence(
        driving_licence_number=row["driving_licence_number"],
        driving_licence_issuing_country=row["driving_licence_issuing_country"],
        driving_licence_status=DrivingLicenceStatus(status) if status else None,
    )


def _yes(text: str) -> bool | None:
    return text == "true" if text else None
