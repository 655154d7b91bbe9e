"""Changes: rows that are alike go together, and each is written once, in order."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from movehub.store import Store
from movehub.store.changes import Change, write
from movehub.store.tables import JOURNAL, SLOT, STATISTIC
from sqlalchemy import Connection, select


class ThereAlready(Exception):
    """The row is there already."""


def _slots(count: int, **how: Any) -> list[Change]:
    return [Change(SLOT, {"name": f"slot {number:03}", "next_at": number}, **how) for number in range(count)]


def _kept(connection: Connection) -> list[tuple[str, int]]:
    return [
        tuple(row) for row in connection.execute(select(SLOT.c.name, SLOT.c.next_at).order_by(SLOT.c.name))
    ]


def test_every_number_of_rows_is_written_once_and_none_is_mixed_with_another(store: Store) -> None:
    with store.engine.connect() as connection:
        for count in range(1, 201):
            with connection.begin() as transaction:
                write(connection, _slots(count, unless=ThereAlready))
                assert _kept(connection) == [(f"slot {number:03}", number) for number in range(count)]
                transaction.rollback()


@pytest.mark.parametrize("count", [1, 2, 63, 64, 65, 200])
def test_rows_are_written_in_the_order_in_which_they_are_given(store: Store, count: int) -> None:
    """The numbers that a database gives them say so."""
    row = {
        "system": "ERRU",
        "from_code": "DK",
        "to_code": "FI",
        "root": "x",
        "kind": "query",
        "answered_at": None,
    }
    at = datetime(2026, 11, 23, tzinfo=UTC)
    with store.writing() as connection:
        write(connection, [Change(STATISTIC, {**row, "status": str(n), "at": at}) for n in range(count)])
        kept = connection.execute(select(STATISTIC.c.status, STATISTIC.c.at).order_by(STATISTIC.c.id)).all()
    assert [tuple(each) for each in kept] == [(str(number), at) for number in range(count)]


@pytest.mark.parametrize("count", range(1, 201, 7))
@pytest.mark.parametrize("which", ["first", "last"])
def test_a_row_that_is_there_already_raises_what_must_not_be(store: Store, count: int, which: str) -> None:
    there = 0 if which == "first" else count - 1
    store.record(_slots(count)[there])
    with pytest.raises(ThereAlready):
        store.record(*_slots(count, unless=ThereAlready))
    with store.reading() as connection:
        assert _kept(connection) == [(f"slot {there:03}", there)]


@pytest.mark.parametrize("count", [1, 5, 64, 130])
def test_a_row_that_may_be_there_already_is_left_as_it_is(store: Store, count: int) -> None:
    store.record(Change(SLOT, {"name": "slot 000", "next_at": 77}))
    store.record(*_slots(count))
    with store.reading() as connection:
        kept = _kept(connection)
    assert kept == [("slot 000", 77), *((f"slot {number:03}", number) for number in range(1, count))]


def test_the_same_row_twice_in_one_statement_is_one_too_many(store: Store) -> None:
    twice = [*_slots(3, unless=ThereAlready), *_slots(1, unless=ThereAlready)]
    with pytest.raises(ThereAlready):
        store.record(*twice)
    with store.reading() as connection:
        assert _kept(connection) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20, deadline=None)
@given(st.lists(st.sampled_from(["a", "b", "c"]), max_size=70))
def test_updates_that_are_alike_go_together_and_meet_their_rows(store: Store, names: list[str]) -> None:
    with store.engine.connect() as connection, connection.begin() as transaction:
        write(connection, [Change(SLOT, {"name": name, "next_at": 0}) for name in "abc"])
        write(
            connection,
            [
                Change(SLOT, {"next_at": number}, of={"name": name}, unless=ThereAlready)
                for number, name in enumerate(names, 1)
            ],
        )
        last = {name: number for number, name in enumerate(names, 1)}
        assert _kept(connection) == [(name, last.get(name, 0)) for name in "abc"]
        transaction.rollback()


def test_no_row_is_a_statement_of_its_own(store: Store) -> None:
    with store.writing() as connection:
        write(connection, [])
        assert connection.execute(select(JOURNAL)).all() == []
