"""Threads that go on whatever a step raises, and an end that comes whatever a step waits for."""

from __future__ import annotations

from asyncio import CancelledError
from functools import partial
from threading import Event

import pytest
from movehub.node import threads as loops
from movehub.node.threads import Threads, in_time
from movehub.store.wakeups import WakeUp

ENDING = [SystemExit, KeyboardInterrupt, GeneratorExit, CancelledError, ValueError]


@pytest.mark.parametrize("error", ENDING)
def test_a_thread_goes_on_whatever_a_step_raises(
    error: type[BaseException], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A thread that dies of a register's sys.exit() would let the node say 202 and work on nothing."""
    monkeypatch.setattr(loops, "_AFTER_FAILURE", 0.0)
    raised, came_back = Event(), Event()

    def step() -> bool:
        if raised.is_set():
            came_back.set()
            return False
        raised.set()
        raise error

    threads = Threads()
    threads.add("query", partial(step), WakeUp())
    with threads:
        assert came_back.wait(10)
        assert not threads.dead
    assert f"query-0: a step failed with {error.__name__}" in caplog.text


def test_who_ends_waits_for_a_step_so_long_and_no_longer(caplog: pytest.LogCaptureFixture) -> None:
    """A register that hangs must not keep a process from its end."""
    begun, ends = Event(), Event()

    def step() -> bool:
        begun.set()
        return ends.wait(60)

    threads = Threads(patience=0.05)
    threads.add("notification", step, WakeUp())
    with threads:
        assert begun.wait(10)
    assert "are left behind: notification-0" in caplog.text
    ends.set()


def test_what_is_done_at_the_end_is_not_waited_for_for_ever(caplog: pytest.LogCaptureFixture) -> None:
    ends = Event()
    in_time(lambda: ends.wait(60), patience=0.05)
    assert "takes too long" in caplog.text
    ends.set()


def test_what_fails_at_the_end_is_told() -> None:
    def failing() -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        in_time(failing)


def _dying(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have all threads end at once, as those do whose memory does not suffice to say why."""
    monkeypatch.setattr(Threads, "_run", lambda *_: None)


def test_a_thread_that_has_died_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    _dying(monkeypatch)
    threads = Threads()
    threads.add("query", lambda: False, WakeUp(), times=2)
    assert not threads.dead  # not begun yet
    with threads:
        for thread in threads._threads:
            thread.join()
        assert threads.dead == ("query-0", "query-1")
    assert not threads.dead
