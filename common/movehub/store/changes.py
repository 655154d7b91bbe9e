"""Rows to write, as values: what many ask for at the same moment becomes few statements.

A database takes longer to be told of a row than to write it, so rows that are written alike go together.

Statements given to the driver itself, in a transaction of SQLAlchemy's.

What SQLAlchemy does for a statement takes five times as long as what SQLite does for it, and of some there
are thousands a second. What the driver raises is raised as SQLAlchemy would.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import ClauseElement, Connection, Table, bindparam, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, InvalidRequestError

from movehub.store.tables import JOURNAL, Instant, instant_of, micros

#: The option of a connection that has the lines which its transaction is to append to the journal.
LINES: Final = "movehub_lines"
#: The option of a connection that may write: how SQLite commits. Only `FULL` waits for the disk.
WRITES: Final = "movehub_writes"
#: Rows that one statement inserts, at most; and up to how many it may be any number.
_MOST_ROWS: Final = 64
_ANY_NUMBER: Final = 8
#: The place of one row in a statement.
_ROW: Final = re.compile(r"(?<= VALUES )(\(.*\))(?= ON CONFLICT)")
Taking = Callable[[dict[str, Any]], tuple[Any, ...]]
#: Before the names of the columns that a row is known by.
_OF: Final = "of_"


#: A parameter by its name, where a driver has no other.
_NAMED: Final = re.compile(r"%\((\w+)\)s")


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
        statement = _statement(table, names, of, connection.dialect)
        rows = [statement.row(change) for change in alike]
        if of is None:
            written = sum(
                executed(connection, statement.of_rows(len(part)), list(chain.from_iterable(part)))
                for part in _parts(rows)
            )
        else:
            written = executed_each(connection, statement.words, rows)
        unless = alike[0].unless
        if unless is not None and written != len(alike):
            raise unless()


def _parts(rows: list[Any]) -> Iterator[list[Any]]:
    """Yield rows in parts of 64, 32, 16 or 8, and what is left: of each statement there are few sizes.

    Between two statements of SQLite's, other threads would have their turn; PostgreSQL would be told of each
    row by itself.
    """
    start = 0
    while (left := len(rows) - start) > 0:
        size = left if left <= _ANY_NUMBER else min(1 << left.bit_length() - 1, _MOST_ROWS)
        yield rows[start : start + size]
        start += size


@dataclass(frozen=True, slots=True)
class _Statement:
    """A statement in the words of a database, for one row; and the order of its parameters."""

    words: str
    values: Taking
    known_by: Taking
    #: Which of the parameters are instants.
    instants: list[int]

    def row(self, change: Change) -> list[Any]:
        """Return what the statement is executed with."""
        kept = list(self.values(change.values))
        if change.of is not None:
            kept += self.known_by(change.of)
        for place in self.instants:
            if isinstance(kept[place], datetime):
                kept[place] = micros(kept[place])
        return kept

    def of_rows(self, count: int) -> str:
        """Return the words for so many rows."""
        return self.words if count == 1 else _of_rows(self.words, count)


@lru_cache(maxsize=256)
def _of_rows(words: str, count: int) -> str:
    before, row, after = _ROW.split(words)
    return f"{before}{', '.join([row] * count)}{after}"


# SQLAlchemy takes longer over a statement than the database does, so its words are kept.
@lru_cache(maxsize=256)
def _statement(table: Table, names: tuple[str, ...], of: tuple[str, ...] | None, dialect: Any) -> _Statement:
    values: dict[str, Any] = {name: bindparam(name) for name in names}
    statement: Any
    if of is None:
        insert = postgresql.insert if dialect.name == "postgresql" else sqlite.insert
        statement = insert(table).values(values).on_conflict_do_nothing()
    else:
        known_by = (table.c[name] == bindparam(_OF + name) for name in of)
        statement = update(table).where(*known_by).values(values)
    words, order = worded(statement, dialect)
    count = len(names)  # what is written stands before what a row is known by
    known = [name.removeprefix(_OF) for name in order[count:]]
    instants = [
        place
        for place, name in enumerate((*order[:count], *known))
        if isinstance(table.c[name].type, Instant)
    ]
    return _Statement(words, _taking(order[:count]), _taking(known), instants)


def _taking(names: Sequence[str]) -> Taking:
    """Return what takes the values of these names, in their order."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda values: tuple(values[name] for name in names)


def worded(statement: ClauseElement, dialect: Any) -> tuple[str, tuple[str, ...]]:
    """Return the words of a statement for a driver, and the names of its parameters in their order."""
    compiled: Any = statement.compile(dialect=dialect)
    words, order = str(compiled), compiled.positiontup
    if order is None:
        return _NAMED.sub("%s", words), tuple(_NAMED.findall(words))
    return words, tuple(order)


#: The same, for a statement that lives as long as the program.
always_worded: Final = lru_cache(maxsize=64)(worded)


def executed(connection: Connection, words: str, values: Sequence[Any]) -> int:
    """Execute a statement, and return how many rows it has written. Raises SQLAlchemyError."""
    return int(_executed(connection, "execute", words, values))


def executed_each(connection: Connection, words: str, rows: Sequence[Sequence[Any]]) -> int:
    """Execute a statement once for each row, and return how many were written. Raises SQLAlchemyError."""
    return int(_executed(connection, "executemany", words, rows))


def first(connection: Connection, words: str, values: Sequence[Any] = ()) -> Any:
    """Return the first row that a statement finds, None where it finds none. Raises SQLAlchemyError."""
    return _executed(connection, "execute", words, values, _first)


def returned(
    connection: Connection, statement: ClauseElement, table: Table, values: dict[str, Any]
) -> list[dict[str, Any]]:
    """Execute a statement that lives as long as the program, and return its rows of `table`.

    Raises SQLAlchemyError.
    """
    words, names = always_worded(statement, connection.dialect)
    given = [_as_stored(values[name]) for name in names]
    columns, rows = _executed(connection, "execute", words, given, _rows)
    instants = [name for name in columns if isinstance(table.c[name].type, Instant)]
    found = [dict(zip(columns, row, strict=True)) for row in rows]
    for row in found:
        row |= {name: instant_of(row[name]) for name in instants if row[name] is not None}
    return found


def begun(connection: Connection, words: str) -> None:
    """Begin a transaction, where a driver leaves that to others. Raises SQLAlchemyError."""
    _told(connection, "execute", words, (), _written)


def _executed(
    connection: Connection,
    how: str,
    words: str,
    values: Sequence[Any],
    result: Callable[[Any], Any] | None = None,
) -> Any:
    transaction = connection.get_transaction()
    if transaction is None or not transaction.is_active:  # else a row would be kept alone, or be lost
        raise InvalidRequestError("the transaction is over")
    return _told(connection, how, words, values, result or _written)


def _written(cursor: Any) -> Any:
    return cursor.rowcount


def _first(cursor: Any) -> Any:
    return cursor.fetchone()


def _rows(cursor: Any) -> Any:
    return [column[0] for column in cursor.description], cursor.fetchall()


def _as_stored(value: Any) -> Any:
    return micros(value) if isinstance(value, datetime) else value


def _told(
    connection: Connection, how: str, words: str, values: Sequence[Any], result: Callable[[Any], Any]
) -> Any:
    driver: Any = connection.dialect.loaded_dbapi
    try:
        with closing(connection.connection.cursor()) as cursor:
            getattr(cursor, how)(words, values)
            return result(cursor)
    except driver.Error as error:
        failed = _failed(connection, error, driver.Error)
    except Exception:
        raise
    except BaseException:  # it ended in the middle of a statement
        connection.invalidate()
        raise
    raise failed  # outside: the words of a driver can quote what was written, and must not come along


def _failed(connection: Connection, error: Exception, base: type[Exception]) -> BaseException:
    """Return the error as SQLAlchemy has it. A connection that is lost is not used again."""
    is_lost = connection.dialect.is_disconnect(error, connection.connection.dbapi_connection, None)  # type: ignore[arg-type]
    if is_lost:
        connection.invalidate(error)
    return DBAPIError.instance(
        None,
        None,
        error,
        base,
        hide_parameters=True,
        connection_invalidated=is_lost,
        dialect=connection.dialect,
    )
