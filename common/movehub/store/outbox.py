"""What goes out: written before it is sent, sent with the same bytes each time, never changed.

An answer is delivered at least once: prepared → sending → delivered, and back to prepared for another
attempt. A request is sent once: prepared → sending → delivered → answered, or unknown where it left and
nobody knows. Either may expire unsent, or be refused.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, insert, select, update

from movehub.protocol.message import Message
from movehub.store import leases as claims
from movehub.store.changes import Change, make
from movehub.store.leases import Claim, Work
from movehub.store.tables import OUTBOX, Sending, Sent, message_columns
from movehub.store.workflows import opened_by_us

#: How long a courier may take for one delivery: the law's 20 seconds, and as many again.
LEASE: Final = timedelta(seconds=40)

#: Requests of ours that an answer may still come for.
UNANSWERED: Final = (Sent.PREPARED, Sent.SENDING, Sent.DELIVERED, Sent.UNKNOWN)


class AnswerStands(Exception):
    """The message was answered before, and there is one answer a request, ever."""


def prepare_request(
    connection: Connection,
    system: str,
    message: Message[Any],
    document: bytes,
    *,
    now: datetime,
    not_after: datetime | None,
    opens: bool,
) -> None:
    """Keep a request of ours, to be sent. `opens`: it is the first message of its workflow."""
    columns = _columns(system, message, document, Sending.REQUEST, now) | {"not_after": not_after}
    connection.execute(insert(OUTBOX).values(columns))
    if opens:
        make(connection, [opened_by_us(columns, now)])


def answering(
    system: str,
    message: Message[Any],
    document: bytes,
    *,
    in_reply_to: str,
    now: datetime,
    not_after: datetime | None,
    placed: Mapping[str, Any] | None = None,
) -> Change:
    """Return what keeps the answer to a message that came: AnswerStands where there is one.

    Where it goes straight to a courier, `placed` has the columns of its claim.
    """
    columns = _columns(system, message, document, Sending.ANSWER, now)
    columns |= {"in_reply_to": in_reply_to, "not_after": not_after, **(placed or {})}
    return Change(OUTBOX, columns, unless=AnswerStands)


def answer_given(connection: Connection, technical_id: str) -> bytes | None:
    """Return the answer that was given to a message, None where none was."""
    given = select(OUTBOX.c.document).where(OUTBOX.c.in_reply_to == technical_id)
    return connection.execute(given).scalar_one_or_none()


def answers_to_deliver(lease: timedelta = LEASE) -> Work:
    """Return the work of those who deliver answers: also what somebody began and did not bring to its end."""
    return Work(OUTBOX, (Sent.PREPARED, Sent.SENDING), (Sending.ANSWER,), Sent.SENDING, lease)


def requests_to_send(lease: timedelta = LEASE) -> Work:
    """Return the work of those who send requests. What somebody began to send is never begun again."""
    return Work(OUTBOX, (Sent.PREPARED,), (Sending.REQUEST,), Sent.PREPARED, lease)


def begun(claim: Claim, now: datetime) -> Change:
    """Return what says, before the first byte of a request leaves, that it may have left. LeaseLost."""
    until = now + LEASE
    lease = {"lease_owner": claim.token, "lease_until": until, "next_attempt_at": until}
    return claims.settled(OUTBOX, claim, state=Sent.SENDING, **lease)


def settled(claim: Claim, state: Sent, *, now: datetime, reason: str | None = None) -> Change:
    """Return what says what became of a message: LeaseLost where somebody else has it now."""
    return claims.settled(OUTBOX, claim, state=state, done_at=now, reason=reason)


def postponed(claim: Claim, until: datetime, reason: str) -> Change:
    """Return what has a message sent again, not before an instant: LeaseLost likewise."""
    return claims.settled(OUTBOX, claim, state=Sent.PREPARED, next_attempt_at=until, reason=reason)


def answered(connection: Connection, technical_id: str, by: str, now: datetime) -> None:
    """Note the answer to a request of ours, whatever was thought of the request before."""
    connection.execute(
        update(OUTBOX)
        .where(OUTBOX.c.technical_id == technical_id)
        .values(state=Sent.ANSWERED, answered_by=by, done_at=now, lease_owner=None, reason=None)
    )


def requests_in(
    connection: Connection, system: str, workflow_id: str, states: Collection[str] = UNANSWERED
) -> list[Any]:
    """Return our requests in a workflow that are in one of the states, the newest first."""
    found = (
        select(OUTBOX)
        .where(
            OUTBOX.c.system == system,
            OUTBOX.c.workflow_id == workflow_id,
            OUTBOX.c.kind == Sending.REQUEST,
            OUTBOX.c.state.in_(states),
        )
        .order_by(OUTBOX.c.prepared_at.desc())
        .with_for_update()
    )
    return list(connection.execute(found).mappings())


def take_back(connection: Connection, now: datetime) -> int:
    """Make claimed messages due at once. For the start of the only process that sends them."""
    freed = connection.execute(
        update(OUTBOX)
        .where(OUTBOX.c.state.in_((Sent.PREPARED, Sent.SENDING)), OUTBOX.c.lease_owner.is_not(None))
        .values(next_attempt_at=now, lease_until=now, lease_owner=None)
    )
    return freed.rowcount


def _columns(
    system: str, message: Message[Any], document: bytes, kind: Sending, now: datetime
) -> dict[str, Any]:
    return {
        **message_columns(system, message, document),
        "kind": kind,
        "prepared_at": now,
        "state": Sent.PREPARED,
        "attempts": 0,
        "next_attempt_at": now,
    }
