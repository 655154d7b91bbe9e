"""A batch of searches ends in any way at any moment, and resumes; no failure of it is ever "not found"."""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from movehub.batch import GIVE_UP_AFTER, Closing, Results, run
from movehub.errors import HttpRefused, HubUnreachable, OutcomeUnknown
from movehub.protocol.message import Message
from movehub.protocol.rate_limit import RateLimit
from movehub.protocol.reply import Reply

from tachonet_client.batch_cic import CIC
from tests.support.batches import (
    BEHAVIOURS,
    SIGNATURE,
    Asked,
    a_failure,
    applications,
    last_attempts,
    quickly,
    reply_to,
    rows_of,
    run_once,
    way_of,
)
from tests.support.clock import Clock
from tests.support.examples import FI_TACHONET, found_driver

batches = st.lists(st.sampled_from(BEHAVIOURS), max_size=GIVE_UP_AFTER - 1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@given(batches, st.data())
@settings(max_examples=150, deadline=None)
def test_a_run_that_is_killed_at_any_byte_resumes_to_the_same_results(
    behaviours: list[str], data: st.DataObject
) -> None:
    """A file that is only appended to is, after a kill, the beginning of what it would have become."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        batch = applications(folder / "a.csv", behaviours)
        run_once(batch, folder / "whole.csv", Asked())
        whole = (folder / "whole.csv").read_bytes()
        killed = folder / "killed.csv"
        killed.write_bytes(whole[: data.draw(st.integers(0, len(whole)), "killed after")])
        asked = Asked()
        summary = run_once(batch, killed, asked)
        assert last_attempts(killed) == last_attempts(folder / "whole.csv")
        assert summary.before + len(asked.lines) == len(behaviours)


@given(batches, st.integers(0, 6))
@settings(max_examples=75, deadline=None)
def test_a_run_that_is_stopped_after_any_line_resumes_to_the_same_results(
    behaviours: list[str], lines: int
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        batch = applications(folder / "a.csv", behaviours)
        run_once(batch, folder / "whole.csv", Asked())
        asked = Asked()
        first = run_once(batch, folder / "s.csv", asked, stopping=lambda: len(asked.lines) >= lines)
        assert first.left == max(len(behaviours) - lines, 0)
        run_once(batch, folder / "s.csv", asked)
        assert last_attempts(folder / "s.csv") == last_attempts(folder / "whole.csv")
        times = Counter(asked.lines)
        complete = [
            line.number
            for line, each in zip(batch.lines, behaviours, strict=True)
            if each in {"found", "nobody"}
        ]
        assert all(times[number] == 1 for number in complete)


def test_what_every_state_has_answered_is_not_asked_again_and_all_else_is(folder: Path) -> None:
    batch = applications(folder / "a.csv", ["found", "nobody", "late", "silent", "down"])
    run_once(batch, folder / "r.csv", Asked())
    again = Asked()
    summary = run_once(batch, folder / "r.csv", again)
    assert again.lines == [4, 5, 6]
    assert summary.before == 2
    assert not summary.complete


def test_a_batch_is_complete_when_every_line_is(folder: Path) -> None:
    batch = applications(folder / "a.csv", ["found", "nobody"])
    first = run_once(batch, folder / "r.csv", Asked())
    assert first.complete
    assert first.found == 1
    assert run_once(batch, folder / "r.csv", a_failure(HubUnreachable("x"))).complete


@pytest.mark.parametrize(
    ("error", "closing"),
    [
        (HttpRefused(400), "failed"),
        (HubUnreachable("no connection"), "failed"),
        (OutcomeUnknown("x"), "unknown"),
    ],
)
def test_a_failure_is_recorded_as_one_and_never_as_not_found(
    folder: Path, error: HttpRefused, closing: str
) -> None:
    run_once(applications(folder / "a.csv", ["found"]), folder / "r.csv", a_failure(error))
    _, asked, end = rows_of(folder / "r.csv")
    assert (asked.outcome, end.outcome) == ("asked", closing)
    assert type(error).__name__ in end.said


def test_what_was_under_way_at_a_kill_is_shown_as_unknown_and_asked_again(folder: Path) -> None:
    batch = applications(folder / "a.csv", ["nobody"])
    line = batch.lines[0]
    with Results.open(folder / "r.csv", batch, SIGNATURE) as results:
        results.asked(line, FI_TACHONET.request(line.request, line.to))
    run_once(batch, folder / "r.csv", Asked())
    told = [(row.attempt, row.outcome) for row in rows_of(folder / "r.csv")[1:]]
    assert told == [
        ("1", "asked"),
        ("1", "unknown"),
        ("2", "asked"),
        ("2", "not found"),
        ("2", "complete"),
    ]


def test_an_error_of_the_program_itself_is_raised_and_leaves_the_line_open(folder: Path) -> None:
    def broken(message: Message[Any]) -> Reply[Any]:
        raise KeyError(message.body.business_case_id)

    batch = applications(folder / "a.csv", ["nobody"])
    with pytest.raises(KeyError):
        run_once(batch, folder / "r.csv", broken)
    assert [row.outcome for row in rows_of(folder / "r.csv")] == ["batch", "asked"]


def test_a_batch_gives_up_where_the_way_fails_again_and_again(folder: Path) -> None:
    batch = applications(folder / "a.csv", ["down"] * (GIVE_UP_AFTER + 3))
    asked = Asked()
    summary = run_once(batch, folder / "r.csv", asked)
    assert len(asked.lines) == GIVE_UP_AFTER
    assert summary.left == 3
    assert isinstance(summary.gave_up, HubUnreachable)


def test_an_answer_in_between_shows_that_the_way_is_open(folder: Path) -> None:
    batch = applications(folder / "a.csv", [*["down"] * 4, "nobody", *["down"] * 4])
    assert run_once(batch, folder / "r.csv", Asked()).gave_up is None


def test_several_requests_are_under_way_at_once_and_no_more_than_allowed(folder: Path) -> None:
    """The barrier opens when three have come: a batch that asks one after the other would never pass it."""
    barrier = Barrier(3, timeout=20)
    asked = Asked()

    def together(message: Message[Any]) -> Reply[Any]:
        barrier.wait()
        return asked(message)

    batch = applications(folder / "a.csv", ["nobody"] * 6)
    summary = run_once(batch, folder / "r.csv", together, at_once=3)
    assert summary.ended == {Closing.COMPLETE: 6}


@pytest.mark.rate_of_the_law
def test_no_more_than_two_requests_a_second_leave(folder: Path) -> None:
    """Annex VI, 1.7."""
    clock = Clock()
    started: list[float] = []
    asked = Asked()

    limit = RateLimit(clock=clock, sleep=clock.sleep)

    def send(message: Message[Any]) -> Reply[Any]:
        limit.wait()
        started.append(clock())
        return asked(message)

    batch = applications(folder / "a.csv", ["nobody"] * 5)
    with Results.open(folder / "r.csv", batch, SIGNATURE) as results:
        run(results, way_of(CIC, send), pace=limit, at_once=1)
    assert started == pytest.approx([0.0, 0.55, 1.1, 1.65, 2.2])


def test_a_state_that_says_found_and_sends_no_record_has_found_one(folder: Path) -> None:
    batch = applications(folder / "a.csv", ["found"])

    def send(message: Message[Any]) -> Reply[Any]:
        (row,) = message.body.answer("DK", (found_driver(),)).member_states
        return reply_to(message, message.body.answered_with(replace(row, found=())))

    assert run_once(batch, folder / "r.csv", send).found == 1


class AtOnce(ThreadPoolExecutor):
    """Does its work while it is given, so that each answer is there at the next look."""

    def submit(self, fn: Any, /, *args: Any, **named: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(fn(*args, **named))
        return done


def test_an_answer_is_on_the_disk_before_the_next_request_leaves(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Although more requests may be under way: else a kill loses answers that came long ago."""
    monkeypatch.setattr(sys.modules[run.__module__], "ThreadPoolExecutor", AtOnce)
    awaited: list[int] = []
    batch = applications(folder / "a.csv", ["nobody"] * 4)

    with Results.open(folder / "r.csv", batch, SIGNATURE) as results:

        def stopping() -> bool:
            awaited.append(len(results.history.open))
            return False

        run(results, way_of(CIC, Asked()), pace=quickly(), stopping=stopping)
    assert awaited == [0, 0, 0, 0]
