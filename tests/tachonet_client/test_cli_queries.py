"""`tachonet cic` and `tachonet ccs`: what they print, with which code they exit, what they do not repeat."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from movehub.protocol.plain_data import to_dict
from typer.testing import CliRunner

from tachonet_client import CardStatus
from tachonet_client.cli import app
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
    assert "AT found A000082826250401 Exchanged ended no" in said
    assert "Valid from/until 2021-05-11/2026-05-10 Status since 2024-09-03" in said
    assert "Found by NYSIIS" in said


def test_cic_prints_the_person_found_beside_the_applicant_with_each_difference() -> None:
    """A NYSIIS hit is a name that sounds alike, with the same date of birth: it can be a namesake."""
    more = ("--place-of-birth", "Linz", "--driving-licence-number", "99", "--to", "AT")
    _, said = run("cic", *CASE, *NAMED, *more)
    assert "AT, card A000082826250401 Applicant Found" in said
    assert "Family name Brueckenthaler Brückenthaler other spelling" in said
    assert "Date of birth 1984-03-17 1984-03-17 same" in said
    assert "Place of birth Linz Gänserndorf ≠ different" in said
    assert "Driving licence 99 01669920 of AT ≠ different" in said


@pytest.mark.parametrize(
    ("licence", "likeness"),
    [
        (("--driving-licence-number", "01669920"), "01669920 01669920 of AT same"),
        (("--driving-licence-number", "01669921"), "01669921 01669920 of AT ≠ different"),
        (("--driving-licence-issuing-country", "AT"), "– 01669920 of AT not in the request"),
        (("--driving-licence-issuing-country", "DE"), "DE 01669920 of AT ≠ different"),
    ],
)
def test_cic_compares_what_the_request_has_of_the_licence(licence: tuple[str, str], likeness: str) -> None:
    """A licence without its country is the applicant's own, and no namesake's."""
    _, said = run("cic", *CASE, *NAMED, *licence, "--to", "AT")
    assert f"Driving licence {likeness}" in " ".join(said.split())


def test_cic_as_json_has_what_the_screen_compares_and_translates() -> None:
    answer = json.loads(run("cic", *CASE, *NAMED, "--to", "AT", "--json")[1])
    assert (answer["asked"], answer["missing"]) == (["AT"], [])
    assert answer["national_statuses"] == {"Exchanged": "ended"}
    (card,) = answer["compared"]
    assert card["card_number"] == "A000082826250401"
    assert card["fields"][0] == {
        "field": "Family name",
        "asked": "Brueckenthaler",
        "found": "Brückenthaler",
        "likeness": "other spelling",
    }


@pytest.mark.parametrize("width", [80, 100, 120])
def test_cic_cuts_off_no_cell(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    fitter = ("--family-name", "Gänsheimerin", "--first-name", "Sörine", "--date-of-birth", "1986-05-30")
    done = CliRunner().invoke(app, ["cic", *CASE, *fitter, "--to", "DE"])
    assert max(map(len, done.output.splitlines())) <= width
    whole = "".join(done.output.split())
    for cell in ("DW0Q73R14882A100", "Validfordriving", "HandedOver", "Kartenausgabestelle"):
        assert cell in whole
    assert "PrüfwerkstattGänsheimerGmbH" in whole
    assert "…" not in whole


def test_a_status_is_translated_by_the_table_of_the_configuration(
    registers: Registers, tmp_path: Path
) -> None:
    """Annex II, 4."""
    path = tmp_path / "own.toml"
    translation = "".join(f'{status.value} = "käytössä"\n' for status in CardStatus)
    path.write_text(f'local = ["käytössä"]\n[translation]\n{translation}', "utf-8")
    registers.statuses = path
    assert "Exchanged käytössä no" in run("cic", *CASE, *NAMED, "--to", "AT")[1]
    _, said = run("ccs", *CASE, "--to", "AT", "--card-number", CARD)
    assert "In the national procedure: käytössä" in said
    _, said = run("ccs", *CASE, "--to", "AT", "--card-number", CARD, "--json")
    assert json.loads(said)["national_statuses"] == {"HandedOver": "käytössä"}


def test_cic_prints_the_workshop_of_a_workshop_card() -> None:
    fitter = ("--family-name", "Gänsheimerin", "--first-name", "Sörine", "--date-of-birth", "1986-05-30")
    code, said = run("cic", *CASE, *fitter, "--to", "DE")
    assert code == 0
    assert "Workshop Prüfwerkstatt Gänsheimer GmbH, Äußere Mühlstraße 4, 97421 Schweinfurt" in said


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
    assert "DE found DF049R7R52851102 HandedOver held yes" in said
    assert "Found by Custom" in said


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


def test_ccs_as_json_has_the_state_asked_and_whether_it_is_missing() -> None:
    for state, missing in (("DE", []), ("GR", ["GR"])):
        _, said = run("ccs", *CASE, "--card-number", CARD, "--to", state, "--json")
        answer = json.loads(said[: said.rindex("}") + 1])
        assert (answer["asked"], answer["missing"]) == ([state], missing)


@pytest.mark.parametrize("words", [("--source", "Hub"), ("--purpose", "Heartbeat")])
def test_the_words_of_the_hub_are_wrong_options(words: tuple[str, str]) -> None:
    code, said = run("cic", *CASE, *NAMED, *words)
    assert code == 2
    assert f"only the hub sends {' '.join(words)}" in said
    assert "Hub" not in run("cic", "--help")[1]
