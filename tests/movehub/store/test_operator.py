"""Operator actions on one message: show and retry, each with its line in the journal."""

from __future__ import annotations

from typing import Any

import pytest
from movehub.errors import MessageNotFound
from movehub.protocol.request_outcome import RequestOutcome, Result
from movehub.store import Store
from movehub.store.operator import StoredMessage, retry_message, show_message
from movehub.store.tables import INBOX, JOURNAL, OUTBOX, Received, Sent
from sqlalchemy import select, update

from tests.support.stored import document, received, to_send

BY = "service 7"


def show(store: Store, technical_id: str) -> StoredMessage:
    return store.write(lambda connection: show_message(connection, store.journal, technical_id, by=BY))


def retry(store: Store, technical_id: str) -> bool:
    return store.write(
        lambda connection: retry_message(connection, store.journal, technical_id, by=BY, now=store.now())
    )


def journal(store: Store) -> list[Any]:
    columns = JOURNAL.c
    with store.reading() as connection:
        wanted = select(columns.access, columns.actor, columns.technical_id).order_by(columns.seq)
        return [tuple(row) for row in connection.execute(wanted)]


def test_a_received_or_sent_message_is_shown_and_the_access_recorded(store: Store) -> None:
    came, sent = received(store, Received.PROCESSED), to_send(store, Sent.ANSWERED)
    assert [show(store, each).table for each in (came, sent)] == ["inbox", "outbox"]
    assert show(store, came.upper()).document == document(store, came)
    assert journal(store) == [("consulted", BY, each) for each in (came, sent, came)]


def test_a_request_of_ours_is_shown_with_what_became_of_it(store: Store) -> None:
    sent = to_send(store, Sent.ANSWERED, outcome="incomplete")
    assert show(store, sent).outcome == RequestOutcome(Result.INCOMPLETE)
    for other in (received(store, Received.PROCESSED), to_send(store, Sent.DELIVERED, kind="answer")):
        assert show(store, other).outcome is None


def test_a_message_without_its_document_is_shown_but_not_retried(store: Store) -> None:
    technical_id = received(store, Received.FAILED)
    with store.writing() as connection:
        connection.execute(update(INBOX).values(document=None, digest=""))
    shown = show(store, technical_id)
    assert (shown.state, shown.document) == (Received.FAILED, None)
    assert not retry(store, technical_id)


def test_a_failed_message_is_retried_and_the_access_recorded(store: Store) -> None:
    technical_id = received(store, Received.FAILED)
    assert retry(store, technical_id)
    assert show(store, technical_id).state == Received.RECEIVED
    assert journal(store)[0] == ("changed", BY, technical_id)


@pytest.mark.parametrize("state", [state for state in Received if state is not Received.FAILED])
def test_a_received_message_that_has_not_failed_is_not_retried(store: Store, state: Received) -> None:
    technical_id = received(store, state)
    assert not retry(store, technical_id)
    assert (show(store, technical_id).state, len(journal(store))) == (state, 1)


def test_a_sent_message_is_never_retried(store: Store) -> None:
    technical_id = to_send(store, Sent.UNKNOWN)
    assert not retry(store, technical_id)
    with store.reading() as connection:
        assert connection.execute(select(OUTBOX.c.state)).scalar_one() == Sent.UNKNOWN


def test_an_unknown_message_is_not_found_and_not_recorded(store: Store) -> None:
    for action in (show, retry):
        with pytest.raises(MessageNotFound):
            action(store, "no such identifier")
    assert journal(store) == []
