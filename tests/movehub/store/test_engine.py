"""The engine: what is written is on the disk, or was never there."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import psycopg
import pytest
from movehub.errors import InvalidConfiguration, MovehubError, StoreFailed
from movehub.store import Store, transaction
from movehub.store.databases import single_process_lock
from movehub.store.tables import SLOT, Instant, micros
from sqlalchemy import Connection, insert, select, text

from tests.support.databases import Hands
from tests.support.examples import CANARY


def _slot(name: str, at: int = 0) -> Any:
    return insert(SLOT).values(name=name, next_at=at)


def _names(store: Store) -> set[str]:
    with store.reading() as connection:
        return set(connection.execute(select(SLOT.c.name)).scalars())


def test_what_was_written_is_there_for_the_next_one_who_opens_it(store: Store, address: str) -> None:
    store.write(lambda connection: connection.execute(_slot("kept")))
    with Store.open(address) as again:
        assert _names(again) == {"kept"}


def test_a_connection_in_use_is_closed_when_it_comes_back_to_a_closed_store(address: str) -> None:
    store = Store.open(address)
    drivers: list[Any] = []
    with store.reading() as connection:
        drivers.append(connection.connection.driver_connection)
        store.close()
    with store.reading() as connection:
        drivers.append(connection.connection.driver_connection)
    for driver in drivers:
        with pytest.raises((sqlite3.ProgrammingError, psycopg.OperationalError), match="closed"):
            driver.execute("SELECT 1")


def test_sqlite_writes_through_to_the_disk(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path}/node.db") as store, store.reading() as connection:
        assert connection.execute(text("PRAGMA synchronous")).scalar_one() == 2  # FULL
        assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
        assert connection.execute(text("PRAGMA secure_delete")).scalar_one() == 1


def test_only_a_write_that_need_not_be_durable_does_not_wait_for_the_disk(store: Store) -> None:
    """A claim is such a write. The next write on the same connection waits again."""
    setting = text("SHOW synchronous_commit" if store.shared else "PRAGMA synchronous")

    def shown(connection: Connection) -> str:
        return str(connection.execute(setting).scalar_one())

    for _ in range(2):
        assert store.write(shown, durable=False) == ("off" if store.shared else "1")
        assert store.write(shown) == ("on" if store.shared else "2")


@pytest.mark.parametrize(
    "url", ["nonsense", "mysql://host/x", "sqlite://", "sqlite:///:memory:", "sqlite:////no/such/x.db"]
)
def test_a_database_that_would_lose_something_is_refused(url: str) -> None:
    with pytest.raises(InvalidConfiguration):
        Store.open(url)


def test_work_that_raises_leaves_nothing_and_spoils_nothing_of_others(store: Store) -> None:
    """On SQLite they wait for each other."""
    together = Barrier(8)

    def work(connection: Connection, number: int) -> int:
        connection.execute(_slot(f"slot {number}"))
        if number % 2:
            raise ValueError(number)
        return number

    def run(number: int) -> object:
        together.wait()
        try:
            return store.write(lambda connection: work(connection, number))
        except ValueError as error:
            return error.args[0]

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(run, range(8))) == list(range(8))
    assert _names(store) == {f"slot {number}" for number in range(0, 8, 2)}


def test_a_database_error_is_told_without_its_text(store: Store) -> None:
    with pytest.raises(StoreFailed) as raised:
        store.write(lambda connection: connection.execute(text(f"SELECT '{CANARY}' FROM nowhere")))
    assert CANARY not in str(raised.value)
    assert raised.value.__suppress_context__ or raised.value.__context__ is None


def test_a_unit_of_work_begins_when_it_is_asked_for(store: Store) -> None:
    with store.unit() as unit:
        assert not unit.begun
        transaction().execute(_slot("joined"))
        assert unit.begun
    assert _names(store) == {"joined"}


def test_a_unit_of_work_that_raises_leaves_nothing(store: Store) -> None:
    def work() -> None:
        with store.unit():
            transaction().execute(_slot("gone"))
            store.write(lambda connection: connection.execute(_slot("gone too")))
            raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        work()
    assert _names(store) == set()


def test_there_is_no_transaction_where_no_message_is_at_hand() -> None:
    with pytest.raises(MovehubError):
        transaction()


def test_an_sqlite_file_is_served_by_one_process(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/node.db"
    with Store.open(url) as first, Store.open(url) as second, single_process_lock(first.engine):
        with pytest.raises(InvalidConfiguration, match="another process"):
            with single_process_lock(second.engine):
                pass
    with Store.open(url) as later, single_process_lock(later.engine):
        pass


def test_an_sqlite_file_with_two_names_is_served_by_one_process(tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "node.db")
    with Store.open(f"sqlite:///{tmp_path}/node.db") as first, single_process_lock(first.engine):
        with Store.open(f"sqlite:///{tmp_path}/link.db") as second:
            with (
                pytest.raises(InvalidConfiguration, match="another process"),
                single_process_lock(second.engine),
            ):
                pass
    assert (tmp_path / "node.db.lock").stat().st_mode & 0o077 == 0


def test_instants_come_back_as_they_went(clock: Hands) -> None:
    kind = Instant()
    assert kind.process_result_value(micros(clock()), None) == clock()
    assert kind.process_bind_param(None, None) is None
    with pytest.raises(TypeError):
        kind.process_bind_param(clock().replace(tzinfo=None), None)
