"""Changes of rows as values, and the only door to the raw driver of the database.

Rows of the same form share one call of the driver, and inserts one statement. SQLAlchemy takes five times as
long for a statement as SQLite, and a busy node has hundreds a second. So these statements go to the driver,
in a transaction of SQLAlchemy. Errors are raised as SQLAlchemy raises them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import chain
from operator import attrgetter, itemgetter, methodcaller
from typing import Any, Final

from sqlalchemy import ClauseElement, Connection, Table, bindparam, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, InvalidRequestError

from movehub.store.tables import JOURNAL, Instant, instant_of, micros

#: The option of a connection that has the lines for the journal, appended at the end of the transaction.
LINES: Final = "movehub_lines"
#: The option of a connection that may write: how SQLite commits. Only `FULL` waits for the disk.
WRITES: Final = "movehub_writes"
#: The part of an insert that stands for one row.
_ROW: Final = re.compile(r"(?<= VALUES )(\(.*\))(?= ON CONFLICT)")
Taker = Callable[[dict[str, Any]], tuple[Any, ...]]
#: The prefix for the columns that identify a row.
_OF: Final = "of_"
_WRITTEN: Final = attrgetter("rowcount")
#: A parameter with its name, for drivers that have no other form.
_NAMED: Final = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True, slots=True)
class Change:
    """One row to insert; or one to update, if `of` has the columns that identify it.

    An insert does nothing if the row exists. If `unless` is set, it makes the error for that case, and for an
    update that finds no row.
    """

    table: Table
    values: dict[str, Any]
    of: dict[str, Any] | None = None
    unless: Callable[[], Exception] | None = None

    @property
    def alike(self) -> tuple[Any, ...]:
        """The key of the changes that share a statement."""
        of = None if self.of is None else tuple(self.of)
        return self.table, tuple(self.values), of, self.unless is not None


def make(connection: Connection, changes: Iterable[Change]) -> None:
    """Make changes, those of the journal at the end: other writers wait then. Raises as `write` does."""
    options = connection.get_execution_options()
    now: list[Change] = []
    for change in changes:
        if change.table is JOURNAL:
            options[LINES].append(change.values)
        else:
            now.append(change)
    write(connection, now)


def write(connection: Connection, changes: Iterable[Change]) -> None:
    """Make changes at once, also those of the journal. Raises the error of `Change.unless`."""
    together: dict[tuple[Any, ...], list[Change]] = {}
    for change in changes:
        together.setdefault(change.alike, []).append(change)
    for (table, names, of, _), alike in together.items():
        statement = _statement(table, names, of, connection.dialect)
        rows = [statement.row(change) for change in alike]
        # Inserts as one statement: after a pipeline of psycopg, PostgreSQL does not end an idle transaction.
        if of is None:
            before, row, after = _ROW.split(statement.text)
            text = f"{before}{', '.join([row] * len(rows))}{after}"
            written = executed(connection, text, list(chain.from_iterable(rows)))
        else:
            written = executed_each(connection, statement.text, rows)
        unless = alike[0].unless
        if unless is not None and written != len(alike):
            raise unless()


@dataclass(frozen=True, slots=True)
class _Statement:
    """A statement for one row as text, and the order of its parameters."""

    text: str
    values: Taker
    known_by: Taker
    #: The positions of the parameters that are instants.
    instants: list[int]

    def row(self, change: Change) -> list[Any]:
        """Return the parameters for a change."""
        given = list(self.values(change.values))
        if change.of is not None:
            given += self.known_by(change.of)
        for place in self.instants:
            if isinstance(given[place], datetime):
                given[place] = micros(given[place])
        return given


# SQLAlchemy takes longer over a statement than the database does, so its text is cached.
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
    text, order = text_of(statement, dialect)
    count = len(names)  # the new values come before the columns that identify a row
    known = [name.removeprefix(_OF) for name in order[count:]]
    instants = [
        place
        for place, name in enumerate((*order[:count], *known))
        if isinstance(table.c[name].type, Instant)
    ]
    return _Statement(text, _taker(order[:count]), _taker(known), instants)


def _taker(names: Sequence[str]) -> Taker:
    """Return a function that takes the values of these names, in their order."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda values: tuple(values[name] for name in names)


def text_of(statement: ClauseElement, dialect: Any) -> tuple[str, tuple[str, ...]]:
    """Return a statement as text for the driver, and the names of its parameters in their order."""
    compiled: Any = statement.compile(dialect=dialect)
    text, order = str(compiled), compiled.positiontup
    if order is None:
        return _NAMED.sub("%s", text), tuple(_NAMED.findall(text))
    return text, tuple(order)


#: The same, cached, for a statement that lives as long as the program.
cached_text_of: Final = lru_cache(maxsize=64)(text_of)


def executed(connection: Connection, text: str, values: Sequence[Any]) -> int:
    """Execute a statement, and return how many rows it has changed. Raises SQLAlchemyError."""
    return int(_in_transaction(connection, "execute", text, values))


def executed_each(connection: Connection, text: str, rows: Sequence[Sequence[Any]]) -> int:
    """Execute a statement once for each row, and return how many changed. Raises SQLAlchemyError."""
    return int(_in_transaction(connection, "executemany", text, rows))


def first(connection: Connection, text: str, values: Sequence[Any] = ()) -> Any:
    """Return the first row of a query, or None. Raises SQLAlchemyError."""
    return _in_transaction(connection, "execute", text, values, methodcaller("fetchone"))


def returned(
    connection: Connection, statement: ClauseElement, table: Table, values: dict[str, Any]
) -> list[dict[str, Any]]:
    """Execute a lasting statement, and return its rows of `table`. Raises SQLAlchemyError."""
    text, names = cached_text_of(statement, connection.dialect)
    given = (values[name] for name in names)
    stored = [micros(value) if isinstance(value, datetime) else value for value in given]
    columns, rows = _in_transaction(connection, "execute", text, stored, _rows)
    instants = [name for name in columns if isinstance(table.c[name].type, Instant)]
    found = [dict(zip(columns, row, strict=True)) for row in rows]
    for row in found:
        row |= {name: instant_of(row[name]) for name in instants if row[name] is not None}
    return found


def begun(connection: Connection, text: str) -> None:
    """Execute a statement that begins or sets up a transaction. Raises SQLAlchemyError."""
    _in_driver(connection, "execute", text, (), _WRITTEN)


def _in_transaction(
    connection: Connection,
    how: str,
    text: str,
    values: Sequence[Any],
    result: Callable[[Any], Any] = _WRITTEN,
) -> Any:
    transaction = connection.get_transaction()
    if transaction is None or not transaction.is_active:  # else SQLite would commit the row by itself
        raise InvalidRequestError("the transaction is over")
    return _in_driver(connection, how, text, values, result)


def has_rolled_back(connection: Connection) -> bool:
    """Whether SQLite has ended the transaction by itself, as on a full disk.

    It would store alone whatever comes next.
    """
    driver: Any = connection.connection.dbapi_connection
    return connection.dialect.name == "sqlite" and connection.in_transaction() and not driver.in_transaction


def _rows(cursor: Any) -> Any:
    return [column[0] for column in cursor.description], cursor.fetchall()


def _in_driver(
    connection: Connection, how: str, text: str, values: Sequence[Any], result: Callable[[Any], Any]
) -> Any:
    driver: Any = connection.dialect.loaded_dbapi
    try:
        with closing(connection.connection.cursor()) as cursor:
            getattr(cursor, how)(text, values)
            return result(cursor)
    except driver.Error as error:
        failed = _failed(connection, error, driver.Error)
    except Exception:
        raise
    except BaseException:  # the thread was stopped in the middle of a statement
        connection.invalidate()
        raise
    raise failed  # outside: the text of a driver error can quote a row, and must not come along


def _failed(connection: Connection, error: Exception, base: type[Exception]) -> BaseException:
    """Return the error as SQLAlchemy raises it. A lost connection is not used again."""
    is_lost = connection.dialect.is_disconnect(error, connection.connection.dbapi_connection, None)  # type: ignore[arg-type]
    if is_lost or has_rolled_back(connection):
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
