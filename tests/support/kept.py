"""Messages as the store has them, put there as the node does, and then moved to any state."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from movehub.protocol.message import Body, Message
from movehub.store import Store, inbox, outbox
from movehub.store.changes import make
from movehub.store.tables import INBOX, OUTBOX, Sending
from sqlalchemy import select, update

import erru_client as erru
import tachonet_client as tachonet
from tests.support.examples import DK_TACHONET, FI_ERRU, cgr_request, cic_request


def received(store: Store, state: str, body: Body | None = None, *, at: datetime | None = None) -> str:
    """Keep a message that came, in a state, and return its technical identifier."""
    message: Message[Any] = DK_TACHONET.request(body or cic_request(), "FI")
    document, at = tachonet.encode(message), at or store.now()
    with store.writing() as connection:
        _, changes = inbox.new_message("TACHOnet", message, document, now=at, answer_by=at, peer="CN=hub")
        make(connection, changes)
        connection.execute(
            update(INBOX).where(INBOX.c.technical_id == _id(message)).values(state=state, done_at=at)
        )
    return _id(message)


def to_send(store: Store, state: str, *, kind: str = Sending.REQUEST, at: datetime | None = None) -> str:
    """Keep a message of ours, in a state, and return its technical identifier."""
    message: Message[Any] = FI_ERRU.request(cgr_request(), "DK")
    document, at = erru.encode(message), at or store.now()
    with store.writing() as connection:
        outbox.store_request(connection, "ERRU", message, document, now=at, not_after=None, opens=True)
        of_it = OUTBOX.c.technical_id == _id(message)
        connection.execute(update(OUTBOX).where(of_it).values(state=state, kind=kind, done_at=at))
    return _id(message)


def document(store: Store, technical_id: str) -> bytes | None:
    """Return what is kept of a message, received or sent."""
    with store.reading() as connection:
        for table in (INBOX, OUTBOX):
            found = connection.execute(select(table.c.document).where(table.c.technical_id == technical_id))
            if (row := found.first()) is not None:
                kept: bytes | None = row[0]
                return kept
    raise KeyError(technical_id)


def _id(message: Message[Any]) -> str:
    return str(message.header.technical_id).lower()
