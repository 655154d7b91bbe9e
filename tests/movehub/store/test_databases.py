"""Opening: no setting of a server, role, address or umask loses a message or blocks a writer."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from movehub.errors import InvalidConfiguration, StoreFailed
from movehub.store import Store, transaction
from movehub.store.changes import Change
from movehub.store.journal import Access, Entry
from movehub.store.tables import SLOT
from sqlalchemy import insert, select, text

from tests.support.examples import CANARY

URLS = ("sqlite:///file:x?mode=memory&uri=true", "sqlite:////no/such/folder/x.db")


def _slot(name: str) -> Change:
    return Change(SLOT, {"name": name, "next_at": 0})


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("movehub.store.databases.PATIENCE", 0.2)


@pytest.fixture
def umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
def postgres(postgres_server: Callable[[], str]) -> str:
    return postgres_server()


def _with(address: str, *settings: str) -> str:
    """Return an address that sets options of the server, as a role or the server itself could."""
    options = "%20".join(f"-c%20{each.replace(' ', '%5C%20').replace('=', '%3D')}" for each in settings)
    return f"{address}{'&' if '?' in address else '?'}options={options}"


def _shown(store: Store, setting: str) -> str:
    with store.writing() as connection:
        return str(connection.execute(text(f"SHOW {setting}")).scalar_one())


@pytest.mark.parametrize("url", URLS)
def test_a_database_must_be_a_file_in_an_existing_folder(url: str) -> None:
    with pytest.raises(InvalidConfiguration):
        Store.open(url)


@pytest.mark.usefixtures("umask")
def test_only_the_owner_can_open_a_new_file_and_those_beside_it(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path}/node.db") as store:
        store.record(_slot("kept"))
        modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir()}
    assert modes == dict.fromkeys(("node.db", "node.db-wal", "node.db-shm"), 0o600)


@pytest.mark.parametrize("which", ["node.db", "node.db-wal"])
def test_a_file_that_every_user_can_read_is_rejected_with_the_next_step(tmp_path: Path, which: str) -> None:
    Store.open(f"sqlite:///{tmp_path}/node.db").close()
    (tmp_path / which).touch()
    (tmp_path / which).chmod(0o644)
    (tmp_path / "another name.db").symlink_to(tmp_path / "node.db")
    for name in ("node.db", "another name.db"):
        with pytest.raises(InvalidConfiguration, match="chmod o-rwx"):
            Store.open(f"sqlite:///{tmp_path}/{name}")


def test_a_group_keeps_the_access_that_it_was_given(tmp_path: Path) -> None:
    Store.open(f"sqlite:///{tmp_path}/node.db").close()
    (tmp_path / "node.db").chmod(0o660)
    with Store.open(f"sqlite:///{tmp_path}/node.db") as store:
        store.record(_slot("kept"))
        assert stat.S_IMODE((tmp_path / "node.db-wal").stat().st_mode) == 0o660


def test_a_file_that_cannot_be_created_is_invalid_configuration(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfiguration, match="cannot be created"):
        Store.open(f"sqlite:///{tmp_path}/{'x' * 300}.db")


@pytest.mark.usefixtures("hurried")
def test_no_writer_waits_for_ever_for_a_register_that_hangs_in_a_transaction(tmp_path: Path) -> None:
    """16 receivers and one writer: each gets an error within its patience."""
    inside, go_on = Event(), Event()

    def register(store: Store) -> None:
        with store.unit():
            transaction().execute(insert(SLOT).values(name="register", next_at=0))
            inside.set()
            go_on.wait(60)

    def told(work: Callable[[], object]) -> type[BaseException] | None:
        try:
            work()
        except StoreFailed as failed:
            return type(failed)
        return None

    with Store.open(f"sqlite:///{tmp_path}/node.db") as store, ThreadPoolExecutor(17) as threads:
        hanging = Thread(target=register, args=(store,))
        hanging.start()
        assert inside.wait(10)
        works: list[Callable[[], object]] = [
            *(lambda number=number: store.record(_slot(f"slot {number}")) for number in range(16)),
            lambda: store.write(lambda connection: connection.execute(select(SLOT))),
        ]
        assert list(threads.map(told, works)) == [StoreFailed] * 17
        go_on.set()
        hanging.join()
        store.record(_slot("afterwards"))
        with store.reading() as connection:
            assert set(connection.execute(select(SLOT.c.name)).scalars()) == {"register", "afterwards"}


@pytest.mark.usefixtures("hurried")
def test_no_writer_waits_for_ever_for_the_lock_of_another_program(address: str) -> None:
    """`ALTER TABLE` on PostgreSQL, any writer on SQLite."""
    with Store.open(address) as other, Store.open(address) as store:
        with other.writing() as connection:
            if other.shared:
                connection.execute(text("LOCK TABLE slot IN ACCESS EXCLUSIVE MODE"))
            with pytest.raises(StoreFailed):
                store.record(_slot("late"))
            with pytest.raises(StoreFailed):
                store.write(lambda c: c.execute(insert(SLOT).values(name="late", next_at=0)))
        store.record(_slot("in time"))


def test_a_frozen_node_loses_the_journals_lock(postgres: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("movehub.store.journal._MOST_IDLE", "100ms")

    def frozen(store: Store) -> None:
        with store.writing() as connection:
            store.journal.note(connection, Entry(Access.COLLECTED, "frozen"))
            other.record(other.journal.noted(Entry(Access.COLLECTED, "other")))

    with Store.open(postgres) as store, Store.open(postgres) as other:
        with pytest.raises(StoreFailed):
            frozen(store)
        with store.reading() as connection:
            assert connection.execute(text("SELECT actor FROM journal")).scalars().all() == ["other"]


def test_each_wait_on_postgresql_has_an_end(postgres: str) -> None:
    with Store.open(_with(postgres, "lock_timeout=0", "statement_timeout=0")) as store:
        assert _shown(store, "lock_timeout") == "10s"
        assert _shown(store, "statement_timeout") == "1min"
        assert _shown(store, "idle_in_transaction_session_timeout") == "1h"
        reached: Any = store.engine.raw_connection()
        known = reached.driver_connection.info.get_parameters()
        reached.close()
    assert (known["connect_timeout"], known["tcp_user_timeout"]) == ("10", "30000")


def test_an_address_can_set_the_connection_timeout(postgres: str) -> None:
    with Store.open(f"{postgres}{'&' if '?' in postgres else '?'}connect_timeout=3") as store:
        reached: Any = store.engine.raw_connection()
        assert reached.driver_connection.info.get_parameters()["connect_timeout"] == "3"
        reached.close()


@pytest.mark.parametrize(
    ("asked", "got"), [("off", "on"), ("on", "on"), ("local", "local"), ("remote_apply", "remote_apply")]
)
def test_a_commit_is_on_the_disk_whatever_the_servers_settings(postgres: str, asked: str, got: str) -> None:
    with Store.open(_with(postgres, f"synchronous_commit={asked}")) as store:
        assert _shown(store, "synchronous_commit") == got


def test_a_server_that_does_not_write_to_the_disk_causes_a_warning(
    postgres: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The server of these tests does not, because no test cuts the power."""
    with caplog.at_level(logging.WARNING, "movehub.store.databases"), Store.open(postgres) as store:
        store.record(_slot("kept"))
    said = sorted(record.getMessage() for record in caplog.records)
    assert [each.split(":")[0] for each in said] == [
        "PostgreSQL runs with fsync off",
        "PostgreSQL runs with full_page_writes off",
    ]


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
def test_concurrent_writers_do_not_fail_whatever_the_servers_settings(postgres: str, level: str) -> None:
    def run(number: int) -> None:
        store = stores[number % 2]
        entry = Entry(Access.COLLECTED, f"writer {number}")
        store.record(_slot(f"slot {number}"), store.journal.noted(entry))

    address = _with(postgres, f"default_transaction_isolation={level}")
    with Store.open(address) as one, Store.open(address) as other, ThreadPoolExecutor(6) as threads:
        stores = (one, other)
        assert _shown(one, "transaction_isolation") == "read committed"
        list(threads.map(run, range(120)))


def _everything(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        yield from _everything(error.__cause__)
        error = error.__context__


def _row(name: str | None) -> Change:
    """Return a row that PostgreSQL quotes if it rejects it."""
    return Change(SLOT, {"name": name or CANARY, "next_at": None if name is None else 0})


def _in_a_unit(store: Store) -> None:
    with store.unit():
        store.record(_row(None))


WAYS: dict[str, Callable[[Store], object]] = {
    "write": lambda store: store.write(lambda c: c.execute(insert(SLOT).values(name=CANARY, next_at=None))),
    "record": lambda store: store.record(_row(None)),
    "a unit of work": _in_a_unit,
}


@pytest.mark.parametrize("way", WAYS)
def test_an_error_of_the_store_contains_no_error_of_the_database(store: Store, way: str) -> None:
    """A log or an error tracker follows `__context__`, and PostgreSQL's DETAIL quotes the row."""
    with pytest.raises(StoreFailed) as raised:
        WAYS[way](store)
    assert list(_everything(raised.value)) == [raised.value]


def test_an_error_of_one_record_contains_no_error_of_another(store: Store) -> None:
    waits, go_on = Event(), Event()

    def then(_: BaseException | None) -> None:
        waits.set()
        go_on.wait(10)

    store.record_soon(_slot("first"), then=then)
    assert waits.wait(10)
    records = [
        store.record_soon(_row(None)),
        store.record_soon(Change(SLOT, {"name": "first", "next_at": 0}, unless=KeyError)),
    ]
    go_on.set()
    for each, kind in zip(records, (StoreFailed, KeyError), strict=True):
        with pytest.raises(kind) as raised:
            each.wait()
        assert list(_everything(raised.value)) == [raised.value]
