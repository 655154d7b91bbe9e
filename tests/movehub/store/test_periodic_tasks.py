"""Periodic tasks: one caller per interval claims a task, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from movehub.store import Store
from movehub.store.periodic_tasks import claim_periodic_task

from tests.support.databases import Hands

HOUR = timedelta(hours=1)


def claimed(store: Store, name: str = "prune") -> bool:
    return store.write(lambda connection: claim_periodic_task(connection, name, store.now(), HOUR))


def test_a_task_is_claimed_once_per_interval(store: Store, clock: Hands) -> None:
    assert [claimed(store), claimed(store)] == [True, False]
    clock.forward(3599)
    assert not claimed(store)
    clock.forward(1)
    assert claimed(store)


def test_each_task_has_its_own_interval(store: Store) -> None:
    assert [claimed(store, "prune"), claimed(store, "clock DK")] == [True, True]


def test_of_concurrent_callers_one_claims_the_task(store: Store) -> None:
    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(lambda _: claimed(store), range(8))) == [False] * 7 + [True]


def test_a_task_that_fails_can_be_claimed_again(store: Store) -> None:
    def fails() -> None:
        with store.writing() as connection:
            claim_periodic_task(connection, "prune", store.now(), HOUR)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert claimed(store)
