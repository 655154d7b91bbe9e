"""The inbox: the same message again is known as such, also when its document was removed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from movehub.protocol.message import Message
from movehub.records.values import Uuid
from movehub.store import Store, inbox
from movehub.store.changes import make
from movehub.store.retention import prune
from movehub.store.tables import INBOX, Received
from sqlalchemy import select, update

import tachonet_client as tachonet
from tests.support.databases import Hands
from tests.support.examples import DK_TACHONET, cic_request

HALF_A_YEAR = timedelta(days=185).total_seconds()


def _row(message: Message[Any], now: datetime) -> tuple[dict[str, Any], list[Any]]:
    data = tachonet.encode(message)
    return inbox.new_message("TACHOnet", message, data, now=now, answer_by=None, peer="CN=hub")


def _kept(store: Store, state: Received) -> Message[Any]:
    message = DK_TACHONET.request(cic_request(), "FI")
    with store.writing() as connection:
        make(connection, _row(message, store.now())[1])
        connection.execute(update(INBOX).values(state=state, done_at=store.now()))
    return message


def _again(store: Store, message: Message[Any]) -> bool:
    row, _ = _row(message, store.now())
    return store.write(lambda connection: inbox.is_duplicate(connection, row, store.now()))


def _now(store: Store) -> Any:
    with store.reading() as connection:
        return connection.execute(select(INBOX)).mappings().one()


def _removed(store: Store, clock: Hands) -> None:
    clock.forward(HALF_A_YEAR)
    prune(store, store.journal)


CHANGES: dict[str, Any] = {
    "workflow_id": Uuid("00000000-0000-4000-8000-00000000000f"),
    "from_": "SE",
    "sent_at": datetime.fromisoformat("2026-01-01T00:00:00Z"),
}


def test_the_same_message_is_no_reuse_after_its_document_was_removed(store: Store, clock: Hands) -> None:
    message = _kept(store, Received.PROCESSED)
    _removed(store, clock)
    assert _now(store)["document"] is None
    assert _again(store, message)
    assert (_now(store)["state"], _now(store)["document"]) == (Received.PROCESSED, None)


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("removed", [False, True])
def test_another_message_under_its_identifier_is_a_reuse_all_the_same(
    store: Store, clock: Hands, name: str, removed: bool
) -> None:
    message = _kept(store, Received.PROCESSED)
    if removed:
        _removed(store, clock)
    other = replace(message, header=replace(message.header, **{name: CHANGES[name]}))
    assert not _again(store, other)


def test_what_had_failed_and_was_removed_is_worked_on_with_what_comes_again(
    store: Store, clock: Hands
) -> None:
    """It failed, a person let it go, it is sent again: there has to be something to work on."""
    message = _kept(store, Received.FAILED)
    with store.writing() as connection:
        connection.execute(update(INBOX).values(document=None, digest=""))
    clock.forward(HALF_A_YEAR)
    assert _again(store, message)
    row = _now(store)
    assert (row["state"], row["document"]) == (Received.RECEIVED, tachonet.encode(message))
    assert row["received_at"] == clock()
    with store.writing() as connection:
        connection.execute(update(INBOX).values(state=Received.PROCESSED))
    assert prune(store, store.journal).removed == {}
