"""Two requests a second, over all processes of the national system together.

Regulation (EU) 2016/68, Annex VI, 1.8; Regulation (EU) 2016/480, Annex VI, 1.6. One row says when the next
request may start. Who wants to send moves it on and waits for the instant that was its own, so everybody
comes in the order of asking, and nobody looks twice. On PostgreSQL the database's clock counts, as those of
the nodes may differ.

What is to be done once in a while, by whichever process comes to it first.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from movehub.pace import MOST_PER_SECOND, Pace
from movehub.store.changes import Change, make
from movehub.store.engine import Store
from movehub.store.tables import SLOT, micros

#: Seconds by which a request may start late in its slot. One that wakes later takes a new slot, and slots are
#: further apart by as much: so no second, wherever it begins, ever holds three.
_LATE: Final = 0.05
#: What of it is left for what has to be written before the first byte leaves.
WAY: Final = 0.03

_SECOND: Final = 1_000_000


class SharedPace(Pace):
    """The pace of all who share a database. `name` is the hub's system: each has its own two a second."""

    def __init__(
        self,
        store: Store,
        name: str,
        per_second: float = MOST_PER_SECOND,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        own_clock: bool = False,
    ) -> None:
        super().__init__(per_second, clock=clock, sleep=sleep)
        self._store = store
        self._name = name
        self._by_database = store.shared and not own_clock

    def wait(self) -> None:
        """Wait until the next request may start. Raises StoreFailed."""
        while True:
            due = self._reserved()
            while (left := due - self._clock()) > 0:
                self._sleep(left)
            if self._clock() - due <= _LATE - WAY:
                return

    def _reserved(self) -> float:
        """Take the next slot, and return when it begins by the clock of this process."""
        return self._store.write(self._reserve)

    def _reserve(self, connection: Connection) -> float:
        make(connection, [Change(SLOT, {"name": self._name, "next_at": 0})])
        of_it = SLOT.c.name == self._name
        following = connection.execute(select(SLOT.c.next_at).where(of_it).with_for_update()).scalar_one()
        here, now = self._clock(), self._now(connection)
        apart = round((self._apart + _LATE) * _SECOND)
        # A slot further ahead than a queue could make it comes from a clock that was set back: begin anew.
        mine = max(now, following) if following - now < _LONGEST_QUEUE else now
        connection.execute(update(SLOT).where(of_it).values(next_at=mine + apart))
        return here + (mine - now) / _SECOND

    def _now(self, connection: Connection) -> int:
        return clock_of(connection) if self._by_database else micros(self._store.now())


def clock_of(connection: Connection) -> int:
    """Return what PostgreSQL's own clock says now, as the database keeps instants."""
    instant = text("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")
    return int(connection.execute(instant).scalar_one())


#: Two minutes: more than 200 couriers would have to wait at the same time.
_LONGEST_QUEUE: Final = 120 * _SECOND


def take(connection: Connection, name: str, now: datetime, every: timedelta) -> bool:
    """Return whether it is time for `name`; then it is not, for anybody, until `every` has passed."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    following = micros(now + every)
    taken = (
        dialect.insert(SLOT)
        .values(name=name, next_at=following)
        .on_conflict_do_update(
            index_elements=[SLOT.c.name], set_={"next_at": following}, where=SLOT.c.next_at <= micros(now)
        )
        .returning(SLOT.c.name)
    )
    return connection.execute(taken).first() is not None
