"""The shared rate limit: two requests a second over all processes that share the database."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from movehub.errors import InvalidConfiguration, TurnNotReached
from movehub.protocol.rate_limit import leave, rate_limit_of
from movehub.store import Store
from movehub.store.rate_limit import SharedRateLimit, shared_rate_limit_of
from movehub.store.tables import SLOT
from sqlalchemy import update

from tests.support.clock import Clock
from tests.support.databases import Hands

pytestmark = pytest.mark.rate_of_the_law


class Ticking(Clock):
    """The clock of a process. It moves with the store's clock, and sometimes sleeps too long."""

    def __init__(self, hands: Hands, late: float = 0.0) -> None:
        super().__init__()
        self._hands = hands
        self.late = late

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds + self.late)
        self._hands.forward(seconds + self.late)
        self.late = 0.0


def _limit(store: Store, ticking: Ticking) -> SharedRateLimit:
    return SharedRateLimit(store, "ERRU", clock=ticking, sleep=ticking.sleep, own_clock=True)


def test_no_second_has_three_requests_over_all_senders(store: Store, clock: Hands) -> None:
    ticking = Ticking(clock)
    limits = [_limit(store, ticking) for _ in range(4)]
    began = []
    for number in range(24):
        limits[number % 4].wait()
        began.append(ticking())
    assert all(third - first > 1 for first, third in zip(began, began[2:], strict=False))
    assert began[-1] < 24 * 0.6


def test_a_sender_that_wakes_too_late_reserves_another_slot(store: Store, clock: Hands) -> None:
    ticking = Ticking(clock)
    limit = _limit(store, ticking)
    limit.wait()
    ticking.late = 0.3
    limit.wait()
    assert ticking() > 1


def test_the_first_request_does_not_wait(store: Store, clock: Hands) -> None:
    ticking = Ticking(clock)
    _limit(store, ticking).wait()
    assert ticking.slept == []


@pytest.mark.parametrize("back", [timedelta(seconds=121), timedelta(minutes=50), timedelta(days=400)])
def test_a_clock_that_was_set_back_delays_no_request(store: Store, clock: Hands, back: timedelta) -> None:
    ticking = Ticking(clock)
    _limit(store, ticking).wait()
    with store.writing() as connection:
        connection.execute(update(SLOT).values(next_at=SLOT.c.next_at + back // timedelta(microseconds=1)))
    _limit(store, ticking).wait()
    assert ticking.slept == []


@pytest.mark.parametrize("step", [-3600.0, -20.0, 0.4, 3600.0])
def test_a_clock_that_is_set_lets_no_second_have_three_requests(
    store: Store, clock: Hands, step: float
) -> None:
    """The clock of the machine is set between two requests of two processes."""
    ticking = Ticking(clock)
    began = []
    for number in range(8):
        _limit(store, ticking).wait()
        began.append(ticking())
        clock.forward(step if number % 3 == 1 else 0)
    assert all(third - first > 1 for first, third in zip(began, began[2:], strict=False))
    assert began[-1] < 8 * 0.6


def test_each_system_has_its_own_rate_limit(store: Store, clock: Hands) -> None:
    ticking = Ticking(clock)
    for name in ("ERRU", "TACHOnet"):
        SharedRateLimit(store, name, clock=ticking, sleep=ticking.sleep, own_clock=True).wait()
    assert ticking.slept == []


def test_the_rate_limit_holds_by_the_real_clock(address: str) -> None:
    """Four threads with a store each, like four processes. On PostgreSQL the database's clock counts."""
    began: list[float] = []

    def send(_: int) -> None:
        with Store.open(address) as store:
            limit = SharedRateLimit(store, "ERRU")
            for _ in range(2):
                with limit.wait():
                    leave()
                    began.append(time.monotonic())

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(send, range(4)))
    began.sort()
    assert all(third - first > 1 for first, third in zip(began, began[2:], strict=False))


def test_more_than_the_law_allows_cannot_be_configured(store: Store) -> None:
    with pytest.raises(InvalidConfiguration):
        SharedRateLimit(store, "ERRU", 3)


def test_a_turn_that_would_come_too_late_is_not_reserved(store: Store, clock: Hands) -> None:
    ticking = Ticking(clock)
    limit = _limit(store, ticking)
    limit.wait()
    with pytest.raises(TurnNotReached):
        limit.wait(0.5)
    limit.wait(0.6)
    assert ticking() == pytest.approx(0.55)


def test_a_slower_rate_holds_over_all_senders_and_lets_the_others_pass(store: Store, clock: Hands) -> None:
    ticking = Ticking(clock)

    def slower() -> SharedRateLimit:
        given = {"clock": ticking, "sleep": ticking.sleep, "own_clock": True}
        return SharedRateLimit(store, "ERRU 0.01", 0.01, then=_limit(store, ticking), **given)  # type: ignore[arg-type]

    slower().wait()
    _limit(store, ticking).wait()
    assert ticking() < 1
    slower().wait()
    assert ticking() > 100


def test_clients_with_and_without_the_store_wait_in_one_line(store: Store) -> None:
    for rate in (2.0, 0.5):
        with_store, without = (
            shared_rate_limit_of(store, "ERRU", "FI", rate),
            rate_limit_of("ERRU", "FI", rate),
        )
        assert with_store._line is without._line
    assert with_store._then is not None
    assert with_store._then._line is rate_limit_of("ERRU", "FI")._line


def test_a_request_that_left_without_the_store_delays_the_next_with_it(store: Store, clock: Hands) -> None:
    ticking = Ticking(clock)
    limit = _limit(store, ticking)
    limit._line.next_at = 0.55
    limit.wait()
    _limit(store, ticking).wait()
    assert ticking() == pytest.approx(1.1)
