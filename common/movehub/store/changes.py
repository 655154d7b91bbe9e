"""Rows to write, as values: what many ask for at the same moment becomes few statements.

A database takes longer to be told of a row than to write it, so rows that are written alike go together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import chain
from typing import Any, Final

from sqlalchemy import Connection, Table, bindparam, update
from sqlalchemy.dialects import postgresql, sqlite

from .tables import JOURNAL, micros

# Without the option PostgreSQL's count is kept for updates alone.
_COUNTED: Final = {"preserve_rowcount": True}
#: The option of a connection that has the lines which its transaction is to append to the journal.
LINES: Final = "movehub_lines"
#: Rows that one statement inserts, at most.
_MOST_ROWS: Final = 64
#: The place of one row in a statement.
_ROW: Final = re.compile(r"(?<= VALUES )(\(.*\))(?= ON CONFLICT)")
#: A parameter by its name, where a driver has no other.
_NAMED: Final = re.compile(r"%\((\w+)\)s")
#: Before the names of the columns that a row is known by.
_OF: Final = "of_"


@dataclass(frozen=True, slots=True)
class Change:
    """One row to insert; or, where `of` has the columns to know it by, to update.

    An insert does nothing where the row is there already. Where that, or an update that meets no row, must
    not be, `unless` makes the error that is raised.
    """

    table: Table
    values: dict[str, Any]
    of: dict[str, Any] | None = None
    unless: Callable[[], Exception] | None = None

    @property
    def alike(self) -> tuple[Any, ...]:
        """What changes have in common that go together."""
        of = None if self.of is None else tuple(self.of)
        return self.table, tuple(self.values), of, self.unless is not None


def make(connection: Connection, changes: Iterable[Change]) -> None:
    """Make changes in a transaction of a store's, those that are alike together.

    A line of the journal is kept for the transaction's end, since all others that append wait from then on.
    Raises what the first `unless` makes where one of them meets too few rows, or too many.
    """
    options = connection.get_execution_options()
    now: list[Change] = []
    for change in changes:
        if change.table is JOURNAL:
            options[LINES].append(change.values)
        else:
            now.append(change)
    write(connection, now)


def write(connection: Connection, changes: Iterable[Change]) -> None:
    """Make changes now, whatever they are. Raises as `make` does."""
    together: dict[tuple[Any, ...], list[Change]] = {}
    for change in changes:
        together.setdefault(change.alike, []).append(change)
    for (table, names, of, _), alike in together.items():
        words, order = _statement(table, names, of, connection.dialect)
        rows = [_as_kept(each, order) for each in alike]
        if of is None:
            written = sum(_inserted(connection, words, part) for part in _parts(rows))
        else:
            written = connection.exec_driver_sql(words, rows, execution_options=_COUNTED).rowcount
        unless = alike[0].unless
        if unless is not None and written != len(alike):
            raise unless()


def _parts(rows: list[Any]) -> Iterator[list[Any]]:
    """Yield rows in parts of 64, 32, 16 and so on: of each statement there are few sizes."""
    start = 0
    while start < len(rows):
        size = min(1 << (len(rows) - start).bit_length() - 1, _MOST_ROWS)
        yield rows[start : start + size]
        start += size


def _inserted(connection: Connection, words: str, rows: list[tuple[Any, ...]]) -> int:
    """Insert rows by one statement.

    Between two of SQLite's, other threads would have their turn; PostgreSQL would be told of each by itself.
    """
    if len(rows) > 1:
        before, row, after = _ROW.split(words)
        words = f"{before}{', '.join([row] * len(rows))}{after}"
    done = connection.exec_driver_sql(words, tuple(chain.from_iterable(rows)), execution_options=_COUNTED)
    return done.rowcount


def _as_kept(change: Change, order: list[str]) -> tuple[Any, ...]:
    """Return what a statement is executed with, in its order."""
    kept = dict(change.values)
    for name, value in (change.of or {}).items():
        kept[_OF + name] = value
    for name, value in kept.items():
        if isinstance(value, datetime):
            kept[name] = micros(value)
    return tuple([kept[name] for name in order])


# SQLAlchemy takes longer over a statement than the database does, so its words are kept.
@lru_cache(maxsize=256)
def _statement(
    table: Table, names: tuple[str, ...], of: tuple[str, ...] | None, dialect: Any
) -> tuple[str, list[str]]:
    """Return a statement in the words of a database, and the order of its parameters."""
    values: dict[str, Any] = {name: bindparam(name) for name in names}
    statement: Any
    if of is None:
        insert = postgresql.insert if dialect.name == "postgresql" else sqlite.insert
        statement = insert(table).values(values).on_conflict_do_nothing()
    else:
        known_by = (table.c[name] == bindparam(_OF + name) for name in of)
        statement = update(table).where(*known_by).values(values)
    compiled = statement.compile(dialect=dialect)
    if compiled.positiontup is not None:
        return str(compiled), compiled.positiontup
    return _NAMED.sub("%s", str(compiled)), _NAMED.findall(str(compiled))
