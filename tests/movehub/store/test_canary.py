"""A canary, the name of a person, must be in no column but the document, in no log and in no metric."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest
from movehub.store import Store, outbox
from movehub.store.changes import make
from movehub.store.clock_skew import watch
from movehub.store.escalations import Reason, escalate, open_escalations
from movehub.store.journal import check, collected, delivered, worked_on
from movehub.store.metrics import metrics
from movehub.store.monthly_figures import Month, monthly_report
from movehub.store.retention import prune
from movehub.store.statistics import answered_by_us, answered_to_us
from movehub.store.tables import INBOX, METADATA, OUTBOX
from sqlalchemy import select, update

import tachonet_client as tachonet
from tests.support.databases import Hands
from tests.support.examples import CANARY
from tests.support.stored import consolidated, found_here, posted_request, received_request

#: Other personal data in the examples.
OF_A_PERSON = (CANARY, "Žofia", "Ελένη", "1981-04-02", "1970-01-02", "DK00000000000100")


def columns_but_documents(store: Store) -> str:
    """Return the content of all columns, except `document`, as one text."""
    found: list[str] = []
    with store.reading() as connection:
        for table in METADATA.sorted_tables:
            wanted = [column for column in table.c if column.name != "document"]
            found += [repr(tuple(row)) for row in connection.execute(select(*wanted))]
    return "\n".join(found)


def test_a_canary_is_in_no_column_but_the_document_and_in_no_log_or_metric(
    store: Store, clock: Hands, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with store.writing() as connection:
        request, came = received_request(connection, clock)
        make(connection, collected(store.journal, came))
        watch(connection, "TACHOnet", request.header, clock() - timedelta(hours=1))
        make(connection, worked_on(store.journal, came))
        answer = found_here(request)
        stored = outbox.new_answer(
            "TACHOnet",
            answer,
            tachonet.encode(answer),
            in_reply_to=came["technical_id"],
            now=clock(),
            not_after=None,
        )
        make(connection, [stored, *answered_by_us(stored.values, clock())])
        ours, posted = posted_request(connection, clock)
        make(connection, answered_to_us(posted, consolidated(ours), clock()))
        make(connection, delivered(store.journal, posted))
        escalate(connection, Reason.NO_ANSWER, "no answer", now=clock(), system="ERRU")
    shown: list[Any] = []
    for _ in range(2):
        clock.forward(timedelta(days=200).total_seconds())
        shown += [repr(prune(store, store.journal)), prune(store, store.journal).plain()]
    with store.reading() as connection:
        assert check(store.journal, connection).whole
        shown += [item.plain() for item in open_escalations(connection)]
        shown += [
            metrics(connection, clock()),
            monthly_report(connection, Month.at(posted["sent_at"]), "FI", clock()),
        ]
        documents = [row[0] for row in connection.execute(select(OUTBOX.c.document))]
    assert any(CANARY.encode() in document for document in documents), "the canary was never there"
    everything = columns_but_documents(store) + caplog.text + repr(shown)
    assert "CheckGoodRepute_Request" in everything
    assert [name for name in OF_A_PERSON if name in everything] == []


@pytest.mark.names_somebody
def test_a_canary_in_another_column_is_found(store: Store, clock: Hands) -> None:
    """Otherwise the test above could not fail."""
    with store.writing() as connection:
        _, row = received_request(connection, clock)
        connection.execute(update(INBOX).values(reason=f"{CANARY} is unknown"))
    assert row["document"].count(CANARY.encode()) == 1
    assert CANARY in columns_but_documents(store)
