"""Notify Check Result: four messages, two of them weeks after the others."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from movehub.errors import InvalidOutgoing, NotCorrelated
from movehub.sandbox.registers.undertakings import UndertakingRegister

import erru_client as erru
from tests.support import erru_messages as messages
from tests.support.erru_examples import ncr_request, penalty, registered_undertaking
from tests.support.examples import CANARY, FI_ERRU

LT_ERRU = replace(FI_ERRU, code="LT")
#: In words of our own, but for the three that tell.
NOT_FORWARDED = "An older version is spoken there, so this has not been forwarded."


def test_the_four_messages_of_a_workflow_belong_together() -> None:
    notification = FI_ERRU.request(ncr_request(penalty(1)), to="LT")
    receipt = LT_ERRU.answer(notification, notification.body.acknowledge("LTSA"))
    FI_ERRU.check_answer(notification, erru.decode(erru.encode(receipt)))
    assert receipt.body.acknowledgement_type is erru.AcknowledgementType.NOTIFICATION

    decision = penalty(1).imposed("LTSA")
    response = LT_ERRU.answer(
        notification, notification.body.respond("LTSA", registered_undertaking(), (decision,))
    )
    last = FI_ERRU.answer(response, response.body.acknowledge())
    LT_ERRU.check_answer(response, erru.decode(erru.encode(last)))
    assert last.body.acknowledgement_type is erru.AcknowledgementType.RESPONSE

    everything = (notification, receipt, response, last)
    assert len({message.header.workflow_id for message in everything}) == 1
    assert len({message.header.technical_id for message in everything}) == 4
    assert {message.body.originating_authority for message in everything} == {"Traficom"}


def test_the_receipt_for_a_response_names_the_authority_that_sent_the_response() -> None:
    """Annex III, appendix: in an NCRR_Ack the originating authority acknowledges."""
    request = ncr_request(penalty(1))
    first = request.acknowledge("LTSA")
    second = request.respond("LTSA", registered_undertaking()).acknowledge()
    assert (first.originating_authority, first.responding_authority) == ("Traficom", "LTSA")
    assert (second.originating_authority, second.responding_authority) == ("Traficom", "LTSA")


def test_a_responder_does_not_put_its_own_authority_into_the_receipt_for_a_response() -> None:
    notification = FI_ERRU.request(ncr_request(penalty(1)), to="LT")
    response = LT_ERRU.answer(notification, notification.body.respond("LTSA", registered_undertaking()))
    finland = erru.responder(UndertakingRegister("FI"), "FI", "Traficom, second floor")
    receipt = erru.decode(finland.handle(erru.encode(response))).body
    assert receipt.acknowledgement_type is erru.AcknowledgementType.RESPONSE
    assert receipt.responding_authority == "LTSA"


def test_a_receipt_for_the_response_is_none_for_the_notification() -> None:
    """Both have the same root element; only the type tells them apart."""
    notification = FI_ERRU.request(ncr_request(penalty(1)), to="LT")
    response = notification.body.respond("LTSA", registered_undertaking())
    wrong = LT_ERRU.answer(notification, response.acknowledge())
    with pytest.raises(NotCorrelated):
        FI_ERRU.check_answer(notification, wrong)


def test_the_response_itself_is_no_receipt() -> None:
    notification = FI_ERRU.request(ncr_request(penalty(1)), to="LT")
    response = LT_ERRU.answer(notification, notification.body.respond("LTSA", registered_undertaking()))
    with pytest.raises(NotCorrelated, match="this type of message"):
        FI_ERRU.check_answer(notification, response)


def test_a_response_opens_no_workflow() -> None:
    with pytest.raises(InvalidOutgoing, match="does not open"):
        FI_ERRU.request(ncr_request().respond("LTSA", None), to="LT")


def test_a_member_states_receipt_is_delivered() -> None:
    assert ncr_request().acknowledge("LTSA").delivered


@pytest.mark.parametrize(
    ("status", "message", "delivered"),
    [
        (erru.NotificationStatus.OK, None, True),
        (erru.NotificationStatus.OK, "Received with thanks", False),
        (erru.NotificationStatus.OK, NOT_FORWARDED, False),
        (erru.NotificationStatus.OK, NOT_FORWARDED.upper(), False),
        (erru.NotificationStatus.TIMEOUT, None, False),
        (erru.NotificationStatus.NOT_AVAILABLE, None, False),
    ],
)
def test_ok_is_not_delivered_where_the_hub_says_that_it_did_not_forward(
    status: erru.NotificationStatus, message: str | None, delivered: bool
) -> None:
    """The Commission's test case NCR_11: an OK that nobody has received."""
    receipt = ncr_request().unanswered(status, message)
    assert receipt.delivered is delivered
    assert receipt.status_message == message
    assert receipt.responding_authority == "European Commission"


def test_every_penalty_asked_for_is_listed_once_over_all_infringements() -> None:
    request = ncr_request(penalty(1), penalty(10**30))
    assert [each.penalty_requested_identifier for each in request.penalties_requested] == [1, 10**30]


def test_a_clean_check_needs_no_response() -> None:
    """Annex VIII, 2.5."""
    assert ncr_request().check_result is erru.CheckResult.CLEAN_CHECK
    assert not ncr_request().response_due
    assert ncr_request(penalty(1)).response_due


def test_minor_infringements_alone_need_a_response_too() -> None:
    """Annex III, appendix: the response is mandatory if infringements were detected."""
    minor = erru.MinorInfringement(date_of_infringement=date(2026, 10, 20), number_of_infringements=1)
    assert messages.ncr_request(erru.CheckResult.PASS, minor=minor).response_due
    assert messages.ncr_request(erru.CheckResult.FAIL, minor=minor).response_due


def test_a_response_about_a_known_undertaking_is_not_sent_without_it() -> None:
    response = replace(
        ncr_request(penalty(1)).respond("LTSA", registered_undertaking()), transport_undertaking=None
    )
    notification = FI_ERRU.request(ncr_request(penalty(1)), to="LT")
    with pytest.raises(InvalidOutgoing, match="NCRR-3"):
        erru.encode(LT_ERRU.answer(notification, response))


def test_a_response_says_what_became_of_each_penalty() -> None:
    asked = (penalty(1), penalty(2), penalty(3))
    request = FI_ERRU.request(ncr_request(*asked), to="LT")
    warning = erru.PenaltyAtEstablishment.WARNING
    decisions = (
        asked[0].imposed("LTSA"),
        asked[1].imposed("LTSA", warning),
        asked[2].not_imposed("LTSA", "No ground in national law"),
    )
    response = LT_ERRU.answer(request, request.body.respond("LTSA", registered_undertaking(), decisions))
    received = erru.decode(erru.encode(response)).body
    assert received.status_code is erru.CheckResultResponseStatus.OK
    assert [each.penalty_requested_identifier for each in received.penalties_imposed] == [1, 2, 3]
    assert [each.is_imposed for each in received.penalties_imposed] == [True, True, False]
    assert received.penalties_imposed[0].penalty_type_imposed == asked[0].penalty_type_requested
    assert received.penalties_imposed[1].penalty_type_imposed is warning
    assert received.penalties_imposed[2].reason == "No ground in national law"


def test_an_undertaking_that_the_register_does_not_have_is_not_found() -> None:
    response = ncr_request(penalty(1)).respond("LTSA", None)
    assert response.status_code is erru.CheckResultResponseStatus.NOT_FOUND


def test_a_decision_about_something_that_was_not_requested_is_our_fault() -> None:
    with pytest.raises(InvalidOutgoing, match="not requested"):
        ncr_request(penalty(1)).respond("LTSA", registered_undertaking(), (penalty(2).imposed("LTSA"),))


def test_a_penalty_for_an_undertaking_that_was_not_found_is_our_fault() -> None:
    with pytest.raises(InvalidOutgoing, match="not found"):
        ncr_request(penalty(1)).respond("LTSA", None, (penalty(1).imposed("LTSA"),))


def test_a_fine_cannot_be_requested_and_a_licence_not_withdrawn_by_the_state_of_infringement() -> None:
    """Each place has its own penalties; the types refuse the other's, even with the same code."""
    with pytest.raises(TypeError, match="penalty_type_requested takes PenaltyAtEstablishment"):
        erru.PenaltyRequested(
            penalty_requested_identifier=1,
            penalty_type_requested=erru.PenaltyAtInfringement.FINE,  # type: ignore[arg-type]
        )
    imposed = ncr_request(penalty(1)).transport_undertaking.serious_infringements[0].penalties_imposed[0]
    with pytest.raises(TypeError, match="penalty_type_imposed takes PenaltyAtInfringement"):
        replace(imposed, penalty_type_imposed=erru.PenaltyAtEstablishment.WARNING)


def test_the_penalties_have_the_codes_of_the_law() -> None:
    assert [each.value for each in erru.PenaltyAtInfringement] == ["101", "102", "201", "202", "203", "204"]
    assert [each.value for each in erru.PenaltyAtEstablishment] == [
        "101", "102", "301", "302", "303", "304", "305", "306", "307",
    ]  # fmt: skip


def test_a_serious_infringement_without_a_penalty_is_not_sent() -> None:
    request = ncr_request(penalty(1))
    undertaking = request.transport_undertaking
    bare = replace(undertaking.serious_infringements[0], penalties_imposed=())
    body = replace(request, transport_undertaking=replace(undertaking, serious_infringements=(bare,)))
    with pytest.raises(InvalidOutgoing, match="SeriousInfringement"):
        erru.encode(FI_ERRU.request(body, to="LT"))


def test_an_infringement_code_that_does_not_exist_is_not_sent() -> None:
    """830 was taken out in edition 3.4."""
    request = ncr_request(penalty(1))
    undertaking = request.transport_undertaking
    wrong = replace(undertaking.serious_infringements[0], infringement_type="830")
    body = replace(request, transport_undertaking=replace(undertaking, serious_infringements=(wrong,)))
    with pytest.raises(InvalidOutgoing, match="@infringementType: not one of '101', '102'"):
        erru.encode(FI_ERRU.request(body, to="LT"))


def test_there_is_no_broadcast() -> None:
    with pytest.raises(InvalidOutgoing, match="never all"):
        FI_ERRU.request(ncr_request(), to=erru.BROADCAST)


def test_nothing_shown_tells_whom_it_is_about() -> None:
    request = ncr_request(penalty(1))
    shown = repr(request) + repr(request.respond("LTSA", registered_undertaking()))
    assert CANARY not in shown
    assert "KRV 118" not in shown


def test_the_response_is_due_six_weeks_after_the_last_final_decision_and_not_after_a_clean_check() -> None:
    """Annex VIII, 2.5."""
    assert messages.ncr_request().respond_by == date(2026, 12, 13)
    assert messages.ncr_request(erru.CheckResult.CLEAN_CHECK).respond_by is None


def test_what_a_response_leaves_undecided_is_told() -> None:
    request = messages.ncr_request()
    assert request.undecided(messages.ncr_response()) == ()
    assert request.undecided(request.respond("GITD", None)) == request.penalties_requested
