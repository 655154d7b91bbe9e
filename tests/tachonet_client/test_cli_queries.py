"""`tachonet cic` and `tachonet ccs`: what they print, with which code they exit, what they do not repeat."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from movehub.protocol.plain_data import to_dict

from tests.support.cards import ccs_request
from tests.support.examples import CANARY, cic_request
from tests.support.hub import Registers, run

CASE = ("--config", "hub.toml", "--business-case-id", "FI-1", "--originating-authority", "Traficom")
NAMED = ("--family-name", "Brueckenthaler", "--first-name", "Juergen", "--date-of-birth", "1984-03-17")
CARD = "A000006173265901"

pytestmark = pytest.mark.usefixtures("registers")


def test_cic_prints_the_cards_with_their_status_and_apart_from_it_their_validity() -> None:
    """Annex II, 5."""
    code, said = run("cic", *CASE, *NAMED, "--to", "AT")
    assert code == 0
    assert "AT found A000082826250401 Exchanged no 2021-05-11/2026-05-10 NYSIIS" in said


def test_cic_prints_the_workshop_of_a_workshop_card() -> None:
    fitter = ("--family-name", "Gänsheimerin", "--first-name", "Sörine", "--date-of-birth", "1986-05-30")
    code, said = run("cic", *CASE, *fitter, "--to", "DE")
    assert code == 0
    assert "2026-01-15/2027-01-14 NYSIIS Prüfwerkstatt Gänsheimer GmbH" in said


def test_cic_as_json_is_the_whole_answer_and_incomplete_is_3() -> None:
    code, said = run("cic", *CASE, *NAMED, "--json")
    assert code == 3
    answer = json.loads(said.partition("Incomplete:")[0])
    assert {row["member_state_code"]: row["status_code"] for row in answer["member_states"]} == {
        "AT": "Found",
        "DE": "Found",
        "GR": "NotAvailable",
    }


def test_cic_names_the_participants_that_the_answer_leaves_out(registers: Registers) -> None:
    del registers.states["GR"]
    registers.participants = ["FI", "AT", "DE", "IS", "UK"]
    code, said = run("cic", *CASE, *NAMED)
    assert code == 3
    assert "Incomplete: 4 asked, 2 have a row, 2 missing: IS, UK." in said
    registers.participants = ["FI", "AT", "DE"]
    code, said = run("cic", *CASE, *NAMED)
    assert code == 0
    assert "Every state that was asked has answered." in said


def test_cic_takes_the_licence_as_well() -> None:
    """Annex IV, 3: a register may search by it."""
    nobody = ("--family-name", "X", "--date-of-birth", "1984-03-17", "--driving-licence-number", "01669920")
    _, said = run("cic", *CASE, *nobody, "--driving-licence-issuing-country", "AT", "--to", "DE")
    assert "DE found DF049R7R52851102 HandedOver yes 2024-09-02/2029-09-01 Custom" in said


def test_ccs_has_validity_for_driving_on_a_line_of_its_own() -> None:
    code, said = run("ccs", *CASE, "--to", "AT", "--card-number", CARD)
    assert code == 0
    assert "AT found, says Register of AT" in said
    assert "Card status: HandedOver. The driver has been given the card." in said
    assert "Holder: Grünwaldner, Leopoldine, born 1959-03-03" in said
    assert "Driving licence: 70316296 of AT, Valid" in said
    assert "Temporary card: no" in said
    assert said.endswith("Valid for driving: yes")
    assert run("ccs", *CASE, "--to", "AT", "--card-number", "A000082826250401")[1].endswith("driving: no")


def test_ccs_tells_of_a_workshop() -> None:
    _, said = run("ccs", *CASE, "--to", "DE", "--card-number", "DW0Q73R14882A100")
    assert "Workshop: Prüfwerkstatt Gänsheimer GmbH, Äußere Mühlstraße 4, 97421 Schweinfurt" in said
    assert "Holder: Gänsheimerin, Sörine, born 1986-05-30" in said
    assert said.endswith("Valid for driving: no")


def test_a_card_that_is_not_found_has_no_validity_and_an_answer_all_the_same() -> None:
    code, said = run("ccs", *CASE, "--to", "AT", "--card-number", "A000000000000000")
    assert code == 0
    assert "AT not found" in said
    assert "Valid for driving: not said" in said


def test_a_state_that_does_not_answer_about_a_card_is_3_and_not_not_found() -> None:
    code, said = run("ccs", *CASE, "--to", "GR", "--card-number", CARD)
    assert code == 3
    assert "GR no answer" in said
    assert "not found" not in said
    assert "Valid for driving: not said" in said


def test_ccs_as_json_has_the_field_of_the_law() -> None:
    code, said = run("ccs", *CASE, "--to", "AT", "--card-number", CARD, "--json")
    assert code == 0
    assert json.loads(said)["card"]["valid_for_driving"] is True


@pytest.mark.parametrize(
    ("command", "request_"), [("cic", cic_request()), ("ccs", ccs_request())], ids=["cic", "ccs"]
)
def test_a_body_comes_from_a_file_or_from_standard_input(
    command: str, request_: object, tmp_path: Path
) -> None:
    body = json.dumps(to_dict(request_))
    (tmp_path / "body.json").write_text(body)
    to = ("--config", "hub.toml", "--to", "AT")
    from_file = run(command, str(tmp_path / "body.json"), *to)
    assert from_file == run(command, "-", *to, entered=body)
    assert from_file[0] == 0
    assert "AT not found" in from_file[1]


def test_a_request_is_given_once() -> None:
    code, said = run("cic", "-", *CASE, "--family-name", CANARY)
    assert code == 2
    assert "give BODY or --business-case-id, --family-name, --originating-authority, not both" in said
    assert CANARY not in said


def test_a_name_that_was_not_quoted_is_not_repeated() -> None:
    code, said = run("cic", *CASE, "--family-name", "van", "den", CANARY)
    assert code == 2
    assert "put a value with blanks in quotes" in said
    assert CANARY not in said
    assert "den" not in said.split()


def test_what_is_missing_is_named() -> None:
    code, said = run("cic", *CASE, "--family-name", CANARY)
    assert code == 2
    assert "missing: BODY, or --date-of-birth" in said
    assert CANARY not in said


@pytest.mark.parametrize("day", ["17.03.1984", "1984-3-17", "19840317", "1984-W11-6", "1984-02-30"])
def test_a_day_that_is_none_is_not_repeated(day: str) -> None:
    """It is a date of birth, and standard error is often kept."""
    code, said = run("cic", *CASE, "--family-name", CANARY, "--date-of-birth", day)
    assert code == 2
    assert "the form is YYYY-MM-DD" in said
    assert day not in said


@pytest.mark.parametrize("body", ["{", "[]", '{"family_name": "Kanarienvogel"}', "\xff"])
def test_a_body_that_is_none_is_refused_without_a_word_of_it(body: str) -> None:
    code, said = run("cic", "-", "--config", "hub.toml", entered=body)
    assert code == 4
    assert "InvalidOutgoing" in said
    assert CANARY not in said


def test_the_names_of_options_are_whole_at_80_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    said = run("cic", "--help")[1]
    assert "…" not in said
    assert "--driving-licence-issuing-country" in said
