"""A backup of an SQLite database beside a running node: as private as the database, and checked.

It is one file with mode 0600, made by SQLite's online backup. The journal records the copy, because it holds
personal data. Regulation (EU) 2016/68 and (EU) 2016/480, Annex I, 2.4.4 (confidentiality, integrity).
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, NullPool, create_engine, select, text
from sqlalchemy.exc import SQLAlchemyError

from movehub.actor import actor
from movehub.errors import InvalidConfiguration, StoreFailed
from movehub.store.databases import BESIDE
from movehub.store.engine import Store
from movehub.store.journal import Access, Anchor, Checked, Entry, check
from movehub.store.tables import VERSION

_PRIVATE: Final = 0o600
_FOR_POSTGRESQL: Final = (
    "the database is PostgreSQL: run `umask 077`, then `pg_dump --format=custom --file=FILE ADDRESS`, so that"
    " only your account can read the file"
)


@dataclass(frozen=True, slots=True)
class Backup:
    """A checked copy: its size in bytes, the line of the journal about it, and the check of its journal."""

    size: int
    anchor: Anchor
    journal: Checked


def back_up(store: Store, target: Path, *, by: str | None = None) -> Backup:
    """Copy the database to a new file, and check the copy. Nodes may be at work. The journal records `by`.

    Raises InvalidConfiguration for PostgreSQL, and for a file that exists or cannot be created. Raises
    StoreFailed, and leaves no file, if the copy fails or is not what it should be.
    """
    if store.shared:
        raise InvalidConfiguration(_FOR_POSTGRESQL)
    _create(target)
    try:
        anchor = store.write(lambda c: store.journal.note(c, Entry(Access.CONSULTED, actor(by))))
        _copy(store, target)
        found = _checked(store, target, anchor)
        _flush(target)
    except BaseException:
        for ending in BESIDE:
            target.with_name(target.name + ending).unlink(missing_ok=True)
        raise
    return Backup(target.stat().st_size, anchor, found)


def _create(target: Path) -> None:
    """Create a file for its owner only. Refuse if it exists, or one that SQLite would read with it."""
    beside = [target.with_name(target.name + ending) for ending in BESIDE]
    there = next((each for each in beside if os.path.lexists(each)), None)
    if there is not None:
        raise InvalidConfiguration(f"{there} exists, and a backup overwrites no file: name a new one")
    try:
        os.close(os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL, _PRIVATE))
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else type(error).__name__
        raise InvalidConfiguration(f"{target} cannot be created: {reason}") from None


def _copy(store: Store, target: Path) -> None:
    """Copy all pages at once: in pieces, SQLite would begin again at each change of the database."""
    try:
        with store.engine.connect() as connection, closing(sqlite3.connect(target)) as copy:
            source: Any = connection.connection.dbapi_connection
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, without -wal and -shm
    except (sqlite3.Error, SQLAlchemyError) as error:
        failed = StoreFailed(f"the backup failed with {type(error).__name__}: is the disk full?")
    else:
        return
    raise failed  # outside: the text of a driver error must not come along


def _checked(store: Store, target: Path, anchor: Anchor) -> Checked:
    """Check the copy: its pages, its version, and its journal with the line about this backup."""
    found = None
    try:
        with _opened(target) as copy, store.reading() as original:
            whole = copy.execute(text("PRAGMA integrity_check")).scalars().all() == ["ok"]
            version = select(VERSION.c.number)
            same = copy.execute(version).scalar_one() == original.execute(version).scalar_one()
            if whole and same:
                found = check(store.journal, copy, anchor)
    except (SQLAlchemyError, StoreFailed):
        pass  # its text can quote a row
    if found is None:
        raise StoreFailed("the backup is damaged, and was removed: check the disk")
    return found


@contextmanager
def _opened(target: Path) -> Iterator[Connection]:
    """Open a copy to read it. It must not be opened as the database of a node, which would migrate it."""

    def read_only() -> sqlite3.Connection:
        return sqlite3.connect(f"{target.resolve().as_uri()}?mode=ro", uri=True)

    engine = create_engine("sqlite+pysqlite://", creator=read_only, poolclass=NullPool, hide_parameters=True)
    with engine.connect() as connection:
        yield connection


def _flush(target: Path) -> None:
    """Return once the file and its name are on the disk."""
    for path in (target, target.parent):
        opened = os.open(path, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
