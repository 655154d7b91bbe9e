"""Retention removes finished messages after their period, and escalates unfinished ones (Annex VII)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from movehub.store import Store, retention
from movehub.store.changes import make
from movehub.store.escalations import Reason, escalate, open_escalations, resolve
from movehub.store.journal import Access, Entry, Journal, check
from movehub.store.periods import Period, Periods
from movehub.store.retention import Bytes, Pruned, prune, prune_daily
from movehub.store.statistics import Row, noted
from movehub.store.tables import INBOX, JOURNAL, METADATA, OUTBOX, WORKFLOW, Received, Sending, Sent
from sqlalchemy import select, text, update

from tests.support.databases import Hands
from tests.support.examples import CANARY
from tests.support.stored import document, received, to_send

HALF_A_YEAR = timedelta(days=185).total_seconds()


@pytest.fixture
def journal(clock: Hands) -> Journal:
    return Journal(clock)


def later(store: Store, journal: Journal, clock: Hands) -> Pruned:
    clock.forward(HALF_A_YEAR)
    return prune(store, journal)


FINISHED = [
    *((received, state) for state in (Received.PROCESSED, Received.EXPIRED)),
    *((to_send, state) for state in (Sent.ANSWERED, Sent.EXPIRED, Sent.REFUSED)),
]
UNFINISHED = [
    *((received, state) for state in Received if (received, state) not in FINISHED),
    *((to_send, state) for state in Sent if (to_send, state) not in FINISHED),
]


@pytest.mark.parametrize(("keep", "state"), FINISHED)
def test_a_finished_message_is_removed_after_six_months(
    store: Store, journal: Journal, clock: Hands, keep: object, state: str
) -> None:
    technical_id = keep(store, state)  # type: ignore[operator]
    pruned = later(store, journal, clock)
    assert document(store, technical_id) is None
    assert sum(pruned.removed.values()) == 1
    assert pruned.left == {}
    assert pruned.bytes is (Bytes.FREED if store.shared else Bytes.OVERWRITTEN)


@pytest.mark.parametrize(("keep", "state"), UNFINISHED)
def test_an_unfinished_message_stays_and_is_escalated(
    store: Store, journal: Journal, clock: Hands, keep: object, state: str
) -> None:
    technical_id = keep(store, state)  # type: ignore[operator]
    pruned = later(store, journal, clock)
    assert document(store, technical_id) is not None
    assert pruned.removed == {}
    assert sum(pruned.left.values()) == 1
    with store.reading() as connection:
        (item,) = open_escalations(connection)
    assert (item.reason, item.technical_id) == (Reason.KEPT_TOO_LONG, technical_id)


def test_a_delivered_answer_is_finished(store: Store, journal: Journal, clock: Hands) -> None:
    technical_id = to_send(store, Sent.DELIVERED, kind=Sending.ANSWER)
    later(store, journal, clock)
    assert document(store, technical_id) is None


@pytest.mark.parametrize("state", [Received.PARKED, Received.FAILED])
def test_the_next_run_removes_a_message_whose_escalation_was_resolved(
    store: Store, journal: Journal, clock: Hands, state: str
) -> None:
    technical_id = received(store, state)
    later(store, journal, clock)
    with store.writing() as connection:
        (item,) = open_escalations(connection)
        assert resolve(connection, item.id, by="service 7", at=clock())
    assert prune(store, journal).left == {}
    assert document(store, technical_id) is None


@pytest.mark.parametrize("state", [Received.RECEIVED, Received.PROCESSING])
def test_a_message_in_work_stays_even_if_its_escalation_was_resolved(
    store: Store, journal: Journal, clock: Hands, state: str
) -> None:
    technical_id = received(store, state)
    later(store, journal, clock)
    with store.writing() as connection:
        (item,) = open_escalations(connection)
        resolve(connection, item.id, by="service 7", at=clock())
    prune(store, journal)
    assert document(store, technical_id) is not None


def test_a_message_with_an_open_escalation_stays(store: Store, journal: Journal, clock: Hands) -> None:
    technical_id = received(store, Received.PROCESSED)
    with store.writing() as connection:
        escalate(connection, Reason.CLOCK, "", now=clock(), system="TACHOnet", technical_id=technical_id)
    later(store, journal, clock)
    assert document(store, technical_id) is not None


def test_the_period_begins_when_the_transaction_ends(store: Store, journal: Journal, clock: Hands) -> None:
    young = received(store, Received.PROCESSED, at=clock() + timedelta(days=20))
    later(store, journal, clock)
    assert document(store, young) is not None


def test_the_rest_of_a_row_stays_until_the_period_of_the_journal_is_over(
    store: Store, journal: Journal, clock: Hands
) -> None:
    """Pseudonymous (2016/679, Article 4 (5)): it recognises a repeat, and the journal refers to it."""
    technical_id = received(store, Received.PROCESSED)
    later(store, journal, clock)
    with store.reading() as connection:
        kept = connection.execute(select(INBOX).where(INBOX.c.technical_id == technical_id)).mappings().one()
    assert (kept["from_code"], kept["document"], kept["digest"]) == ("DK", None, "")
    assert later(store, journal, clock).identifiers == 1
    assert not is_stored(store, technical_id)


def is_stored(store: Store, technical_id: str) -> bool:
    with store.reading() as connection:
        return any(
            connection.execute(select(table).where(table.c.technical_id == technical_id)).first()
            for table in (INBOX, OUTBOX)
        )


def everything(store: Store) -> list[Any]:
    """Return every value of every table."""
    with store.reading() as connection:
        rows = [row for table in METADATA.sorted_tables for row in connection.execute(select(table))]
    return [value for row in rows for value in row]


def test_after_both_periods_no_table_has_an_identifier_or_instant_of_a_message(
    store: Store, journal: Journal, clock: Hands
) -> None:
    """2016/68, Annex VII, 1 and 3: whoever has the log of the hub must not find the message."""
    clock.forward(617)
    came, went = received(store, Received.PROCESSED), to_send(store, Sent.ANSWERED)
    with store.writing() as connection:
        for table in (INBOX, OUTBOX):
            connection.execute(update(table).values(sent_at=clock() - timedelta(seconds=1)))
        values = [
            connection.execute(select(*columns).where(columns[0] == key)).one()
            for columns, key in (
                ([INBOX.c.technical_id, INBOX.c.workflow_id, INBOX.c.sent_at, INBOX.c.received_at], came),
                ([OUTBOX.c.technical_id, OUTBOX.c.workflow_id, OUTBOX.c.sent_at, OUTBOX.c.prepared_at], went),
            )
        ]
        of_messages = {value for row in values for value in row}
        sent_at = values[0][2]
        make(connection, [noted(Row("TACHOnet", "DK", "FI", "R", "Found", sent_at, timedelta(seconds=1)))])
        escalate(connection, Reason.CLOCK, "", now=sent_at, system="TACHOnet", technical_id=came)
        resolve(connection, 1, by="service 7", at=clock())
        journal.note(connection, Entry(Access.COLLECTED, "CN=hub", "TACHOnet", came, values[0][1]))
    for _ in range(4):  # two periods of documents, and one of the lines that the removal wrote
        later(store, journal, clock)
    assert of_messages & set(everything(store)) == set()


def test_what_an_open_escalation_is_about_stays_with_its_identifiers(
    store: Store, journal: Journal, clock: Hands
) -> None:
    technical_id = received(store, Received.PROCESSED)
    later(store, journal, clock)
    with store.writing() as connection:
        escalate(
            connection, Reason.IDENTIFIER_REUSED, "", now=clock(), system="ERRU", technical_id=technical_id
        )
    assert later(store, journal, clock).identifiers == 0
    with store.writing() as connection:
        resolve(connection, 1, by="service 7", at=clock())
    assert prune(store, journal).identifiers == 1


def test_a_short_period_of_the_journal_removes_no_identifiers_before_the_document(
    store: Store, journal: Journal, clock: Hands
) -> None:
    technical_id = received(store, Received.PROCESSED)
    clock.forward(timedelta(days=61).total_seconds())
    prune(store, journal, Periods(journal=Period.of("1 month")))
    assert document(store, technical_id) is not None


def test_a_conversation_stays_as_long_as_one_of_its_messages(
    store: Store, journal: Journal, clock: Hands
) -> None:
    """The response to a notification may come weeks later."""
    to_send(store, Sent.DELIVERED)
    for _ in range(3):
        later(store, journal, clock)
    with store.reading() as connection:
        assert connection.execute(select(WORKFLOW)).mappings().one()["state"] == "open"


@pytest.mark.parametrize("keep", [received, to_send])
def test_an_end_from_a_clock_that_was_ahead_is_replaced_by_the_arrival(
    store: Store, journal: Journal, clock: Hands, keep: object
) -> None:
    state = Received.PROCESSED if keep is received else Sent.ANSWERED
    technical_id = keep(store, state)  # type: ignore[operator]
    for table in (INBOX, OUTBOX):
        with store.writing() as connection:
            connection.execute(update(table).values(done_at=clock().replace(year=2099)))
    clock.forward(HALF_A_YEAR / 2)
    prune(store, journal)
    assert document(store, technical_id) is not None
    clock.forward(HALF_A_YEAR / 2)
    prune(store, journal)
    assert document(store, technical_id) is None


def test_an_arrival_from_a_clock_that_was_ahead_is_replaced_by_sent_at(
    store: Store, journal: Journal, clock: Hands
) -> None:
    technical_id = received(store, Received.PROCESSED, at=clock().replace(year=2099))
    with store.writing() as connection:
        connection.execute(update(INBOX).values(sent_at=clock()))
    assert prune(store, journal).removed == {}
    later(store, journal, clock)
    assert document(store, technical_id) is None


def test_a_message_wholly_in_the_future_is_removed_after_an_operator_resolves_it(
    store: Store, journal: Journal, clock: Hands
) -> None:
    future = clock().replace(year=2099)
    technical_id = to_send(store, Sent.ANSWERED, at=future)
    with store.writing() as connection:
        connection.execute(update(OUTBOX).values(sent_at=future))
    assert sum(prune(store, journal).left.values()) == 1
    assert document(store, technical_id) is not None
    with store.writing() as connection:
        (item,) = open_escalations(connection)
        resolve(connection, item.id, by="service 7", at=clock())
    prune(store, journal)
    assert not is_stored(store, technical_id), "its age is unknown, so its identifiers go as well"


def test_a_blocked_vacuum_is_left_to_the_next_run(
    postgres_server: Callable[[], str], clock: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("movehub.store.databases.PATIENCE", 0.2)
    with Store.open(postgres_server(), now=clock) as store:
        journal = Journal(clock)
        with store.writing() as connection:
            connection.execute(text("LOCK TABLE inbox IN ROW EXCLUSIVE MODE"))
            connection.execute(text("LOCK TABLE outbox IN SHARE MODE"))
            assert retention._wipe(store) is Bytes.LEFT
        assert prune(store, journal).bytes is Bytes.FREED


def test_each_removal_is_a_line_of_the_journal(store: Store, journal: Journal, clock: Hands) -> None:
    """The arrêté of 13 October 2004 counts erasing among the accesses."""
    technical_id = received(store, Received.PROCESSED)
    later(store, journal, clock)
    with store.reading() as connection:
        (line,) = connection.execute(select(JOURNAL)).mappings()
    assert (line["access"], line["technical_id"], line["at"]) == (Access.ERASED, technical_id, clock())


def test_journal_lines_are_removed_after_a_year_and_the_rest_is_whole(
    store: Store, journal: Journal, clock: Hands
) -> None:
    with store.writing() as connection:
        journal.note(connection, *[Entry(Access.COLLECTED, "CN=hub")] * 3)
    clock.forward(timedelta(days=366).total_seconds())
    assert prune(store, journal).journal_lines == 3
    with store.reading() as connection:
        found = check(journal, connection)
        (line,) = connection.execute(select(JOURNAL)).mappings()
    assert found.whole
    assert line["access"] == Access.ERASED


def test_a_run_removes_more_messages_than_fit_in_one_transaction(
    store: Store, journal: Journal, clock: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("movehub.store.retention._AT_ONCE", 2)
    kept = [received(store, Received.PROCESSED) for _ in range(5)]
    pruned = later(store, journal, clock)
    assert pruned.plain()["removed"] == {"inbox CheckIssuedCards_Request": 5}
    assert [document(store, each) for each in kept] == [None] * 5


def test_a_day_has_one_run(store: Store, journal: Journal, clock: Hands) -> None:
    assert prune_daily(store, journal) is not None
    assert prune_daily(store, journal) is None
    clock.forward(timedelta(days=1).total_seconds())
    assert prune_daily(store, journal) is not None


@pytest.fixture
def sqlite(tmp_path: Path, clock: Hands) -> Store:
    return Store.open(f"sqlite:///{tmp_path}/node.db", now=clock)


def test_removed_data_are_in_no_file_of_sqlite(sqlite: Store, tmp_path: Path, clock: Hands) -> None:
    """Neither in the database nor in its log: the bytes are gone, and not only the row."""

    def bytes_on_disk() -> bytes:
        return b"".join(each.read_bytes() for each in tmp_path.glob("node.db*"))

    with sqlite:
        for _ in range(20):
            received(sqlite, Received.PROCESSED)
            to_send(sqlite, Sent.ANSWERED)
        assert CANARY.encode() in bytes_on_disk()
        assert later(sqlite, Journal(clock), clock).bytes is Bytes.OVERWRITTEN
        assert CANARY.encode() not in bytes_on_disk()


def test_a_reader_of_old_pages_delays_the_wiping_and_the_run_reports_it(
    tmp_path: Path, clock: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("movehub.store.databases.PATIENCE", 0)
    with Store.open(f"sqlite:///{tmp_path}/node.db", now=clock) as sqlite:
        received(sqlite, Received.PROCESSED)
        with sqlite.reading() as connection:
            connection.execute(select(INBOX)).all()
            assert later(sqlite, Journal(clock), clock).bytes is Bytes.LEFT
        assert prune(sqlite, Journal(clock)).bytes is Bytes.OVERWRITTEN


def test_the_periods_can_be_shorter(store: Store, journal: Journal, clock: Hands) -> None:
    technical_id = received(store, Received.PROCESSED)
    clock.forward(timedelta(days=61).total_seconds())
    prune(store, journal)
    assert document(store, technical_id) is not None
    prune(store, journal, Periods(documents=Period.of("60 days")))
    assert document(store, technical_id) is None
