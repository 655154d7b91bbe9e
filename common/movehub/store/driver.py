"""Statements given to the driver itself, in a transaction of SQLAlchemy's.

What SQLAlchemy does for a statement takes five times as long as what SQLite does for it, and of some there
are thousands a second. What the driver raises is raised as SQLAlchemy would.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import ClauseElement, Connection
from sqlalchemy.exc import DBAPIError, InvalidRequestError

#: A parameter by its name, where a driver has no other.
_NAMED: Final = re.compile(r"%\((\w+)\)s")


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
