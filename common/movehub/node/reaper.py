"""What nobody waits for any more: requests without an answer, and those whose process died on the way.

Both become *unknown* and are shown to a person, and so is what came in and nobody takes up. And what a person
was called for and has come right by itself: the hub that was not reached, and is.
Regulation (EU) 2016/68, Annex VI, 1.6 and 1.9; Regulation (EU) 2016/480, Annex VI, 1.5.2 and 1.7.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection, select, update

from movehub.http.transport import LONGEST_WAIT
from movehub.store import Store
from movehub.store.changes import make
from movehub.store.escalations import Reason, escalate, escalate_message, resolve_matching
from movehub.store.journal import delivered
from movehub.store.statistics import answered_to_us
from movehub.store.tables import ESCALATIONS, INBOX, OUTBOX, Kind, Received, Sending, Sent

#: How long an answer may take: the law's 20 seconds, and what the way through two systems takes (inferred).
ANSWER_AFTER: Final = timedelta(seconds=LONGEST_WAIT + 5)
#: How long a message may be due, and nobody takes it up, before a person is told (inferred).
_WAITS: Final = timedelta(minutes=5)
#: How long nothing must have failed to reach the hub before that is over (inferred). It is many times the
#: longest pause between two attempts, so that a line that comes and goes is one entry.
_CALM: Final = timedelta(minutes=5)

#: Whether something came in a request's workflow that whoever is to take it did not take yet.
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


#: Whether something of a system still waits of which the last attempt has failed.
_WAITING: Final = (
    select(OUTBOX.c.technical_id)
    .where(
        OUTBOX.c.system == ESCALATIONS.c.system,
        OUTBOX.c.state.in_((Sent.PREPARED, Sent.SENDING)),
        OUTBOX.c.reason.is_not(None),
    )
    .exists()
)


class Sweeper:
    """Looks for requests that will not come to their end by themselves, and for troubles that have."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def step(self) -> bool:
        """Settle what is overdue, and return whether there was anything."""
        now = self._store.now()
        overdue = {
            Reason.OUTCOME_UNKNOWN: (Sent.SENDING, OUTBOX.c.lease_until <= now),
            Reason.NO_ANSWER: (Sent.DELIVERED, (OUTBOX.c.done_at <= now - ANSWER_AFTER) & ~_ANSWER_IN_HAND),
        }
        found = [
            partial(self._settle, reason=reason, technical_id=row["technical_id"], now=now)
            for reason, (state, is_over) in overdue.items()
            for row in self._found(state, is_over)
        ]
        found += [partial(self._call, system=system, now=now) for system in self._not_taken_up(now)]
        found += (
            [partial(resolve_matching, which=_is_reached_again(now), now=now)]
            if self._reached_again(now)
            else []
        )
        for settle in found:
            self._store.write(settle)
        return bool(found)

    def _not_taken_up(self, now: datetime) -> list[str]:
        """Return the systems of messages that nobody has taken up, of what no person has been called for."""
        columns, item = INBOX.c, ESCALATIONS.c
        called = select(item.id).where(
            item.reason == Reason.REGISTER_FAILED,
            item.system == columns.system,
            item.technical_id.is_(None),
            item.done_at.is_(None),
        )
        due = (columns.state == Received.RECEIVED) & (columns.next_attempt_at <= now - _WAITS)
        with self._store.reading() as connection:
            asked = select(columns.system).where(due, ~called.exists()).distinct()
            return list(connection.execute(asked).scalars())

    def _reached_again(self, now: datetime) -> bool:
        with self._store.reading() as connection:
            looked = select(ESCALATIONS.c.id).where(ESCALATIONS.c.done_at.is_(None), _is_reached_again(now))
            return connection.execute(looked.limit(1)).first() is not None

    def _call(self, connection: Connection, *, system: str, now: datetime) -> None:
        escalate(connection, Reason.REGISTER_FAILED, _NOT_TAKEN_UP, now=now, system=system)

    def _found(self, state: Sent, is_over: Any) -> list[Any]:
        requests = (OUTBOX.c.kind == Sending.REQUEST) & (OUTBOX.c.state == state) & is_over
        with self._store.reading() as connection:
            return list(connection.execute(select(OUTBOX.c.technical_id).where(requests)).mappings())

    def _settle(self, connection: Connection, *, reason: Reason, technical_id: str, now: datetime) -> None:
        before = Sent.SENDING if reason is Reason.OUTCOME_UNKNOWN else Sent.DELIVERED
        said = _SAID[reason]
        of_it = OUTBOX.c.technical_id == technical_id
        settled = connection.execute(
            update(OUTBOX)
            .where(of_it, OUTBOX.c.state == before)
            .values(state=Sent.UNKNOWN, reason=said, done_at=now, lease_owner=None, lease_until=None)
        )
        if settled.rowcount == 1:
            row = dict(connection.execute(select(OUTBOX).where(of_it)).mappings().one())
            make(connection, answered_to_us(row, None, now))
            if before is Sent.SENDING:
                make(connection, delivered(self._store.journal, row))  # it may have gone out
            escalate_message(connection, reason, said, row, now)


def _is_reached_again(now: datetime) -> Any:
    """Tell entries about a hub that was not reached, where everything has gone out since."""
    calm = ESCALATIONS.c.last_at <= now - _CALM
    return (ESCALATIONS.c.reason == Reason.NOT_REACHED) & calm & ~_WAITING


_NOT_TAKEN_UP: Final = "messages that came wait for minutes, as all that work on them are held up or too slow"
_SAID: Final = {
    Reason.OUTCOME_UNKNOWN: "the process ended while it sent a request, which may have arrived",
    Reason.NO_ANSWER: "a request was taken, and no answer came in time",
}
