"""Work that is claimed before it is done: by one worker at a time, for as long as its lease lasts.

A worker that dies leaves a lease behind; when that has run out another takes the work up. So
`next_attempt_at` of a claimed row is the end of its lease, and one condition finds all that is due. A claim
has a token of its own, and only who holds it may write what became of the work: one who was too slow comes
to nothing. Whoever is at work renews the lease meanwhile: see `movehub.node.work_queue`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final

from sqlalchemy import Connection, Executable, Table, bindparam, literal_column, or_, select, update

from movehub.errors import LeaseLost
from movehub.protocol.message import Message
from movehub.store import changes
from movehub.store.changes import Change
from movehub.store.engine import Store
from movehub.store.tables import micros

#: Further ahead than anything that waits is put: longer than any pause between attempts. What waits longer
#: was put there before the clock was set back.
FURTHEST: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Claim:
    """One row of work, as it was when it was claimed, and the token that goes with it.

    `message` is what its document says, where somebody has read it already.
    """

    row: Mapping[str, Any]
    token: str
    message: Message[Any] | None = None

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

    def claim(self, store: Store, *, only: str | None = None, most: int = 1) -> list[Claim]:
        """Claim what is due the longest, if anything is, and no more than `most`. The lease begins now.

        `only` is one message, due or not, unless somebody has claimed it.
        """
        if only is None and not self._is_due(store):
            return []  # most looks find nothing, and a write would hold up the others
        claiming = self._claim_due if only is None else self._claim_one
        asked: dict[str, Any] = {"only": only} if only is not None else {"most": most}
        asked["token"] = store.token()
        return store.write(lambda connection: self._claimed(connection, claiming, store.now(), asked))

    def placed(self, now: datetime, token: str) -> dict[str, Any]:
        """Return the columns of a row that is claimed when it is written."""
        until = now + self.lease
        leased = {"lease_owner": token, "lease_until": until, "next_attempt_at": until}
        return {"state": self.claimed, "attempts": 1, **leased}

    def renew(self, connection: Connection, claims: Collection[Claim], now: datetime) -> None:
        """Have the leases of claims begin again, of those that still hold."""
        which = {
            "held": [each["technical_id"] for each in claims],
            "by": list({each.token for each in claims}),
        }
        connection.execute(self._renewing, {**which, "until": now + self.lease})

    def _is_due(self, store: Store) -> bool:
        with store.reading() as connection:
            words, names = changes.always_worded(self._look, connection.dialect)
            now = store.now()
            values = {"now": micros(now), "far": micros(now + FURTHEST)}
            return bool(changes.first(connection, words, [values[name] for name in names])[0])

    def _claimed(
        self, connection: Connection, claiming: Executable, now: datetime, asked: dict[str, Any]
    ) -> list[Claim]:
        values = {"now": now, "far": now + FURTHEST, "until": now + self.lease, **asked}
        rows = [dict(row) for row in connection.execute(claiming, values).mappings()]
        return [Claim(row, asked["token"]) for row in sorted(rows, key=lambda row: row["sent_at"])]

    # The statements are built once: to build them takes longer than to execute them.

    @cached_property
    def _look(self) -> Executable:
        return select(self._identifiers(*self._due).exists())

    @cached_property
    def _claim_due(self) -> Executable:
        longest = self._identifiers(*self._due).order_by(self.table.c.next_attempt_at)
        return self._claiming(longest.limit(bindparam("most")))

    @cached_property
    def _claim_one(self) -> Executable:
        columns = self.table.c
        free = (columns.next_attempt_at <= bindparam("now")) | columns.lease_owner.is_(None)
        return self._claiming(self._identifiers(free & (columns.technical_id == bindparam("only"))))

    @cached_property
    def _renewing(self) -> Executable:
        columns = self.table.c
        held = columns.technical_id.in_(bindparam("held", expanding=True))
        ours = columns.lease_owner.in_(bindparam("by", expanding=True))
        until: Any = bindparam("until")
        return update(self.table).where(held, ours).values(lease_until=until, next_attempt_at=until)

    @property
    def _due(self) -> tuple[Any, Any]:
        """What is due; and what waits too long. A lease is another's for as long as that one renews it."""
        at = self.table.c.next_attempt_at
        return at <= bindparam("now"), (at > bindparam("far")) & self.table.c.lease_owner.is_(None)

    def _identifiers(self, *conditions: Any) -> Any:
        """Select what meets one of the conditions. Each is told whole, so that an index is used for each."""
        columns = self.table.c
        ours = columns.state.in_(_words(self.states)) & columns.kind.in_(_words(self.kinds))
        return select(columns.technical_id).where(or_(*(ours & each for each in conditions)))

    def _claiming(self, chosen: Any) -> Executable:
        columns = self.table.c
        # SQLite has no use for the lock, and leaves it out. PostgreSQL may look twice into a subquery, and
        # claim more than were asked for; into a common table expression with a lock it looks once.
        these = chosen.with_for_update(skip_locked=True).cte("chosen")
        return (
            update(self.table)
            .where(columns.technical_id.in_(select(these.c.technical_id)))
            .values(
                state=self.claimed,
                attempts=columns.attempts + 1,
                lease_owner=bindparam("token"),
                lease_until=bindparam("until"),
                next_attempt_at=bindparam("until"),
            )
            .returning(self.table)
        )


def _words(words: Collection[str]) -> list[Any]:
    """Return words of ours as they stand in a statement; parameters would be looked through each time."""
    return [literal_column(f"'{word}'") for word in words]


def settled(table: Table, claim: Claim, **values: Any) -> Change:
    """Return what writes what became of claimed work, and lets go of it: LeaseLost where another has it."""
    values = {"lease_owner": None, "lease_until": None, **values}
    of = {"technical_id": claim["technical_id"], "lease_owner": claim.token}
    return Change(table, values, of=of, unless=_lost)


def _lost() -> LeaseLost:
    return LeaseLost("the lease had run out")
