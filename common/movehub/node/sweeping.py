"""What nobody waits for any more: requests without an answer, and those whose process died on the way.

Both become *unknown* and are shown to a person. Regulation (EU) 2016/68, Annex VI, 1.6 and 1.9;
Regulation (EU) 2016/480, Annex VI, 1.5.2 and 1.7.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection, select, update

from ..store import Store
from ..store.attention import Reason
from ..store.changes import make
from ..store.recording import answered_to_us, delivered
from ..store.tables import OUTBOX, Sending, Sent
from ..transport import LONGEST_WAIT
from .calling import call_about

#: How long an answer may take: the law's 20 seconds, and what the way through two systems takes (inferred).
ANSWER_AFTER: Final = timedelta(seconds=LONGEST_WAIT + 5)


class Sweeper:
    """Looks for requests that will not come to their end by themselves."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def step(self) -> bool:
        """Settle what is overdue, and return whether there was anything."""
        now = self._store.now()
        overdue = {
            Reason.OUTCOME_UNKNOWN: (Sent.SENDING, OUTBOX.c.lease_until <= now),
            Reason.NO_ANSWER: (Sent.DELIVERED, OUTBOX.c.done_at <= now - ANSWER_AFTER),
        }
        found = [
            partial(self._settle, reason=reason, technical_id=row["technical_id"], now=now)
            for reason, (state, is_over) in overdue.items()
            for row in self._found(state, is_over)
        ]
        for settle in found:
            self._store.write(settle)
        return bool(found)

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
            call_about(connection, reason, said, row, now)


_SAID: Final = {
    Reason.OUTCOME_UNKNOWN: "the process ended while it sent a request, which may have arrived",
    Reason.NO_ANSWER: "a request was taken, and no answer came in time",
}
