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
STOLEN = (
    *("--new-status", "Stolen", "--modified-at", "2026-11-22T10:30:00+02:00"),
    *("--declared-by", "Poliisi", "--authority-address", "Ratapihantie 9, Helsinki"),
)
LICENCE = ("--card-number", "FI00000000000100", "--driving-licence-number", "01669920")
NAMED = ("--family-name", "Brückenthaler", "--date-of-birth", "1984-03-17")


def test_mcs_says_delivered_and_that_the_register_is_still_to_answer(registers: Registers) -> None:
    code, said = run("mcs", *CASE, *STOLEN, "--to", "DE", "--card-number", CARD)
    assert code == 0
    assert "Delivered does not mean changed" in said
    assert said.endswith("DE delivered (OK)")
    (notified,) = registers.of["DE"].notified
    assert isinstance(notified.body, ModifyCardStatusRequest)
    card = notified.body.modified_card
    assert (card.card_number, card.new_card_status) == (CARD, CardStatus.STOLEN)
    assert card.status_modified_at.isoformat() == "2026-11-22T08:30:00+00:00"
    declared_by = card.declared_by
    assert (declared_by.authority, declared_by.authority_address) == ("Poliisi", "Ratapihantie 9, Helsinki")


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
    assert "warning breaks MCS-1" in said


def test_mcs_help_names_the_check_that_comes_first() -> None:
    said = run("mcs", "notify", "--help")[1]
    assert "Check the card's status first, by `tachonet ccs`" in said
    assert "Annex VIII, 2.1 (a)" in said


@pytest.mark.parametrize("instant", ["2026-11-22", "2026-11-22T10:30:00", "yesterday"])
def test_an_instant_without_a_time_zone_is_none(instant: str) -> None:
    changed = (*STOLEN[:3], instant, *STOLEN[4:])
    code, said = run("mcs", *CASE, *changed, "--to", "DE", "--card-number", CARD)
    assert code == 2
    assert "YYYY-MM-DDThh:mm:ss+hh:mm" in said


def test_icdl_says_that_it_was_recorded_and_names_nobody(registers: Registers) -> None:
    code, said = run("icdl", *CASE, *LICENCE, *NAMED, "--place-of-birth", "Innsbruck", "--to", "AT")
    assert (code, said) == (0, "AT delivered (OK)")
    (recorded,) = registers.of["AT"].recorded
    assert recorded.notification.body.issued_card.place_of_birth == "Innsbruck"


def test_icdl_that_is_not_recorded_is_delivered_all_the_same(registers: Registers) -> None:
    code, said = run("icdl", *CASE, *LICENCE[:3], "none", *NAMED, "--to", "AT")
    assert code == 0
    assert said.endswith("AT delivered (DrivingLicenceNumberNotFound)")


def test_icdl_asks_for_the_drivers_family_name_and_birth_date(registers: Registers) -> None:
    """Annex III, appendix."""
    for given in (NAMED[:2], NAMED[2:]):
        code, _ = run("icdl", *CASE, *LICENCE, *given, "--to", "AT")
        assert code == 2
    assert registers.of["AT"].notified == []


@pytest.mark.parametrize("command", ["ccs", "mcs", "icdl"])
def test_each_command_warns_of_an_irregular_card_number_and_sends_it(
    registers: Registers, command: str
) -> None:
    """Rule CARD-1, and the number itself is not repeated."""
    options = {"ccs": (), "mcs": STOLEN, "icdl": (*LICENCE[2:], *NAMED)}[command]
    code, said = run(command, *CASE, *options, "--to", "AT", "--card-number", "KANARIENVOGEL")
    assert code == 0
    assert "warning breaks CARD-1" in said
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


@pytest.mark.parametrize(("state", "delivered", "missing"), [("DE", True, []), ("GR", False, ["GR"])])
def test_json_says_whether_it_was_delivered(
    registers: Registers, state: str, delivered: bool, missing: list[str]
) -> None:
    """A program cannot tell from `status_code` alone: a text of the hub can take an `OK` back."""
    code, said = run("mcs", *CASE, *STOLEN, "--to", state, "--card-number", CARD, "--json")
    answer = json.loads(said[: said.rindex("}") + 1])
    assert (answer["asked"], answer["missing"], answer["delivered"]) == ([state], missing, delivered)
    assert code == (0 if delivered else 3)
