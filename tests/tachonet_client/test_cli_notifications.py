"""`tachonet mcs` and `tachonet icdl`: delivered or not, and what else they say."""

from __future__ import annotations

import json

import pytest
from movehub.protocol.plain_data import to_dict

from tachonet_client import CardStatus, ModifyCardStatusRequest
from tests.support.cards import icdl_request, mcs_request
from tests.support.hub import Registers, run

CASE = ("--config", "hub.toml", "--business-case-id", "FI-1", "--originating-authority", "Traficom")
CARD = "DF049R7R52851102"
STOLEN = ("--new-status", "Stolen", "--modified-at", "2026-11-22T10:30:00+02:00", "--declared-by", "Poliisi")


def test_mcs_says_delivered_and_that_the_register_is_still_to_answer(registers: Registers) -> None:
    code, said = run("mcs", *CASE, *STOLEN, "--to", "DE", "--card-number", CARD, "--reason", "Report 7")
    assert code == 0
    assert "Delivered does not mean changed" in said
    assert said.endswith("DE delivered (OK)")
    (notified,) = registers.of["DE"].notified
    assert isinstance(notified.body, ModifyCardStatusRequest)
    card = notified.body.modified_card
    assert (card.card_number, card.new_card_status, card.reason) == (CARD, CardStatus.STOLEN, "Report 7")
    assert card.status_modified_at.isoformat() == "2026-11-22T08:30:00+00:00"
    assert card.declared_by.authority == "Poliisi"


def test_mcs_to_a_state_that_is_down_is_not_delivered_and_3(registers: Registers) -> None:
    code, said = run("mcs", *CASE, *STOLEN, "--to", "GR", "--card-number", CARD)
    assert code == 3
    assert "GR not delivered (NotAvailable" in said
    assert "Delivered is" not in said


def test_mcs_warns_of_a_status_that_the_issuer_alone_declares(registers: Registers) -> None:
    """Rule MCS-1 is a warning: Annex II, 4 lets nobody reject a status."""
    changed = ("--new-status", "Expired", *STOLEN[2:])
    code, said = run("mcs", *CASE, *changed, "--to", "DE", "--card-number", CARD)
    assert code == 0
    assert "warning MCS-1" in said


def test_mcs_help_names_the_check_that_comes_first() -> None:
    said = run("mcs", "--help")[1]
    assert "Check the card's status first, by `tachonet ccs`" in said
    assert "Annex VIII, 2.1 (a)" in said


@pytest.mark.parametrize("instant", ["2026-11-22", "2026-11-22T10:30:00", "yesterday"])
def test_an_instant_without_a_time_zone_is_none(instant: str) -> None:
    changed = (*STOLEN[:3], instant, *STOLEN[4:])
    code, said = run("mcs", *CASE, *changed, "--to", "DE", "--card-number", CARD)
    assert code == 2
    assert "YYYY-MM-DDThh:mm:ss+hh:mm" in said


def test_icdl_says_who_holds_the_licence(registers: Registers) -> None:
    licence = ("--card-number", "FI00000000000100", "--driving-licence-number", "01669920")
    code, said = run("icdl", *CASE, *licence, "--to", "AT", "--family-name", "Brückenthaler")
    assert code == 0
    assert "The licence's holder there: Brückenthaler, Jürgen, born 1984-03-17" in said
    assert said.endswith("AT delivered (OK)")
    assert len(registers.of["AT"].recorded) == 1


def test_icdl_that_is_not_recorded_is_delivered_all_the_same(registers: Registers) -> None:
    licence = ("--card-number", "FI00000000000100", "--driving-licence-number", "none")
    code, said = run("icdl", *CASE, *licence, "--to", "AT")
    assert code == 0
    assert said.endswith("AT delivered (DrivingLicenceNumberNotFound)")


def test_icdl_warns_that_nobody_is_named_and_is_sent(registers: Registers) -> None:
    """Rule ICDL-1: without a name there is nothing to make search keys of."""
    licence = ("--card-number", "FI00000000000100", "--driving-licence-number", "01669920")
    code, said = run("icdl", *CASE, *licence, "--to", "AT")
    assert code == 0
    assert "warning ICDL-1" in said
    named = ("--family-name", "Brückenthaler", "--date-of-birth", "1984-03-17")
    assert "warning" not in run("icdl", *CASE, *licence, *named, "--to", "AT")[1]


@pytest.mark.parametrize("command", ["ccs", "mcs", "icdl"])
def test_each_command_warns_of_an_irregular_card_number_and_sends_it(
    registers: Registers, command: str
) -> None:
    """Rule CARD-1, and the number itself is not repeated."""
    options = {"ccs": (), "mcs": STOLEN, "icdl": ("--driving-licence-number", "01669920")}[command]
    code, said = run(command, *CASE, *options, "--to", "AT", "--card-number", "KANARIENVOGEL")
    assert code == 0
    assert "warning CARD-1" in said
    assert "KANARIENVOGEL" not in said


@pytest.mark.parametrize(
    ("command", "request_"), [("mcs", mcs_request()), ("icdl", icdl_request())], ids=["mcs", "icdl"]
)
def test_a_body_comes_from_standard_input_and_the_answer_goes_out_as_json(
    registers: Registers, command: str, request_: object
) -> None:
    body = json.dumps(to_dict(request_))
    code, said = run(command, "-", "--config", "hub.toml", "--to", "AT", "--json", entered=body)
    assert code == 0
    answer = json.loads(said)
    assert answer["business_case_id"] == to_dict(request_)["business_case_id"]
    assert answer["responding_authority"] == "Register of AT"
