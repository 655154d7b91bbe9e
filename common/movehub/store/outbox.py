"""Messages to send: stored before they are sent, and sent with the same bytes each time.

An answer is delivered at least once: prepared → sending → delivered, and back to prepared for another
attempt. A request is sent once: prepared → sending → delivered → answered. It becomes unknown if it left and
its outcome cannot be known. Either may expire unsent, or be refused.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, insert, select, update

from movehub.protocol.later_response import response_due_at
from movehub.protocol.message import Message
from movehub.protocol.request_outcome import RequestOutcome, Result
from movehub.store import leases
from movehub.store.changes import Change, make
from movehub.store.leases import Claim, Work
from movehub.store.statistics import status_of
from movehub.store.tables import OUTBOX, Sending, Sent, message_columns
from movehub.store.workflows import opened

#: How long a courier has for one delivery: the law's 20 seconds, twice.
LEASE: Final = timedelta(seconds=40)

#: Requests of ours that may still get an answer.
UNANSWERED: Final = (Sent.PREPARED, Sent.SENDING, Sent.DELIVERED, Sent.UNKNOWN)

#: What became of a request without an answer, by its state.
_RESULTS: Final[Mapping[str, Result]] = {
    Sent.PREPARED: Result.WAITING,
    Sent.SENDING: Result.WAITING,
    Sent.DELIVERED: Result.WAITING,
    Sent.UNKNOWN: Result.UNKNOWN,
    Sent.EXPIRED: Result.NOT_SENT,
    Sent.REFUSED: Result.REFUSED,
}


class AlreadyAnswered(Exception):
    """The message was answered before. A request never gets a second answer."""


def store_request(
    connection: Connection,
    system: str,
    message: Message[Any],
    document: bytes,
    *,
    now: datetime,
    not_after: datetime | None,
    opens: bool,
) -> None:
    """Store a request of ours that is to be sent. `opens`: it is the first message of its workflow."""
    columns = _columns(system, message, document, Sending.REQUEST, now) | {"not_after": not_after}
    connection.execute(insert(OUTBOX).values(columns))
    if opens:
        due = response_due_at(message, now)
        make(connection, [opened(columns, now, by_us=True, response_due=due)])


def new_answer(
    system: str,
    message: Message[Any],
    document: bytes,
    *,
    in_reply_to: str,
    now: datetime,
    not_after: datetime | None,
    state: Sent = Sent.PREPARED,
) -> Change:
    """Return the change that stores the answer to a message. It raises AlreadyAnswered if there is one."""
    columns = _columns(system, message, document, Sending.ANSWER, now)
    columns |= {"in_reply_to": in_reply_to, "not_after": not_after, "state": state}
    columns |= {"status": status_of(message)}
    return Change(OUTBOX, columns, unless=AlreadyAnswered)


def answer_to(connection: Connection, technical_id: str) -> Mapping[str, Any] | None:
    """Return the row of the answer to a received message, or None."""
    given = select(OUTBOX).where(OUTBOX.c.in_reply_to == technical_id)
    found = connection.execute(given).mappings().one_or_none()
    return None if found is None else dict(found)


def answers_to_deliver() -> Work:
    """Return the work of delivering answers. A delivery that another courier began is begun again."""
    return Work(OUTBOX, (Sent.PREPARED, Sent.SENDING), (Sending.ANSWER,), Sent.SENDING, LEASE)


def requests_to_send() -> Work:
    """Return the work of sending requests. A request that may have left is never sent again."""
    return Work(OUTBOX, (Sent.PREPARED,), (Sending.REQUEST,), Sent.PREPARED, LEASE)


def departing(claim: Claim, now: datetime) -> Change:
    """Return the change to store before the first byte of a request leaves. It raises LeaseLost."""
    until = now + LEASE
    lease = {"lease_owner": claim["lease_owner"], "lease_until": until, "next_attempt_at": until}
    return leases.settled(OUTBOX, claim, state=Sent.SENDING, **lease)


def settled(claim: Claim, state: Sent, *, now: datetime, reason: str | None = None) -> Change:
    """Return the change that settles a message. It raises LeaseLost if another courier has the message."""
    return leases.settled(OUTBOX, claim, state=state, done_at=now, reason=reason)


def postponed(claim: Claim, until: datetime, reason: str) -> Change:
    """Return the change that schedules another attempt. It raises LeaseLost as `settled` does."""
    return leases.settled(OUTBOX, claim, state=Sent.PREPARED, next_attempt_at=until, reason=reason)


def mark_answered(
    connection: Connection, technical_id: str, by: str, outcome: RequestOutcome, now: datetime
) -> None:
    """Note the answer to a request of ours and its outcome, in whatever state the request is."""
    answered = {"state": Sent.ANSWERED, "answered_by": by, "done_at": now, "lease_owner": None}
    became = {"outcome": outcome.result, "states": " ".join(outcome.states), "reason": None}
    connection.execute(
        update(OUTBOX).where(OUTBOX.c.technical_id == technical_id).values(**answered, **became)
    )


def outcome_of_row(row: Mapping[str, Any]) -> RequestOutcome:
    """Return what became of a request of ours. `row` has the columns of the outbox."""
    return RequestOutcome(result_of(row["state"], row["outcome"]), tuple((row["states"] or "").split()))


def result_of(state: str, outcome: str | None) -> Result:
    """Return what became of a request of ours from two columns of the outbox.

    A request that was answered before the outcome was stored counts as answered.
    """
    return Result(outcome or Result.ANSWERED) if state == Sent.ANSWERED else _RESULTS[state]


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
