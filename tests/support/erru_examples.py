"""One request of each ERRU workflow beside CGR, about invented people and undertakings."""

from __future__ import annotations

from datetime import UTC, date, datetime

import erru_client as erru

from .examples import CANARY

ADDRESS = erru.Address(address="Turgaus g. 4", post_code="LT-91246", city="Klaipėda", country="LT")
VEHICLE = erru.Vehicle(vehicle_registration_number="KRV 118", vehicle_registration_country="LT")
CERTIFICATE = erru.Certificate(
    certificate_number="LT-7", certificate_issue_date=date(2011, 10, 3), certificate_issue_country="LT"
)
NAME = erru.ManagerName(family_name=CANARY, first_name="Žofia", date_of_birth=date(1970, 1, 2))


def ctud_request() -> erru.CheckTransportUndertakingDataRequest:
    return erru.CheckTransportUndertakingDataRequest(
        business_case_id="FI-3",
        originating_authority="Traficom",
        request_purpose=erru.RequestPurpose.CONTROL,
        request_source=erru.RequestSource.ROADSIDE_INSPECTION,
        searched_company=erru.SearchedCompany(
            request_all_vehicles=True,
            search=erru.SearchByNameAndVehicle(transport_undertaking_name=CANARY, vehicle=VEHICLE),
        ),
    )


def found_undertaking() -> erru.FoundUndertaking:
    return erru.FoundUndertaking(
        transport_undertaking_name=CANARY,
        number_of_vehicles=1,
        number_of_employees=2,
        risk_rating=0,
        risk_band=erru.RiskBand.GREY,
        search_method=erru.UndertakingSearchMethod.VEHICLE,
        vehicles=(VEHICLE,),
        address=ADDRESS,
        licences=(
            erru.CommunityLicence(
                community_licence_number="LT-7-118",
                community_licence_status=erru.LicenceStatus.ACTIVE,
                community_licence_type=erru.LicenceType.COMMUNITY_GOODS_LIGHT,
                start_date=date(2023, 5, 2),
                expiry_date=date(2033, 5, 1),
                licencing_authority="LTSA",
            ),
        ),
    )


def registered_undertaking() -> erru.RegisteredUndertaking:
    return erru.RegisteredUndertaking(
        transport_undertaking_name=CANARY,
        number_of_vehicles=1,
        community_licence_number="LT-7-118",
        community_licence_status=erru.LicenceStatus.ACTIVE,
        address=ADDRESS,
    )


def ncr_request(*requested: erru.PenaltyRequested) -> erru.NotifyCheckResultRequest:
    """A failed check with a fine, or a clean one where nothing is requested."""
    infringement = erru.SeriousInfringement(
        date_of_infringement=date(2026, 10, 1),
        category=erru.InfringementCategory.MOST_SERIOUS,
        infringement_type="101",
        appeal_possible=False,
        penalties_imposed=(
            erru.PenaltyImposed(
                penalty_imposed_identifier=1,
                final_decision_date=date(2026, 11, 1),
                penalty_type_imposed=erru.PenaltyAtInfringement.FINE,
                is_executed=erru.ExecutionStatus.YES,
            ),
        ),
        penalties_requested=requested,
    )
    result = erru.CheckResult.FAIL if requested else erru.CheckResult.CLEAN_CHECK
    return erru.NotifyCheckResultRequest(
        business_case_id="FI-4",
        originating_authority="Traficom",
        request_purpose=erru.RequestPurpose.CONTROL,
        request_source=erru.RequestSource.COMPETENT_AUTHORITY,
        transport_undertaking=erru.CheckedUndertaking(
            transport_undertaking_name=CANARY,
            community_licence_number="LT-7-118",
            vehicle=VEHICLE,
            check_summary=erru.CheckSummary(check_result=result, date_of_check=date(2026, 10, 1)),
            serious_infringements=(infringement,) if requested else (),
        ),
    )


def penalty(identifier: int) -> erru.PenaltyRequested:
    return erru.PenaltyRequested(
        penalty_requested_identifier=identifier,
        penalty_type_requested=erru.PenaltyAtEstablishment.TEMPORARY_WITHDRAWAL_OF_LICENCE,
        duration=90,
    )


def nu_request(
    details: erru.TransportManagerNameDetails | erru.TransportManagerCertificateDetails | None = None,
    unfit_from: date | None = date(2026, 5, 20),
) -> erru.NotifyUnfitnessRequest:
    return erru.NotifyUnfitnessRequest(
        business_case_id="FI-5",
        originating_authority="Traficom",
        request_purpose=erru.RequestPurpose.CONTROL,
        request_source=erru.RequestSource.COMPETENT_AUTHORITY,
        transport_manager=erru.NotifiedTransportManager(
            unfit_start_date=unfit_from,
            details=details or erru.TransportManagerNameDetails(transport_manager=NAME),
        ),
    )


def rsi_request() -> erru.RoadSideInspectionRequest:
    return erru.RoadSideInspectionRequest(
        business_case_id="FI-6",
        originating_authority="Traficom",
        request_purpose=erru.RequestPurpose.CONTROL,
        request_source=erru.RequestSource.ROADSIDE_INSPECTION,
        inspection_details=erru.InspectionDetails(
            inspection_location="Vaalimaa",
            inspection_date_time=datetime(2026, 11, 20, 4, 5, 6, tzinfo=UTC),
            inspection_authority_or_name=CANARY,
            inspection_result=erru.InspectionResult(
                inspection_passed=False, vehicle_prohibition_or_restriction=True, pti_requested=True
            ),
        ),
        identification_details=erru.IdentificationDetails(
            vehicle=erru.InspectedVehicle(
                vehicle_registration_number="KRV 118",
                vehicle_registration_country="LT",
                vehicle_identification_number="WDB96340310123456",
                vehicle_category="N3",
                odometer_reading=412345,
            ),
            driver=erru.InspectedDriver(family_name=CANARY, first_name="Jonas"),
            operator=erru.HolderDetails(
                holder=erru.NaturalPerson(
                    address="Turgaus g. 4",
                    post_code="LT-91246",
                    city="Klaipėda",
                    country="LT",
                    family_name=CANARY,
                    first_name="Ona",
                )
            ),
        ),
        checked_items=(
            erru.CheckedItem(
                item_type=erru.InspectionItem.BRAKING,
                item_failed=True,
                failed_checks=(
                    erru.FailedCheck(
                        failed_reason="1.1.13.a", failed_assessment=erru.FailureAssessment.DANGEROUS
                    ),
                ),
            ),
            erru.CheckedItem(item_type=erru.InspectionItem.STEERING, item_failed=False),
        ),
    )
