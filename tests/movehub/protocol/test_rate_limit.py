"""Two requests a second at most (Annex VI, 1.7 of 2016/68; 1.6 of 2016/480)."""

from __future__ import annotations

import os
from threading import Event, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st
from movehub.errors import InvalidConfiguration, NotSent, TurnNotReached
from movehub.protocol.rate_limit import (
    LEAST_PER_SECOND,
    MOST_PER_SECOND,
    RateLimit,
    leave,
    rate_limit_of,
    seconds_left,
)

from tests.support.clock import Clock
from tests.support.forks import ended_well, in_a_child

pytestmark = pytest.mark.rate_of_the_law

#: How long a thread of a test may be stuck.
PATIENCE = 10.0


def _limit(clock: Clock) -> RateLimit:
    return RateLimit(clock=clock, sleep=clock.sleep)


@given(st.lists(st.tuples(st.floats(0, 3), st.floats(0, 3)), max_size=30))
def test_no_second_has_more_than_two_requests(work: list[tuple[float, float]]) -> None:
    """However long it takes to connect after the wait, and whatever is done between two requests."""
    clock = Clock()
    limit = _limit(clock)
    left = []
    for connecting, working in work:
        with limit.wait():
            clock.now += connecting
            leave()
            left.append(clock())
        clock.now += working
    assert all(third - first > 1 for first, third in zip(left, left[2:], strict=False))


def test_the_first_request_does_not_wait_and_the_next_waits_for_the_rest_of_its_interval() -> None:
    clock = Clock()
    limit = _limit(clock)
    limit.wait()
    clock.now += 0.3
    limit.wait()
    limit.wait()
    assert clock.slept == pytest.approx([0.25, 0.55])


def test_a_sleep_that_ends_too_early_is_followed_by_another() -> None:
    clock = Clock()
    limit = RateLimit(1.0, clock=clock, sleep=lambda seconds: clock.sleep(seconds / 2 + 0.01))
    limit.wait()
    limit.wait()
    assert clock.now >= 1.0


@pytest.mark.parametrize("rate", [0, -1, MOST_PER_SECOND + 0.1, 1e-300, float("nan"), float("inf")])
def test_a_limit_above_the_law_or_below_one_an_hour_is_rejected(rate: float) -> None:
    for limit in (RateLimit, lambda each: rate_limit_of("ERRU", "FI", each)):
        with pytest.raises(InvalidConfiguration, match="two requests a second"):
            limit(rate)


def test_a_turn_that_would_come_too_late_is_refused_at_once_and_left_to_others() -> None:
    clock = Clock()
    limit = _limit(clock)
    limit.wait()
    with pytest.raises(TurnNotReached, match=r"Annex VI, 1\.7.*Nothing was sent"):
        limit.wait(0.5)
    assert clock.slept == []
    limit.wait(0.6)
    assert clock.now == pytest.approx(0.55)


def test_a_request_without_a_turn_was_not_sent() -> None:
    assert issubclass(TurnNotReached, NotSent)


def test_a_request_that_is_connected_too_late_waits_for_another_turn_and_leaves_once() -> None:
    clock = Clock()
    limit = _limit(clock)
    with limit.wait():
        clock.now += 0.3
        leave()
        assert clock.now == pytest.approx(0.55)
        clock.now += 5
        leave()  # the body, after the head
    assert clock.slept == pytest.approx([0.25])


def test_a_request_that_is_connected_after_its_deadline_does_not_leave() -> None:
    clock = Clock()
    limit = _limit(clock)
    with limit.wait(1, total=2):
        assert seconds_left() == 2
        clock.now += 3
        with pytest.raises(TurnNotReached):
            leave()


def test_outside_a_turn_anything_may_leave() -> None:
    leave()
    assert seconds_left() == float("inf")


def test_threads_leave_in_the_order_in_which_they_came() -> None:
    clock, held, order = Clock(), Event(), []
    waits = [Event() for _ in range(6)]

    def sleep(seconds: float) -> None:
        held.wait(PATIENCE)
        clock.sleep(seconds)

    limit = RateLimit(clock=clock, sleep=sleep)
    limit.wait()

    def go(number: int) -> None:
        waits[number].set()
        limit.wait()
        order.append(number)

    threads = [Thread(target=go, args=[number]) for number in range(6)]
    for number, thread in enumerate(threads):
        thread.start()
        _until(lambda number=number: len(limit._line._waiting) == number + 1)  # type: ignore[misc]
    held.set()
    for thread in threads:
        thread.join(PATIENCE)
    assert order == list(range(6))
    assert clock.now == pytest.approx(6 * 0.55)


def test_a_thread_that_gives_up_keeps_nobody_behind_it() -> None:
    clock, held = Clock(), Event()

    def sleep(seconds: float) -> None:
        held.wait(PATIENCE)
        clock.sleep(seconds)

    limit = RateLimit(clock=clock, sleep=sleep)
    limit.wait()
    first = Thread(target=limit.wait)
    first.start()
    _until(lambda: len(limit._line._waiting) == 1)
    with pytest.raises(TurnNotReached):
        limit.wait(0.01)  # it stands in the line, behind the first
    last = Thread(target=limit.wait)
    last.start()
    held.set()
    for thread in (first, last):
        thread.join(PATIENCE)
    assert clock.now == pytest.approx(2 * 0.55)


def _until(reached: object) -> None:
    moment = Event()
    for _ in range(2000):
        if reached():  # type: ignore[operator]
            return
        moment.wait(0.005)
    raise AssertionError("a thread is stuck")


def test_all_limits_of_a_process_for_one_system_and_state_are_one() -> None:
    limits = [rate_limit_of("ERRU", "FI") for _ in range(2)]
    others = [rate_limit_of("TACHOnet", "FI"), rate_limit_of("ERRU", "SE")]
    assert limits[0]._line is limits[1]._line
    assert len({id(limit._line) for limit in (*limits, *others)}) == 3


def test_a_slower_limit_is_shared_by_its_rate_and_waits_for_the_law_as_well() -> None:
    slow, same = (rate_limit_of("ERRU", "FI", 0.5) for _ in range(2))
    assert slow._line is same._line
    assert slow._then is not None
    assert slow._then._line is rate_limit_of("ERRU", "FI")._line


def test_the_slowest_limit_still_gives_turns() -> None:
    clock = Clock()
    limit = RateLimit(LEAST_PER_SECOND, clock=clock, sleep=clock.sleep)
    limit.wait()
    limit.wait()
    assert clock.now > 3600


def test_a_look_whether_a_request_could_leave_takes_no_turn() -> None:
    clock = Clock()
    limit = _limit(clock)
    limit.ready()
    limit.wait()
    limit.ready()
    limit.wait()
    assert clock.slept == pytest.approx([0.55])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_child_does_not_wait_for_threads_that_only_its_parent_has() -> None:
    clock, held = Clock(), Event()
    limit = RateLimit(clock=clock, sleep=lambda seconds: (held.wait(PATIENCE), clock.sleep(seconds))[1])
    limit.wait()
    waiting = Thread(target=limit.wait)
    waiting.start()
    _until(lambda: len(limit._line._waiting) == 1)
    child = in_a_child(lambda: _wait_in_time(limit, clock))
    held.set()
    waiting.join(PATIENCE)
    assert ended_well(child)


def _wait_in_time(limit: RateLimit, clock: Clock) -> None:
    limit._sleep = clock.sleep
    limit.wait(1)
