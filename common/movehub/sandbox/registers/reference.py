"""A register in SQLite with the indexes that the searches need: a reference to copy and to measure.

There are three look-ups and three indexes. By keys and birth date: an index over the three columns, in this
order. By birth date: the table itself is in the order of birth dates (`WITHOUT ROWID`), so that the holders
born on one day are side by side. By certificate: a unique index.

Several threads may use one register. A lock admits one thread at a time to the database.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from threading import RLock
from typing import Any, Final

from movehub.names.custom_search import Holder
from movehub.names.search_keys import BuiltinSearchKeys, SearchKeyProvider, SearchKeys

#: A first name without a key is stored as an empty text: an index finds it, and does not find NULL.
SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS holder (
    number INTEGER NOT NULL,
    family_name TEXT NOT NULL,
    first_name TEXT NOT NULL,
    date_of_birth TEXT NOT NULL,
    certificate TEXT,
    family_key TEXT NOT NULL,
    first_key TEXT NOT NULL,
    PRIMARY KEY (date_of_birth, number)
) WITHOUT ROWID;
"""
#: Separate statements: `executescript` would commit, and a failure could no longer be rolled back.
INDEXES: Final = (
    "CREATE INDEX IF NOT EXISTS holder_by_keys ON holder (family_key, first_key, date_of_birth)",
    "CREATE UNIQUE INDEX IF NOT EXISTS holder_by_certificate ON holder (certificate)",
    "ANALYZE",
)
_COLUMNS: Final = "number, family_name, first_name, date_of_birth, certificate"


class ReferenceRegister:
    """Holders in one file, or in memory. Use it as a context manager, or `close` it.

    Only the owner can read a file that it creates. An existing file keeps its permissions.
    """

    def __init__(self, path: Path | None = None, provider: SearchKeyProvider | None = None) -> None:
        self._provider = provider or BuiltinSearchKeys()
        self._lock = RLock()  # re-entrant: `add` may read from a look-up in the same register
        if path is not None:
            path.touch(mode=0o600)  # SQLite would use the umask; its journal gets the same permissions
        self._database = sqlite3.connect(path or ":memory:", check_same_thread=False)
        self._database.executescript(SCHEMA)

    def __enter__(self) -> ReferenceRegister:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __len__(self) -> int:
        ((count,),) = self._rows("SELECT count(*) FROM holder")
        return int(count)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._database.close()

    def add(self, holders: Iterable[Holder]) -> None:
        """Add holders with their keys, in one transaction.

        If one holder fails, or two have the same certificate, the register stays as it was. The indexes come
        last, since one of them finds the duplicate certificate.
        """
        with self._lock, self._database:
            self._database.executemany(
                "INSERT INTO holder VALUES (?, ?, ?, ?, ?, ?, ?)", map(self._row, holders)
            )
            for index in INDEXES:
                self._database.execute(index)

    def by_keys(self, keys: SearchKeys, born: date) -> Iterator[Holder]:
        """Yield the holders with both keys and this birth date."""
        values = keys.family_name, keys.first_name or "", born.isoformat()
        return self._found("family_key = ? AND first_key = ? AND date_of_birth = ?", *values)

    def by_birth(self, born: date) -> Iterator[Holder]:
        """Yield the holders born on this day."""
        return self._found("date_of_birth = ?", born.isoformat())

    def by_certificate(self, certificate: str) -> Iterator[Holder]:
        """Yield the holders of this certificate of professional competence."""
        return self._found("certificate = ?", certificate)

    def _found(self, condition: str, *values: str) -> Iterator[Holder]:
        query = f"SELECT {_COLUMNS} FROM holder WHERE {condition}"  # noqa: S608 - conditions are literals
        return map(_holder, self._rows(query, *values))

    def _rows(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._database.execute(query, values).fetchall()

    def _row(self, holder: Holder) -> tuple[Any, ...]:
        keys = self._provider.keys(holder.family_name, holder.first_name)
        born = holder.date_of_birth.isoformat()
        names = holder.family_name, holder.first_name
        return (holder.number, *names, born, holder.certificate, keys.family_name, keys.first_name or "")


def _holder(row: tuple[Any, ...]) -> Holder:
    number, family_name, first_name, born, certificate = row
    return Holder(
        number=number,
        family_name=family_name,
        first_name=first_name,
        date_of_birth=date.fromisoformat(born),
        certificate=certificate,
    )
