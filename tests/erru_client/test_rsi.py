"""Roadside Inspection."""

from __future__ import annotations

from dataclasses import replace

import pytest
from movehub.errors import InvalidIncoming, InvalidOutgoing

import erru_client as erru
from tests.support.erru_examples import ADDRESS, rsi_request
from tests.support.examples import CANARY, FI_ERRU

LT_ERRU = replace(FI_ERRU, code="LT")
UNDERTAKING = erru.TransportUndertakingDetails(
    transport_undertaking_name="UAB", community_licence_number="1", address=ADDRESS
)
COMPANY = erru.HolderDetails(
    registration_certificate="7",
    holder=erru.Company(address="A", post_code="1", city="B", country="LT", company_name="UAB"),
)


@pytest.mark.parametrize("operator", [UNDERTAKING, COMPANY, rsi_request().identification_details.operator])
def test_an_undertaking_or_a_company_or_a_person_answers_for_the_vehicle(operator) -> None:
    identification = replace(rsi_request().identification_details, operator=operator)
    message = FI_ERRU.request(replace(rsi_request(), identification_details=identification), to="LT")
    assert erru.decode(erru.encode(message)) == message


def test_checked_items_and_failed_checks_are_plain_lists() -> None:
    sent = erru.encode(FI_ERRU.request(rsi_request(), to="LT"))
    assert sent.count(b"<CheckedItems>") == 1
    assert sent.count(b"<FailedChecks>") == 1
    braking, steering = erru.decode(sent).body.checked_items
    assert braking.failed_checks[0].failed_reason == "1.1.13.a"
    assert steering.failed_checks == ()


def test_an_attribute_of_xml_schema_on_the_element_around_a_list_is_refused() -> None:
    """As on every element: it could choose another type, with attributes that nobody reads."""
    sent = erru.encode(FI_ERRU.request(rsi_request(), to="LT"))
    hinted = b'<CheckedItems xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:%s>'
    allowed = sent.replace(b"<CheckedItems>", hinted % b'schemaLocation="urn:a a.xsd"')
    assert len(erru.decode(allowed).body.checked_items) == 2
    with pytest.raises(InvalidIncoming):
        erru.decode(sent.replace(b"<CheckedItems>", hinted % b'nil="false"'))


@pytest.mark.parametrize("items", [0, 13])
def test_an_inspection_has_one_to_twelve_items(items: int) -> None:
    checked = (rsi_request().checked_items[1],) * items
    with pytest.raises(InvalidOutgoing, match="an element is missing, out of place or repeated"):
        erru.encode(FI_ERRU.request(replace(rsi_request(), checked_items=checked), to="LT"))


@pytest.mark.parametrize(
    ("found", "status", "outcome", "delivered"),
    [
        (True, erru.InspectionStatus.OK, erru.Outcome.FOUND, True),
        (False, erru.InspectionStatus.NOT_FOUND, erru.Outcome.NOT_FOUND, True),
    ],
)
def test_a_member_state_says_ok_or_not_found_and_has_received_it_in_both_cases(
    found: bool, status: erru.InspectionStatus, outcome: erru.Outcome, delivered: bool
) -> None:
    """Regulation (EU) 2017/2205, Annex, point 2: the receipt shall not be refused."""
    request = FI_ERRU.request(rsi_request(), to="LT")
    answer = LT_ERRU.answer(request, request.body.answer("LTSA", found=found))
    received = erru.decode(erru.encode(answer))
    FI_ERRU.check_answer(request, received)
    assert received.body.status_code is status
    assert received.body.outcome is outcome
    assert received.body.delivered is delivered


@pytest.mark.parametrize("status", [erru.InspectionStatus.TIMEOUT, erru.InspectionStatus.NOT_AVAILABLE])
def test_no_answer_is_neither_delivered_nor_not_found(status: erru.InspectionStatus) -> None:
    answer = rsi_request().unanswered(status)
    assert answer.outcome is erru.Outcome.NO_ANSWER
    assert not answer.delivered
    assert answer.responding_authority == "European Commission"


@pytest.mark.parametrize("status", [erru.InspectionStatus.OK, erru.InspectionStatus.NOT_FOUND])
def test_a_receipt_whose_message_takes_it_back_is_not_delivered(status: erru.InspectionStatus) -> None:
    assert not rsi_request().unanswered(status, "The notification has not been forwarded.").delivered


def test_the_items_have_the_numbers_of_the_directive() -> None:
    assert [item.value for item in erru.InspectionItem] == [*map(str, range(11)), "20"]


def test_nothing_shown_tells_who_drove_or_holds_or_inspected() -> None:
    shown = repr(rsi_request())
    for person in (CANARY, "Jonas", "Ona", "KRV 118", "WDB9634", "Vaalimaa", "Turgaus"):
        assert person not in shown
