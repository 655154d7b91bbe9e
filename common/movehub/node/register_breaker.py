"""The circuit breaker of a register: while each call fails, messages wait, and one at a time tries again.

It is kept for each message type, which is one method of the register. If the method fails for several
different messages in a row, the type waits. Its messages stay in the inbox, unclaimed, and use up no
attempts. After growing pauses one message tries the register, if possible one that has not failed yet. If
that succeeds, all messages of the type go on. Only the first failure of a message counts, so messages that
fail while others succeed make none wait. The same holds for `on_answer` and the types of answers.

The database keeps which types wait: see `movehub.store.outages`. A process looks once a second.
Regulation (EU) 2016/68 and (EU) 2016/480, Annex VI, 1.5 and 2.2.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from threading import Lock
from typing import Final

from sqlalchemy import Connection

from movehub.log_limit import LogLimit, alike, limited
from movehub.records.values import write_instant
from movehub.store import Store, outages
from movehub.store.leases import Claim
from movehub.store.outages import LONGEST_PAUSE, MessageType
from movehub.store.tables import Kind
from movehub.store.wakeups import Topic

_LOG = limited(__name__)

#: After so many different messages in a row have failed, the others of their type wait (inferred).
OPENS_AFTER: Final = 5
#: How old the knowledge of what other processes have stored may be.
_FRESH: Final = timedelta(seconds=1)


class RegisterBreaker:
    """The breaker of one process. Its queues and their workers share it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = Lock()
        #: The messages of each type that have failed since the last success, up to `OPENS_AFTER`.
        self._failing: dict[MessageType, set[str]] = {}
        self._waiting: dict[MessageType, datetime] = {}
        self._read_at: datetime | None = None
        self._log = LogLimit(lambda: store.now().timestamp())

    def waiting(self) -> frozenset[str]:
        """Return the types of messages that wait, for `Work`. Raises StoreFailed."""
        return frozenset(map(str, self._known()))

    def trying(self) -> frozenset[str]:
        """Return the types of which one message may try the register now. Raises StoreFailed."""
        known, now = self._known(), self._store.now()
        return frozenset(str(of) for of, next_at in known.items() if _is_due(next_at, now))

    def admits(self, claim: Claim) -> bool:
        """Whether the register may be called for a message. Raises StoreFailed."""
        of = MessageType.of(claim)
        next_at = None if claim["kind"] == Kind.HEARTBEAT else self._known().get(of)
        if next_at is None:
            return True
        now = self._store.now()
        if not _is_due(next_at, now):
            return False
        is_ours = self._store.write(partial(outages.claim_try, of=of, now=now))
        self._forget()
        return is_ours or of not in self._known()

    def failed(self, connection: Connection, claim: Claim, reason: str, now: datetime) -> bool:
        """Count a failure in the transaction that stores it. Return whether the messages of its type wait."""
        of = MessageType.of(claim)
        is_waiting = outages.waits(connection, of)  # what this process knows may be a second old
        if not self._opens(of, claim) and not is_waiting:
            return False
        outages.note_failure(connection, of, reason, now)
        self._log_failure(connection, of, reason, is_first=not is_waiting)
        self._forget()
        return True

    def _opens(self, of: MessageType, claim: Claim) -> bool:
        """Count a failure if it is the first one of its message, and return whether there are enough."""
        if claim["reason"] is not None and claim["attempts"] > 1:
            return False
        with self._lock:
            failing = self._failing.setdefault(of, set())
            if len(failing) < OPENS_AFTER:
                failing.add(claim["technical_id"])
            return len(failing) >= OPENS_AFTER

    def succeeded(self, claim: Claim) -> None:
        """Note that the register has processed a message. If its type waited, it goes on."""
        of = MessageType.of(claim)
        with self._lock:
            self._failing.pop(of, None)
            if of not in self._waiting:
                return
        now = self._store.now()
        ended = self._store.write(partial(outages.end, of=of, now=now))
        self._forget()
        if ended:
            works = "%s: it works again, and the messages that waited go on"
            _LOG.warning(works, of, extra=alike(str(of)))
        for topic in (Topic.QUERY, Topic.NOTIFICATION, Topic.ANSWER):
            self._store.notify(topic)

    def _known(self) -> dict[MessageType, datetime]:
        now = self._store.now()
        with self._lock:
            if self._read_at is not None and timedelta(0) <= now - self._read_at < _FRESH:
                return self._waiting
        with self._store.reading() as connection:
            waiting = outages.waiting_types(connection)
        with self._lock:
            for ended in self._waiting.keys() - waiting.keys():  # another process has seen it work
                self._failing.pop(ended, None)
            self._waiting, self._read_at = waiting, now
            return waiting

    def _forget(self) -> None:
        """Read the database at the next look."""
        with self._lock:
            self._read_at = None

    def _log_failure(self, connection: Connection, of: MessageType, reason: str, *, is_first: bool) -> None:
        if self._log.due(str(of)) is None:
            return
        if is_first:
            begins = "%s: %s, for %d messages in a row; the others wait"
            _LOG.error(begins, of, reason, OPENS_AFTER, extra=alike(str(of)))
            return
        since, count = outages.outage_since(connection, of.system), outages.waiting_count(connection, of)
        began = "" if since is None else f" since {write_instant(since)}"
        still = "%s: it has failed%s, and %d messages wait; last: %s"
        _LOG.error(still, of, began, count, reason, extra=alike(str(of)))


def _is_due(next_at: datetime, now: datetime) -> bool:
    """Whether the next try is due. One further ahead was written before the clock was set back."""
    return next_at <= now or next_at > now + LONGEST_PAUSE
