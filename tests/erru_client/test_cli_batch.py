"""`erru batch cgr`, `ctud` and `ncr`, from a file to its results and its list of failures."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from movehub.names.search_keys import BuiltinSearchKeys
from movehub.sandbox.hub import Hub
from movehub.sandbox.profiles import Profile
from movehub.sandbox.registers.undertakings import UndertakingRegister
from typer.testing import CliRunner

from erru_client import CODEC, ErruClient, responder
from erru_client.batch_cgr import CGR
from erru_client.batch_ctud import CTUD
from erru_client.batch_ncr import NCR
from erru_client.cli import app
from tests.support.batches import rows_of
from tests.support.hub import Answering, Unreachable

MANAGERS = """\
business_case_id,family_name,first_name,date_of_birth,to
FI-1,Kraeuterbaecker,Friedhelm,1967-01-23,DE
FI-2,Kraeuterbaecker,Friedhelm,1967-01-23,{to}
"""
UNDERTAKINGS = """\
business_case_id,transport_undertaking_name,community_licence_number,vehicle_registration_number,\
vehicle_registration_country,request_all_vehicles,to
FI-1,,TP-532339,WA 40071,PL,yes,PL
FI-2,Nobody Oy,TP-0,,,,{to}
"""
CHECKS = """\
business_case_id,transport_undertaking_name,community_licence_number,vehicle_registration_number,\
vehicle_registration_country,date_of_check,to
FI-1,Źródło Cargo Sp. z o.o.,TP-532339,WA 40071,PL,2026-11-22,PL
FI-2,Cargo,TP-532340,WA 40072,PL,2026-11-22,{to}
"""


@pytest.fixture(autouse=True)
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """Germany and Poland answer, Greece is down, Croatia still uses version 2 for NCR."""
    registers = {code: UndertakingRegister(code) for code in ("DE", "HR", "PL")}
    states = {
        code: Answering(responder(register, code, f"Register of {code}").handle)
        for code, register in registers.items()
    }
    hub = Hub(
        CODEC,
        {**states, "GR": Unreachable()},
        BuiltinSearchKeys(),
        profiles={"HR": Profile(version_2=frozenset({"NCR"}))},
    )

    def client(_: object, **__: object) -> ErruClient:
        return ErruClient("FI", Answering(hub.post), participants=["FI", "DE", "GR", "HR", "PL"])

    monkeypatch.setattr(ErruClient, "from_config", client)
    yield hub
    hub.close()


Batch = Callable[..., tuple[int, str]]


@pytest.fixture
def batch(tmp_path: Path) -> Batch:
    def run(command: str, content: str, *options: str) -> tuple[int, str]:
        (tmp_path / "lines.csv").write_text(content, "utf-8")
        words = ["batch", command, str(tmp_path / "lines.csv"), "--config", "hub.toml"]
        words += ["--results", str(tmp_path / "r.csv"), "--originating-authority", "Traficom", *options]
        done = CliRunner().invoke(app, words)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, " ".join(done.output.split())

    return run


def failures(folder: Path) -> list[dict[str, str]]:
    with (folder / "r.failures.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("command", "content", "said"),
    [
        ("cgr", MANAGERS.format(to="PL"), "Managers: 2 answered by every state. With a record found"),
        ("ctud", UNDERTAKINGS.format(to="DE"), "Undertakings: 2 answered by every state."),
        ("ncr", CHECKS.format(to="DE"), "Clean checks: 2 delivered. The answers are in"),
    ],
)
def test_a_batch_that_is_complete_exits_with_0(
    batch: Batch, tmp_path: Path, command: str, content: str, said: str
) -> None:
    code, printed = batch(command, content)
    assert (code, failures(tmp_path)) == (0, [])
    assert said in printed


@pytest.mark.parametrize(
    ("command", "content", "said"),
    [
        ("cgr", MANAGERS.format(to="GR"), "1 answered by every state, 1 incomplete"),
        ("ctud", UNDERTAKINGS.format(to="GR"), "1 answered by every state, 1 incomplete"),
        ("ncr", CHECKS.format(to="GR"), "1 delivered, 1 not delivered"),
    ],
)
def test_a_batch_that_is_not_complete_exits_with_3_and_lists_its_failures(
    batch: Batch, tmp_path: Path, command: str, content: str, said: str
) -> None:
    code, printed = batch(command, content)
    assert code == 3
    assert said in printed
    assert "Failures: 1. Each is in" in printed
    assert [(row["line"], row["to"]) for row in failures(tmp_path)] == [("3", "GR")]


@pytest.mark.parametrize("command", ["cgr", "ctud"])
def test_a_search_that_is_not_complete_is_asked_again(batch: Batch, tmp_path: Path, command: str) -> None:
    content = (MANAGERS if command == "cgr" else UNDERTAKINGS).format(to="GR")
    kind = CGR if command == "cgr" else CTUD
    for _ in range(2):
        assert batch(command, content)[0] == 3
    asked = sorted(row.line for row in rows_of(tmp_path / "r.csv", kind) if row.outcome == "asked")
    assert asked == ["2", "3", "3"]


def test_a_broadcast_about_a_manager_names_each_state_that_has_not_answered(
    batch: Batch, tmp_path: Path
) -> None:
    """Greece is down. Lines are asked at the same time, so the end of the broadcast may come first."""
    assert batch("cgr", MANAGERS.format(to="ZZ"))[0] == 3
    end = [row for row in rows_of(tmp_path / "r.csv", CGR) if row.line == "3"][-1]
    assert (end.outcome, end.said) == ("incomplete", "no answer of GR")


def test_an_undertaking_keeps_all_that_its_state_says(batch: Batch, tmp_path: Path) -> None:
    assert batch("ctud", UNDERTAKINGS.format(to="DE"))[0] == 0
    found = [row for row in rows_of(tmp_path / "r.csv", CTUD) if row.record]
    kinds = [row.outcome for row in found]
    assert (kinds.count("found"), kinds.count("licence"), kinds.count("vehicle")) == (1, 1, 9)
    assert "certified true copy" in kinds


def test_a_check_is_notified_once_and_only_what_a_person_confirms_is_sent_again(
    batch: Batch, tmp_path: Path
) -> None:
    content = CHECKS.format(to="GR")
    batch("ncr", content)
    code, printed = batch("ncr", content)
    assert code == 3
    assert "1 complete from before, 1 for you to decide" in printed
    assert "A notification that may have arrived is not sent again" in printed
    (failure,) = failures(tmp_path)
    batch("ncr", content, "--again", failure["technical_id"])
    asked = sorted(row.line for row in rows_of(tmp_path / "r.csv", NCR) if row.outcome == "asked")
    assert asked == ["2", "3", "3"]


def test_a_check_that_the_hub_has_not_forwarded_is_a_failure(batch: Batch, tmp_path: Path) -> None:
    """Test case NCR_11: the status is OK."""
    assert batch("ncr", CHECKS.format(to="HR"))[0] == 3
    (failure,) = failures(tmp_path)
    assert (failure["to"], failure["outcome"]) == ("HR", "not delivered")
    assert failure["said"].startswith("OK: ")
    assert "--again" in failure["what_to_do"]


def test_the_counts_can_be_had_as_json(batch: Batch) -> None:
    _, printed = batch("ncr", CHECKS.format(to="GR"), "--json")
    counts = json.loads(printed[printed.index("{") :])
    assert counts["complete"] == counts["incomplete"] == 1
    assert counts["held"] == counts["left"] == 0
    assert counts["failures"] == 1


def test_an_identifier_that_no_message_has_is_refused(batch: Batch) -> None:
    code, printed = batch("ncr", CHECKS.format(to="DE"), "--again", "no-such")
    assert code == 4
    assert "no notification in these results has the technical identifier" in printed


def test_a_faulty_line_is_named_and_nothing_is_sent(batch: Batch, tmp_path: Path) -> None:
    code, printed = batch("ncr", CHECKS.format(to="ZZ"))
    assert code == 4
    assert "line 3:" in printed
    assert not (tmp_path / "r.csv").exists()
