"""What each step of a message leaves in journal and statistics, and a canary that must be in none of it."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest
from movehub.protocol.message import ErrorStatus, Message
from movehub.store import Store, inbox, outbox
from movehub.store.changes import make
from movehub.store.clock_skew import watch
from movehub.store.escalations import Reason, call_for, open_items
from movehub.store.journal import Access, Journal, check
from movehub.store.metrics import metrics
from movehub.store.retention import prune
from movehub.store.statistics import (
    UNANSWERED,
    answered_by_us,
    answered_to_us,
    answering,
    collected,
    delivered,
    rows,
    totals,
    worked_on,
)
from movehub.store.tables import INBOX, JOURNAL, METADATA, OUTBOX, Kind, Sending
from sqlalchemy import Connection, select, update

import erru_client as erru
import tachonet_client as tachonet
from tests.support.databases import Hands
from tests.support.examples import (
    CANARY,
    DK_TACHONET,
    FI_ERRU,
    FI_TACHONET,
    cgr_request,
    cic_request,
    found_driver,
    found_manager,
)

#: What else of a person stands in the examples.
OF_A_PERSON = (CANARY, "Žofia", "Ελένη", "1981-04-02", "1970-01-02", "DK00000000000100")


@pytest.fixture
def journal(clock: Hands) -> Journal:
    return Journal(clock)


def kept_request(connection: Connection, clock: Hands) -> tuple[Message[Any], Any]:
    """Keep a search that came, and return it with its row."""
    request = DK_TACHONET.request(cic_request(), "FI")
    _, changes = inbox.new_message(
        "TACHOnet",
        request,
        tachonet.encode(request),
        now=clock(),
        answer_by=clock() + timedelta(seconds=10),
        peer="CN=hub",
    )
    make(connection, changes)
    return request, _row(connection, INBOX, request)


def posted_request(connection: Connection, clock: Hands) -> tuple[Message[Any], Any]:
    """Keep a search of ours, and return it with its row."""
    request = FI_ERRU.request(cgr_request(), "ZZ")
    document = erru.encode(request)
    outbox.store_request(connection, "ERRU", request, document, now=clock(), not_after=None, opens=True)
    return request, _row(connection, OUTBOX, request)


def _row(connection: Connection, table: Any, message: Message[Any]) -> Any:
    of_it = table.c.technical_id == str(message.header.technical_id).lower()
    return dict(connection.execute(select(table).where(of_it)).mappings().one())


def found_here(request: Message[Any]) -> Message[Any]:
    return FI_TACHONET.answer(request, request.body.answer("FI", (found_driver(),)))


def consolidated(request: Message[Any]) -> Message[Any]:
    """Return the hub's answer: Denmark knows the manager, Sweden does not, Latvia said nothing."""
    dk = request.body.answer("DK", (found_manager(),)).member_states
    se = request.body.answer("SE", ()).member_states
    lv = request.body.unanswered("LV", erru.SearchStatus.TIMEOUT)
    return FI_ERRU.answer(request, request.body.answered_with(*dk, *se, lv))


def lines(store: Store) -> list[tuple[str, str, str]]:
    columns = JOURNAL.c
    wanted = select(columns.access, columns.actor, columns.technical_id).order_by(columns.seq)
    with store.reading() as connection:
        return [tuple(row) for row in connection.execute(wanted)]


@pytest.mark.parametrize(
    ("kind", "access"), [(Kind.QUERY, Access.CONSULTED), (Kind.NOTIFICATION, Access.CHANGED)]
)
def test_each_step_of_a_message_is_a_line(
    store: Store, journal: Journal, clock: Hands, kind: Kind, access: Access
) -> None:
    """Arrêté of 13 October 2004: collecting, consulting or changing, communicating."""
    with store.writing() as connection:
        _, row = kept_request(connection, clock)
        row["kind"] = kind
        make(connection, collected(journal, row))
        make(connection, worked_on(journal, row))
        make(connection, delivered(journal, row))
    name = row["technical_id"]
    assert lines(store) == [
        (Access.COLLECTED, "CN=hub", name),
        (access, "register", name),
        (Access.COMMUNICATED, "courier", name),
    ]


def test_a_heartbeat_is_about_nobody_and_in_no_journal(store: Store, journal: Journal, clock: Hands) -> None:
    with store.writing() as connection:
        _, row = kept_request(connection, clock)
        row["kind"] = Kind.HEARTBEAT
        make(connection, collected(journal, row))
        make(connection, worked_on(journal, row))
    assert lines(store) == []


def test_a_request_that_we_answer_is_counted_with_its_status_and_time(store: Store, clock: Hands) -> None:
    with store.writing() as connection:
        request, row = kept_request(connection, clock)
        clock.forward(3)
        make(connection, answered_by_us(row, found_here(request), clock()))
        make(connection, answered_by_us(row, None, clock()))
        failed = FI_TACHONET.error(request, ErrorStatus.SERVER_ERROR, "no", b"")
        make(connection, answered_by_us(row, failed, clock()))
        found = list(rows(connection, row["sent_at"], clock()))
    assert [(each.status, each.response) for each in found] == [
        ("Found", timedelta(seconds=3)),
        (UNANSWERED, None),
        ("error:ServerError", timedelta(seconds=3)),
    ]
    assert {(each.from_code, each.to_code, each.kind) for each in found} == {("DK", "FI", Kind.QUERY)}
    assert answering(found, "FI").answered == 1


def test_a_broadcast_of_ours_is_counted_once_for_each_state_that_was_asked(
    store: Store, clock: Hands
) -> None:
    """2016/68, Annex VII, 4 (b); 2016/480, Annex VII, 5 (b): the receiving state, not `ZZ`."""
    with store.writing() as connection:
        request, row = posted_request(connection, clock)
        clock.forward(2)
        make(connection, answered_to_us(row, consolidated(request), clock()))
        make(connection, answered_to_us(row, None, clock()))
        found = list(rows(connection, row["sent_at"], clock()))
    assert sorted((each.to_code, each.status) for each in found) == [
        ("DK", "Found"),
        ("LV", "Timeout"),
        ("SE", "NotFound"),
        ("ZZ", UNANSWERED),
    ]
    assert {each.kind for each in found} == {Sending.REQUEST}


def columns_but_documents(store: Store) -> str:
    """Return all that stands in the database, the column `document` left out, as one text."""
    found: list[str] = []
    with store.reading() as connection:
        for table in METADATA.sorted_tables:
            wanted = [column for column in table.c if column.name != "document"]
            found += [repr(tuple(row)) for row in connection.execute(select(*wanted))]
    return "\n".join(found)


def test_a_canary_is_in_no_column_but_the_document_and_in_no_log_or_metric(
    store: Store, journal: Journal, clock: Hands, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with store.writing() as connection:
        request, came = kept_request(connection, clock)
        make(connection, collected(journal, came))
        watch(connection, "TACHOnet", request.header, clock() - timedelta(hours=1))
        make(connection, answered_by_us(came, found_here(request), clock()))
        make(connection, worked_on(journal, came))
        answer = found_here(request)
        kept = outbox.new_answer(
            "TACHOnet",
            answer,
            tachonet.encode(answer),
            in_reply_to=came["technical_id"],
            now=clock(),
            not_after=None,
        )
        make(connection, [kept])
        ours, posted = posted_request(connection, clock)
        make(connection, answered_to_us(posted, consolidated(ours), clock()))
        make(connection, delivered(journal, posted))
        call_for(connection, Reason.NO_ANSWER, "no answer", now=clock(), system="ERRU")
    told: list[Any] = []
    for _ in range(2):
        clock.forward(timedelta(days=200).total_seconds())
        told += [repr(prune(store, journal)), prune(store, journal).plain()]
    with store.reading() as connection:
        assert check(journal, connection).whole
        told += [item.plain() for item in open_items(connection)]
        told += [metrics(connection, clock()), totals(connection, posted["sent_at"], clock())]
        documents = [row[0] for row in connection.execute(select(OUTBOX.c.document))]
    assert any(CANARY.encode() in document for document in documents), "the canary was never there"
    everything = columns_but_documents(store) + caplog.text + repr(told)
    assert "CheckGoodRepute_Request" in everything
    assert [name for name in OF_A_PERSON if name in everything] == []


@pytest.mark.names_somebody
def test_the_canary_is_found_where_it_is(store: Store, clock: Hands) -> None:
    """Else the test above could not fail."""
    with store.writing() as connection:
        _, row = kept_request(connection, clock)
        connection.execute(update(INBOX).values(reason=f"{CANARY} is unknown"))
    assert row["document"].count(CANARY.encode()) == 1
    assert CANARY in columns_but_documents(store)
