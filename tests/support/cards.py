"""One message of each TACHOnet workflow but CIC, about invented people (CIC: `examples`)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import tachonet_client as tachonet

from .examples import CANARY

CARD = "DK00000000000100"


def ccs_request() -> tachonet.CheckCardStatusRequest:
    return tachonet.CheckCardStatusRequest(
        business_case_id="FI-3",
        originating_authority="Traficom",
        searched_card=tachonet.SearchedCard(card_number=CARD),
    )


def holder() -> tachonet.HolderDetails:
    return tachonet.HolderDetails(
        family_name=CANARY,
        first_name="Ελένη",
        date_of_birth=date(1981, 4, 2),
        place_of_birth="Ribe",
    )


def licence() -> tachonet.DrivingLicence:
    return tachonet.DrivingLicence(driving_licence_number="12345", driving_licence_issuing_country="DK")


def workshop() -> tachonet.WorkshopDetails:
    return tachonet.WorkshopDetails(workshop_name="Værksted ApS", workshop_address="Gade 1, 6760 Ribe")


def checked_card(*, valid: bool = True) -> tachonet.CheckedCard:
    """A driver card."""
    return tachonet.CheckedCard(
        card_number=CARD,
        card_status=tachonet.CardStatus.HANDED_OVER,
        card_issuing_authority="Færdselsstyrelsen",
        start_of_validity_date=date(2024, 1, 1),
        expiry_date=date(2028, 12, 31),
        status_modified_date=date(2024, 1, 2),
        valid_for_driving=valid,
        holder=holder(),
        driving_licence=licence(),
    )


def workshop_card() -> tachonet.CheckedCard:
    return replace(checked_card(), workshop=workshop(), holder=None, driving_licence=None)


def mcs_request() -> tachonet.ModifyCardStatusRequest:
    return tachonet.ModifyCardStatusRequest(
        business_case_id="FI-4",
        originating_authority="Traficom",
        request_purpose=tachonet.RequestPurpose.CONTROL,
        request_source=tachonet.RequestSource.ROADSIDE_INSPECTION,
        modified_card=tachonet.ModifiedCard(
            card_number=CARD,
            new_card_status=tachonet.CardStatus.STOLEN,
            status_modified_at=datetime(2026, 11, 22, 8, 30, tzinfo=UTC),
            declared_by=tachonet.Declarer(
                authority="Poliisi",
                authority_address="Ratapihantie 9, Helsinki",
                family_name=CANARY,
                first_name="Aino",
                phone="+358 9",
                email="a@b.example",
            ),
        ),
    )


def icdl_request() -> tachonet.IssuedCardDrivingLicenceRequest:
    return tachonet.IssuedCardDrivingLicenceRequest(
        business_case_id="FI-5",
        originating_authority="Traficom",
        issued_card=tachonet.NotifiedCard(
            card_number="FI00000000000100",
            driving_licence_number="12345",
            family_name=CANARY,
            first_name="Ελένη",
            date_of_birth=date(1981, 4, 2),
        ),
    )
