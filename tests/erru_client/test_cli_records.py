"""`erru cgr` and `ctud` show each record beside the request, so that a namesake is recognised."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from movehub.names.search_keys import BuiltinSearchKeys
from movehub.sandbox.hub import Hub
from movehub.sandbox.profiles import Profile
from movehub.sandbox.registers.undertakings import UndertakingRegister
from typer.testing import CliRunner

from erru_client import CODEC, ErruClient, responder
from erru_client.cli import app
from tests.support.hub import Answering

CASE = ("--config", "hub.toml", "--business-case-id", "FI-1", "--originating-authority", "Traficom")
GERMAN = ("--family-name", "Kraeuterbaecker", "--first-name", "Friedhelm", "--date-of-birth", "1967-01-23")
CERTIFIED = ("--certificate-number", "DE 1", "--certificate-issue-date", "2015-04-10")
POLISH = ("--to", "PL", "--all-vehicles", "--licence", "tp 532339 001", "--plate-country", "PL")
STATES = ["FI", "DE", "HR", "PL"]


@pytest.fixture(autouse=True)
def _hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    states: Any = {
        code: Answering(responder(UndertakingRegister(code), code, f"Authority of {code}").handle)
        for code in STATES[1:]
    }
    hub = Hub(CODEC, states, BuiltinSearchKeys(), profiles={"HR": Profile(version_2=frozenset({"CTUD"}))})
    client = ErruClient("FI", Answering(hub.post), participants=STATES)
    monkeypatch.setattr(ErruClient, "from_config", lambda _, **__: client)
    yield
    hub.close()


def run(*arguments: str) -> str:
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    return done.output


def test_cgr_prints_the_manager_found_beside_the_one_asked_about() -> None:
    said = " ".join(run("cgr", *CASE, *GERMAN, *CERTIFIED, "--certificate-issue-country", "DE").split())
    assert "DE, Verkehrsunternehmensregister Deutschland Asked about Found" in said
    assert "Family name Kraeuterbaecker Kräuterbäcker other spelling" in said
    assert "First name Friedhelm Friedhelm same" in said
    assert "Date of birth 1967-01-23 1967-01-23 same" in said
    assert "Place of birth – Görlitz not in the request" in said
    assert "Certificate DE 1 of DE DE-FQ-15-64534 of DE ≠ different" in said
    assert "Issued 2015-04-10 2015-04-10 same" in said
    assert "Manages Kräuterbäcker Fernfracht GmbH, Spießgasse 31, 02826 Görlitz, DE, licence D8203466" in said


def test_cgr_by_certificate_alone_compares_no_name() -> None:
    words = ("--certificate-number", "DE-FQ-15-64534", "--certificate-issue-date", "2015-04-10")
    said = " ".join(run("cgr", *CASE, *words, "--certificate-issue-country", "DE").split())
    assert "Family name – Kräuterbäcker not in the request" in said
    assert "Certificate DE-FQ-15-64534 of DE DE-FQ-15-64534 of DE same" in said


def test_cgr_as_json_has_the_states_asked_and_the_comparison() -> None:
    answer = json.loads(run("cgr", *CASE, *GERMAN, "--json"))
    assert (answer["asked"], answer["missing"]) == (["DE", "HR", "PL"], [])
    (manager,) = answer["compared"]
    assert manager["member_state_code"] == "DE"
    assert {each["field"]: each["likeness"] for each in manager["fields"]} == {
        "Family name": "other spelling",
        "First name": "same",
        "Date of birth": "same",
        "Place of birth": "not in the request",
        "Certificate": "not in the request",
        "Issued": "not in the request",
    }


def test_ctud_prints_address_vehicles_and_licences_of_the_undertaking() -> None:
    said = " ".join(run("ctud", *CASE, *POLISH, "--plate", "WA40071").split())
    assert "Licence tp 532339 001 TP-532339/001 other spelling" in said
    assert "Vehicle WA40071 (PL) WA 40071 (PL) other spelling" in said
    assert "Address ul. Mostowa 2, 57-300 Kłodzko, PL" in said
    assert "Vehicles 9" in said
    assert "Their plates WA 40071 (PL), WA 04372 (PL)," in said
    assert "TP-532339 Active Community licence for passenger transport 2021-04-15/2031-03-14" in said


def test_ctud_marks_another_name_and_a_vehicle_that_the_answer_does_not_list() -> None:
    """A hit by the licence can be another undertaking than the one at the roadside."""
    named = ("--to", "PL", "--licence", "TP-532339", "--name", "Transport Nowak")
    said = " ".join(run("ctud", *CASE, *named).split())
    assert "Name Transport Nowak Źródło Cargo Sp. z o.o. ≠ different" in said
    said = " ".join(run("ctud", *CASE, *POLISH, "--plate", "XX 1").split())
    assert "Vehicle XX 1 (PL) – not in the answer" in said


def test_ctud_as_json_has_the_comparison() -> None:
    answer = json.loads(run("ctud", *CASE, *POLISH, "--plate", "WA40071", "--json"))
    assert answer["compared"][0]["fields"][1]["likeness"] == "other spelling"


@pytest.mark.parametrize("width", [80, 100, 120])
@pytest.mark.parametrize(
    ("words", "cells"),
    [
        (
            ("cgr", *GERMAN),
            ("Unfitfrom2026-05-11", "NYSIIS", "DE-FQ-15-64534ofDE", "Görlitz"),
        ),
        (
            ("ctud", *POLISH, "--plate", "WA40071"),
            ("TP-532339/001", "CommunityLicence", "Kłodzko"),
        ),
    ],
    ids=["cgr", "ctud"],
)
def test_no_cell_is_cut_off(
    width: int, words: tuple[str, ...], cells: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    said = run(words[0], *CASE, *words[1:])
    assert max(map(len, said.splitlines())) <= width
    assert "…" not in said
    for cell in cells:
        assert cell in "".join(said.split())


def test_cgr_prints_the_fitness_with_each_manager_so_that_a_namesake_does_not_lend_theirs() -> None:
    """Two managers of one state have two lines in the list that differ in the fitness alone."""
    said = " ".join(run("cgr", *CASE, *GERMAN).split())
    _, block = said.split("Asked about Found")
    assert "Validity Invalid" in block
    assert "Fitness Unfit from 2026-05-11 until 2027-05-10" in block


def test_ctud_does_not_show_what_version_2_lacks_as_a_value_of_the_register() -> None:
    """Its staff and its risk are mandatory, and the hub fills them."""
    said = " ".join(
        run(
            "ctud", *CASE, "--to", "HR", "--licence", "HR-SC-469488", "--name", "Slavonski Kotač d.o.o."
        ).split()
    )
    assert "Risk Grey 0, perhaps not known" in said
    assert "Employees 0, perhaps not known" in said
    polish = " ".join(run("ctud", *CASE, *POLISH, "--plate", "WA40071").split())
    assert "perhaps" not in polish
