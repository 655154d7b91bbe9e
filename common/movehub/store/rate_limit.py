"""The rate limit over all processes of a national system together: two requests a second.

Regulation (EU) 2016/68, Annex VI, 1.7; Regulation (EU) 2016/480, Annex VI, 1.6. A row in the database holds
the instant when the next request may leave. The first thread of each process's waiting line moves this
instant on, then waits for the turn that it reserved. On PostgreSQL the database's clock counts, because the
clocks of the nodes may differ. The processes that share an SQLite file are on one machine, so its monotonic
clock counts, which nobody can set. It begins again when the machine starts.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from sqlalchemy import Connection, select, update

from movehub.protocol.rate_limit import LATE, MOST_PER_SECOND, RateLimit, check_rate
from movehub.protocol.waiting_line import WaitingLine, line_of
from movehub.store.changes import Change, make
from movehub.store.databases import database_clock
from movehub.store.engine import Store
from movehub.store.tables import SLOT

#: The part of `LATE` that is left from the end of the wait to the first byte.
SEND_MARGIN: Final = 0.03

_SECOND: Final = 1_000_000
#: Each process reserves one turn at a time, so more turns ahead come from a clock that was set back, or from
#: another start of the machine.
_MOST_AHEAD: Final = 60


class SharedRateLimit(RateLimit):
    """The rate limit of all processes that share a database. Each system has its own limit, by its `name`."""

    def __init__(
        self,
        store: Store,
        name: str,
        per_second: float = MOST_PER_SECOND,
        *,
        line: WaitingLine | None = None,
        then: RateLimit | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        own_clock: bool = False,
    ) -> None:
        super().__init__(per_second, line=line, then=then, clock=clock, sleep=sleep)
        self._store = store
        self._name = name
        self._by_database = store.shared and not own_clock

    def _reserved(self, ends_at: float) -> float:
        """Reserve the next turn for all processes. Raises TimeoutError if it is too late, and StoreFailed.

        A turn that comes too late is not reserved. A power cut may undo a reservation, which harms nobody.
        """
        due = self._store.write(lambda connection: self._next(connection, ends_at), durable=False)
        if due is None:
            raise TimeoutError
        return due

    def _begun(self, due: float) -> float | None:
        return due + LATE if self._clock() - due <= LATE - SEND_MARGIN else None

    def _next(self, connection: Connection, ends_at: float) -> float | None:
        """Reserve the next turn, and return when it begins by the clock of this process."""
        make(connection, [Change(SLOT, {"name": self._name, "next_at": 0})])
        of_it = SLOT.c.name == self._name
        locked = select(SLOT.c.next_at).where(of_it).with_for_update()
        following: int = connection.execute(locked).scalar_one()
        here, now = self._clock(), self._now(connection)
        apart = round(self._apart * _SECOND)
        if following - now > _MOST_AHEAD * apart:
            following = now
        wait: float = max((following - now) / _SECOND, self._line.next_at - here, 0.0)
        if here + wait > ends_at:
            return None
        next_at = now + round(wait * _SECOND) + apart
        connection.execute(update(SLOT).where(of_it).values(next_at=next_at))
        return here + wait

    def _now(self, connection: Connection) -> int:
        return database_clock(connection) if self._by_database else round(self._clock() * _SECOND)


def shared_rate_limit_of(
    store: Store, system: str, member_state: str, per_second: float = MOST_PER_SECOND
) -> RateLimit:
    """Return the rate limit of all processes that share a database, for a system and a state.

    It also holds for the clients of this process that have no store. All that have the same slower rate share
    it.
    """
    law = SharedRateLimit(store, system, line=line_of(system, member_state, MOST_PER_SECOND))
    if check_rate(per_second) == MOST_PER_SECOND:
        return law
    line = line_of(system, member_state, per_second)
    return SharedRateLimit(store, f"{system} {per_second:g}", per_second, line=line, then=law)
