"""Received messages: stored once per technical identifier, claimed by one worker at a time, settled once.

received → processing → processed | expired | failed | parked, and back to received for another attempt.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, select, update

from movehub.protocol.later_response import response_due_at
from movehub.protocol.message import Message
from movehub.store import leases
from movehub.store.changes import Change
from movehub.store.leases import Claim, Work
from movehub.store.statistics import asked_of_us
from movehub.store.tables import INBOX, Kind, Received, kind_of, message_columns
from movehub.store.workflows import opened, opened_again

#: How long a worker has for one message before another worker may claim it.
LEASE: Final = timedelta(seconds=60)

#: The kinds that are answered, and counted.
REQUESTS: Final = frozenset({Kind.QUERY, Kind.NOTIFICATION, Kind.HEARTBEAT})

_UNSETTLED: Final = (Received.RECEIVED, Received.PROCESSING)


class AlreadyStored(Exception):
    """There is a message with this technical identifier already."""


def new_message(
    system: str,
    message: Message[Any],
    document: bytes,
    *,
    now: datetime,
    answer_by: datetime | None,
    peer: str,
    due_in: timedelta = timedelta(0),
) -> tuple[dict[str, Any], list[Change]]:
    """Return the row of a received message, and the changes that store it.

    The changes raise AlreadyStored if the technical identifier is known. Until the message is due, it is
    claimed by its identifier only. `answer_by` is None if no answer is to be made: it asks for none, or has
    its acknowledgement.
    """
    row = {
        **message_columns(system, message, document),
        "kind": kind_of(message),
        "peer": peer,
        "received_at": now,
        "answer_by": answer_by,
        "state": Received.RECEIVED,
        "attempts": 0,
        "next_attempt_at": now + due_in,
    }
    changes = [Change(INBOX, row, unless=AlreadyStored)]
    if row["kind"] in {Kind.QUERY, Kind.NOTIFICATION}:
        due = response_due_at(message, now)
        changes.append(opened(row, now, by_us=False, response_due=due))
        changes += [] if due is None else [opened_again(row, due)]
    if row["kind"] in REQUESTS:
        changes.append(asked_of_us(row))
    return row, changes


#: The columns that identify a message after retention has removed its document and digest.
_REMAINING: Final = ("system", "workflow_id", "root", "kind", "from_code", "to_code", "sent_at")


def is_duplicate(connection: Connection, row: Mapping[str, Any], now: datetime) -> bool:
    """Return whether a message with a known identifier is the stored message, and not another one.

    The digests decide. If retention has removed the digest, the header decides. If the stored message has
    failed, it is processed again: a repeated delivery is a second chance.
    """
    columns = [INBOX.c[name] for name in ("digest", *_REMAINING)]
    of_it = INBOX.c.technical_id == row["technical_id"]
    known = connection.execute(select(*columns).where(of_it)).mappings().one()
    names = ("digest",) if known["digest"] else _REMAINING
    if any(known[name] != row[name] for name in names):
        return False
    if retry(connection, row["technical_id"], now=now) and not known["digest"]:
        connection.execute(
            update(INBOX).where(of_it).values(document=row["document"], digest=row["digest"], received_at=now)
        )
    return True


def retry(connection: Connection, technical_id: str, *, now: datetime) -> bool:
    """Make a failed message due again; False if it has not failed. Its first answer, if any, stands.

    Its `reason` stays: if it succeeds now, its escalation is resolved.
    """
    retried = connection.execute(
        update(INBOX)
        .where(INBOX.c.technical_id == technical_id, INBOX.c.state == Received.FAILED)
        .values(state=Received.RECEIVED, attempts=0, next_attempt_at=now, done_at=None)
    )
    return retried.rowcount == 1


def work(kinds: Collection[Kind]) -> Work:
    """Return the work of processing messages of these kinds."""
    return Work(INBOX, _UNSETTLED, tuple(kinds), Received.PROCESSING, LEASE)


def settled(claim: Claim, state: Received, *, now: datetime, reason: str | None = None) -> Change:
    """Return the change that settles a message. It raises LeaseLost if another worker has the message."""
    return leases.settled(INBOX, claim, state=state, done_at=now, reason=reason)


def postponed(claim: Claim, until: datetime, reason: str | None, *, attempts: int | None = None) -> Change:
    """Return the change that schedules another attempt. It raises LeaseLost as `settled` does.

    `attempts` are those that count. By default all do.
    """
    count = claim["attempts"] if attempts is None else attempts
    values = {"state": Received.RECEIVED, "next_attempt_at": until, "reason": reason, "attempts": count}
    return leases.settled(INBOX, claim, **values)
