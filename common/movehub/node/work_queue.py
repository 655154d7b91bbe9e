"""Work queues: the messages that this process has claimed from the database and not finished.

There is a queue for each kind of work, so that a slow search holds up no notification. A queue claims several
messages at once, up to its capacity, and hands them to its threads one by one. It claims as soon as a
wake-up says that there is work, and polls for the work of other processes and for retries.

While a message is here its lease is renewed, so that no other worker begins it too. If the register hangs,
that is escalated. After ten minutes the lease is left to run out, so that another process can try.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from sqlalchemy import Connection

from movehub.errors import LeaseLost
from movehub.log_limit import limited
from movehub.node.register_breaker import RegisterBreaker
from movehub.store import Store, inbox, outbox
from movehub.store.escalations import Reason, escalate_message
from movehub.store.leases import Claim, Work
from movehub.store.tables import INBOX, Kind
from movehub.store.wakeups import Topic, WakeUp

_LOG = limited(__name__)

#: A lease is renewed after this part of its time.
_RENEWED_AFTER: Final = 1 / 3
#: How long leases are renewed. The law gives 10 seconds (Annex VI); no working register takes this long.
LONGEST: Final = timedelta(minutes=10)
#: After this time a call of the register is escalated (inferred). A search has ended for its asker before.
_HANGS_AFTER: Final = timedelta(minutes=5)
_SEARCH_HANGS_AFTER: Final = timedelta(minutes=1)
_HANGS: Final = "the register, or on_answer, has not returned from this message"

#: Messages per thread that a queue claims: enough to keep threads busy, few enough to share with processes.
_CAPACITY: Final = 16
#: Tokens of uncertain claims that are kept: they go into one statement. The leases of others run out.
_MOST_UNCERTAIN: Final = 500
#: After a look that passed over waiting messages in vain, the next one comes after so many times its time.
_REST: Final = 9
#: Seconds between two polls of the database.
_POLL: Final = 0.1


@dataclass(slots=True)
class _Held:
    """A claim of this process: since when it is here, when it was renewed, and when a thread began it."""

    claim: Claim
    since: datetime
    renewed: datetime
    begun: datetime | None = None
    escalated: bool = False

    def hangs(self, now: datetime) -> bool:
        """Whether the call of the register takes longer than any working register."""
        asks = self.claim["kind"] in {Kind.QUERY, Kind.HEARTBEAT}
        longest = _SEARCH_HANGS_AFTER if asks else _HANGS_AFTER
        return self.begun is not None and now - self.begun >= longest


class WorkQueue:
    """One kind of work. `claim` and `release` are for the threads that do it.

    It holds up to `capacity` claims. `wakeup` says that there is work; else the database is polled every
    `poll` seconds. It claims no received message whose type waits for the register, by its `breaker`.
    """

    def __init__(
        self,
        store: Store,
        work: Work,
        *,
        capacity: int = 1,
        wakeup: WakeUp | None = None,
        poll: float = 0.0,
        breaker: RegisterBreaker | None = None,
    ) -> None:
        self._store = store
        self._work = work
        self.breaker: Final = breaker or RegisterBreaker(store)
        self._capacity = capacity
        self._wakeup = wakeup or WakeUp()
        self._poll = poll
        self._lock = Lock()
        #: One thread claims at a time, and for all.
        self._claiming = False
        self._notified = self._wakeup.count
        self._polls_at = 0.0
        self._looks_at = 0.0
        self._waiting: deque[_Held] = deque()
        # By identifier and token: a second attempt at a message that hangs is another claim.
        self._held: dict[tuple[str, str], _Held] = {}
        #: Tokens of claims of which the database did not say whether they were stored.
        self._uncertain: list[str] = []

    def claim(self) -> Claim | None:
        """Return the next message to work on, or None. Call `release` after the work. Raises StoreFailed."""
        with self._lock:
            if self._waiting:
                return self._begun(self._waiting.popleft())
            notified = self._wakeup.count != self._notified
            if self._claiming or not (notified or time.monotonic() >= self._polls_at):
                return None
            self._claiming = True
            self._notified = self._wakeup.count
            self._polls_at = time.monotonic() + self._poll
            most = max(self._capacity - len(self._held), 1)
        claims: Sequence[Claim] = ()
        try:
            trial = self._trial()
            most = 1 if trial else most
            claims = trial or self._due(most, notified=notified)
        finally:
            first = self._filled(claims, full=len(claims) == most)
        return first

    def claim_only(self, technical_id: str) -> Claim | None:
        """Return one message as `claim` does, None if another worker has it. Raises StoreFailed."""
        claim = self._work.claim_only(self._store, technical_id)
        if claim is None:
            return None
        with self._lock:
            return self._begun(self._hold(claim))

    def process(self, work: Callable[[Claim], None], only: str | None = None) -> bool:
        """Do work on the next message, or on the `only` one. False if there is none that is free."""
        claim = self.claim() if only is None else self.claim_only(only)
        if claim is None:
            return False
        try:
            work(claim)
        except LeaseLost as error:
            _LOG.warning("%s: %s", claim["technical_id"], error)
        finally:
            self.release(claim)
        return True

    def release(self, claim: Claim) -> None:
        """Say that the work on a message is over: its lease is not renewed any more."""
        with self._lock:
            self._held.pop(_key(claim), None)

    def hangs(self, claim: Claim) -> bool:
        """Whether an earlier attempt at the same message has not returned in this process."""
        with self._lock:
            return any(of == claim["technical_id"] and by != claim["lease_owner"] for of, by in self._held)

    def release_all(self) -> None:
        """Make everything that is claimed here due at once, for other processes. Raises StoreFailed."""
        with self._lock:
            claims = [held.claim for held in self._held.values()]
            self._held.clear()
            self._waiting.clear()
        if claims:
            before = self._store.now() - self._work.lease
            self._store.write(lambda connection: self._work.renew(connection, claims, before))

    def renew(self) -> bool:
        """Renew the leases that have run for a third, and return whether there were any. Raises StoreFailed.

        A call of the register that hangs is escalated once. After `LONGEST` a lease is not renewed.
        """
        self._release_uncertain()
        now = self._store.now()
        with self._lock:
            self._give_up(now - self._work.lease)
            held = list(self._held.values())
        over = now - self._work.lease * _RENEWED_AFTER
        due = [each for each in held if each.renewed <= over and each.since > now - LONGEST]
        hanging = [each for each in held if not each.escalated and each.hangs(now)]
        if self._work.table is not INBOX:
            hanging = []
        if due or hanging:
            self._store.write(lambda connection: self._renewed(connection, due, hanging, now))
        for each in due:
            each.renewed = now
        for each in hanging:
            each.escalated = True
        return bool(due)

    def _trial(self) -> Sequence[Claim]:
        """Claim one message that may try a register that is down, if there is any."""
        trying = self.breaker.trying() if self._work.table is INBOX else frozenset()
        if not trying:
            return ()
        work = self._work.only(trying)
        return self._claimed(work, 1) if work.is_due(self._store) else ()

    def _due(self, most: int, *, notified: bool) -> Sequence[Claim]:
        """Claim messages of the types that do not wait."""
        waiting = self.breaker.waiting() if self._work.table is INBOX else frozenset()
        if not waiting:
            return self._claimed(self._work, most) if notified or self._work.is_due(self._store) else ()
        work = self._work.without(waiting)
        return self._claimed(work, most) if self._looked(work) else ()

    def _looked(self, work: Work) -> bool:
        """Whether there is anything to claim besides the messages that wait for their register.

        Each look passes over all of these, also one in the claim, which holds up other writers. So a claim
        only follows a look that has found something, and looks in vain take a tenth of the time at most.
        """
        began = time.monotonic()
        if self._poll and began < self._looks_at:
            return False
        found = work.is_due(self._store)
        ended = time.monotonic()
        self._looks_at = ended if found else ended + _REST * (ended - began)
        return found

    def _claimed(self, work: Work, most: int) -> Sequence[Claim]:
        token = self._store.token()
        try:
            return work.claim(self._store, most=most, token=token)
        except BaseException:
            self._uncertain = [*self._uncertain, token][-_MOST_UNCERTAIN:]
            raise

    def _filled(self, claims: Sequence[Claim], *, full: bool) -> Claim | None:
        """Hold what was claimed, wake a thread for each other message, and return the first."""
        with self._lock:
            held = [self._hold(claim) for claim in claims]
            self._waiting.extend(held[1:])
            self._claiming = False
            for _ in held[1:]:
                self._wakeup.notify()
            self._notified += len(held[1:])
            again = full or self._wakeup.count != self._notified
            first = self._begun(held[0]) if held else None
        if again:  # there may be more, and the thread that was woken for it saw another thread claim
            self._wakeup.notify()
        return first

    def _hold(self, claim: Claim) -> _Held:
        now = self._store.now()
        held = self._held[_key(claim)] = _Held(claim, now, now)
        return held

    def _begun(self, held: _Held) -> Claim:
        held.begun = self._store.now()
        return held.claim

    def _release_uncertain(self) -> None:
        """Make due what may have been claimed when the connection to the database was lost."""
        with self._lock:
            tokens, self._uncertain = self._uncertain, []
        if not tokens:
            return
        try:
            self._store.write(lambda connection: self._work.release(connection, tokens, self._store.now()))
        except BaseException:
            self._uncertain += tokens
            raise
        self._wakeup.notify()

    def _renewed(self, connection: Connection, due: list[_Held], hanging: list[_Held], now: datetime) -> None:
        if due:
            self._work.renew(connection, [each.claim for each in due], now)
        for each in hanging:
            escalate_message(connection, Reason.REGISTER_FAILED, _HANGS, each.claim, now)

    def _give_up(self, before: datetime) -> None:
        """Forget messages that no thread has begun for so long: their leases run out, for other processes."""
        for held in [each for each in self._waiting if each.since <= before]:
            self._waiting.remove(held)
            del self._held[_key(held.claim)]


def _key(claim: Claim) -> tuple[str, str]:
    return claim["technical_id"], claim["lease_owner"]


@dataclass(frozen=True, slots=True)
class WorkQueues:
    """The queues of one node. Searches and heartbeats are apart from notifications."""

    queries: WorkQueue
    notifications: WorkQueue
    #: Requests of the synchronous interface, which are claimed by their identifiers.
    synchronous: WorkQueue
    #: Answers and ErrorNotifications that came in.
    correlation: WorkQueue
    #: Our answers that go out.
    delivery: WorkQueue

    @classmethod
    def of(cls, store: Store, threads: Mapping[str, int]) -> WorkQueues:
        """Make the queues of a node that has so many threads of each name."""
        queries, notifications = (Kind.QUERY, Kind.HEARTBEAT), (Kind.NOTIFICATION,)
        breaker = RegisterBreaker(store)

        def queue(work: Work, topic: Topic, count: int = 1) -> WorkQueue:
            capacity, wakeup = _CAPACITY * count, store.wakeups[topic]
            return WorkQueue(store, work, capacity=capacity, wakeup=wakeup, poll=_POLL, breaker=breaker)

        return cls(
            queries=queue(inbox.work(queries), Topic.QUERY, threads["query_workers"]),
            notifications=queue(
                inbox.work(notifications), Topic.NOTIFICATION, threads["notification_workers"]
            ),
            synchronous=WorkQueue(store, inbox.work(queries + notifications), breaker=breaker),
            correlation=queue(inbox.work((Kind.ANSWER, Kind.ERROR)), Topic.ANSWER),
            delivery=queue(outbox.answers_to_deliver(), Topic.TO_DELIVER, threads["couriers"]),
        )

    def renew(self) -> bool:
        """Renew leases as each queue does, and return whether there were any."""
        renewed = [queue.renew() for queue in self._all()]
        return any(renewed)

    def release_all(self) -> None:
        """Leave everything to other processes: the node ends."""
        for queue in self._all():
            queue.release_all()

    def _all(self) -> tuple[WorkQueue, ...]:
        return self.queries, self.notifications, self.synchronous, self.correlation, self.delivery
