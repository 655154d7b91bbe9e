"""Migrations: the result of all steps has the tables that the queries expect, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from movehub.errors import InvalidConfiguration, StoreFailed
from movehub.store import Store, open_responses
from movehub.store.changes import WRITES, make
from movehub.store.databases import open_engine
from movehub.store.migrations import STEPS, migrate
from movehub.store.monthly_figures import Month, monthly_report
from movehub.store.retention import prune
from movehub.store.statistics import UNANSWERED, Row, noted, rows
from movehub.store.tables import ESCALATIONS, INBOX, METADATA, OUTBOX, STATISTIC, VERSION, WORKFLOW, micros
from sqlalchemy import Engine, Table, insert, inspect, select, text, update

from tests.support.databases import Hands

LONG_AGO = datetime(2020, 1, 2, tzinfo=UTC)
END_OF_TIME = datetime.max.replace(tzinfo=UTC)


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


def of_version(address: str, version: int) -> Engine:
    """Make a database of an older program."""
    engine = open_engine(address, 2)
    with engine.execution_options(**{WRITES: "FULL"}).begin() as connection:
        migrate(connection, STEPS[:version])
    return engine


def test_a_database_of_an_older_program_can_store_a_response_after_a_month(address: str) -> None:
    """An integer of PostgreSQL has 32 bits."""
    of_version(address, 2).dispose()
    answer = Row("ERRU", "FI", "DK", "R", "OK", LONG_AGO, timedelta(days=60))
    with Store.open(address) as store:
        store.write(lambda connection: make(connection, [noted(answer)]))
        with store.reading() as connection:
            assert list(rows(connection, LONG_AGO, store.now(), store.now())) == [answer]


def counted_before(address: str, *rows: tuple[int, int | None]) -> None:
    """Store rows of a program that counted the sender's instant and the milliseconds until the answer."""
    engine = of_version(address, 5)
    with engine.execution_options(**{WRITES: "FULL"}).begin() as connection:
        for at, response in rows:
            connection.execute(
                text(
                    "INSERT INTO statistic (system, from_code, to_code, root, status, sent_at, response_ms,"
                    " kind) VALUES ('ERRU', 'DK', 'FI', 'R', 'Found', :at, :response, 'query')"
                ),
                {"at": at, "response": response},
            )
    engine.dispose()


def test_the_response_times_of_an_older_program_stay(address: str) -> None:
    """A sender's clock may have been at the end of the calendar."""
    last = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    counted_before(address, (micros(LONG_AGO), 1500), (micros(LONG_AGO), None), (micros(last), 5000))
    with Store.open(address) as store, store.reading() as connection:
        found = [(each.at, each.response) for each in rows(connection, LONG_AGO, END_OF_TIME, store.now())]
    assert found == [
        (LONG_AGO, timedelta(seconds=1.5)),
        (LONG_AGO, None),
        (last, timedelta(0)),
    ]


def test_a_request_that_an_older_program_has_not_answered_is_counted(address: str) -> None:
    """It counted a request when the answer was stored."""
    engine = of_version(address, 5)
    waiting = {"workflow_id": "w", "system": "ERRU", "sent_at": LONG_AGO, "received_at": LONG_AGO}
    waiting |= {"root": "R", "from_code": "DK", "to_code": "FI", "digest": "", "next_attempt_at": LONG_AGO}
    waiting |= {"peer": "CN=hub", "attempts": 0}
    with engine.execution_options(**{WRITES: "FULL"}).begin() as connection:
        for number, (state, kind) in enumerate(
            [
                ("received", "query"),
                ("processing", "notification"),
                ("processed", "query"),
                ("received", "answer"),
            ]
        ):
            named = {"technical_id": f"t-{number}", "state": state, "kind": kind}
            connection.execute(insert(INBOX).values(**waiting, **named))
    engine.dispose()
    with Store.open(address) as store, store.reading() as connection:
        found = connection.execute(select(STATISTIC.c.request, STATISTIC.c.status)).all()
    assert sorted(map(tuple, found)) == [("t-0", UNANSWERED), ("t-1", UNANSWERED)]


def test_retention_makes_the_rows_of_an_older_program_anonymous_and_the_figures_stay(
    address: str, clock: Hands
) -> None:
    """Such a database has messages that were emptied, and statistics with exact instants, for years."""
    sent = clock() - timedelta(days=900)
    kept = {"technical_id": "t-1", "workflow_id": "w-1", "system": "ERRU", "sent_at": sent}
    kept |= {"root": "CheckGoodRepute_Request", "from_code": "DK", "to_code": "FI"}
    message = {
        **kept,
        "kind": "query",
        "digest": "",
        "received_at": sent,
        "state": "processed",
        "done_at": sent,
    }
    message |= {"peer": "CN=hub", "attempts": 1, "next_attempt_at": sent}
    conversation = {"opened_by_us": False, "partner": "DK", "opened_at": sent, "changed_at": sent}
    conversation |= {"system": "ERRU", "workflow_id": "w-1", "root": "R", "request": "t-1", "state": "open"}
    problem = {"at": sent, "last_at": sent, "reason": "clock", "detail": "", "system": "ERRU"}
    problem |= {"technical_id": "t-1", "done_at": sent, "done_by": "service 7", "times": 1}
    counted_before(address, (micros(sent), 1500))
    engine = of_version(address, 5)
    with engine.execution_options(**{WRITES: "FULL"}).begin() as connection:
        for table, values in ((INBOX, message), (WORKFLOW, conversation), (ESCALATIONS, problem)):
            connection.execute(insert(table).values(values))
    engine.dispose()
    with Store.open(address, now=clock) as store:
        before = report(store, Month.at(sent))
        pruned = prune(store, store.journal, heartbeat_every=timedelta(hours=1))
        assert (pruned.identifiers, pruned.months) == (1, (Month.at(sent),))
        assert report(store, Month.at(sent)) == before
        assert before["answers"]["answered"] == 1
        assert rest(store) == {"journal", "month", "month_requests", "version"}


def report(store: Store, month: Month) -> dict[str, Any]:
    with store.snapshot() as connection:
        return monthly_report(connection, month, "FI", store.now(), timedelta(hours=1))


def rest(store: Store) -> set[str]:
    """Return the tables that have rows."""
    with store.reading() as connection:
        return {
            table.name
            for table in METADATA.sorted_tables
            if connection.execute(select(table).limit(1)).first() is not None
        }


def test_a_database_of_an_older_program_can_record_licences(address: str) -> None:
    of_version(address, 3).dispose()
    with Store.open(address) as store:
        indexes = inspect(store.engine).get_indexes("notified_licence")
    assert {index["name"] for index in indexes} == {
        "notified_licence_number",
        "notified_licence_keys",
        "notified_licence_recorded",
    }


SENT = datetime(2026, 11, 23, 10, tzinfo=UTC)
MCS, NCR = "ModifyCardStatus", "NotifyCheckResult"


def message_of(table: Table, name: str, root: str, **values: Any) -> Any:
    """Return the insert of a message of an older program. The name of its workflow is `name`."""
    of_it = {
        "technical_id": f"{name}-{root}",
        "workflow_id": name,
        "sent_at": SENT,
        "digest": "",
        "kind": "x",
    }
    of_it |= {"system": "S", "root": root, "from_code": "DK", "to_code": "FI", "attempts": 1}
    at = {"received_at": SENT, "peer": "CN=hub"} if table is INBOX else {"prepared_at": SENT}
    return insert(table).values(**(of_it | at | {"next_attempt_at": SENT, "done_at": SENT} | values))


def workflow_of(name: str, kind: str, *, ours: bool) -> Any:
    of_it = {"system": "S", "workflow_id": name, "opened_by_us": ours, "partner": "DK", "state": "answered"}
    of_it |= {"root": f"{kind}_Request", "request": f"{name}-{kind}_Request"}
    return insert(WORKFLOW).values(**of_it, opened_at=SENT, changed_at=SENT)


def test_the_workflows_of_an_older_program_know_their_later_responses(address: str) -> None:
    """Ten days from `sentAt` of an MCS, six weeks from the arrival of an NCR."""
    engine = of_version(address, 5)
    problem = {"reason": "not delivered", "technical_id": f"failed-{MCS}_Request", "system": "S"}
    problem |= {"at": SENT, "last_at": SENT, "times": 1, "detail": ""}
    rows = [
        workflow_of("owed", MCS, ours=False),
        message_of(INBOX, "owed", f"{MCS}_Request", state="processed"),
        message_of(OUTBOX, "owed", f"{MCS}_Response", state="delivered"),
        workflow_of("waiting", MCS, ours=False),
        message_of(INBOX, "waiting", f"{MCS}_Request", state="received"),
        workflow_of("given", MCS, ours=False),
        message_of(INBOX, "given", f"{MCS}_Request", state="processed"),
        message_of(OUTBOX, "given", f"{MCS}_Response", state="answered"),
        workflow_of("failed", MCS, ours=True),
        message_of(OUTBOX, "failed", f"{MCS}_Request", state="answered"),
        insert(ESCALATIONS).values(**problem),
        workflow_of("awaited", NCR, ours=True),
        message_of(OUTBOX, "awaited", f"{NCR}_Request", state="answered", document=b"<x r='Fail'/>"),
        workflow_of("came", NCR, ours=True),
        message_of(OUTBOX, "came", f"{NCR}_Request", state="answered", document=b"<x/>"),
        message_of(INBOX, "came", f"{NCR}_Response", state="processed"),
        workflow_of("refused", NCR, ours=False),
        message_of(INBOX, "refused", f"{NCR}_Request", state="processed", document=b"<x/>"),
        message_of(OUTBOX, "refused", "ErrorNotification", state="x", in_reply_to=f"refused-{NCR}_Request"),
        workflow_of("clean", NCR, ours=False),
        message_of(INBOX, "clean", f"{NCR}_Request", state="processed", document=b"<x r='CleanCheck'/>"),
        workflow_of("emptied", NCR, ours=False),
        message_of(INBOX, "emptied", f"{NCR}_Request", state="processed"),
        workflow_of("search", "CheckGoodRepute", ours=False),
    ]
    with engine.execution_options(**{WRITES: "FULL"}).begin() as connection:
        for row in rows:
            connection.execute(row)
    engine.dispose()
    ten_days, six_weeks = SENT + timedelta(days=10), datetime(2027, 1, 5, tzinfo=UTC)
    with Store.open(address) as store, store.reading() as connection:
        columns = WORKFLOW.c
        wanted = select(columns.workflow_id, columns.response, columns.response_due, columns.response_at)
        found = {row[0]: tuple(row[1:]) for row in connection.execute(wanted)}
    assert found == {
        "owed": ("due", ten_days, None),
        "waiting": ("expected", ten_days, None),
        "given": ("given", ten_days, SENT),
        "failed": ("none", ten_days, None),
        "awaited": ("due", six_weeks, None),
        "came": ("given", six_weeks, SENT),
        "refused": ("none", six_weeks, None),
        "clean": (None, None, None),
        "emptied": (None, None, None),
        "search": (None, None, None),
    }


def test_the_clock_of_another_state_moves_no_due_date_of_an_older_program(address: str) -> None:
    """An end of the calendar ten days later is no date in Python: nobody could read the table."""
    engine, hours = of_version(address, 5), timedelta(hours=1)
    clocks = {"end": END_OF_TIME, "ahead": SENT + hours, "late": SENT - hours, "old": LONG_AGO}
    with engine.execution_options(**{WRITES: "FULL"}).begin() as connection:
        for name, sent_at in clocks.items():
            connection.execute(workflow_of(name, MCS, ours=False))
            connection.execute(message_of(INBOX, name, f"{MCS}_Request", state="processed", sent_at=sent_at))
    engine.dispose()
    with Store.open(address) as store, store.reading() as connection:
        due = {each.workflow_id: each.due - timedelta(days=10) for each in open_responses(connection)}
    assert due == {"end": SENT, "ahead": SENT, "late": SENT - hours, "old": SENT}


@pytest.mark.parametrize(("by", "state"), [("movehub serve", "due"), ("service 7", "settled")])
def test_a_response_of_an_older_program_that_never_arrived_is_owed(address: str, by: str, state: str) -> None:
    """That program resolved its escalation when the response was posted, also if it was refused then."""
    engine = of_version(address, 5)
    resolved = {"reason": "response due", "technical_id": f"w-{MCS}_Request", "system": "S", "detail": ""}
    resolved |= {"at": SENT, "last_at": SENT, "times": 1, "done_at": SENT, "done_by": by}
    rows = [
        workflow_of("w", MCS, ours=False),
        message_of(INBOX, "w", f"{MCS}_Request", state="processed"),
        message_of(OUTBOX, "w", f"{MCS}_Response", state="refused"),
        insert(ESCALATIONS).values(**resolved),
    ]
    with engine.execution_options(**{WRITES: "FULL"}).begin() as connection:
        for row in rows:
            connection.execute(row)
    engine.dispose()
    with Store.open(address) as store, store.reading() as connection:
        assert connection.execute(select(WORKFLOW.c.response)).scalar_one() == state


def test_statistics_are_found_by_their_instant_and_by_the_request_that_was_answered(store: Store) -> None:
    indexes = inspect(store.engine).get_indexes("statistic")
    assert {(index["name"], bool(index["unique"])) for index in indexes} == {
        ("statistic_at", False),
        ("statistic_request", True),
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
