"""Modify Card Status: request, acknowledgement, response, acknowledgement."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from movehub.errors import InvalidOutgoing, NotCorrelated
from movehub.protocol.exchange import Exchange
from movehub.protocol.outcome import NotificationStatus
from movehub.protocol.plain_data import from_dict, to_dict
from movehub.protocol.workflow import workflow_of

from tachonet_client import (
    CODEC,
    HUB_AUTHORITY,
    TACHONET_3_0,
    TACHONET_2016,
    AcknowledgementType,
    CardStatus,
    ModificationStatus,
    ModifyCardStatusRequest,
    TachonetClient,
)
from tests.support.cards import CARD, mcs_request
from tests.support.examples import CANARY, DK_TACHONET, FI_TACHONET, NOW


def test_the_workflow_has_four_messages_in_two_legs() -> None:
    request = mcs_request()
    response = request.respond("Færdselsstyrelsen", ModificationStatus.OK, CardStatus.STOLEN)
    workflow = workflow_of(request.root)
    assert workflow is not None
    assert workflow.legs == tuple(
        (body.root, body.acknowledge("Færdselsstyrelsen").root) for body in (request, response)
    )


def test_an_acknowledgement_says_which_message_arrived() -> None:
    """Annex III, appendix: acknowledgement type, for the request or for the response."""
    request = mcs_request()
    response = request.respond("Færdselsstyrelsen", ModificationStatus.OK, CardStatus.STOLEN)
    for body, kind in ((request, AcknowledgementType.NOTIFICATION), (response, AcknowledgementType.RESPONSE)):
        receipt = body.acknowledge("Færdselsstyrelsen")
        assert receipt.acknowledgement_type is kind
        assert receipt.repeated() == body.repeated() == ("FI-4", "Traficom", kind)
        assert receipt.responding_authority == "Færdselsstyrelsen"
        assert receipt.delivered


RESULTS = {
    ModificationStatus.OK: CardStatus.STOLEN,
    ModificationStatus.CARD_STATUS_INVALID: CardStatus.REPLACED,
    ModificationStatus.CARD_NUMBER_NOT_FOUND: None,
}


@pytest.mark.parametrize(("status", "recorded"), RESULTS.items())
def test_a_response_says_what_became_of_the_update_and_how_the_card_stands(
    status: ModificationStatus, recorded: CardStatus | None
) -> None:
    """A refused transition is the issuer's to judge; it is an answer and no error. Annex II, 1.3."""
    response = mcs_request().respond("Færdselsstyrelsen", status, recorded, "hvorfor")
    message = DK_TACHONET.answer(FI_TACHONET.request(mcs_request(), "DK"), response)
    received = CODEC.decode(CODEC.encode(message)).body
    assert received == response
    assert (received.status_code, received.status_message) == (status, "hvorfor")
    assert (received.card_number, received.recorded_status) == (CARD, recorded)


@pytest.mark.parametrize("status", list(ModificationStatus))
def test_a_response_has_a_recorded_status_if_the_register_has_the_card(status: ModificationStatus) -> None:
    assert set(RESULTS) == set(ModificationStatus)
    wrong = None if RESULTS[status] else CardStatus.STOLEN
    with pytest.raises(ValueError, match="recorded status is None for CardNumberNotFound"):
        mcs_request().respond("X", status, wrong)


@pytest.mark.parametrize("status", [NotificationStatus.TIMEOUT, NotificationStatus.NOT_AVAILABLE])
def test_the_hub_acknowledges_for_a_silent_state_that_nothing_arrived(status: NotificationStatus) -> None:
    request = mcs_request()
    for body in (request, request.respond("Færdselsstyrelsen", ModificationStatus.OK, CardStatus.STOLEN)):
        silent = body.unanswered(body.statuses(status.value), "prøv igen")
        assert not silent.delivered
        assert (silent.status_code, silent.status_message) == (status, "prøv igen")
        assert silent.responding_authority == HUB_AUTHORITY
        assert silent.repeated() == body.repeated()


def test_a_state_has_no_word_for_a_message_that_did_not_arrive() -> None:
    """Timeout and NotAvailable are the hub's: neither `acknowledge` nor `respond` says them."""
    assert {status.value for status in ModificationStatus} == {
        "OK",
        "CardNumberNotFound",
        "CardStatusInvalid",
    }
    assert mcs_request().acknowledge("X").status_code is NotificationStatus.OK


@pytest.mark.parametrize("status", list(CardStatus))
def test_every_status_of_the_law_may_be_declared(status: CardStatus) -> None:
    """Annex II, 4: none of them is a reason to reject a message."""
    request = mcs_request()
    body = replace(request, modified_card=replace(request.modified_card, new_card_status=status))
    message = FI_TACHONET.request(body, "DK")
    assert CODEC.decode(CODEC.encode(message)) == message


def test_the_change_has_a_date_and_a_time_of_its_own() -> None:
    """Annex III, appendix: date and time of the change, in GMT on the wire."""
    local = datetime(2026, 11, 22, 10, 30, tzinfo=timezone(timedelta(hours=2)))
    request = mcs_request()
    body = replace(request, modified_card=replace(request.modified_card, status_modified_at=local))
    assert b'statusModifiedAt="2026-11-22T08:30:00Z"' in CODEC.encode(FI_TACHONET.request(body, "DK"))
    with pytest.raises(ValueError, match="time zone"):
        replace(request.modified_card, status_modified_at=datetime(2026, 11, 22))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("address", "says"), [(None, "a required attribute is missing"), ("ä" * 151, "longer than 150")]
)
def test_the_authority_that_changed_the_status_has_an_address(address: str | None, says: str) -> None:
    """Annex III, appendix: "Authority address"."""
    request = mcs_request()
    declared_by = replace(request.modified_card.declared_by, authority_address=address)
    body = replace(request, modified_card=replace(request.modified_card, declared_by=declared_by))
    with pytest.raises(InvalidOutgoing, match=f"DeclaredBy/@authorityAddress: {says}"):
        CODEC.encode(FI_TACHONET.request(body, "DK"))


def test_a_reason_exists_only_in_the_edition_2016() -> None:
    request = mcs_request()
    card = replace(request.modified_card, reason="Ilmoitus 7")
    with pytest.raises(InvalidOutgoing, match=r"TACHOnet 3.0 has no field ModifiedCard\.reason") as caught:
        CODEC.encode(FI_TACHONET.request(replace(request, modified_card=card), "DK"))
    assert "Ilmoitus" not in repr(caught.value)
    declared_by = replace(card.declared_by, authority_address=None)
    old = replace(request, modified_card=replace(card, declared_by=declared_by))
    message = Exchange("FI", TACHONET_2016, lambda: NOW).request(old, "DK")
    assert CODEC.decode(CODEC.encode(message)) == message


def old_request() -> ModifyCardStatusRequest:
    """A request as the edition 2016 has it."""
    card = mcs_request().modified_card
    declared_by = replace(card.declared_by, authority_address=None)
    return replace(mcs_request(), modified_card=replace(card, declared_by=declared_by))


@pytest.mark.parametrize(("status", "recorded"), RESULTS.items())
def test_a_request_of_the_edition_2016_is_responded_to_in_that_edition(
    status: ModificationStatus, recorded: CardStatus | None
) -> None:
    """The edition has neither the card number nor the recorded status in the response."""
    finland = Exchange("FI", TACHONET_2016, lambda: NOW)
    request = CODEC.decode(CODEC.encode(finland.request(old_request(), "DK")))
    denmark = CODEC.answering(DK_TACHONET, request)
    response = CODEC.decode(
        CODEC.encode(denmark.answer(request, request.body.respond("X", status, recorded)))
    )
    assert (response.header.version, response.body.status_code) == ("2016", status)
    assert (response.body.card_number, response.body.recorded_status) == (None, None)
    assert not response.body.contradicts(request.body)


def test_a_client_of_the_law_in_force_responds_to_a_request_of_the_edition_2016() -> None:
    finland = Exchange("FI", TACHONET_2016, lambda: NOW)
    request = finland.request(old_request(), "DK")

    class Receiving:
        def post(self, data: bytes) -> bytes:
            received = CODEC.decode(data)
            return CODEC.encode(finland.answer(received, received.body.acknowledge("Traficom")))

    response = request.body.respond("X", ModificationStatus.OK, CardStatus.STOLEN)
    receipt = TachonetClient("DK", Receiving()).respond(request, response)
    assert (receipt.header.version, receipt.body.delivered) == ("2016", True)


def test_a_status_is_declared_to_one_state() -> None:
    with pytest.raises(InvalidOutgoing, match="never all"):
        FI_TACHONET.request(mcs_request(), "ZZ")


def test_neither_an_acknowledgement_nor_a_response_opens_a_workflow() -> None:
    request = mcs_request()
    for body in (request.acknowledge("X"), request.respond("X", ModificationStatus.OK, CardStatus.STOLEN)):
        with pytest.raises(InvalidOutgoing, match="does not open"):
            FI_TACHONET.request(body, "DK")


def test_an_acknowledgement_belongs_to_the_message_whose_type_it_has() -> None:
    """A late receipt of the request must not pass for one of the response."""
    finland, denmark = FI_TACHONET, Exchange("DK", TACHONET_3_0, lambda: NOW)
    request = finland.request(mcs_request(), "DK")
    receipt = denmark.answer(request, request.body.acknowledge("X"))
    finland.check_answer(request, receipt)
    response = denmark.answer(request, request.body.respond("X", ModificationStatus.OK, CardStatus.STOLEN))
    denmark.check_answer(response, finland.answer(response, response.body.acknowledge("Traficom")))
    with pytest.raises(NotCorrelated, match="does not repeat"):
        denmark.check_answer(response, finland.answer(response, request.body.acknowledge("X")))


def test_a_request_is_plain_data_too() -> None:
    request = mcs_request()
    assert from_dict(ModifyCardStatusRequest, to_dict(request)) == request


def test_nothing_shows_who_is_meant() -> None:
    shown = repr(mcs_request())
    for secret in (CANARY, "Aino", CARD, "+358", "a@b"):
        assert secret not in shown
