"""A forked child (gunicorn --preload, celery, multiprocessing) uses connections of its own."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from movehub.errors import StoreFailed
from movehub.store import Store
from movehub.store.changes import Change
from movehub.store.tables import SLOT
from sqlalchemy import select, text


def _in_child(work: Callable[[], Any]) -> str:
    """Fork, do the work in the child, and return what it returned, or the kind of its error."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            result = str(work())
        except BaseException as error:  # noqa: BLE001 - the parent has to see it
            result = type(error).__name__
        os.write(writing, result.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        result = pipe.read().decode()
    assert os.waitpid(child, 0)[1] == 0
    return result


def _record(store: Store, name: str) -> None:
    store.record(Change(SLOT, {"name": name, "next_at": 0}))


def _names(store: Store) -> list[str]:
    with store.reading() as connection:
        return sorted(connection.execute(select(SLOT.c.name)).scalars())


def test_parent_and_children_write_at_the_same_time(store: Store) -> None:
    _record(store, "before")

    def work() -> list[str]:
        for number in range(20):
            _record(store, f"child {number:02}")
        return _names(store)[:2]

    assert [_in_child(work) for _ in range(2)] == ["['before', 'child 00']"] * 2
    for number in range(20):
        _record(store, f"parent {number:02}")
    assert len(_names(store)) == 41


def test_the_connections_of_the_parent_are_not_used_and_not_closed(store: Store) -> None:
    with store.writing() as connection:
        connection.execute(text("INSERT INTO slot (name, next_at) VALUES ('open', 0)"))
        if store.shared:
            assert _in_child(lambda: _names(store)) == "[]"
        else:  # SQLite would believe that the child holds the locks of its parent
            assert _in_child(lambda: _names(store)) == StoreFailed.__name__
        connection.execute(text("UPDATE slot SET next_at = 1"))
    assert _names(store) == ["open"]


def test_no_token_of_the_parent_is_given_in_the_child(store: Store) -> None:
    assert _in_child(store.token).partition("-")[0] != store.token().partition("-")[0]


def test_the_child_of_a_thread_in_a_unit_of_work_is_in_none(store: Store) -> None:
    from movehub.store import transaction

    with store.unit() as unit:
        assert unit.connection is transaction()
        assert _in_child(transaction) == "MovehubError"


@pytest.mark.parametrize("address", ["sqlite"], indirect=True)
def test_a_file_that_the_parent_closes_stays_whole_for_the_child(store: Store, address: str) -> None:
    """If the child held no lock on the file, the parent would remove the log that it writes to."""
    _record(store, "before")
    asked, answered = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        with store.reading() as connection:
            connection.execute(select(SLOT)).all()
        os.write(answered[1], b"1")
        os.read(asked[0], 1)
        _record(store, "child")
        os._exit(0)
    os.read(answered[0], 1)
    store.close()
    os.write(asked[1], b"1")
    assert os.waitpid(child, 0)[1] == 0
    with Store.open(address) as again:
        assert _names(again) == ["before", "child"]
