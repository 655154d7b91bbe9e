"""Couriers: they carry the messages of the outbox to the hub.

An answer is delivered at least once, with the same bytes each time, and never after its deadline. A request
is sent once. It is sent again only if it surely was not received; if its outcome is unknown, it is escalated.
A message that comes back on the connection is stored before anything else, because it is not sent again.
Regulation (EU) 2016/68 and (EU) 2016/480, Annex III, 1.1 and Annex VI.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import Final, Protocol

from sqlalchemy import Connection

from movehub.errors import (
    CertificateRefused,
    HttpRefused,
    HubNotTrusted,
    LeaseLost,
    MovehubError,
    NoCommonTls,
    NotSent,
    OutcomeUnknown,
    StoreFailed,
    TheirFault,
    TooManyRequests,
    TransportError,
)
from movehub.log_limit import limited
from movehub.node.receiver import Receiver
from movehub.node.work_queue import WorkQueue
from movehub.protocol.rate_limit import RateLimit, Turn
from movehub.store import Store, outbox
from movehub.store.changes import Change, make
from movehub.store.escalations import Reason, escalate, escalate_message
from movehub.store.journal import delivered
from movehub.store.leases import Claim
from movehub.store.statistics import answered_by_us, answered_to_us
from movehub.store.tables import Sent
from movehub.store.wakeups import Topic

_LOG = limited(__name__)

#: The pause between two attempts: the first, doubled each time, and the longest.
FIRST_WAIT: Final = timedelta(seconds=1)
LONGEST_WAIT: Final = timedelta(seconds=60)
#: After so many attempts it is escalated that the hub cannot be reached.
_PATIENCE: Final = 3
#: If the database fails, the pauses in seconds between attempts to store a result.
_STORE_RETRIES: Final = (0.1, 0.4, 1.0, 2.0, 4.0)


class Carrier(Protocol):
    """Delivers documents, as `HttpsTransport` does."""

    def deliver(self, data: bytes) -> bytes:
        """Deliver a document and return the reply, which may be empty. Raises TransportError."""
        ...


@dataclass(eq=False)
class Route:
    """The route to the hub of one system, and the receiver of its replies."""

    carrier: Carrier
    receiver: Receiver

    def deliver(self, document: bytes) -> bytes:
        """Deliver a document and return the reply. Raises TransportError."""
        return self.carrier.deliver(document)

    def receive(self, reply: bytes) -> None:
        """Store the reply if it is a message. Raises StoreFailed."""
        if not reply.strip():
            return
        try:
            self.receiver.receive(reply)
        except TheirFault as error:
            _LOG.warning("the reply to a delivery is not a message: %s", error)


class AnswerCourier:
    """Delivers the answers of its queue, and retries until their deadline if that may help.

    `waits`: `step` returns when the result is stored; else it leaves that to the committing thread.
    """

    def __init__(
        self,
        store: Store,
        routes: Mapping[str, Route],
        queue: WorkQueue,
        *,
        waits: bool = True,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._store = store
        self._routes = routes
        self._queue = queue
        self._waits = waits
        self._sleep = sleep

    def step(self) -> bool:
        """Deliver the answer that has been due the longest, and return whether there was one."""
        return self._queue.process(partial(_unless_lost, self._deliver))

    def _deliver(self, claim: Claim) -> None:
        now = self._store.now()
        if _is_over(claim, now):
            self._store.write(lambda connection: self._too_late(connection, claim, now))
            return
        failed = _carry(self._routes[claim["system"]], claim["document"], self._sleep)
        if failed is not None:
            self._store.write(lambda connection: self._failed(connection, claim, failed))
            return
        changes = [*_delivered(self._store, claim), *answered_by_us(claim, self._store.now())]
        recorded = self._store.record_soon(*changes, then=partial(_logged, claim))
        if self._waits:
            recorded.wait()

    def _failed(self, connection: Connection, claim: Claim, failed: TransportError) -> None:
        now = self._store.now()
        if not may_succeed(failed):
            _refused(self._store, connection, claim, failed)
            return
        again = now + wait_after(claim["attempts"])
        if claim["not_after"] is not None and again >= claim["not_after"]:
            self._too_late(connection, claim, now)
            return
        make(connection, [outbox.postponed(claim, again, failed.reason)])
        _escalate_if_lasting(connection, claim, failed, now)

    def _too_late(self, connection: Connection, claim: Claim, now: datetime) -> None:
        make(connection, [outbox.settled(claim, Sent.EXPIRED, now=now, reason="its deadline had passed")])
        # Counted for the system: after an outage of the register there may be thousands.
        escalate(
            connection,
            Reason.TOO_LATE,
            "an answer was not delivered in time",
            now=now,
            system=claim["system"],
        )


class RequestCourier:
    """Sends requests, each of them once, within the rate limit of the law."""

    def __init__(
        self,
        store: Store,
        routes: Mapping[str, Route],
        rate_limits: Mapping[str, RateLimit],
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._store = store
        self._routes = routes
        self._rate_limits = rate_limits
        self._work = outbox.requests_to_send()
        self._sleep = sleep

    def step(self) -> bool:
        """Send the request that has been due the longest, and return whether there was one."""
        if not self._work.is_due(self._store):
            return False
        claims = self._work.claim(self._store)
        for claim in claims:
            _unless_lost(self._send, claim)
        return bool(claims)

    def _send(self, claim: Claim) -> None:
        turn = self._turn(claim)
        if turn is None:
            return
        with turn:
            failed = _carry(self._routes[claim["system"]], claim["document"], self._sleep)
        if failed is None:
            _retried(self._sleep, partial(self._store.record, *_delivered(self._store, claim)))
            return
        self._store.write(lambda connection: self._failed(connection, claim, failed), notify=Topic.TICKET)

    def _turn(self, claim: Claim) -> Turn | None:
        """Wait for the request's turn, and store that it leaves. Returns None if its time is over."""
        if self._is_too_late(claim):
            return None
        turn = self._rate_limits[claim["system"]].wait()
        if self._is_too_late(claim):
            return None
        self._store.record(outbox.departing(claim, self._store.now()))
        turn.renew()  # if storing took so long that it is over
        return None if self._is_too_late(claim) else turn

    def _is_too_late(self, claim: Claim) -> bool:
        now = self._store.now()
        if not _is_over(claim, now):
            return False
        self._store.write(lambda connection: self._never_sent(connection, claim, now), notify=Topic.TICKET)
        return True

    def _failed(self, connection: Connection, claim: Claim, failed: TransportError) -> None:
        now = self._store.now()
        if isinstance(failed, (NotSent, TooManyRequests)):
            again = now + wait_after(claim["attempts"])
            make(connection, [outbox.postponed(claim, again, failed.reason)])
            _escalate_if_lasting(connection, claim, failed, now)
        elif isinstance(failed, HttpRefused):
            _refused(self._store, connection, claim, failed)
        else:
            make(connection, [outbox.settled(claim, Sent.UNKNOWN, now=now, reason=failed.reason)])
            make(connection, answered_to_us(claim, None, now))
            make(connection, delivered(self._store.journal, claim))  # it may have left
            escalate_message(connection, Reason.OUTCOME_UNKNOWN, failed.reason, claim, now)

    def _never_sent(self, connection: Connection, claim: Claim, now: datetime) -> None:
        settled = outbox.settled(claim, Sent.EXPIRED, now=now, reason="it could not be sent in time")
        make(connection, [settled])
        escalate_message(connection, Reason.NOT_SENT, "a request could not be sent in time", claim, now)


def may_succeed(failed: TransportError) -> bool:
    """Whether another attempt with the same bytes may help: after 5xx, 408, 429 and lost connections only."""
    if isinstance(failed, OutcomeUnknown) and failed.status is not None:
        return failed.status >= 500 or failed.status == HTTPStatus.REQUEST_TIMEOUT
    return isinstance(failed, (NotSent, OutcomeUnknown, TooManyRequests))


def wait_after(attempts: int) -> timedelta:
    """Return the pause after so many attempts."""
    doubled = FIRST_WAIT * float(1 << min(attempts - 1, 10))
    return min(doubled, LONGEST_WAIT)


def _carry(route: Route, document: bytes, sleep: Callable[[float], None]) -> TransportError | None:
    """Deliver a document and store the reply. Returns the error of the delivery; raises StoreFailed."""
    try:
        reply = route.deliver(document)
    except TransportError as error:
        return error
    _retried(sleep, partial(route.receive, reply))
    return None


def _retried(sleep: Callable[[float], None], store: Callable[[], None]) -> None:
    """Store something, and retry while the database fails. Raises StoreFailed in the end."""
    for seconds in _STORE_RETRIES:
        try:
            return store()
        except StoreFailed:
            sleep(seconds)
    return store()


def _unless_lost(send: Callable[[Claim], None], claim: Claim) -> None:
    try:
        send(claim)
    except LeaseLost as error:
        _LOG.info("%s: %s", claim["technical_id"], error)  # its answer came first, or another has it


def _is_over(claim: Claim, now: datetime) -> bool:
    return claim["not_after"] is not None and now >= claim["not_after"]


def _delivered(store: Store, claim: Claim) -> list[Change]:
    settled = outbox.settled(claim, Sent.DELIVERED, now=store.now())
    return [settled, *delivered(store.journal, claim)]


def _refused(store: Store, connection: Connection, claim: Claim, failed: TransportError) -> None:
    now = store.now()
    refused = outbox.settled(claim, Sent.REFUSED, now=now, reason=failed.reason)
    make(connection, [refused, *delivered(store.journal, claim)])  # the hub has seen it
    escalate_message(connection, Reason.REFUSED, failed.reason, claim, now)


def _logged(claim: Claim, error: BaseException | None) -> None:
    """Log that a delivery could not be stored. The answer is delivered once more."""
    if error is not None:
        kind = error if isinstance(error, MovehubError) else type(error).__name__
        _LOG.warning("%s: its delivery was not stored: %s", claim["technical_id"], kind)


def _escalate_if_lasting(connection: Connection, claim: Claim, failed: TransportError, now: datetime) -> None:
    """Escalate if waiting alone does not help, or has not helped: once for all messages that wait."""
    if claim["attempts"] >= _PATIENCE or isinstance(failed, (CertificateRefused, HubNotTrusted, NoCommonTls)):
        escalate(connection, Reason.NOT_REACHED, failed.reason, now=now, system=claim["system"])
