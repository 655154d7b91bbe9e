"""Leases: a worker claims a message for a limited time, and no other worker has it meanwhile.

If the worker dies, its lease runs out and another worker claims the message. The column `next_attempt_at` of
a claimed row is the end of its lease, so one condition finds everything that is due. Each claim has a token.
Only the holder of the token can write the result: a worker that was too slow gets `LeaseLost`.
`movehub.node.work_queue` renews leases while the work goes on.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import Connection, Select, Table, Update, bindparam, case, literal_column, or_, select, update

from movehub.errors import LeaseLost
from movehub.store import changes
from movehub.store.changes import Change
from movehub.store.engine import Store
from movehub.store.tables import INBOX, OUTBOX, Kind, micros

#: No pause between two attempts is longer. A row that waits longer was written before the clock was set back.
FURTHEST: Final = timedelta(minutes=5)
#: A search that waits for its register is claimed so long before its deadline, to be answered with an error:
#: the answer needs its way to the hub (inferred).
ANSWER_MARGIN: Final = timedelta(seconds=2)


#: A claimed row as the claim has written it. `lease_owner` is the token of the claim.
Claim = Mapping[str, Any]


@dataclass(frozen=True)
class Work:
    """The rows of one table that may be claimed, by state and kind; `claimed` is the state that they get.

    Messages whose type is in `waiting`, as `SYSTEM root`, are not claimed: their register is down. Heartbeats
    do not need it, and a search that waits is claimed at last before its deadline.

    If `trying` has types, only messages of these are claimed: first the newest that was not tried yet. If the
    register fails for many old messages, a new one shows that it works for others.
    """

    table: Table
    states: Collection[str]
    kinds: Collection[str]
    claimed: str
    lease: timedelta
    waiting: frozenset[str] = frozenset()
    trying: frozenset[str] = frozenset()

    def without(self, waiting: frozenset[str]) -> Work:
        """Return the same work without the messages of these types."""
        return _limited(self, waiting, frozenset()) if waiting else self

    def only(self, trying: frozenset[str]) -> Work:
        """Return the same work with the messages of these types alone."""
        return _limited(self, frozenset(), trying)

    def is_due(self, store: Store) -> bool:
        """Whether there is anything to claim. This only reads, so it holds up no writer."""
        with store.reading() as connection:
            words, names = changes.cached_text_of(self._look, connection.dialect)
            now = store.now()
            values = {"now": micros(now), "far": micros(now + FURTHEST), "soon": micros(now + ANSWER_MARGIN)}
            return bool(changes.first(connection, words, [values[name] for name in names])[0])

    def claim(self, store: Store, *, most: int = 1, token: str | None = None) -> Sequence[Claim]:
        """Claim up to `most` messages, the longest due first. Their leases begin now."""
        return self._claimed(store, self._claim_due, {"token": token or store.token(), "most": most})

    def claim_only(self, store: Store, technical_id: str) -> Claim | None:
        """Claim one message, due or not. None if another worker has it."""
        claims = self._claimed(store, self._claim_one, {"token": store.token(), "only": technical_id})
        return claims[0] if claims else None

    def renew(self, connection: Connection, claims: Collection[Claim], now: datetime) -> None:
        """Start the leases of these claims again at `now`, if they still hold."""
        which = {
            "held": [each["technical_id"] for each in claims],
            "by": list({c["lease_owner"] for c in claims}),
        }
        connection.execute(self._renewing, {**which, "until": now + self.lease})

    def release(self, connection: Connection, tokens: Collection[str], now: datetime) -> None:
        """Make every message that was claimed with one of these tokens due at once."""
        connection.execute(self._releasing, {"by": list(tokens), "until": now})

    def _claimed(self, store: Store, claiming: Update, asked: dict[str, Any]) -> Sequence[Claim]:
        def claimed(connection: Connection) -> list[dict[str, Any]]:
            now = store.now()
            values = {"now": now, "far": now + FURTHEST, "until": now + self.lease, **asked}
            values["soon"] = now + ANSWER_MARGIN
            rows = changes.returned(connection, claiming, self.table, values)
            return sorted(rows, key=itemgetter("sent_at"))

        return store.write(claimed, durable=False)  # after a power cut the message is simply claimed again

    # The statements are built once: building one takes longer than executing it.

    @cached_property
    def _look(self) -> Select[Any]:
        return select(self._identifiers(*self._due).exists())

    @cached_property
    def _claim_due(self) -> Update:
        order: Any = self.table.c.next_attempt_at
        if self.trying:
            order = case((self.table.c.attempts == literal_column("0"), -order), else_=order)
        longest = self._identifiers(*self._due).order_by(order)
        # SQLAlchemy would pass the offset to SQLite as a parameter of its own.
        return self._claiming(longest.limit(bindparam("most")).offset(literal_column("0")))

    @cached_property
    def _claim_one(self) -> Update:
        columns = self.table.c
        free = (columns.next_attempt_at <= bindparam("now")) | columns.lease_owner.is_(None)
        return self._claiming(self._identifiers(free & (columns.technical_id == bindparam("only"))))

    @cached_property
    def _renewing(self) -> Update:
        return self._of_tokens(self.table.c.technical_id.in_(bindparam("held", expanding=True)))

    @cached_property
    def _releasing(self) -> Update:
        return self._of_tokens(self.table.c.state == self.claimed)

    def _of_tokens(self, condition: Any) -> Update:
        ours = self.table.c.lease_owner.in_(bindparam("by", expanding=True))
        until: Any = bindparam("until")
        return update(self.table).where(ours, condition).values(lease_until=until, next_attempt_at=until)

    @property
    def _due(self) -> tuple[Any, Any]:
        """Conditions for rows that are due, and for unclaimed rows that would wait too long."""
        at = self.table.c.next_attempt_at
        return at <= bindparam("now"), (at > bindparam("far")) & self.table.c.lease_owner.is_(None)

    def _identifiers(self, *conditions: Any) -> Any:
        """Select the rows that meet a condition. Each is written out in full, so that each uses an index."""
        columns = self.table.c
        ours = columns.state.in_(_literals(self.states)) & columns.kind.in_(_literals(self.kinds))
        if self.waiting:
            at_last = columns.answer_by <= bindparam("soon")
            ours &= (
                self._type.not_in(_literals(sorted(self.waiting)))
                | (columns.kind == _literals([Kind.HEARTBEAT])[0])
                | ((columns.kind == _literals([Kind.QUERY])[0]) & at_last)
            )
        if self.trying:
            ours &= self._type.in_(_literals(sorted(self.trying)))
        return select(columns.technical_id).where(or_(*(ours & each for each in conditions)))

    @property
    def _type(self) -> Any:
        return self.table.c.system.concat(literal_column("' '")).concat(self.table.c.root)

    def _claiming(self, chosen: Any) -> Update:
        columns = self.table.c
        # SQLite needs no row lock, so SQLAlchemy leaves it out. PostgreSQL may evaluate a subquery twice and
        # claim too many rows; it evaluates a common table expression with a lock once.
        these = chosen.with_for_update(skip_locked=True).cte("chosen")
        return (
            update(self.table)
            .where(columns.technical_id.in_(select(these.c.technical_id)))
            .values(
                state=_literals([self.claimed])[0],
                attempts=columns.attempts + literal_column("1"),
                lease_owner=bindparam("token"),
                lease_until=bindparam("until"),
                next_attempt_at=bindparam("until"),
            )
            .returning(self.table)
        )


@lru_cache(maxsize=64)
def _limited(work: Work, waiting: frozenset[str], trying: frozenset[str]) -> Work:
    return replace(work, waiting=waiting, trying=trying)


def _literals(words: Collection[str]) -> list[Any]:
    """Return our own words as literals, so that the database can plan with them."""
    return [literal_column(f"'{word}'") for word in words]


def settled(table: Table, claim: Claim, **values: Any) -> Change:
    """Return the change that writes the result of claimed work and releases it. LeaseLost if it was lost."""
    values = {"lease_owner": None, "lease_until": None, **values}
    of = {"technical_id": claim["technical_id"], "lease_owner": claim["lease_owner"]}
    return Change(table, values, of=of, unless=lambda: LeaseLost("the lease had run out"))


def release_all(connection: Connection, now: datetime) -> None:
    """Make all claimed messages due at once: for the only process of a database, at its start."""
    for table in (INBOX, OUTBOX):
        held = update(table).where(table.c.lease_owner.is_not(None))
        connection.execute(held.values(next_attempt_at=now, lease_until=now, lease_owner=None))
