"""Work that is claimed before it is done: by one worker at a time, for as long as its lease lasts.

A worker that dies leaves a lease behind; when that has run out another takes the work up. So
`next_attempt_at` of a claimed row is the end of its lease, and one condition finds all that is due. A claim
has a token of its own, and only who holds it may write what became of the work: one who was too slow comes
to nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Table, select, update

from ..errors import LeaseLost
from .engine import Store


@dataclass(frozen=True, slots=True)
class Claim:
    """One row of work, as it was when it was claimed, and the token that goes with it."""

    row: Mapping[str, Any]
    token: str

    def __getitem__(self, column: str) -> Any:
        return self.row[column]


@dataclass(frozen=True, slots=True)
class Work:
    """The rows of one table that may be claimed, by state and kind, and the state that they get by it."""

    table: Table
    states: Collection[str]
    kinds: Collection[str]
    claimed: str
    lease: timedelta

    def claim(self, store: Store, limit: int = 1, *, only: str | None = None) -> list[Claim]:
        """Claim what is due, the longest due first. The lease begins now.

        `only` is one message, due or not, unless somebody has claimed it.
        """
        due = self._due(store.now(), only)
        if only is None and not self._is_due(store, due):
            return []  # without a lock: most looks find nothing
        return store.write(lambda connection: self._claimed(connection, due, store.now(), limit))

    def _due(self, now: datetime, only: str | None) -> Any:
        columns = self.table.c
        ours = columns.state.in_(self.states) & columns.kind.in_(self.kinds)
        due = columns.next_attempt_at <= now
        if only is None:
            return ours & due
        return ours & (columns.technical_id == only) & (due | columns.lease_owner.is_(None))

    def _is_due(self, store: Store, due: Any) -> bool:
        with store.reading() as connection:
            return (
                connection.execute(select(self.table.c.technical_id).where(due).limit(1)).first() is not None
            )

    def _claimed(self, connection: Connection, due: Any, now: datetime, limit: int) -> list[Claim]:
        found = (
            select(self.table)
            .where(due)
            .order_by(self.table.c.next_attempt_at)
            .limit(limit)
            .with_for_update(skip_locked=True)  # SQLite has no use for it, and leaves it out
        )
        rows = connection.execute(found).mappings().all()
        token, until = uuid4().hex, now + self.lease
        values = {"state": self.claimed, "lease_owner": token, "lease_until": until, "next_attempt_at": until}
        if rows:
            connection.execute(
                update(self.table)
                .where(self.table.c.technical_id.in_([row["technical_id"] for row in rows]))
                .values(attempts=self.table.c.attempts + 1, **values)
            )
        return [Claim({**row, "attempts": row["attempts"] + 1}, token) for row in rows]


def settle(connection: Connection, table: Table, claim: Claim, **values: Any) -> None:
    """Write what became of claimed work, and let go of it. Raises LeaseLost where another has it now."""
    done = connection.execute(
        update(table)
        .where(table.c.technical_id == claim["technical_id"], table.c.lease_owner == claim.token)
        .values({"lease_owner": None, "lease_until": None, **values})
    )
    if done.rowcount != 1:
        raise LeaseLost("the lease had run out")
