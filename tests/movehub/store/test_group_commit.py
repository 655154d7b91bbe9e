"""Recording: those who record at the same moment share a transaction, and none spoils it for another."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from movehub.errors import StoreFailed
from movehub.store import Store
from movehub.store.changes import Change
from movehub.store.tables import SLOT
from movehub.store.wakeups import Topic
from sqlalchemy import event, select


class TakenError(Exception):
    """The row is there already."""


def slot(name: str, **how: Any) -> Change:
    return Change(SLOT, {"name": name, "next_at": 0}, **how)


def moved(name: str) -> Change:
    return Change(SLOT, {"next_at": 1}, of={"name": name}, unless=TakenError)


def names(store: Store) -> dict[str, int]:
    with store.reading() as connection:
        return {row.name: row.next_at for row in connection.execute(select(SLOT))}


def test_what_was_recorded_is_there_when_it_is_said_to_be(store: Store) -> None:
    store.record(slot("a"), slot("b"), moved("a"))
    assert names(store) == {"a": 1, "b": 0}


def test_a_record_is_kept_whole_or_not_at_all(store: Store) -> None:
    store.record(slot("a"))
    with pytest.raises(TakenError):
        store.record(slot("b"), slot("a", unless=TakenError))
    with pytest.raises(TakenError):
        store.record(slot("c"), moved("nobody"))
    assert names(store) == {"a": 0}


def test_an_insert_that_may_find_its_row_there_changes_nothing(store: Store) -> None:
    store.record(slot("a"), moved("a"))
    store.record(slot("a"))
    assert names(store) == {"a": 1}


def _busy(store: Store) -> tuple[Event, Event]:
    """Make the thread that commits wait, so that what is recorded meanwhile comes together."""
    waits, go_on = Event(), Event()

    def then(_: BaseException | None) -> None:
        waits.set()
        go_on.wait(10)

    store.record_soon(slot("first"), then=then)
    return waits, go_on


def test_those_who_record_at_the_same_moment_share_a_transaction(store: Store) -> None:
    waits, go_on = _busy(store)
    assert waits.wait(10)
    commits: list[object] = []
    event.listen(store.engine, "commit", commits.append)
    records = [store.record_soon(slot(f"slot {number}")) for number in range(20)]
    go_on.set()
    for each in records:
        each.wait()
    assert len(commits) == 1
    assert len(names(store)) == 21


def test_one_that_cannot_be_kept_spoils_nothing_of_the_others(store: Store) -> None:
    waits, go_on = _busy(store)
    assert waits.wait(10)
    bad = Change(SLOT, {"name": "no number", "next_at": None})
    records = [
        store.record_soon(each) for each in (slot("a"), bad, slot("first", unless=TakenError), slot("b"))
    ]
    told: list[type[Exception] | None] = []
    go_on.set()
    for each in records:
        try:
            each.wait()
            told.append(None)
        except (StoreFailed, TakenError) as error:
            told.append(type(error))
    assert told == [None, StoreFailed, TakenError, None]
    assert set(names(store)) == {"first", "a", "b"}


def test_whoever_asked_is_told_once_it_is_on_the_disk(store: Store, address: str) -> None:
    told: list[Any] = []
    with Store.open(address) as another:
        store.record_soon(slot("a"), then=lambda error: told.append((error, names(another)))).wait()
        store.flush()
    assert told == [(None, {"a": 0})]


def test_what_follows_a_commit_and_fails_stops_nobody(store: Store) -> None:
    def then(_: BaseException | None) -> None:
        raise ValueError

    store.record_soon(slot("a"), then=then)
    store.record(slot("b"))
    assert set(names(store)) == {"a", "b"}


def test_what_is_recorded_soon_is_kept_before_a_store_is_closed(address: str) -> None:
    with Store.open(address) as store:
        for number in range(50):
            store.record_soon(slot(f"slot {number}"))
    with Store.open(address) as again:
        assert len(names(again)) == 50


def test_a_record_in_a_unit_of_work_belongs_to_it(store: Store) -> None:
    def work() -> None:
        with store.unit():
            store.record(slot("gone"))
            raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        work()
    assert names(store) == {}


def test_many_threads_record_and_nothing_is_lost(store: Store) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: store.record(slot(f"slot {number}")), range(200)))
    assert len(names(store)) == 200


def test_keeping_what_waits_meanwhile_loses_nothing_and_stops_nobody(store: Store) -> None:
    with ThreadPoolExecutor(4) as threads:
        recorded = [threads.submit(store.record, slot(f"slot {number}")) for number in range(200)]
        while not all(each.done() for each in recorded):
            store.flush()
    assert len(names(store)) == 200


def test_a_record_has_notified_its_topic_when_it_is_said_to_be_there(store: Store) -> None:
    """Its caller may look for the work at once, and must not be too early for the wake-up."""
    order, wakeup = list[int](), store.wakeups[Topic.QUERY]
    record = store.record_soon(slot("a"), notify=Topic.QUERY, then=lambda _: order.append(wakeup.count))
    record.wait()
    assert order == [1]
