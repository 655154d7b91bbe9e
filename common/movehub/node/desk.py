"""What this process has claimed and not yet brought to its end: one desk for those who do the same work.

A row that was just written goes straight to whoever is to work on it, and is not looked for in the database.
What has no place here waits in the database, where every process looks. As long as a row is here its lease is
renewed, so that work that takes long is not begun a second time by somebody else.
"""

from __future__ import annotations

import time
from collections import deque
from datetime import datetime
from threading import Lock

from ..store import Store
from ..store.bell import Bell
from ..store.claims import Claim, Work

#: A lease is renewed when so much of it is over.
_RENEWED_AFTER = 1 / 3


class Desk:
    """The claims of those who share it, `room` of them at most. `bell` calls one of them.

    The database is looked into at once where something was put there that has no place here, and every so
    many seconds for what is due again, and for what other processes wrote.
    """

    def __init__(
        self, store: Store, work: Work, *, room: int = 1, bell: Bell | None = None, every: float = 0.0
    ) -> None:
        self._store = store
        self._room = room
        self._bell = bell or Bell()
        self._every = every
        self._looks_at = 0.0
        self._lock = Lock()
        self._waiting: deque[Claim] = deque()
        self._held: dict[str, tuple[Claim, datetime]] = {}
        self._promised = 0
        #: What is claimed here.
        self.work = work

    def promise(self) -> str | None:
        """Return the token of a row that is to be written as claimed, None where there is no place for it.

        Then either `hand_over` or `break_promise` has to follow.
        """
        with self._lock:
            if len(self._held) + self._promised >= self._room:
                self._looks_at = 0.0
                return None
            self._promised += 1
        return self._store.token()

    def break_promise(self) -> None:
        """Give the place back: the row was not written."""
        with self._lock:
            self._promised -= 1

    def hand_over(self, claim: Claim) -> None:
        """Give a row that is on the disk to whoever is free."""
        now = self._store.now()
        with self._lock:
            self._promised -= 1
            self._held[claim["technical_id"]] = claim, now
            self._waiting.append(claim)
        self._bell.ring()

    def look(self) -> None:
        """Say that there is work in the database."""
        self._looks_at = 0.0
        self._bell.ring()

    def take(self) -> Claim | None:
        """Return what is to be worked on next, from here or from the database. `let_go` has to follow.

        Raises StoreFailed.
        """
        with self._lock:
            if self._waiting:
                return self._waiting.popleft()
            if time.monotonic() < self._looks_at:
                return None
            self._looks_at = time.monotonic() + self._every
            free = self._room - len(self._held) - self._promised
        claims = self._held_now(self.work.claim(self._store, most=max(free, 1)))
        if len(claims) == free:
            self._looks_at = 0.0  # there may be more
        for claim in claims[1:]:
            with self._lock:
                self._waiting.append(claim)
            self._bell.ring()
        return claims[0] if claims else None

    def take_only(self, technical_id: str) -> Claim | None:
        """Return one message, unless somebody works on it. `let_go` has to follow. Raises StoreFailed."""
        claims = self._held_now(self.work.claim(self._store, only=technical_id))
        return claims[0] if claims else None

    def _held_now(self, claims: list[Claim]) -> list[Claim]:
        now = self._store.now()
        with self._lock:
            self._held |= {claim["technical_id"]: (claim, now) for claim in claims}
        return claims

    def let_go(self, claim: Claim) -> None:
        """Say that the work on a row is over, or that it is left to another attempt."""
        with self._lock:
            self._held.pop(claim["technical_id"], None)

    def leave(self) -> None:
        """Have what is in hand due at once, for whoever is there. Raises StoreFailed."""
        with self._lock:
            held = [claim for claim, _ in self._held.values()]
            self._held.clear()
            self._waiting.clear()
        if held:
            before = self._store.now() - self.work.lease
            self._store.write(lambda connection: self.work.renew(connection, held, before))

    def renew(self) -> bool:
        """Renew the leases that are a third over, and return whether there were any. Raises StoreFailed."""
        now = self._store.now()
        over = now - self.work.lease * _RENEWED_AFTER
        with self._lock:
            due = [claim for claim, since in self._held.values() if since <= over]
        if due:
            self._store.write(lambda connection: self.work.renew(connection, due, now))
            with self._lock:
                still = [each["technical_id"] for each in due if each["technical_id"] in self._held]
                self._held |= {each: (self._held[each][0], now) for each in still}
        return bool(due)
