"""Run CTUD, NCR, NU and RSI against a sandbox, then receive an ErrorNotification and a heartbeat."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from movehub.errors import ErrorNotified, InvalidOutgoing
from movehub.protocol import Exchange
from movehub.sandbox import Sandbox, UndertakingRegister

from erru_client import (
    BROADCAST,
    ERRU_3_5,
    Address,
    CheckedItem,
    CheckedUndertaking,
    CheckResult,
    CheckSummary,
    CheckTransportUndertakingDataRequest,
    ErrorNotification,
    ErrorStatus,
    ErruClient,
    ExecutionStatus,
    FailedCheck,
    FailureAssessment,
    IdentificationDetails,
    InfringementCategory,
    InspectedDriver,
    InspectedVehicle,
    InspectionDetails,
    InspectionItem,
    InspectionResult,
    LicenceStatus,
    ManagerName,
    Message,
    NotifiedTransportManager,
    NotifyCheckResultRequest,
    NotifyUnfitnessRequest,
    PenaltyAtEstablishment,
    PenaltyAtInfringement,
    PenaltyImposed,
    PenaltyRequested,
    RegisteredUndertaking,
    RequestPurpose,
    RequestSource,
    RoadSideInspectionRequest,
    SearchByLicenceAndVehicle,
    SearchedCompany,
    SeriousInfringement,
    TransportManagerNameDetails,
    TransportUndertakingDetails,
    Vehicle,
    decode,
    encode,
    responder,
)

VEHICLE = Vehicle(vehicle_registration_number="WA-40071", vehicle_registration_country="PL")
ADDRESS = Address(address="ul. Mostowa 2", post_code="57-300", city="Kłodzko", country="PL")


def check_undertaking(finland: ErruClient) -> None:
    request = CheckTransportUndertakingDataRequest(
        business_case_id="FI-2026-003001",
        originating_authority="Traficom",
        request_purpose=RequestPurpose.CONTROL,
        request_source=RequestSource.ROADSIDE_INSPECTION,
        searched_company=SearchedCompany(
            request_all_vehicles=False,
            search=SearchByLicenceAndVehicle(community_licence_number="tp 532339 001", vehicle=VEHICLE),
        ),
    )
    for state in ("PL", "SE", "LV"):
        answer = finland.send(request, to=state).body
        print(state, answer.outcome.value, f"({answer.status_code.value})")
        for found in answer.undertakings:
            print(found.transport_undertaking_name, found.risk_band.value, found.search_method.value)
            for licence in found.licences:
                print(licence.community_licence_number, licence.community_licence_status.value)
            print("Certified true copies:", *(copy.true_copy_number for copy in found.true_copies))


def check_result() -> NotifyCheckResultRequest:
    fine = PenaltyImposed(
        penalty_imposed_identifier=1,
        final_decision_date=datetime.now(UTC).date(),
        penalty_type_imposed=PenaltyAtInfringement.FINE,
        is_executed=ExecutionStatus.YES,
    )
    asked = PenaltyRequested(
        penalty_requested_identifier=1, penalty_type_requested=PenaltyAtEstablishment.WARNING
    )
    infringement = SeriousInfringement(
        date_of_infringement=date(2026, 10, 20),
        category=InfringementCategory.SERIOUS,
        infringement_type="901",
        appeal_possible=False,
        penalties_imposed=(fine,),
        penalties_requested=(asked,),
    )
    return NotifyCheckResultRequest(
        business_case_id="FI-2026-003002",
        originating_authority="Traficom",
        request_purpose=RequestPurpose.CONTROL,
        request_source=RequestSource.COMPETENT_AUTHORITY,
        transport_undertaking=CheckedUndertaking(
            transport_undertaking_name="Źródło Cargo Sp. z o.o.",
            community_licence_number="TP-532339",
            vehicle=VEHICLE,
            check_summary=CheckSummary(check_result=CheckResult.FAIL, date_of_check=date(2026, 10, 20)),
            serious_infringements=(infringement,),
        ),
    )


def clean_check() -> NotifyCheckResultRequest:
    request = check_result()
    summary = CheckSummary(check_result=CheckResult.CLEAN_CHECK, date_of_check=date(2026, 10, 20))
    checked = replace(request.transport_undertaking, check_summary=summary, serious_infringements=())
    return replace(request, transport_undertaking=checked)


def notify_check_result(finland: ErruClient) -> None:
    failed, clean = check_result(), clean_check()
    for state, request in (("HR", clean), ("HR", failed), ("GR", failed), ("PL", failed)):
        receipt = finland.send(request, to=state)
        word = "delivered" if receipt.body.delivered else "not delivered"
        print(state, f"{word}: {receipt.body.status_code.value}", receipt.body.status_message or "")


def respond(poland: ErruClient, notification: Message[NotifyCheckResultRequest]) -> None:
    received = notification.body
    print("A response is due:", received.response_due)
    undertaking = RegisteredUndertaking(
        transport_undertaking_name="Źródło Cargo Sp. z o.o.",
        number_of_vehicles=9,
        community_licence_number="TP-532339",
        community_licence_status=LicenceStatus.ACTIVE,
        address=ADDRESS,
    )
    decisions = tuple(
        penalty.not_imposed("GITD", reason="Warned already for the same check")
        for penalty in received.penalties_requested
    )
    receipt = poland.respond(notification, received.respond("GITD", undertaking, decisions)).body
    print(receipt.acknowledgement_type.value, "delivered" if receipt.delivered else "not delivered")


def notify_unfitness(finland: ErruClient) -> None:
    manager = ManagerName(family_name="Vitamäki", first_name="Aune", date_of_birth=date(1971, 3, 2))
    request = NotifyUnfitnessRequest(
        business_case_id="FI-2026-003003",
        originating_authority="Traficom",
        request_purpose=RequestPurpose.CONTROL,
        request_source=RequestSource.OTHER,
        transport_manager=NotifiedTransportManager(
            unfit_start_date=date(2026, 11, 2),
            details=TransportManagerNameDetails(transport_manager=manager),
        ),
    )
    reply = finland.send(request, to=BROADCAST)
    for row in reply.body.member_states:
        if not row.delivered:
            print(row.member_state_code, row.status_code.value, row.status_message or "")
    print(len(reply.asked) - len(reply.missing), "states have it")
    try:
        finland.send(request, to="MT")
    except ErrorNotified as error:
        print(error.notification.status_code.value, "-", error.notification.status_message)


def notify_undated_unfitness(finland: ErruClient, sweden: UndertakingRegister) -> None:
    name = ManagerName(family_name="Vitamäki", first_name="Aune", date_of_birth=date(1971, 3, 2))
    request = NotifyUnfitnessRequest(
        business_case_id="FI-2026-003005",
        originating_authority="Traficom",
        request_purpose=RequestPurpose.CONTROL,
        request_source=RequestSource.OTHER,
        transport_manager=NotifiedTransportManager(
            details=TransportManagerNameDetails(transport_manager=name)
        ),
    )
    try:
        finland.send(request, to="SE")
    except InvalidOutgoing:
        print("Not sent: it has no date")
    finland.send(request, to="SE", despite=["NU-1"])
    reading = sweden.notified[-1].body.reading
    print("Sweden reads", reading.name, "-", reading.value)


def notify_inspection(finland: ErruClient) -> None:
    brakes = CheckedItem(
        item_type=InspectionItem.BRAKING,
        item_failed=True,
        failed_checks=(FailedCheck(failed_reason="1.1.1.a", failed_assessment=FailureAssessment.MAJOR),),
    )
    request = RoadSideInspectionRequest(
        business_case_id="FI-2026-003004",
        originating_authority="Traficom",
        request_purpose=RequestPurpose.CONTROL,
        request_source=RequestSource.ROADSIDE_INSPECTION,
        inspection_details=InspectionDetails(
            inspection_location="E18, Vaalimaa",
            inspection_date_time=datetime(2026, 11, 20, 8, 0, tzinfo=UTC),
            inspection_authority_or_name="Poliisi",
            inspection_result=InspectionResult(
                inspection_passed=False, vehicle_prohibition_or_restriction=False, pti_requested=True
            ),
        ),
        identification_details=IdentificationDetails(
            vehicle=InspectedVehicle(
                vehicle_registration_number="WA 40071",
                vehicle_registration_country="PL",
                vehicle_identification_number="WDB96302010123456",
                vehicle_category="N3",
                odometer_reading=123_456,
            ),
            driver=InspectedDriver(family_name="Żurawski", first_name="Jan"),
            operator=TransportUndertakingDetails(
                transport_undertaking_name="Źródło Cargo Sp. z o.o.",
                community_licence_number="TP-532339",
                address=ADDRESS,
            ),
        ),
        checked_items=(brakes,),
    )
    for state in ("PL", "SE", "GR"):
        answer = finland.send(request, to=state).body
        print(state, answer.outcome.value, "- delivered" if answer.delivered else "- not delivered")


def escalate(arrived: Message[ErrorNotification]) -> None:
    print("An error arrived:", arrived.body.status_code.value, "in case", arrived.body.business_case_id)


def what_the_hub_sends() -> None:
    register = UndertakingRegister("FI")
    finland = responder(register, "FI", "Traficom", on_error=escalate)
    hub = Exchange("EU", ERRU_3_5)

    sent = Exchange("FI", ERRU_3_5).request(check_result(), to="PL")
    error = hub.error(sent, ErrorStatus.TIMEOUT, "No answer in time", encode(sent), to="FI")
    print("Answer to it:", finland.handle(encode(error)) or "none")

    heartbeat = replace(
        check_result(), request_purpose=RequestPurpose.HEARTBEAT, request_source=RequestSource.HUB
    )
    answer = decode(finland.handle(encode(hub.request(heartbeat, to="FI"))))
    print("Heartbeat:", answer.body.status_code.value, "- the register got", len(register.notified))


def main() -> None:
    """Run them all. Latvia is late, Greece is down, Croatia uses version 2, Malta for NU."""
    with Sandbox("FI", late=["LV"], down=["GR"], version_2=["HR", "MT:NU"], patience=2.0) as sandbox:
        finland = ErruClient("FI", sandbox.transport("erru"))
        poland = ErruClient("PL", sandbox.transport("erru", sandbox.issued["PL"]))
        check_undertaking(finland)

        notify_check_result(finland)
        respond(poland, sandbox.undertakings["PL"].notified[-1])
        for decision in sandbox.undertakings["FI"].notified[-1].body.penalties_imposed:
            print("Finland knows: imposed", decision.is_imposed, "-", decision.reason)

        notify_unfitness(finland)
        notify_undated_unfitness(finland, sandbox.undertakings["SE"])
        notify_inspection(finland)
        finland.close()
        poland.close()
    what_the_hub_sends()


if __name__ == "__main__":
    main()
