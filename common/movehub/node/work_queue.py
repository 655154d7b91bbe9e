"""What this process has claimed and not yet brought to its end: one desk for those who do the same work.

A row that was just written goes straight to whoever is to work on it, and is not looked for in the database.
What has no place here waits in the database, where every process looks. As long as a row is here its lease is
renewed, so that work that takes long is not begun a second time by somebody else; but not for ever, as what
hangs would never be worked on again: before that a person is called, and then another process takes it up.

The desks of one node: who works on what, and how much of it the process may have in hand.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from types import MappingProxyType
from typing import Final

from sqlalchemy import Connection

from movehub.store import Store, inbox, outbox
from movehub.store.escalations import Reason, escalate_message
from movehub.store.leases import Claim, Work
from movehub.store.tables import INBOX, Kind
from movehub.store.wakeups import Bell, Topic

#: A lease is renewed when so much of it is over.
_RENEWED_AFTER: Final = 1 / 3
#: For so long leases are renewed: the law gives 10 seconds (Annex VI), and no register that works takes this.
LONGEST: Final = timedelta(minutes=10)
#: After so long a person is told that the register does not come back (inferred). Who searched waits no more.
_HANGS_AFTER: Final = timedelta(minutes=5)
_SEARCH_HANGS_AFTER: Final = timedelta(minutes=1)
#: Rows in doubt that are looked for, in one statement. In a long outage there are more: their leases run out.
_MOST_DOUBTED: Final = 500
_HANGS: Final = "the register, or on_answer, has not come back from this message"


#: Places for each thread: enough that none waits for the database, few enough that processes share the work.
_PLACES: Final = 16
#: Seconds between two looks for what other processes wrote, and what is due again.
_LOOK: Final = 0.1


@dataclass(slots=True)
class _Held:
    """A claim in hand: since when, when its lease was renewed, and if a person was told that it hangs."""

    claim: Claim
    since: datetime
    renewed: datetime
    told: bool = False

    def hangs(self, now: datetime) -> bool:
        """Whether somebody has been at it for longer than any register that comes back."""
        asked = self.claim["kind"] in {Kind.QUERY, Kind.HEARTBEAT}
        return now - self.since >= (_SEARCH_HANGS_AFTER if asked else _HANGS_AFTER)


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
        # By message and token: a second attempt at what hangs is another claim.
        self._held: dict[tuple[str, str], _Held] = {}
        self._promised = 0
        # Rows that may be on the disk as claimed for here, though the database did not say so: since when.
        self._doubted: dict[tuple[str, str], tuple[Claim, datetime]] = {}
        #: What is claimed here.
        self.work = work

    def promise(self) -> str | None:
        """Return the token of a row that is to be written as claimed, None where there is no place for it.

        Then `hand_over`, `break_promise` or `doubt` has to follow.
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

    def doubt(self, technical_id: str, token: str) -> None:
        """Give the place back of a row of which the database has not said whether it was written.

        The connection may have been lost after the commit. If the row is there, nobody works on it.
        """
        claim = Claim({"technical_id": technical_id}, token)
        with self._lock:
            self._promised -= 1
            if len(self._doubted) < _MOST_DOUBTED:
                self._doubted[_key(claim)] = claim, self._store.now()

    def free_doubted(self) -> None:
        """Have rows that are there, and that nobody works on, due at once. Raises StoreFailed.

        The commit may still be under way, so they are looked for until their lease ends.
        """
        if not self._doubted:
            return
        before = self._store.now() - self.work.lease
        with self._lock:
            doubted = [claim for claim, _ in self._doubted.values()]
            self._doubted = {key: each for key, each in self._doubted.items() if each[1] > before}
        self._store.write(lambda connection: self.work.renew(connection, doubted, before))
        self.look()

    def hand_over(self, claim: Claim) -> None:
        """Give a row that is on the disk to whoever is free."""
        now = self._store.now()
        with self._lock:
            self._promised -= 1
            self._held[_key(claim)] = _Held(claim, now, now)
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
            self._held |= {_key(claim): _Held(claim, now, now) for claim in claims}
        return claims

    def let_go(self, claim: Claim) -> None:
        """Say that the work on a row is over, or that it is left to another attempt."""
        with self._lock:
            self._held.pop(_key(claim), None)

    def hangs(self, claim: Claim) -> bool:
        """Whether an earlier attempt at the same message has not come to its end in this process."""
        with self._lock:
            return any(of == claim["technical_id"] and by != claim.token for of, by in self._held)

    def leave(self) -> None:
        """Have what is in hand due at once, for whoever is there. Raises StoreFailed."""
        with self._lock:
            held = [each.claim for each in self._held.values()]
            self._held.clear()
            self._waiting.clear()
        if held:
            before = self._store.now() - self.work.lease
            self._store.write(lambda connection: self.work.renew(connection, held, before))

    def renew(self) -> bool:
        """Renew the leases that are a third over, and return whether there were any. Raises StoreFailed.

        A person is called for what hangs, once; what has been in hand for `LONGEST` is let go, for others.
        """
        self.free_doubted()
        now = self._store.now()
        over = now - self.work.lease * _RENEWED_AFTER
        with self._lock:
            self._give_up(now - LONGEST)
            due = [
                each for each in self._held.values() if each.renewed <= over and each.since > now - LONGEST
            ]
            hanging = [] if self.work.table is not INBOX else self._hanging(now)
        if due or hanging:
            self._store.write(lambda connection: self._renewed(connection, due, hanging, now))
        for each in due:
            each.renewed = now
        for each in hanging:
            each.told = True
        return bool(due)

    def _renewed(self, connection: Connection, due: list[_Held], hanging: list[_Held], now: datetime) -> None:
        if due:
            self.work.renew(connection, [each.claim for each in due], now)
        for each in hanging:
            escalate_message(connection, Reason.REGISTER_FAILED, _HANGS, each.claim, now)

    def _hanging(self, now: datetime) -> list[_Held]:
        """Return what was begun and hangs, and nobody was told of yet."""
        waiting = {_key(claim) for claim in self._waiting}
        return [
            each
            for key, each in self._held.items()
            if not each.told and each.hangs(now) and key not in waiting
        ]

    def _give_up(self, before: datetime) -> None:
        """Forget what nobody has begun in all the time: its lease runs out. What was begun hangs."""
        late = [each for each in self._waiting if self._held[_key(each)].since <= before]
        for claim in late:
            self._waiting.remove(claim)
            del self._held[_key(claim)]


def _key(claim: Claim) -> tuple[str, str]:
    return claim["technical_id"], claim.token


@dataclass(frozen=True, slots=True)
class Desks:
    """Searches and heartbeats have a desk of their own, so that a slow search holds up no notification."""

    queries: Desk
    notifications: Desk
    correlating: Desk
    on_the_spot: Desk
    answers: Desk

    @classmethod
    def of(cls, store: Store, numbers: Mapping[str, int]) -> Desks:
        """Make the desks of a node that has so many threads of each name."""
        queries, notifications = (Kind.QUERY, Kind.HEARTBEAT), (Kind.NOTIFICATION,)

        def desk(work: Work, topic: Topic, threads: int) -> Desk:
            room, bell = _PLACES * threads, store.bells[topic]
            return Desk(store, work, room=room, bell=bell, every=_LOOK)

        return cls(
            queries=desk(inbox.work(queries), Topic.QUERY, numbers["query_workers"]),
            notifications=desk(
                inbox.work(notifications), Topic.NOTIFICATION, numbers["notification_workers"]
            ),
            correlating=Desk(store, inbox.work((Kind.ANSWER, Kind.ERROR))),
            on_the_spot=desk(inbox.work(queries + notifications), Topic.QUERY, numbers["threads"]),
            answers=desk(outbox.answers_to_deliver(), Topic.TO_DELIVER, numbers["couriers"]),
        )

    @property
    def by_kind(self) -> Mapping[Kind, Desk]:
        """Where a message that came is worked on."""
        return MappingProxyType(
            {
                Kind.QUERY: self.queries,
                Kind.HEARTBEAT: self.queries,
                Kind.NOTIFICATION: self.notifications,
            }
        )

    def renew(self) -> bool:
        """Renew the leases of what is in hand, and return whether there were any to renew."""
        renewed = [desk.renew() for desk in self._all()]
        return any(renewed)

    def leave(self) -> None:
        """Let others have what is in hand: the node ends."""
        for desk in self._all():
            desk.leave()

    def _all(self) -> tuple[Desk, ...]:
        return self.queries, self.notifications, self.correlating, self.on_the_spot, self.answers
