"""Messages in a store, stored as the node does it, and then set to any state."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from movehub.protocol.message import Body, Message
from movehub.store import Store, inbox, outbox, workflows
from movehub.store.changes import make
from movehub.store.tables import INBOX, OUTBOX, Received, Sending
from sqlalchemy import Connection, select, update

import erru_client as erru
import tachonet_client as tachonet
from tests.support.databases import Hands
from tests.support.examples import (
    DK_TACHONET,
    FI_ERRU,
    FI_TACHONET,
    cgr_request,
    cic_request,
    found_driver,
    found_manager,
)


def received(
    store: Store,
    state: str,
    body: Body | None = None,
    *,
    at: datetime | None = None,
    message: Message[Any] | None = None,
) -> str:
    """Store a received message in a state, and return its technical identifier."""
    message = message or DK_TACHONET.request(body or cic_request(), "FI")
    document, at = tachonet.encode(message), at or store.now()
    with store.writing() as connection:
        row, changes = inbox.new_message("TACHOnet", message, document, now=at, answer_by=at, peer="CN=hub")
        make(connection, changes)
        if state == Received.PROCESSED:
            make(connection, workflows.processed(row, at, refused=False))
        connection.execute(
            update(INBOX).where(INBOX.c.technical_id == _id(message)).values(state=state, done_at=at)
        )
    return _id(message)


def to_send(
    store: Store,
    state: str,
    *,
    kind: str = Sending.REQUEST,
    at: datetime | None = None,
    outcome: str | None = None,
) -> str:
    """Store a message of ours in a state, and return its technical identifier."""
    message: Message[Any] = FI_ERRU.request(cgr_request(), "DK")
    document, at = erru.encode(message), at or store.now()
    with store.writing() as connection:
        outbox.store_request(connection, "ERRU", message, document, now=at, not_after=None, opens=True)
        of_it = OUTBOX.c.technical_id == _id(message)
        connection.execute(
            update(OUTBOX).where(of_it).values(state=state, kind=kind, done_at=at, outcome=outcome)
        )
    return _id(message)


def document(store: Store, technical_id: str) -> bytes | None:
    """Return the stored document of a message, received or sent."""
    with store.reading() as connection:
        for table in (INBOX, OUTBOX):
            found = connection.execute(select(table.c.document).where(table.c.technical_id == technical_id))
            if (row := found.first()) is not None:
                kept: bytes | None = row[0]
                return kept
    raise KeyError(technical_id)


def received_request(connection: Connection, clock: Hands) -> tuple[Message[Any], Any]:
    """Store a received search, and return it with its row."""
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
    return request, _row_of(connection, INBOX, request)


def posted_request(connection: Connection, clock: Hands) -> tuple[Message[Any], Any]:
    """Store a search of ours, and return it with its row."""
    request = FI_ERRU.request(cgr_request(), "ZZ")
    document = erru.encode(request)
    outbox.store_request(connection, "ERRU", request, document, now=clock(), not_after=None, opens=True)
    return request, _row_of(connection, OUTBOX, request)


def found_here(request: Message[Any]) -> Message[Any]:
    """Return our answer: Finland knows the driver."""
    return FI_TACHONET.answer(request, request.body.answer("FI", (found_driver(),)))


def consolidated(request: Message[Any]) -> Message[Any]:
    """Return the hub's answer: Denmark knows the manager, Sweden does not, Latvia said nothing."""
    dk = request.body.answer("DK", (found_manager(),)).member_states
    se = request.body.answer("SE", ()).member_states
    lv = request.body.unanswered("LV", erru.SearchStatus.TIMEOUT)
    return FI_ERRU.answer(request, request.body.answered_with(*dk, *se, lv))


def _row_of(connection: Connection, table: Any, message: Message[Any]) -> Any:
    of_it = table.c.technical_id == _id(message)
    return dict(connection.execute(select(table).where(of_it)).mappings().one())


def _id(message: Message[Any]) -> str:
    return str(message.header.technical_id).lower()
