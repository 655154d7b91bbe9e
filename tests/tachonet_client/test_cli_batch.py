"""`tachonet batch`, from a file of applications to the file of results."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from movehub.protocol.message import Message

from tachonet_client import card_status
from tachonet_client.client import TachonetClient
from tests.support.batches import rows_of
from tests.support.examples import CANARY
from tests.support.hub import Registers, run

HEADING = "business_case_id,family_name,first_name,date_of_birth,to\n"
GERMAN = "FI-1,Brueckenthaler,Juergen,1984-03-17,DE\n"
NOBODY = "FI-2,Nemonen,Aino,1984-03-17,AT\n"
GREEK = "FI-3,Παππάς,Νίκος,1984-03-17,GR\n"


def batch(folder: Path, *lines: str, options: tuple[str, ...] = ()) -> tuple[int, str]:
    (folder / "a.csv").write_text(HEADING + "".join(lines), "utf-8")
    given = ("--results", str(folder / "r.csv"), "--originating-authority", "Traficom", *options)
    return run("batch", str(folder / "a.csv"), "--config", "hub.toml", *given)


def test_a_batch_writes_what_the_states_say_and_counts_it(registers: Registers, tmp_path: Path) -> None:
    code, said = batch(tmp_path, GERMAN, NOBODY)
    assert code == 0
    assert "Applications: 2 answered by every state." in said
    assert "With a record found, of those asked now: 1." in said
    rows = rows_of(tmp_path / "r.csv")
    told = {(row.line, row.outcome, row.member_state, row.cells.get("card_number", "")) for row in rows}
    assert {
        ("2", "found", "DE", "DF049R7R52851102"),
        ("3", "not found", "AT", ""),
    } <= told


def test_a_batch_that_is_not_complete_is_3_and_goes_on_where_it_ended(
    registers: Registers, tmp_path: Path
) -> None:
    code, said = batch(tmp_path, GERMAN, GREEK)
    assert code == 3
    assert "1 answered by every state, 1 incomplete" in said
    code, said = batch(tmp_path, GERMAN, GREEK, options=("--json",))
    assert code == 3
    summary = json.loads(said[said.index("{") :])
    assert summary["before"] == 1
    assert summary["incomplete"] == 1
    asked = [row.line for row in rows_of(tmp_path / "r.csv") if row.outcome == "asked"]
    assert sorted(asked) == ["2", "3", "3"]


def test_an_answer_in_capitals_completes_its_line_and_the_log_names_the_field(
    registers: Registers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    post = registers.hub.post
    monkeypatch.setattr(
        registers.hub, "post", lambda data: post(data).replace(b"Brueckenthaler", b"BRUECKEN THALER")
    )
    assert batch(tmp_path, GERMAN)[0] == 0
    (line,) = caplog.messages
    assert line.endswith("with other blanks: SearchedDriver.family_name")


def test_the_results_have_the_statuses_that_are_configured(registers: Registers, tmp_path: Path) -> None:
    """Annex II, 4."""
    path = Path(card_status.__file__).with_name("card_statuses.toml")
    registers.statuses = tmp_path / "statuses.toml"
    registers.statuses.write_text(path.read_text("utf-8").replace('"held"', '"käytössä"'), "utf-8")
    assert batch(tmp_path, GERMAN)[0] == 0
    (row,) = (row for row in rows_of(tmp_path / "r.csv") if row.outcome == "found")
    assert (row.cells["card_status"], row.cells["national_status"]) == ("HandedOver", "käytössä")


def test_a_file_that_was_changed_is_refused(registers: Registers, tmp_path: Path) -> None:
    assert batch(tmp_path, GERMAN)[0] == 0
    code, said = batch(tmp_path, GERMAN, NOBODY)
    assert code == 4
    assert "of another batch" in said


def test_results_of_another_hub_are_refused(registers: Registers, tmp_path: Path) -> None:
    """Whom a test hub has cleared nobody has looked up."""
    assert batch(tmp_path, GERMAN)[0] == 0
    registers.url = "https://hub.example/tachonet"
    code, said = batch(tmp_path, GERMAN)
    assert code == 4
    assert "of another batch" in said
    assert [row.attempt for row in rows_of(tmp_path / "r.csv") if row.outcome == "asked"] == ["1"]


def test_a_broadcast_is_incomplete_without_each_state_that_is_expected(
    registers: Registers, tmp_path: Path
) -> None:
    """The hub's answer has no row of Sweden. Finland asks, and is not asked."""
    del registers.states["GR"]
    line = "FI-1,Nemonen,Aino,1984-03-17,ZZ\n"
    assert batch(tmp_path, line, options=("--expected", "AT,DE,FI,SE"))[0] == 3
    end = rows_of(tmp_path / "r.csv")[-1]
    assert (end.outcome, end.said) == ("incomplete", "no answer of SE")
    assert "another batch" in batch(tmp_path, line)[1]
    (tmp_path / "r.csv").unlink()
    assert batch(tmp_path, line, options=("--expected", "AT, DE,FI"))[0] == 0


def test_a_broadcast_is_incomplete_without_each_participant(registers: Registers, tmp_path: Path) -> None:
    """The hub leaves out Iceland, which the configuration lists. Nobody is cleared there."""
    del registers.states["GR"]
    line = "FI-1,Nemonen,Aino,1984-03-17,ZZ\n"
    registers.participants = ["FI", "AT", "DE", "IS"]
    assert batch(tmp_path, line)[0] == 3
    assert rows_of(tmp_path / "r.csv")[-1].said == "no answer of IS"
    (tmp_path / "r.csv").unlink()
    registers.participants = ["FI", "AT", "DE"]
    assert batch(tmp_path, line)[0] == 0


def test_one_state_that_is_asked_alone_is_all_that_is_expected(registers: Registers, tmp_path: Path) -> None:
    assert batch(tmp_path, GERMAN, options=("--expected", "AT,DE"))[0] == 0


def test_an_expected_state_that_takes_no_part_is_refused(registers: Registers, tmp_path: Path) -> None:
    for codes in ("AT,XX", "AT,,BE", "EU", "AT;BE"):
        code, said = batch(tmp_path, GERMAN, options=("--expected", codes))
        assert code == 4
        assert "does not take part in TACHOnet: see the setting tachonet.participants" in said


def test_a_faulty_line_is_named_and_nothing_is_sent(registers: Registers, tmp_path: Path) -> None:
    code, said = batch(tmp_path, GERMAN, f"FI-2,{CANARY},,17.3.1984,DE\n")
    assert code == 4
    assert "line 3: date_of_birth must be a day" in said
    assert CANARY not in said
    assert not (tmp_path / "r.csv").exists()


def test_ctrl_c_ends_a_batch_after_what_is_under_way(
    registers: Registers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The signal comes while the first line is asked about; its answer is recorded, the rest is left."""
    send = TachonetClient.send_message

    def interrupted(self: TachonetClient, message: Message[Any]) -> object:
        os.kill(os.getpid(), signal.SIGINT)
        return send(self, message)

    with monkeypatch.context() as patched:
        patched.setattr(TachonetClient, "send_message", interrupted)
        code, said = batch(tmp_path, GERMAN, NOBODY, NOBODY, options=("--at-once", "1"))
    assert code == 3
    assert "Stopping: waiting for the last answers" in said
    assert "1 answered by every state, 2 not asked" in said
    assert batch(tmp_path, GERMAN, NOBODY, NOBODY)[0] == 0
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_more_than_the_law_allows_is_refused(registers: Registers, tmp_path: Path) -> None:
    """Annex VI, 1.7."""
    code, said = batch(tmp_path, GERMAN, options=("--per-second", "3"))
    assert code == 4
    assert "two requests a second at most" in said
