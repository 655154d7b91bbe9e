"""One message of every ERRU workflow that breaks no rule, about invented people."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from movehub.protocol.exchange import Exchange
from movehub.protocol.message import Message

import erru_client as erru
from erru_client.penalties import (
    ExecutionStatus,
    PenaltyAtEstablishment,
    PenaltyAtInfringement,
    PenaltyImposed,
    PenaltyRequested,
)
from tests.support.examples import CANARY, FI_ERRU, NOW, cgr_request, found_manager

PL_ERRU = Exchange("PL", erru.ERRU_3_5, lambda: NOW)

CASE = {
    "business_case_id": "FI-2026-7",
    "originating_authority": "Traficom",
    "request_purpose": erru.RequestPurpose.CONTROL,
    "request_source": erru.RequestSource.COMPETENT_AUTHORITY,
}
ADDRESS = erru.Address(address="ul. Prosta 1", post_code="00-001", city="Łódź", country="PL")
VEHICLE = erru.Vehicle(vehicle_registration_number="WA 12345", vehicle_registration_country="PL")


def ctud_request(**search: Any) -> erru.CheckTransportUndertakingDataRequest:
    chosen = erru.SearchByLicenceAndName(
        transport_undertaking_name=search.get("name", f"{CANARY} Transport"),
        community_licence_number=search.get("licence", "PL-0042"),
    )
    return erru.CheckTransportUndertakingDataRequest(
        **CASE, searched_company=erru.SearchedCompany(request_all_vehicles=True, search=chosen)
    )


def found_undertaking() -> erru.FoundUndertaking:
    return erru.FoundUndertaking(
        transport_undertaking_name=f"{CANARY} Transport",
        number_of_vehicles=1,
        number_of_employees=2,
        risk_rating=10,
        risk_band=erru.RiskBand.GREEN,
        search_method=erru.UndertakingSearchMethod.LICENCE,
        vehicles=(VEHICLE,),
        address=ADDRESS,
        licences=(
            erru.CommunityLicence(
                community_licence_number="PL-0042",
                community_licence_status=erru.LicenceStatus.ACTIVE,
                community_licence_type=erru.LicenceType.COMMUNITY_GOODS,
                start_date=date(2020, 1, 1),
                expiry_date=date(2030, 1, 1),
                licencing_authority="GITD",
            ),
        ),
        true_copies=(
            erru.CertifiedTrueCopy(
                true_copy_number="PL-0042/001",
                true_copy_issue_date=date(2020, 1, 1),
                true_copy_expiry_date=date(2030, 1, 1),
            ),
        ),
    )


def fleet(vehicles: int) -> Message[Any]:
    """Return the answer of a haulier with so many vehicles."""
    listed = tuple(
        erru.Vehicle(vehicle_registration_number=f"WA {number}", vehicle_registration_country="PL")
        for number in range(vehicles)
    )
    found = replace(found_undertaking(), number_of_vehicles=vehicles, vehicles=listed)
    return answered(ctud_request().answer("GITD", (found,)))


def infringement(**changes: Any) -> erru.SeriousInfringement:
    imposed = PenaltyImposed(
        penalty_imposed_identifier=1,
        final_decision_date=date(2026, 11, 1),
        penalty_type_imposed=PenaltyAtInfringement.FINE,
        is_executed=ExecutionStatus.YES,
    )
    requested = PenaltyRequested(
        penalty_requested_identifier=1,
        penalty_type_requested=PenaltyAtEstablishment.WARNING,
    )
    return replace(
        erru.SeriousInfringement(
            date_of_infringement=date(2026, 10, 20),
            category=erru.InfringementCategory.SERIOUS,
            infringement_type="901",
            appeal_possible=False,
            penalties_imposed=(imposed,),
            penalties_requested=(requested,),
        ),
        **changes,
    )


def ncr_request(
    result: erru.CheckResult = erru.CheckResult.FAIL,
    *serious: erru.SeriousInfringement,
    minor: erru.MinorInfringement | None = None,
) -> erru.NotifyCheckResultRequest:
    found = serious or ((infringement(),) if result is erru.CheckResult.FAIL else ())
    return erru.NotifyCheckResultRequest(
        **CASE,
        transport_undertaking=erru.CheckedUndertaking(
            transport_undertaking_name=f"{CANARY} Transport",
            community_licence_number="PL-0042",
            vehicle=VEHICLE,
            check_summary=erru.CheckSummary(check_result=result, date_of_check=date(2026, 10, 20)),
            minor_infringement=minor,
            serious_infringements=found,
        ),
    )


def registered() -> erru.RegisteredUndertaking:
    return erru.RegisteredUndertaking(
        transport_undertaking_name=f"{CANARY} Transport",
        number_of_vehicles=3,
        community_licence_number="PL-0042",
        community_licence_status=erru.LicenceStatus.ACTIVE,
        address=ADDRESS,
    )


def ncr_response() -> erru.NotifyCheckResultResponse:
    request = ncr_request()
    decisions = tuple(penalty.imposed("GITD") for penalty in request.penalties_requested)
    return request.respond("GITD", registered(), decisions)


def nu_request(start: date | None = date(2026, 10, 1)) -> erru.NotifyUnfitnessRequest:
    name = erru.ManagerName(family_name=CANARY, first_name="Zofia", date_of_birth=date(1970, 1, 2))
    return erru.NotifyUnfitnessRequest(
        **CASE,
        transport_manager=erru.NotifiedTransportManager(
            unfit_start_date=start,
            details=erru.TransportManagerNameDetails(transport_manager=name),
        ),
    )


def rsi_request(*items: erru.CheckedItem, passed: bool = False) -> erru.RoadSideInspectionRequest:
    failed = erru.CheckedItem(
        item_type=erru.InspectionItem.BRAKING,
        item_failed=True,
        failed_checks=(
            erru.FailedCheck(failed_reason="1.1.1.a", failed_assessment=erru.FailureAssessment.MAJOR),
        ),
    )
    return erru.RoadSideInspectionRequest(
        **{**CASE, "request_source": erru.RequestSource.ROADSIDE_INSPECTION},
        inspection_details=erru.InspectionDetails(
            inspection_location="E18, Vaalimaa",
            inspection_date_time=datetime(2026, 11, 20, 8, 0, tzinfo=UTC),
            inspection_authority_or_name="Poliisi",
            inspection_result=erru.InspectionResult(
                inspection_passed=passed, vehicle_prohibition_or_restriction=False, pti_requested=True
            ),
        ),
        identification_details=erru.IdentificationDetails(
            vehicle=erru.InspectedVehicle(
                vehicle_registration_number="WA 12345",
                vehicle_registration_country="PL",
                vehicle_identification_number="WDB96302010123456",
                vehicle_category="N3",
                odometer_reading=123_456,
            ),
            driver=erru.InspectedDriver(family_name=CANARY, first_name="Jan"),
            operator=erru.TransportUndertakingDetails(
                transport_undertaking_name=f"{CANARY} Transport",
                community_licence_number="PL-0042",
                address=ADDRESS,
            ),
        ),
        checked_items=items or (failed,),
    )


def item(number: erru.InspectionItem, failed: bool, *reasons: str) -> erru.CheckedItem:
    checks = tuple(
        erru.FailedCheck(failed_reason=reason, failed_assessment=erru.FailureAssessment.MINOR)
        for reason in reasons
    )
    return erru.CheckedItem(item_type=number, item_failed=failed, failed_checks=checks)


def sent(body: Any, to: str = "PL") -> Message[Any]:
    """Return a request of Finland."""
    return FI_ERRU.request(body, to=to)


def answered(body: Any) -> Message[Any]:
    """Return an answer of Poland to Finland."""
    return PL_ERRU.answer(sent(cgr_request()), body)


def valid_messages() -> dict[str, Message[Any]]:
    """Return a message of every root that breaks no rule at all."""
    cgr = replace(cgr_request(), request_purpose=erru.RequestPurpose.CONTROL)
    error = PL_ERRU.error(sent(cgr), erru.ErrorStatus.SERVER_ERROR, "x", b"<x/>")
    bodies = [
        answered(cgr.answer("PL", (found_manager(),))),
        sent(ctud_request()),
        answered(ctud_request().answer("GITD", (found_undertaking(),))),
        sent(ncr_request()),
        answered(ncr_request().acknowledge("GITD")),
        answered(ncr_response()),
        sent(nu_request(), "ZZ"),
        answered(nu_request().acknowledge("PL", "GITD")),
        sent(rsi_request()),
        answered(rsi_request().answer("GITD", found=True)),
        sent(cgr, "ZZ"),
        error,
    ]
    return {message.body.root: message for message in bodies}
