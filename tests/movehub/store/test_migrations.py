"""Migrations: the result of all steps has the tables that the queries expect, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from movehub.errors import InvalidConfiguration, StoreFailed
from movehub.store import Store
from movehub.store.migrations import STEPS, migrate
from movehub.store.tables import METADATA, STATISTIC, VERSION
from sqlalchemy import Table, insert, inspect, select, update


@pytest.mark.parametrize("table", METADATA.sorted_tables, ids=lambda table: table.name)
def test_a_migrated_database_has_the_columns_of_the_tables(store: Store, table: Table) -> None:
    found = {column["name"]: column for column in inspect(store.engine).get_columns(table.name)}
    assert set(found) == set(table.columns.keys())
    assert {name for name, column in found.items() if not column["nullable"]} >= {
        column.name for column in table.columns if not column.nullable and not column.primary_key
    }


@pytest.mark.parametrize("table", METADATA.sorted_tables, ids=lambda table: table.name)
def test_a_column_can_store_the_numbers_that_its_table_defines(store: Store, table: Table) -> None:
    """Every integer of SQLite has 64 bits, whatever the type of its column."""
    if store.engine.dialect.name == "sqlite":
        return
    found = {column["name"]: str(column["type"]) for column in inspect(store.engine).get_columns(table.name)}
    wanted = {column.name: column.type.compile(store.engine.dialect) for column in table.columns}
    numbers = {"INTEGER", "BIGINT"}
    assert {name: found[name] for name in found if found[name] in numbers} == {
        name: wanted[name] for name in wanted if wanted[name] in numbers
    }


def test_a_database_of_an_older_program_can_store_a_response_after_a_month(store: Store) -> None:
    """An integer of PostgreSQL has 32 bits, which in milliseconds are 24 days."""
    answer = {"root": "R", "status": "OK", "kind": "query", "response_ms": 2**31}
    about = {"system": "ERRU", "from_code": "FI", "to_code": "DK", "sent_at": store.now()}
    with store.writing() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("ALTER TABLE statistic ALTER COLUMN response_ms TYPE INTEGER")
        connection.execute(update(VERSION).values(number=2))
        assert migrate(connection, STEPS[:3]) == 3
        connection.execute(insert(STATISTIC).values(**answer, **about))
    with store.reading() as connection:
        assert connection.execute(select(STATISTIC.c.response_ms)).scalars().all() == [2**31]


def test_a_database_of_an_older_program_can_record_licences(store: Store) -> None:
    with store.writing() as connection:
        connection.exec_driver_sql("DROP TABLE notified_licence")
        connection.execute(update(VERSION).values(number=3))
        assert migrate(connection) == len(STEPS)
    assert {index["name"] for index in inspect(store.engine).get_indexes("notified_licence")} == {
        "notified_licence_number",
        "notified_licence_keys",
        "notified_licence_recorded",
    }


def test_an_answer_is_unique_by_what_it_answers(store: Store) -> None:
    constraints = inspect(store.engine).get_unique_constraints("outbox")
    assert [each["column_names"] for each in constraints] == [["in_reply_to"]]


def test_a_second_start_changes_nothing(store: Store) -> None:
    with store.writing() as connection:
        assert migrate(connection) == len(STEPS)
    with store.reading() as connection:
        assert connection.execute(select(VERSION.c.number)).scalars().all() == [len(STEPS)]


def test_a_later_step_runs_once(store: Store) -> None:
    steps = (*STEPS, ("CREATE TABLE later (note TEXT)", "INSERT INTO later VALUES ('once')"))
    for _ in range(2):
        with store.writing() as connection:
            assert migrate(connection, steps) == len(steps)
    with store.reading() as connection:
        assert connection.exec_driver_sql("SELECT note FROM later").scalars().all() == ["once"]


def test_a_step_that_fails_leaves_the_version_before(store: Store) -> None:
    with pytest.raises(StoreFailed):
        with store.writing() as connection:
            migrate(connection, (*STEPS, ("CREATE TABLE later (note TEXT)", "no SQL at all")))
    assert not inspect(store.engine).has_table("later")
    with store.reading() as connection:
        assert connection.execute(select(VERSION.c.number)).scalar_one() == len(STEPS)


def test_a_database_of_a_newer_program_is_refused(store: Store, address: str) -> None:
    with store.writing() as connection:
        connection.execute(update(VERSION).values(number=len(STEPS) + 1))
    with pytest.raises(InvalidConfiguration, match="use the newer program"):
        Store.open(address)


def test_several_processes_may_start_at_once(address: str) -> None:
    with ThreadPoolExecutor(4) as threads:
        stores = list(threads.map(Store.open, [address] * 4))
    for each in stores:
        each.close()
