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
from functools import cache, cached_property
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Executable, Table, bindparam, select, update

from ..errors import LeaseLost
from .engine import Store


@dataclass(frozen=True, slots=True)
class Claim:
    """One row of work, as it was when it was claimed, and the token that goes with it."""

    row: Mapping[str, Any]
    token: str

    def __getitem__(self, column: str) -> Any:
        return self.row[column]


@dataclass(frozen=True)
class Work:
    """The rows of one table that may be claimed, by state and kind, and the state that they get by it."""

    table: Table
    states: Collection[str]
    kinds: Collection[str]
    claimed: str
    lease: timedelta

    def claim(self, store: Store, *, only: str | None = None) -> list[Claim]:
        """Claim what is due the longest, if anything is. The lease begins now.

        `only` is one message, due or not, unless somebody has claimed it.
        """
        if only is None and not store.shared and not self._is_due(store):
            return []  # most looks find nothing, and on SQLite a write would hold up the others
        claiming = self._claim_due if only is None else self._claim_one
        return store.write(lambda connection: self._claimed(connection, claiming, store.now(), only))

    def _is_due(self, store: Store) -> bool:
        with store.reading() as connection:
            return connection.execute(self._look, {"now": store.now()}).first() is not None

    def _claimed(
        self, connection: Connection, claiming: Executable, now: datetime, only: str | None
    ) -> list[Claim]:
        token, until = uuid4().hex, now + self.lease
        values = {"now": now, "only": only, "token": token, "until": until}
        return [Claim(dict(row), token) for row in connection.execute(claiming, values).mappings()]

    # The statements are built once: to build them takes longer than to execute them.

    @cached_property
    def _look(self) -> Executable:
        look: Executable = self._identifier(self.table.c.next_attempt_at <= bindparam("now"))
        return look

    @cached_property
    def _claim_due(self) -> Executable:
        due = self._identifier(self.table.c.next_attempt_at <= bindparam("now"))
        first = due.order_by(self.table.c.next_attempt_at)
        return self._claiming(first)

    @cached_property
    def _claim_one(self) -> Executable:
        columns = self.table.c
        free = (columns.next_attempt_at <= bindparam("now")) | columns.lease_owner.is_(None)
        return self._claiming(self._identifier(free & (columns.technical_id == bindparam("only"))))

    def _identifier(self, condition: Any) -> Any:
        columns = self.table.c
        ours = columns.state.in_(self.states) & columns.kind.in_(self.kinds)
        return select(columns.technical_id).where(ours & condition).limit(1)

    def _claiming(self, chosen: Any) -> Executable:
        columns = self.table.c
        # SQLite has no use for the lock, and leaves it out.
        one = chosen.with_for_update(skip_locked=True).scalar_subquery()
        return (
            update(self.table)
            .where(columns.technical_id == one)
            .values(
                state=self.claimed,
                attempts=columns.attempts + 1,
                lease_owner=bindparam("token"),
                lease_until=bindparam("until"),
                next_attempt_at=bindparam("until"),
            )
            .returning(self.table)
        )


def settle(connection: Connection, table: Table, claim: Claim, **values: Any) -> None:
    """Write what became of claimed work, and let go of it. Raises LeaseLost where another has it now."""
    values = {"lease_owner": None, "lease_until": None, **values}
    which = {"of": claim["technical_id"], "token": claim.token}
    changed = connection.execute(_settling(table, frozenset(values)), {**values, **which})
    if changed.rowcount != 1:
        raise LeaseLost("the lease had run out")


@cache
def _settling(table: Table, names: frozenset[str]) -> Executable:
    columns = table.c
    return (
        update(table)
        .where(columns.technical_id == bindparam("of"), columns.lease_owner == bindparam("token"))
        .values({name: bindparam(name) for name in names})
    )
