"""What came in: kept once a technical identifier, worked on by one worker at a time, settled once.

received → processing → processed | expired | failed | parked, and back to received for another attempt.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Final

from sqlalchemy import Connection, select, update

from ..message import Message
from .claims import Claim, Work, settle
from .described import described, kind_of
from .inserts import insert_new
from .tables import INBOX, Kind, Received
from .workflows import opened_by_them

#: How long a worker may take for one message before another takes it up.
LEASE: Final = timedelta(seconds=60)

_UNSETTLED: Final = (Received.RECEIVED, Received.PROCESSING)


class Receipt(Enum):
    """What it means that a document came."""

    NEW = "kept now"
    AGAIN = "the same bytes were kept before"
    OTHER = "other bytes were kept under the same identifier"


def keep(
    connection: Connection,
    system: str,
    message: Message[Any],
    document: bytes,
    *,
    now: datetime,
    answer_by: datetime | None,
    peer: str,
    aside: timedelta = timedelta(0),
) -> Receipt:
    """Keep a document that came in. It is safe once the transaction has ended.

    For as long as it is set `aside` only who asks for it by name works on it. What has failed here before and
    comes again is taken up again (a repeated delivery is a second chance).
    """
    columns = described(system, message, document)
    new = insert_new(
        connection,
        INBOX,
        {
            **columns,
            "kind": kind_of(message),
            "peer": peer,
            "received_at": now,
            "answer_by": answer_by,
            "state": Received.RECEIVED,
            "attempts": 0,
            "next_attempt_at": now + aside,
        },
    )
    if new:
        if kind_of(message) in {Kind.QUERY, Kind.NOTIFICATION}:
            opened_by_them(connection, columns, now)
        return Receipt.NEW
    of_it = INBOX.c.technical_id == columns["technical_id"]
    if connection.execute(select(INBOX.c.digest).where(of_it)).scalar_one() != columns["digest"]:
        return Receipt.OTHER
    revive(connection, columns["technical_id"], now=now)
    return Receipt.AGAIN


def revive(connection: Connection, technical_id: str, *, now: datetime) -> bool:
    """Have a failed message worked on again, and return whether it was one.

    Its answer, if one was given, stands: there is one answer a request, ever.
    """
    revived = connection.execute(
        update(INBOX)
        .where(INBOX.c.technical_id == technical_id, INBOX.c.state == Received.FAILED)
        .values(state=Received.RECEIVED, attempts=0, next_attempt_at=now, reason=None, done_at=None)
    )
    return revived.rowcount == 1


def work(kinds: Collection[Kind], lease: timedelta = LEASE) -> Work:
    """Return the work of those who process messages of these kinds."""
    return Work(INBOX, _UNSETTLED, tuple(kinds), Received.PROCESSING, lease)


def settled(
    connection: Connection, claim: Claim, state: Received, *, now: datetime, reason: str | None = None
) -> None:
    """Say what became of a message. Raises LeaseLost where somebody else has it now."""
    settle(connection, INBOX, claim, state=state, done_at=now, reason=reason)


def postponed(connection: Connection, claim: Claim, until: datetime, reason: str) -> None:
    """Have a message worked on again, not before an instant. Raises LeaseLost."""
    settle(connection, INBOX, claim, state=Received.RECEIVED, next_attempt_at=until, reason=reason)


def take_back(connection: Connection, now: datetime) -> int:
    """Make claimed messages due at once. For the start of the only process that works on them."""
    freed = connection.execute(
        update(INBOX)
        .where(INBOX.c.state == Received.PROCESSING)
        .values(next_attempt_at=now, lease_owner=None)
    )
    return freed.rowcount
