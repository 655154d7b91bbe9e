"""What came in: kept once a technical identifier, worked on by one worker at a time, settled once.

received → processing → processed | expired | failed | parked, and back to received for another attempt.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, select, update

from movehub.protocol.message import Message
from movehub.store import leases as claims
from movehub.store.changes import Change
from movehub.store.leases import Claim, Work
from movehub.store.tables import INBOX, Kind, Received, kind_of, message_columns
from movehub.store.workflows import opened_by_them

#: How long a worker may take for one message before another takes it up.
LEASE: Final = timedelta(seconds=60)

_UNSETTLED: Final = (Received.RECEIVED, Received.PROCESSING)


class AlreadyKept(Exception):
    """A document with this technical identifier is here already."""


def kept(
    system: str,
    message: Message[Any],
    document: bytes,
    *,
    now: datetime,
    answer_by: datetime | None,
    peer: str,
    aside: timedelta = timedelta(0),
    placed: Mapping[str, Any] | None = None,
) -> tuple[dict[str, Any], list[Change]]:
    """Return the row of a document that came in, and what keeps it: AlreadyKept if its identifier is known.

    For as long as it is set `aside` only who asks for it by name works on it. Where it goes straight to a
    worker, `placed` has the columns of its claim.
    """
    waiting = {"state": Received.RECEIVED, "attempts": 0, "next_attempt_at": now + aside}
    row = {
        **message_columns(system, message, document),
        "kind": kind_of(message),
        "peer": peer,
        "received_at": now,
        "answer_by": answer_by,
        **(placed or waiting),
    }
    changes = [Change(INBOX, row, unless=AlreadyKept)]
    if row["kind"] in {Kind.QUERY, Kind.NOTIFICATION}:
        changes.append(opened_by_them(row, now))
    return row, changes


#: What tells messages apart once retention has removed the document and its digest.
_REMAINS: Final = ("system", "workflow_id", "root", "kind", "from_code", "to_code", "sent_at")


def again(connection: Connection, row: Mapping[str, Any], now: datetime) -> bool:
    """Return whether what came under a known identifier is the message that is known.

    Its bytes say so; where they were removed since, what remains of its header does. What has failed here
    before and comes again is taken up again (a repeated delivery is a second chance).
    """
    columns = [INBOX.c[name] for name in ("digest", *_REMAINS)]
    of_it = INBOX.c.technical_id == row["technical_id"]
    known = connection.execute(select(*columns).where(of_it)).mappings().one()
    names = ("digest",) if known["digest"] else _REMAINS
    if any(known[name] != row[name] for name in names):
        return False
    if revive(connection, row["technical_id"], now=now) and not known["digest"]:
        connection.execute(
            update(INBOX).where(of_it).values(document=row["document"], digest=row["digest"], received_at=now)
        )
    return True


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


def settled(claim: Claim, state: Received, *, now: datetime, reason: str | None = None) -> Change:
    """Return what says what became of a message: LeaseLost where somebody else has it now."""
    return claims.settled(INBOX, claim, state=state, done_at=now, reason=reason)


def postponed(claim: Claim, until: datetime, reason: str) -> Change:
    """Return what has a message worked on again, not before an instant: LeaseLost likewise."""
    return claims.settled(INBOX, claim, state=Received.RECEIVED, next_attempt_at=until, reason=reason)


def take_back(connection: Connection, now: datetime) -> int:
    """Make claimed messages due at once. For the start of the only process that works on them."""
    freed = connection.execute(
        update(INBOX)
        .where(INBOX.c.state == Received.PROCESSING)
        .values(next_attempt_at=now, lease_owner=None)
    )
    return freed.rowcount
