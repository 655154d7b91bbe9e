"""A batch of notifications sends each line once, however its runs end; the rest is on a list of failures."""

from __future__ import annotations

import csv
import os
import signal
import stat
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from movehub.batch import GIVE_UP_AFTER, Lines, Results, list_of, write_failures
from movehub.errors import HubUnreachable, InvalidConfiguration, InvalidOutgoing, TooManyRequests, Unreadable
from movehub.protocol.message import Message
from movehub.protocol.reply import Reply

from erru_client.batch_ncr import NCR
from tests.support.batches import (
    RECEIPTS,
    SIGNATURE,
    Notified,
    Send,
    a_failure,
    check_lines,
    clean_checks,
    last_attempts,
    reply_to,
    rows_of,
    run_once,
)

batches = st.lists(st.sampled_from(RECEIPTS), max_size=GIVE_UP_AFTER - 1)


ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True, scope="module")
def quick() -> Iterator[None]:
    """Wait for no disk: a process that is killed loses nothing of what it has written."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "fsync", lambda _: None)
        yield


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def listed(results: Path, batch: Lines) -> dict[str, dict[str, str]]:
    """Return the list of failures, by the line."""
    with Results.open(results, batch, SIGNATURE) as opened:
        write_failures(results, NCR, opened.history)
    with list_of(results).open(encoding="utf-8", newline="") as file:
        return {row["line"]: row for row in csv.DictReader(file)}


def delivered(results: Path) -> set[str]:
    return {row.line for row in rows_of(results, NCR) if row.outcome == "complete"}


def assert_each_is_delivered_or_listed(results: Path, batch: Lines) -> None:
    failed = set(listed(results, batch))
    assert not failed & delivered(results)
    assert failed | delivered(results) == {str(line.number) for line in batch.lines}


@given(batches, st.data())
@settings(max_examples=100, deadline=None)
def test_no_line_that_may_have_left_before_a_kill_at_any_byte_is_sent_again(
    behaviours: list[str], data: st.DataObject
) -> None:
    """The results after a kill are the beginning of what they would have become."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        batch = clean_checks(folder / "checks.csv", behaviours)
        run_once(batch, folder / "whole.csv", Notified())
        whole = (folder / "whole.csv").read_bytes()
        (folder / "whole.csv").unlink()
        killed = folder / "killed.csv"
        killed.write_bytes(whole[: data.draw(st.integers(0, len(whole)), "killed after")])
        left: dict[str, str] = {}
        for row in rows_of(killed, NCR)[1:] if killed.read_bytes().endswith(b"\n") else ():
            left[row.line] = row.outcome
        again = Notified()
        run_once(batch, killed, again)
        assert not {str(line) for line in again.lines} & {
            line for line, outcome in left.items() if outcome != "failed"
        }
        assert_each_is_delivered_or_listed(killed, batch)


@given(batches, st.integers(0, 6))
@settings(max_examples=50, deadline=None)
def test_a_run_that_is_stopped_after_any_line_resumes_to_the_same_results(
    behaviours: list[str], lines: int
) -> None:
    with tempfile.TemporaryDirectory() as name, tempfile.TemporaryDirectory() as other:
        batch = clean_checks(Path(name) / "checks.csv", behaviours)
        whole, stopped = Path(other) / "whole.csv", Path(name) / "stopped.csv"
        run_once(batch, whole, Notified())
        asked = Notified()
        run_once(batch, stopped, asked, stopping=lambda: len(asked.lines) >= lines)
        run_once(batch, stopped, asked)
        assert last_attempts(stopped, NCR) == last_attempts(whole, NCR)
        assert max(Counter(asked.lines).values(), default=1) == 1


class Killed(BaseException):
    """The process is gone."""


class Steps:
    """Kills at a step: before a write, in the middle of it, after it, before a message leaves, and after."""

    def __init__(self, last: int) -> None:
        self._left = last
        self.write = os.write

    def step(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise Killed

    def half(self, descriptor: int, data: bytes) -> int:
        self.step()
        written = self.write(descriptor, data[: len(data) // 2 or 1])
        self.step()
        return written

    def around(self, send: Send) -> Send:
        def sent(message: Message[Any]) -> Reply[Any]:
            self.step()
            try:
                return send(message)
            finally:
                self.step()

        return sent


def killed_at_each_step(
    batch: Lines, results: Path, asked: Notified, monkeypatch: pytest.MonkeyPatch
) -> Iterator[int]:
    """Run a batch again and again, killed one step later each time, until it ends by itself."""
    for last in count():
        results.unlink(missing_ok=True)
        asked.lines.clear()
        steps = Steps(last)
        with monkeypatch.context() as patched, suppress(Killed):
            patched.setattr(os, "write", steps.half)
            run_once(batch, results, steps.around(asked), at_once=1)
            return
        yield last


def test_a_run_that_is_killed_at_any_step_sends_each_line_at_most_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = clean_checks(folder / "checks.csv", ["delivered", "late", "delivered", "down"])
    asked = Notified()
    kills = 0
    for _ in killed_at_each_step(batch, folder / "r.csv", asked, monkeypatch):
        kills += 1
        for _again in range(2):
            run_once(batch, folder / "r.csv", asked)
            assert max(Counter(asked.lines).values(), default=0) == 1
            assert_each_is_delivered_or_listed(folder / "r.csv", batch)
    assert kills > 20


def run_in_a_process(folder: Path, deadly: int, moment: str) -> int:
    words = [sys.executable, "-m", "tests.support.killed_batch", str(folder), str(deadly), moment]
    return subprocess.run(words, cwd=ROOT, check=False).returncode


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_process_that_is_killed_while_it_sends_leaves_the_line_to_a_person(
    folder: Path, moment: str
) -> None:
    assert run_in_a_process(folder, 3, moment) == -signal.SIGKILL
    for _ in range(2):
        run_in_a_process(folder, 0, moment)
    got = sorted((folder / "got").read_text("utf-8").split())
    assert got == (["FI-2", "FI-3", "FI-4"] if moment == "after" else ["FI-2", "FI-4"])
    batch = clean_checks(folder / "checks.csv", ["delivered"] * 3)
    ((line, row),) = listed(folder / "r.csv", batch).items()
    assert (line, row["outcome"]) == ("3", "of unknown outcome")


@pytest.mark.parametrize(
    ("behaviour", "outcome", "said", "todo"),
    [
        ("late", "not delivered", "Timeout", "Ask PL whether"),
        ("version 2", "not delivered", "has not been forwarded", "Ask PL whether"),
        ("refused", "not delivered", "HttpRefused", "Ask PL whether"),
        ("notified", "not delivered", "the register is down", "Ask PL whether"),
        ("silent", "of unknown outcome", "OutcomeUnknown", "It may have arrived. Ask PL whether"),
        ("down", "not sent", "HubUnreachable", "Run the same command again"),
    ],
)
def test_a_line_that_was_not_delivered_is_listed_with_what_to_do(
    folder: Path, behaviour: str, outcome: str, said: str, todo: str
) -> None:
    batch = clean_checks(folder / "checks.csv", ["delivered", behaviour])
    run_once(batch, folder / "r.csv", Notified())
    ((line, row),) = listed(folder / "r.csv", batch).items()
    assert (line, row["business_case_id"], row["to"], row["outcome"]) == ("3", "FI-3", "PL", outcome)
    assert said in row["said"]
    assert todo in row["what_to_do"]
    assert ("--again " + row["technical_id"] in row["what_to_do"]) == (behaviour != "down")


def test_an_answer_that_cannot_be_used_leaves_the_outcome_unknown(folder: Path) -> None:
    batch = clean_checks(folder / "checks.csv", ["delivered"])
    run_once(batch, folder / "r.csv", a_failure(Unreadable("no XML")))
    assert listed(folder / "r.csv", batch)["2"]["outcome"] == "of unknown outcome"


@pytest.mark.parametrize("error", [HubUnreachable("x"), TooManyRequests(429)])
def test_a_line_that_was_not_sent_is_sent_by_the_next_run(
    folder: Path, error: HubUnreachable | TooManyRequests
) -> None:
    batch = clean_checks(folder / "checks.csv", ["delivered"])
    assert not run_once(batch, folder / "r.csv", a_failure(error)).complete
    asked = Notified()
    assert run_once(batch, folder / "r.csv", asked).complete
    assert asked.lines == [2]


def identifier_of(results: Path, batch: Lines, line: str) -> str:
    return listed(results, batch)[line]["technical_id"]


def test_what_may_have_arrived_is_sent_again_only_if_a_person_says_so(folder: Path) -> None:
    batch = clean_checks(folder / "checks.csv", ["delivered", "silent"])
    asked = Notified()
    run_once(batch, folder / "r.csv", asked)
    held = run_once(batch, folder / "r.csv", asked)
    assert (asked.lines, held.held, held.complete) == ([2, 3], 1, False)
    confirmed = identifier_of(folder / "r.csv", batch, "3")
    run_once(batch, folder / "r.csv", asked, again=[confirmed])
    assert asked.lines == [2, 3, 3]


def test_the_same_command_called_again_does_not_send_a_third_time(folder: Path) -> None:
    """After a kill you run the same command again. What was confirmed is about the first message alone."""
    batch = clean_checks(folder / "checks.csv", ["silent"])
    asked = Notified()
    run_once(batch, folder / "r.csv", asked)
    confirmed = identifier_of(folder / "r.csv", batch, "2")
    for _ in range(2):
        run_once(batch, folder / "r.csv", asked, again=[confirmed])
    assert asked.lines == [2, 2]
    assert identifier_of(folder / "r.csv", batch, "2") != confirmed


def test_what_was_delivered_or_never_sent_is_not_sent_again(folder: Path) -> None:
    batch = clean_checks(folder / "checks.csv", ["delivered"])
    run_once(batch, folder / "r.csv", Notified())
    sent = rows_of(folder / "r.csv", NCR)[1].technical_id
    for identifier, said in ((sent, "line 2 was delivered"), ("no-such", "has the technical identifier")):
        with pytest.raises(InvalidConfiguration, match=said):
            run_once(batch, folder / "r.csv", a_failure(HubUnreachable("x")), again=[identifier])


def test_the_identifier_of_a_message_is_on_the_disk_before_it_leaves(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = clean_checks(folder / "checks.csv", ["delivered"])
    on_disk: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: on_disk.append(os.fstat(descriptor).st_size))

    def looks(message: Message[Any]) -> Reply[Any]:
        asked, header = rows_of(folder / "r.csv", NCR)[-1], message.header
        assert (asked.outcome, asked.technical_id) == ("asked", str(header.technical_id))
        assert asked.workflow_id == str(header.workflow_id)
        assert on_disk[-1] == (folder / "r.csv").stat().st_size
        return reply_to(message, message.body.acknowledge("GITD"))

    assert run_once(batch, folder / "r.csv", looks).complete


def test_a_state_that_gets_nothing_is_left_for_another_day(folder: Path) -> None:
    """Or a night's checks for it would all need a person. Other states get theirs."""
    late = check_lines(["late"] * (GIVE_UP_AFTER + 3))
    (folder / "checks.csv").write_text(late + "FI-99,delivered,SE-1,ABC 123,SE,2026-11-22,SE\n", "utf-8")
    batch = Lines.read(NCR, folder / "checks.csv", "Traficom", lambda request, to: None)
    asked = Notified()
    summary = run_once(batch, folder / "r.csv", asked)
    assert (len(asked.lines), summary.left, summary.out_of_reach) == (GIVE_UP_AFTER + 1, 3, ("PL",))
    assert 99 in asked.lines
    assert not summary.complete


def read(folder: Path, *lines: str, as_written: bool = False) -> Lines:
    (folder / "checks.csv").write_text("\n".join([",".join(NCR.required), *lines, ""]), "utf-8")
    return Lines.read(NCR, folder / "checks.csv", "Traficom", lambda request, to: None, as_written=as_written)


CHECK = "FI-1,Cargo,TP-532339,WA 40071,PL,2026-11-22,PL"


def test_a_case_that_stands_twice_in_the_file_is_refused(folder: Path) -> None:
    other = CHECK.replace("WA 40071", "WA 40072")
    for as_written in (False, True):
        with pytest.raises(InvalidOutgoing, match="line 3: business_case_id is that of line 2"):
            read(folder, CHECK, other, as_written=as_written)


def test_a_check_that_stands_twice_in_the_file_needs_to_be_confirmed(folder: Path) -> None:
    """A vehicle may be checked twice a day. Numbers may be written otherwise (2016/480, Annex VIII, 3.4)."""
    twice = CHECK.replace("FI-1", "FI-2").replace("WA 40071", "wa-40071")
    with pytest.raises(
        InvalidOutgoing, match="line 3: is like line 2, but for its business case.*--as-written"
    ):
        read(folder, CHECK, twice)
    assert len(read(folder, CHECK, twice, as_written=True).lines) == 2
    assert len(read(folder, CHECK, twice.replace("2026-11-22", "2026-11-23")).lines) == 2


def test_a_check_that_was_sent_on_another_night_is_refused(folder: Path) -> None:
    """The results of all nights stand in one folder."""
    first = read(folder, CHECK)
    run_once(first, folder / "monday", Notified())
    os.mkfifo(folder / "pipe")  # what is no file is passed over
    both = read(folder, CHECK.replace("FI-1", "FI-2").replace("40071", "40072"), CHECK)
    asked = Notified()
    with pytest.raises(InvalidOutgoing, match="line 3: was sent before, see monday"):
        run_once(both, folder / "tuesday.csv", asked)
    assert asked.lines == []


def test_a_check_that_did_not_leave_on_another_night_may_be_sent(folder: Path) -> None:
    batch = read(folder, CHECK)
    run_once(batch, folder / "monday.csv", a_failure(HubUnreachable("x")))
    assert run_once(batch, folder / "tuesday.csv", Notified()).complete


def test_a_damaged_file_of_another_night_is_not_passed_over(folder: Path) -> None:
    batch = read(folder, CHECK)
    run_once(batch, folder / "monday.csv", Notified())
    with (folder / "monday.csv").open("ab") as file:
        file.write(b"what is this\n")
    with pytest.raises(InvalidConfiguration, match="damaged"):
        run_once(batch, folder / "tuesday.csv", a_failure(HubUnreachable("x")))


def test_two_runs_do_not_notify_with_results_in_one_folder(folder: Path) -> None:
    """Each would miss what the other one is about to send."""
    pytest.importorskip("fcntl")
    batch = read(folder, CHECK)
    with Results.open(folder / "monday.csv", batch, SIGNATURE):
        with pytest.raises(InvalidConfiguration, match="in the same folder"):
            Results.open(folder / "tuesday.csv", batch, SIGNATURE)


def test_the_list_of_failures_is_its_owners_alone_and_begins_no_formula(folder: Path) -> None:
    batch = read(folder, CHECK.replace("Cargo", "notified"))
    run_once(batch, folder / "r.csv", Notified())
    list_of(folder / "r.csv").touch(mode=0o644)
    listed(folder / "r.csv", batch)
    assert stat.S_IMODE(list_of(folder / "r.csv").stat().st_mode) == 0o600
