"""Run CCS, MCS with its four messages, and ICDL against a sandbox."""

from __future__ import annotations

from datetime import UTC, date, datetime

from movehub.sandbox import DriverRegister, Sandbox

from tachonet_client import (
    CardStatus,
    CheckCardStatusRequest,
    Declarer,
    IssuedCardDrivingLicenceRequest,
    Message,
    ModifiedCard,
    ModifyCardStatusRequest,
    NotifiedCard,
    RequestPurpose,
    RequestSource,
    SearchedCard,
    TachonetClient,
)

CARD = "DF049R7R52851102"


def check_card_status(finland: TachonetClient) -> None:
    request = CheckCardStatusRequest(
        business_case_id="FI-2026-004001",
        originating_authority="Traficom",
        request_purpose=RequestPurpose.CONTROL,
        request_source=RequestSource.ROADSIDE_INSPECTION,
        searched_card=SearchedCard(card_number=CARD),
    )
    for state in ("DE", "SE", "LV"):
        answer = finland.send(request, to=state).body
        print(state, answer.outcome.value, f"({answer.status_code.value})")
        if answer.card is not None:
            print(answer.card.card_status.value, "- valid for driving:", answer.card.valid_for_driving)


def modify_card_status(finland: TachonetClient) -> None:
    request = ModifyCardStatusRequest(
        business_case_id="FI-2026-004002",
        originating_authority="Traficom",
        request_purpose=RequestPurpose.CONTROL,
        modified_card=ModifiedCard(
            card_number=CARD,
            new_card_status=CardStatus.WITHDRAWN,
            status_modified_at=datetime(2026, 11, 20, 8, 30, tzinfo=UTC),
            declared_by=Declarer(authority="Poliisi", authority_address="Ratapihantie 9, 00520 Helsinki"),
        ),
    )
    for state in ("GR", "DE"):
        receipt = finland.send(request, to=state).body
        word = "delivered" if receipt.delivered else "not delivered"
        print(state, f"{word}: {receipt.status_code.value}")


def respond(germany: TachonetClient, register: DriverRegister) -> None:
    notification: Message[ModifyCardStatusRequest] = register.notified[-1]
    response = notification.body.respond("Kartenausgabestelle", *register.result_of(notification))
    receipt = germany.respond(notification, response).body
    print(receipt.acknowledgement_type.value, "delivered" if receipt.delivered else "not delivered")


def notify_issued_card(finland: TachonetClient) -> None:
    request = IssuedCardDrivingLicenceRequest(
        business_case_id="FI-2026-004003",
        originating_authority="Traficom",
        issued_card=NotifiedCard(
            card_number="FI00000012345600",
            driving_licence_number="01669920",
            family_name="Brückenthaler",
            first_name="Jürgen",
            date_of_birth=date(1984, 3, 17),
        ),
    )
    for state in ("AT", "SE", "GR"):
        answer = finland.send(request, to=state).body
        word = "delivered" if answer.delivered else "not delivered"
        print(state, f"{word}: {answer.status_code.value}")


def main() -> None:
    """Run them all. Latvia is late, and Greece is down."""
    with Sandbox("FI", late=["LV"], down=["GR"], patience=2.0) as sandbox:
        finland = TachonetClient("FI", sandbox.transport("tachonet"))
        germany = TachonetClient("DE", sandbox.transport("tachonet", sandbox.issued["DE"]))
        check_card_status(finland)

        modify_card_status(finland)
        respond(germany, sandbox.drivers["DE"])
        print("Finland knows:", sandbox.drivers["FI"].notified[-1].body.status_code.value)

        notify_issued_card(finland)
        recorded = sandbox.drivers["AT"].recorded[-1]
        print("Austria has recorded it, with keys:", recorded.keys is not None)
        finland.close()
        germany.close()


if __name__ == "__main__":
    main()
