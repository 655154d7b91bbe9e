"""The same value in other letters, and what only looks like it: each has tripped a national system."""

from __future__ import annotations

from dataclasses import replace

import pytest
from lxml import etree
from movehub.errors import InvalidIncoming, InvalidOutgoing

import erru_client as erru
from tests.support.erru_examples import ctud_request, ncr_request, nu_request, penalty, rsi_request
from tests.support.examples import FI_ERRU

LT_ERRU = replace(FI_ERRU, code="LT")


def sent(body, *changes: tuple[str, str]) -> bytes:
    """Return a message as a peer might write it."""
    text = erru.encode(FI_ERRU.request(body, to="LT")).decode()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text.encode()


@pytest.mark.parametrize("written", ["007", "+7", " 7 ", "7"])
def test_a_penalty_identifier_is_a_number_and_not_its_digits(written: str) -> None:
    document = sent(ncr_request(penalty(7)), ('RequestedIdentifier="7"', f'RequestedIdentifier="{written}"'))
    received = erru.decode(document).body
    assert received.penalties_requested[0].penalty_requested_identifier == 7
    assert received.respond("LTSA", None) == ncr_request(penalty(7)).respond("LTSA", None)


@pytest.mark.parametrize("identifier", [2**31, 2**63, 10**30])
def test_a_penalty_identifier_has_no_upper_bound(identifier: int) -> None:
    document = sent(ncr_request(penalty(identifier)))
    assert erru.decode(document).body.penalties_requested[0].penalty_requested_identifier == identifier


@pytest.mark.parametrize("identifier", [0, -1])
def test_a_penalty_identifier_is_positive(identifier: int) -> None:
    with pytest.raises(InvalidOutgoing, match="@penaltyRequestedIdentifier"):
        sent(ncr_request(penalty(identifier)))


@pytest.mark.parametrize(
    ("written", "read"), [("1", True), (" true ", True), ("\n1\t", True), ("0", False), (" false", False)]
)
def test_a_boolean_has_four_spellings_and_may_have_blanks_around(written: str, read: bool) -> None:
    document = sent(ctud_request(), ('AllVehicles="true"', f'AllVehicles="{written}"'))
    assert erru.decode(document).body.searched_company.request_all_vehicles is read


@pytest.mark.parametrize("written", ["TRUE", "True", "yes", ""])
def test_a_boolean_has_no_fifth_spelling(written: str) -> None:
    document = sent(ctud_request(), ('AllVehicles="true"', f'AllVehicles="{written}"'))
    with pytest.raises(InvalidIncoming, match="@requestAllVehicles"):
        erru.decode(document)


@pytest.mark.parametrize("written", [" Fail", "Fail ", "fail"])
def test_the_check_result_alone_forgives_no_blanks(written: str) -> None:
    document = sent(ncr_request(penalty(1)), ('checkResult="Fail"', f'checkResult="{written}"'))
    with pytest.raises(InvalidIncoming, match="@checkResult.*not one of 'Pass', 'Fail', 'CleanCheck'"):
        erru.decode(document)


def test_every_other_code_does() -> None:
    document = sent(ncr_request(penalty(1)), ('category="MSI"', 'category=" MSI&#9;"'))
    infringement = erru.decode(document).body.transport_undertaking.serious_infringements[0]
    assert infringement.category is erru.InfringementCategory.MOST_SERIOUS


def test_a_workflow_is_the_same_in_either_letter_case() -> None:
    request = FI_ERRU.request(nu_request(), to="LT")
    answer = erru.encode(LT_ERRU.answer(request, request.body.acknowledge("LT", "LTSA")))
    workflow = str(request.header.workflow_id)
    shouted = answer.replace(f'workflowId="{workflow}"'.encode(), f'workflowId="{workflow.upper()}"'.encode())
    assert shouted != answer
    FI_ERRU.check_answer(request, erru.decode(shouted))


def test_an_identifier_of_the_hub_is_repeated_in_its_letter_case() -> None:
    request = erru.decode(erru.encode(FI_ERRU.request(rsi_request(), to="LT")))
    shouted = erru.encode(request).replace(
        str(request.header.workflow_id).encode(), str(request.header.workflow_id).upper().encode()
    )
    asked = erru.decode(shouted)
    answer = erru.encode(LT_ERRU.answer(asked, asked.body.answer("LTSA", found=True)))
    assert str(request.header.workflow_id).upper().encode() in answer


def test_blanks_are_folded_for_the_reader_and_repeated_as_they_came() -> None:
    spaced = "  Traficom   Oy&#9;"
    document = sent(ctud_request(), ('originatingAuthority="Traficom"', f'originatingAuthority="{spaced}"'))
    asked = erru.decode(document)
    assert asked.body.originating_authority == "Traficom Oy"
    answer = erru.encode(LT_ERRU.answer(asked, asked.body.answer("LTSA", ())))
    assert etree.fromstring(answer)[1].get("originatingAuthority") == "  Traficom   Oy\t"


def test_letters_are_composed_before_they_are_counted() -> None:
    """`u` and a combining diaeresis are one letter to everybody but a schema, which counts code points."""
    name = "u\u0308" * 100
    undertaking = replace(ncr_request().transport_undertaking, transport_undertaking_name=name)
    document = sent(replace(ncr_request(), transport_undertaking=undertaking))
    assert erru.decode(document).body.transport_undertaking.transport_undertaking_name == "ü" * 100


def test_a_vehicle_identification_number_has_no_i_o_or_q() -> None:
    good = "WDB96340310123456"
    for wrong in (good[:-1] + "I", good[:-1] + "o", good[:-1] + "Q", good[:-1], good + "1"):
        with pytest.raises(InvalidIncoming, match="@vehicleIdentificationNumber"):
            erru.decode(sent(rsi_request(), (good, wrong)))
    assert erru.decode(sent(rsi_request(), (good, good.lower())))


def test_a_refusal_does_not_recite_the_longest_code_list() -> None:
    """476 codes would fill a page of the log."""
    with pytest.raises(InvalidIncoming, match=r"not one of '0\.1\.a', '0\.1\.b', … '30' \(476 codes\)"):
        erru.decode(sent(rsi_request(), ("1.1.13.a", "1.1.13.z")))
