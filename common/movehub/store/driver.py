"""Statements given to the driver itself, in a transaction of SQLAlchemy's.

What SQLAlchemy does for a statement takes five times as long as what SQLite does for it, and of those that
`changes` makes there are thousands a second. What the driver raises is raised as SQLAlchemy would.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, InvalidRequestError


def executed(connection: Connection, words: str, values: Sequence[Any]) -> int:
    """Execute a statement, and return how many rows it has written. Raises SQLAlchemyError."""
    return _executed(connection, "execute", words, values)


def executed_each(connection: Connection, words: str, rows: Sequence[Sequence[Any]]) -> int:
    """Execute a statement once for each row, and return how many were written. Raises SQLAlchemyError."""
    return _executed(connection, "executemany", words, rows)


def _executed(connection: Connection, how: str, words: str, values: Sequence[Any]) -> int:
    transaction = connection.get_transaction()
    if transaction is None or not transaction.is_active:  # else a row would be kept alone, or be lost
        raise InvalidRequestError("the transaction is over")
    driver: Any = connection.dialect.loaded_dbapi
    try:
        with closing(connection.connection.cursor()) as cursor:
            getattr(cursor, how)(words, values)
            return int(cursor.rowcount)
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
