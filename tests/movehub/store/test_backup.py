"""A backup is as private as the database, overwrites nothing, and is checked."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
from movehub.errors import InvalidConfiguration, StoreFailed
from movehub.store import Store, backup
from movehub.store.backup import back_up
from movehub.store.databases import BESIDE
from movehub.store.journal import Access, Fault, Finding
from movehub.store.tables import JOURNAL, Received
from sqlalchemy import delete, select

from tests.support.databases import Hands
from tests.support.stored import document, received


@pytest.fixture
def store(tmp_path: Path, clock: Hands) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path}/node.db", now=clock) as opened:
        yield opened


@pytest.fixture
def target(tmp_path: Path) -> Path:
    (tmp_path / "elsewhere").mkdir()
    return tmp_path / "elsewhere" / "copy #1?.db"


@pytest.fixture(params=[0o000, 0o022, 0o077], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def test_only_its_owner_can_open_it_at_any_moment(
    store: Store, target: Path, umask: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite gives a file beside a database the mode of the database."""
    copy, modes = backup._copy, []

    def watched(*given: object) -> None:
        modes.append(stat.S_IMODE(target.stat().st_mode))
        copy(*given)  # type: ignore[arg-type]

    monkeypatch.setattr("movehub.store.backup._copy", watched)
    back_up(store, target)
    modes.append(stat.S_IMODE(target.stat().st_mode))
    assert modes == [0o600, 0o600]
    assert os.listdir(target.parent) == [target.name]


def test_it_is_the_database_of_a_node_with_all_messages(store: Store, target: Path, clock: Hands) -> None:
    """Also with those that are still in the log of SQLite."""
    technical_id = received(store, Received.PROCESSED)
    made = back_up(store, target)
    assert made.size == target.stat().st_size
    restored = target.rename(target.with_name("node.db"))
    with Store.open(f"sqlite:///{restored}", now=clock, create=False) as copy:
        assert document(copy, technical_id) == document(store, technical_id)


def test_it_is_made_while_others_write(store: Store, target: Path, clock: Hands) -> None:
    done, address = Event(), f"sqlite:///{store.engine.url.database}"

    def write(begun: Event) -> None:
        with Store.open(address, now=clock) as other:
            while not done.is_set():
                received(other, Received.PROCESSED)
                begun.set()

    with ThreadPoolExecutor(2) as threads:
        begun = [Event(), Event()]
        writers = [threads.submit(write, each) for each in begun]
        assert all(each.wait(60) for each in begun)
        made = back_up(store, target)
        done.set()
        assert [writer.result() for writer in writers] == [None, None]
    assert made.journal.whole


def test_the_journal_has_a_line_about_it_and_the_copy_ends_with_that(store: Store, target: Path) -> None:
    made = back_up(store, target, by="service 7")
    with store.reading() as connection:
        (line,) = connection.execute(select(JOURNAL)).mappings()
        assert made.journal.last == made.anchor == store.journal.anchor(connection)
    assert (line["access"], line["actor"]) == (Access.CONSULTED, "service 7")


@pytest.mark.parametrize("ending", BESIDE)
def test_no_file_is_overwritten_or_read_with_the_copy(store: Store, target: Path, ending: str) -> None:
    """SQLite would put the pages of an old `-wal` into the copy."""
    there = target.with_name(target.name + ending)
    there.write_bytes(b"mine")
    with pytest.raises(InvalidConfiguration, match="overwrites no file"):
        back_up(store, target)
    assert there.read_bytes() == b"mine"
    assert os.listdir(target.parent) == [there.name]


def test_a_link_that_leads_nowhere_is_not_followed(store: Store, target: Path, tmp_path: Path) -> None:
    target.symlink_to(tmp_path / "victim")
    with pytest.raises(InvalidConfiguration, match="overwrites no file"):
        back_up(store, target)
    assert not (tmp_path / "victim").exists()


def test_a_folder_that_is_not_there_is_named(store: Store, tmp_path: Path) -> None:
    with pytest.raises(InvalidConfiguration, match="cannot be created: No such file or directory"):
        back_up(store, tmp_path / "none" / "copy.db")


def test_a_damaged_copy_is_removed(store: Store, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = backup._copy

    def damaged(*given: object) -> None:
        copy(*given)  # type: ignore[arg-type]
        with target.open("r+b") as file:
            file.seek(4096)
            file.write(b"\xff" * 4096)

    monkeypatch.setattr("movehub.store.backup._copy", damaged)
    with pytest.raises(StoreFailed, match="the backup is damaged, and was removed"):
        back_up(store, target)
    assert os.listdir(target.parent) == []


def test_a_copy_that_fails_leaves_no_file(
    store: Store, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> sqlite3.Connection:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("movehub.store.backup.sqlite3.connect", full)
    with pytest.raises(StoreFailed, match="the backup failed with OperationalError: is the disk full"):
        back_up(store, target)
    assert os.listdir(target.parent) == []


def test_a_journal_that_is_not_whole_is_copied_and_reported(store: Store, target: Path) -> None:
    """The copy is evidence, too."""
    back_up(store, target.with_name("first"))
    back_up(store, target.with_name("second"))
    with store.writing() as connection:
        connection.execute(delete(JOURNAL).where(JOURNAL.c.seq == 1))
    assert back_up(store, target).journal.finding == Finding(1, Fault.MISSING)
    assert target.exists()


def test_postgresql_is_refused_with_the_command_to_use(
    postgres_server: Callable[[], str], tmp_path: Path
) -> None:
    with Store.open(postgres_server()) as store:
        with pytest.raises(InvalidConfiguration, match=r"umask 077.*pg_dump"):
            back_up(store, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()
