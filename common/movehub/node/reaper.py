"""The reaper: it settles messages that will not come to an end by themselves.

A request without an answer, or whose process died while sending it, becomes *unknown* and is escalated. So
are received messages that no worker claims. And an escalation is resolved when the hub is reached again.
Regulation (EU) 2016/68, Annex VI, 1.5 and 1.8; Regulation (EU) 2016/480, Annex VI, 1.5.2 and 1.7.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection, select, update

from movehub.http.transport import LONGEST_WAIT
from movehub.store import Store
from movehub.store.changes import make
from movehub.store.escalations import Reason, escalate, escalate_message, resolve_matching
from movehub.store.journal import delivered
from movehub.store.outages import is_waiting
from movehub.store.statistics import answered_to_us
from movehub.store.tables import ESCALATIONS, INBOX, OUTBOX, Kind, Received, Sending, Sent

#: How long an answer may take: the law's 20 seconds, and the way through two systems (inferred).
ANSWER_AFTER: Final = timedelta(seconds=LONGEST_WAIT + 5)
#: A message that is due for so long without a worker is escalated (inferred).
_WAITS: Final = timedelta(minutes=5)
#: The hub counts as reached again if there was no failure for so long (inferred). This is many times the
#: longest pause between two attempts, so that an unstable line is one escalation.
_CALM: Final = timedelta(minutes=5)

#: Whether an unprocessed answer is in a request's workflow.
_ANSWER_IN_HAND: Final = (
    select(INBOX.c.technical_id)
    .where(
        INBOX.c.system == OUTBOX.c.system,
        INBOX.c.workflow_id == OUTBOX.c.workflow_id,
        INBOX.c.kind.in_((Kind.ANSWER, Kind.ERROR)),
        INBOX.c.state.in_((Received.RECEIVED, Received.PROCESSING)),
    )
    .exists()
)

#: Whether a message of the system still waits whose last attempt has failed.
_WAITING: Final = (
    select(OUTBOX.c.technical_id)
    .where(
        OUTBOX.c.system == ESCALATIONS.c.system,
        OUTBOX.c.state.in_((Sent.PREPARED, Sent.SENDING)),
        OUTBOX.c.reason.is_not(None),
    )
    .exists()
)

_NOT_CLAIMED: Final = "received messages have waited for minutes: all workers are blocked or too slow"
_DETAILS: Final = {
    Reason.OUTCOME_UNKNOWN: "the process ended while it sent a request, which may have arrived",
    Reason.NO_ANSWER: "a request was delivered, and no answer came in time",
}


class Reaper:
    """Looks for overdue requests, for received messages without a worker, and for resolved escalations."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def step(self) -> bool:
        """Settle everything that is overdue, and return whether there was anything."""
        now = self._store.now()
        overdue = {
            Reason.OUTCOME_UNKNOWN: (Sent.SENDING, OUTBOX.c.lease_until <= now),
            Reason.NO_ANSWER: (Sent.DELIVERED, (OUTBOX.c.done_at <= now - ANSWER_AFTER) & ~_ANSWER_IN_HAND),
        }
        found: list[Callable[[Connection], object]] = [
            partial(self._settle, reason=reason, technical_id=technical_id, now=now)
            for reason, (state, is_over) in overdue.items()
            for technical_id in self._found(
                select(OUTBOX.c.technical_id).where(
                    OUTBOX.c.kind == Sending.REQUEST, OUTBOX.c.state == state, is_over
                )
            )
        ]
        unclaimed = partial(escalate, reason=Reason.REGISTER_FAILED, detail=_NOT_CLAIMED, now=now)
        found += [partial(unclaimed, system=system) for system in self._not_claimed(now)]
        solved = select(ESCALATIONS.c.system).where(ESCALATIONS.c.done_at.is_(None), _reached_again(now))
        if self._found(solved.limit(1)):
            found.append(partial(resolve_matching, which=_reached_again(now), now=now))
        for settle in found:
            self._store.write(settle)
        return bool(found)

    def _not_claimed(self, now: datetime) -> list[str]:
        """Return the systems whose messages wait for a worker, without those that are escalated already.

        Messages that wait for a register that is down have an escalation of their own.
        """
        columns, item = INBOX.c, ESCALATIONS.c
        escalated = select(item.id).where(
            item.reason == Reason.REGISTER_FAILED,
            item.system == columns.system,
            item.technical_id.is_(None),
            item.done_at.is_(None),
        )
        due = (columns.state == Received.RECEIVED) & (columns.next_attempt_at <= now - _WAITS)
        down = is_waiting(columns.system, columns.root)
        return self._found(select(columns.system).where(due, ~down, ~escalated.exists()).distinct())

    def _found(self, wanted: Any) -> list[str]:
        with self._store.reading() as connection:
            return list(connection.execute(wanted).scalars())

    def _settle(self, connection: Connection, *, reason: Reason, technical_id: str, now: datetime) -> None:
        before = Sent.SENDING if reason is Reason.OUTCOME_UNKNOWN else Sent.DELIVERED
        detail = _DETAILS[reason]
        of_it = OUTBOX.c.technical_id == technical_id
        settled = connection.execute(
            update(OUTBOX)
            .where(of_it, OUTBOX.c.state == before)
            .values(state=Sent.UNKNOWN, reason=detail, done_at=now, lease_owner=None, lease_until=None)
        )
        if settled.rowcount == 1:
            row = dict(connection.execute(select(OUTBOX).where(of_it)).mappings().one())
            make(connection, answered_to_us(row, None, now))
            if before is Sent.SENDING:
                make(connection, delivered(self._store.journal, row))  # it may have left
            escalate_message(connection, reason, detail, row, now)


def _reached_again(now: datetime) -> Any:
    """Select the escalations about an unreachable hub after which every message has left."""
    calm = ESCALATIONS.c.last_at <= now - _CALM
    return (ESCALATIONS.c.reason == Reason.NOT_REACHED) & calm & ~_WAITING
