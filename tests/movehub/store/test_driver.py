"""What a driver raises is raised as SQLAlchemy would, with nothing of what was written."""

from __future__ import annotations

import traceback
from contextlib import suppress
from typing import Any

import pytest
from movehub.errors import StoreFailed
from movehub.store import Store
from movehub.store import changes as driver
from movehub.store.tables import SLOT
from sqlalchemy import Connection, bindparam, select, text
from sqlalchemy.exc import (
    DBAPIError,
    IntegrityError,
    InvalidRequestError,
    OperationalError,
    ProgrammingError,
    SQLAlchemyError,
)

from tests.support.examples import CANARY


def _mark(connection: Connection) -> str:
    return "?" if connection.dialect.name == "sqlite" else "%s"


def _insert(connection: Connection) -> str:
    mark = _mark(connection)
    return f"INSERT INTO slot (name, next_at) VALUES ({mark}, {mark})"


def test_how_many_rows_were_written_is_counted(store: Store) -> None:
    with store.writing() as connection:
        insert, mark = _insert(connection), _mark(connection)
        assert driver.executed(connection, insert, ["a", 1]) == 1
        assert driver.executed_each(connection, insert, [["b", 1], ["c", 2], ["d", 2]]) == 3
        change = f"UPDATE slot SET next_at = {mark} WHERE next_at = {mark}"
        assert driver.executed_each(connection, change, [[7, 1], [8, 9], [9, 2]]) == 4
    with store.reading() as connection:
        kept = connection.execute(select(SLOT.c.name, SLOT.c.next_at).order_by(SLOT.c.name)).all()
    assert [tuple(each) for each in kept] == [("a", 7), ("b", 7), ("c", 9), ("d", 9)]


@pytest.mark.parametrize(
    "executed", [driver.executed, lambda c, words, row: driver.executed_each(c, words, [row])]
)
@pytest.mark.parametrize(
    ("row", "kind"),
    [(["there", 1], IntegrityError), ([CANARY, None], IntegrityError), ([CANARY], (DBAPIError))],
)
def test_an_error_is_of_sqlalchemys_kind_and_quotes_nothing(
    store: Store, executed: Any, row: list[Any], kind: type[Exception]
) -> None:
    store.write(lambda connection: driver.executed(connection, _insert(connection), ["there", 1]))
    with store.engine.connect() as connection, connection.begin(), pytest.raises(kind) as caught:
        executed(connection, _insert(connection), row)
    assert caught.value.__context__ is None
    with pytest.raises(StoreFailed) as told:
        store.write(lambda connection: executed(connection, _insert(connection), row))
    assert CANARY not in "".join(traceback.format_exception(told.value))


def test_a_statement_that_cannot_be_read_is_an_error_as_well(store: Store) -> None:
    with (
        store.engine.connect() as connection,
        connection.begin(),
        pytest.raises((OperationalError, ProgrammingError)),
    ):
        driver.executed(connection, "INSERT INTO nothing_of_that_name VALUES (1)", [])


def test_of_what_is_found_the_first_row_is_returned_or_nothing(store: Store) -> None:
    with store.writing() as connection:
        driver.executed_each(connection, _insert(connection), [["b", 2], ["a", 1]])
        found = f"SELECT name, next_at FROM slot WHERE next_at > {_mark(connection)} ORDER BY name"
        assert tuple(driver.first(connection, found, [0])) == ("a", 1)
        assert driver.first(connection, found, [2]) is None
    with store.engine.connect() as connection, pytest.raises(InvalidRequestError):
        driver.first(connection, "SELECT 1")


def test_words_and_the_order_of_their_parameters_are_those_of_the_database(store: Store) -> None:
    statement = select(SLOT.c.name).where(SLOT.c.next_at.between(bindparam("least"), bindparam("most")))
    with store.writing() as connection:
        driver.executed_each(connection, _insert(connection), [["a", 1], ["b", 2], ["c", 3]])
        words, names = driver.text_of(statement, connection.dialect)
        assert names == ("least", "most")
        assert tuple(driver.first(connection, words, [2, 2])) == ("b",)


@pytest.mark.parametrize("address", ["sqlite"], indirect=True)
def test_a_transaction_that_cannot_begin_is_an_error_of_sqlalchemys(store: Store) -> None:
    with store.writing(), store.engine.connect() as other:
        raw: Any = other.connection.dbapi_connection
        raw.execute("PRAGMA busy_timeout = 0")
        other.execution_options(movehub_writes="FULL")
        with pytest.raises(OperationalError) as caught:
            other.begin()
        raw.execute("PRAGMA busy_timeout = 10000")
    assert caught.value.__context__ is None
    assert store.write(lambda connection: driver.executed(connection, _insert(connection), ["a", 1])) == 1


@pytest.mark.parametrize("address", ["postgresql"], indirect=True)
def test_a_connection_that_is_lost_is_not_used_again(store: Store) -> None:
    def lost(connection: Connection) -> None:
        own = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with store.engine.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:own)"), {"own": own})
        driver.executed(connection, _insert(connection), ["a", 1])

    with pytest.raises(StoreFailed):
        store.write(lost)
    assert store.write(lambda connection: driver.executed(connection, _insert(connection), ["a", 1])) == 1


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_when_the_transaction_is_over_nothing_is_written(store: Store, end: str) -> None:
    """SQLite would keep the row by itself, and PostgreSQL lose it without a word."""
    with store.engine.connect() as connection:
        with pytest.raises(InvalidRequestError):
            driver.executed(connection, _insert(connection), ["a", 1])
        with connection.begin() as transaction:
            getattr(transaction, end)()
            with pytest.raises(InvalidRequestError):
                driver.executed(connection, _insert(connection), ["a", 1])
    with store.reading() as connection:
        assert connection.execute(select(SLOT)).all() == []


def test_a_connection_that_was_closed_by_somebody_is_an_error_of_sqlalchemys(store: Store) -> None:
    with store.engine.connect() as connection, suppress(SQLAlchemyError), connection.begin():
        insert = _insert(connection)
        driver_connection: Any = connection.connection.dbapi_connection
        driver_connection.close()
        with pytest.raises(SQLAlchemyError):
            driver.executed(connection, insert, ["a", 1])
