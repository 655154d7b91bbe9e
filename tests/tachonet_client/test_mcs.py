"""Modify Card Status: request, acknowledgement, response, acknowledgement."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from movehub.errors import InvalidOutgoing
from movehub.exchange import Exchange
from movehub.outcome import SearchStatus
from movehub.plain import from_plain, to_plain
from movehub.workflow import workflow_of

from tachonet_client import (
    CODEC,
    HUB_AUTHORITY,
    TACHONET_3_0,
    AcknowledgementStatus,
    AcknowledgementType,
    CardStatus,
    ModificationStatus,
    ModifyCardStatusRequest,
)
from tests.support.cards import CARD, mcs_request
from tests.support.examples import CANARY, FI_TACHONET, NOW


def test_the_workflow_has_four_legs() -> None:
    request = mcs_request()
    response = request.respond("Færdselsstyrelsen", ModificationStatus.OK)
    said = [request, request.acknowledge("Færdselsstyrelsen"), response, response.acknowledge()]
    workflow = workflow_of(request.root)
    assert workflow is not None
    roots = [body.root for body in said]
    assert workflow.legs == ((roots[0], roots[1]), (roots[2], roots[3]))
    assert {body.repeated() for body in said} == {("FI-4", "Traficom")}


def test_an_acknowledgement_says_which_message_arrived() -> None:
    """Annex III, appendix: acknowledgement type, for the request or for the response."""
    request = mcs_request()
    first = request.acknowledge("Færdselsstyrelsen", "tak")
    second = request.respond("Færdselsstyrelsen", ModificationStatus.OK).acknowledge("kiitos")
    assert first.acknowledgement_type is AcknowledgementType.OF_REQUEST
    assert second.acknowledgement_type is AcknowledgementType.OF_RESPONSE
    assert (first.status_message, second.status_message) == ("tak", "kiitos")
    assert first.arrived
    assert second.arrived
    assert first.responding_authority == second.responding_authority == "Færdselsstyrelsen"


@pytest.mark.parametrize("status", list(ModificationStatus))
def test_a_response_says_what_became_of_the_update(status: ModificationStatus) -> None:
    """A refused transition is the issuer's to judge; it is an answer and no error."""
    response = mcs_request().respond("Færdselsstyrelsen", status, "hvorfor")
    message = FI_TACHONET.answer(FI_TACHONET.request(mcs_request(), "DK"), response)
    assert CODEC.decode(CODEC.encode(message)).body == response
    assert (response.status_code, response.status_message) == (status, "hvorfor")


@pytest.mark.parametrize("status", [SearchStatus.TIMEOUT, SearchStatus.NOT_AVAILABLE])
def test_the_hub_acknowledges_for_a_silent_state_that_nothing_arrived(status: SearchStatus) -> None:
    request = mcs_request()
    response = request.respond("Færdselsstyrelsen", ModificationStatus.OK)
    for body, kind in (
        (request, AcknowledgementType.OF_REQUEST),
        (response, AcknowledgementType.OF_RESPONSE),
    ):
        silent = body.unacknowledged(status)
        assert not silent.arrived
        assert silent.status_code == status.value
        assert (silent.acknowledgement_type, silent.responding_authority) == (kind, HUB_AUTHORITY)
        assert silent.repeated() == request.repeated()


@pytest.mark.parametrize("status", [SearchStatus.FOUND, SearchStatus.NOT_FOUND])
def test_the_hub_can_not_acknowledge_with_a_word_of_a_state(status: SearchStatus) -> None:
    with pytest.raises(ValueError, match="no answer"):
        mcs_request().unacknowledged(status)


def test_a_state_has_no_word_for_a_message_that_did_not_arrive() -> None:
    """Timeout and NotAvailable are the hub's: neither `acknowledge` nor `respond` can say them."""
    assert {status.value for status in ModificationStatus} == {
        "OK",
        "CardNumberNotFound",
        "CardStatusInvalid",
    }
    assert mcs_request().acknowledge("X").status_code is AcknowledgementStatus.OK


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


def test_a_reason_has_at_most_500_characters() -> None:
    request = mcs_request()
    for length, allowed in ((500, True), (501, False)):
        body = replace(request, modified_card=replace(request.modified_card, reason="ä" * length))
        if allowed:
            CODEC.encode(FI_TACHONET.request(body, "DK"))
        else:
            with pytest.raises(InvalidOutgoing, match="@reason: longer than 500"):
                CODEC.encode(FI_TACHONET.request(body, "DK"))


def test_a_status_is_declared_to_one_state() -> None:
    with pytest.raises(InvalidOutgoing, match="never all"):
        FI_TACHONET.request(mcs_request(), "ZZ")


def test_neither_an_acknowledgement_nor_a_response_opens_a_workflow() -> None:
    request = mcs_request()
    for body in (request.acknowledge("X"), request.respond("X", ModificationStatus.OK)):
        with pytest.raises(InvalidOutgoing, match="does not open"):
            FI_TACHONET.request(body, "DK")


def test_the_acknowledgement_of_a_request_belongs_to_it() -> None:
    request = FI_TACHONET.request(mcs_request(), "DK")
    denmark = Exchange("DK", TACHONET_3_0, lambda: NOW)
    FI_TACHONET.check_answer(request, denmark.answer(request, request.body.acknowledge("X")))


def test_a_request_is_plain_data_too() -> None:
    request = mcs_request()
    assert from_plain(ModifyCardStatusRequest, to_plain(request)) == request


def test_nothing_shows_who_is_meant() -> None:
    shown = repr(mcs_request())
    for secret in (CANARY, "Aino", CARD, "+358", "a@b", "Ilmoitus"):
        assert secret not in shown
