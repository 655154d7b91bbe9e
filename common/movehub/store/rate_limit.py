"""The rate limit over all processes of a national system together: two requests a second.

Regulation (EU) 2016/68, Annex VI, 1.7; Regulation (EU) 2016/480, Annex VI, 1.6. A row in the database holds
the instant when the next request may start. A sender moves this instant on, then waits for the slot that it
reserved. So requests start in the order of their reservations. On PostgreSQL the database's clock counts,
because the clocks of the nodes may differ.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from sqlalchemy import Connection, select, update

from movehub.protocol.rate_limit import MOST_PER_SECOND, RateLimit
from movehub.store.changes import Change, make
from movehub.store.databases import database_clock
from movehub.store.engine import Store
from movehub.store.tables import SLOT, micros

#: Seconds by which a request may start late in its slot. A sender that wakes later reserves a new slot. The
#: slots are further apart by the same amount, so that no second, wherever it begins, ever holds three.
_LATE: Final = 0.05
#: The part of `_LATE` that is left for the writes before the first byte leaves.
SEND_MARGIN: Final = 0.03

_SECOND: Final = 1_000_000
#: Two minutes: more than 200 couriers would have to wait at the same time.
_LONGEST_QUEUE: Final = 120 * _SECOND


class SharedRateLimit(RateLimit):
    """The rate limit of all processes that share a database. Each system has its own limit, by its `name`."""

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
            due = self._store.write(self._reserve)
            while (left := due - self._clock()) > 0:
                self._sleep(left)
            if self._clock() - due <= _LATE - SEND_MARGIN:
                return

    def _reserve(self, connection: Connection) -> float:
        """Reserve the next slot, and return when it begins by the clock of this process."""
        make(connection, [Change(SLOT, {"name": self._name, "next_at": 0})])
        of_it = SLOT.c.name == self._name
        following = connection.execute(select(SLOT.c.next_at).where(of_it).with_for_update()).scalar_one()
        here, now = self._clock(), self._now(connection)
        apart = round((self._apart + _LATE) * _SECOND)
        # A slot further ahead than any queue comes from a clock that was set back: start again from now.
        mine = max(now, following) if following - now < _LONGEST_QUEUE else now
        connection.execute(update(SLOT).where(of_it).values(next_at=mine + apart))
        return here + (mine - now) / _SECOND

    def _now(self, connection: Connection) -> int:
        return database_clock(connection) if self._by_database else micros(self._store.now())
