"""The shared pace: two requests a second over everybody who shares the database."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from movehub.errors import InvalidConfiguration
from movehub.store import Store
from movehub.store.pace import SharedPace
from movehub.store.tables import SLOT
from sqlalchemy import update

from tests.support.clock import Clock
from tests.support.databases import Hands


class Ticking(Clock):
    """A process's clock that goes with the store's, and sometimes sleeps too long."""

    def __init__(self, hands: Hands, late: float = 0.0) -> None:
        super().__init__()
        self._hands = hands
        self.late = late

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds + self.late)
        self._hands.forward(seconds + self.late)
        self.late = 0.0


def _pace(store: Store, ticking: Ticking) -> SharedPace:
    return SharedPace(store, "ERRU", clock=ticking, sleep=ticking.sleep, own_clock=True)


def test_no_second_holds_three_requests_whoever_sends_them(store: Store, clock: Hands) -> None:
    ticking = Ticking(clock)
    paces = [_pace(store, ticking) for _ in range(4)]
    began = []
    for number in range(24):
        paces[number % 4].wait()
        began.append(ticking())
    assert all(third - first > 1 for first, third in zip(began, began[2:], strict=False))
    assert began[-1] < 24 * 0.6


def test_who_wakes_too_late_takes_another_slot(store: Store, clock: Hands) -> None:
    ticking = Ticking(clock)
    pace = _pace(store, ticking)
    pace.wait()
    ticking.late = 0.3
    pace.wait()
    assert ticking() > 1


def test_the_first_request_waits_for_nothing(store: Store, clock: Hands) -> None:
    ticking = Ticking(clock)
    _pace(store, ticking).wait()
    assert ticking.slept == []


@pytest.mark.parametrize("back", [timedelta(seconds=121), timedelta(minutes=50), timedelta(days=400)])
def test_a_clock_that_was_set_back_holds_up_nobody(store: Store, clock: Hands, back: timedelta) -> None:
    ticking = Ticking(clock)
    _pace(store, ticking).wait()
    with store.writing() as connection:
        connection.execute(update(SLOT).values(next_at=SLOT.c.next_at + back // timedelta(microseconds=1)))
    _pace(store, ticking).wait()
    assert ticking.slept == []


def test_each_system_has_a_pace_of_its_own(store: Store, clock: Hands) -> None:
    ticking = Ticking(clock)
    for name in ("ERRU", "TACHOnet"):
        SharedPace(store, name, clock=ticking, sleep=ticking.sleep, own_clock=True).wait()
    assert ticking.slept == []


def test_it_holds_by_the_real_clock_too(address: str) -> None:
    """Four threads with a store each, as four processes have; on PostgreSQL by the database's clock."""
    began: list[float] = []

    def send(_: int) -> None:
        with Store.open(address) as store:
            pace = SharedPace(store, "ERRU")
            for _ in range(2):
                pace.wait()
                began.append(time.monotonic())

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(send, range(4)))
    began.sort()
    assert all(third - first > 1 for first, third in zip(began, began[2:], strict=False))


def test_more_than_the_law_allows_cannot_be_configured(store: Store) -> None:
    with pytest.raises(InvalidConfiguration):
        SharedPace(store, "ERRU", 3)
