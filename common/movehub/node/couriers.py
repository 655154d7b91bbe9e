"""Couriers: what stands in the outbox is carried to the hub.

An answer goes out at least once, with the same bytes each time, and never after its deadline. A request goes
out once: it is sent again only where it surely was not taken, and an outcome that is not known is shown to a
person instead. What comes back on the connection is kept before anything else, as nobody sends it again.
Regulation (EU) 2016/68 and (EU) 2016/480, Annex III, 1.1 and Annex VI.

The way to a hub and back, for documents that are delivered and for what comes back on the connection.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
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
    NotSent,
    OutcomeUnknown,
    StoreFailed,
    TheirFault,
    TooManyRequests,
    TransportError,
)
from movehub.node.receiver import Receiver
from movehub.node.work_queue import Desk
from movehub.rate_limit import RateLimit
from movehub.store import Store, outbox
from movehub.store.changes import Change, make
from movehub.store.escalations import Reason, escalate, escalate_message
from movehub.store.journal import delivered
from movehub.store.leases import Claim
from movehub.store.rate_limit import SEND_MARGIN
from movehub.store.statistics import answered_to_us
from movehub.store.tables import Sent
from movehub.store.wakeups import Topic

_LOG = logging.getLogger(__name__)

#: Between two attempts: the first wait, doubled each time, and the longest.
FIRST_WAIT: Final = timedelta(seconds=1)
LONGEST_WAIT: Final = timedelta(seconds=60)
#: After so many attempts a person is told that the hub is not reached.
_PATIENCE: Final = 3
#: Seconds after which it is tried again to keep what is in hand, where the database fails.
_INSISTING: Final = (0.1, 0.4, 1.0, 2.0, 4.0)


class Carrier(Protocol):
    """What hands a document over: `HttpsTransport` does."""

    def deliver(self, data: bytes) -> bytes:
        """Return what came back, if anything. Raises TransportError."""
        ...


class Route:
    """The way to one system's hub and back: what carries there, and what takes in what comes back."""

    def __init__(self, carrier: Carrier, receiver: Receiver) -> None:
        self._carrier = carrier
        self._receiver = receiver

    def deliver(self, document: bytes) -> bytes:
        """Hand a document over. Raises TransportError."""
        return self._carrier.deliver(document)

    def take_in(self, back: bytes) -> None:
        """Keep what came back on the same connection, where it is a message. Raises StoreFailed."""
        if not back.strip():
            return
        try:
            self._receiver.receive(back)
        except TheirFault as error:
            _LOG.warning("what came back on delivery is no message: %s", error)


class AnswerCourier:
    """Delivers the answers that its desk has, and tries again where that may help, until their deadline.

    `soon`: it goes on to the next answer while it is written that this one was delivered.
    """

    def __init__(
        self,
        store: Store,
        routes: Mapping[str, Route],
        desk: Desk,
        *,
        soon: bool = False,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._store = store
        self._routes = routes
        self._desk = desk
        self._soon = soon
        self._insisting = partial(_insisting, sleep)

    def step(self) -> bool:
        """Deliver the answer that is due the longest, and return whether there was one."""
        claim = self._desk.take()
        if claim is None:
            return False
        try:
            _settling(claim, self._deliver)
        finally:
            self._desk.let_go(claim)
        return True

    def _deliver(self, claim: Claim) -> None:
        now = self._store.now()
        if _is_over(claim, now):
            self._store.write(lambda connection: self._too_late(connection, claim, now))
            return
        try:
            back = self._routes[claim["system"]].deliver(claim["document"])
        except TransportError as error:
            failed = error
        else:
            self._insisting(partial(self._routes[claim["system"]].take_in, back))
            recorded = self._store.record_soon(*_delivered(self._store, claim), then=partial(_told, claim))
            if not self._soon:
                recorded.wait()
            return
        self._store.write(lambda connection: self._failed(connection, claim, failed))

    def _failed(self, connection: Connection, claim: Claim, failed: TransportError) -> None:
        now = self._store.now()
        if not may_succeed(failed):
            refused = outbox.settled(claim, Sent.REFUSED, now=now, reason=failed.reason)
            make(connection, [refused, *delivered(self._store.journal, claim.row)])  # it was seen
            return escalate_message(connection, Reason.REFUSED, failed.reason, claim, now)
        again = now + wait_after(claim["attempts"])
        if claim["not_after"] is not None and again >= claim["not_after"]:
            return self._too_late(connection, claim, now)
        make(connection, [outbox.postponed(claim, again, failed.reason)])
        return _call_if_lasting(connection, claim, failed, now)

    def _too_late(self, connection: Connection, claim: Claim, now: datetime) -> None:
        make(connection, [outbox.settled(claim, Sent.EXPIRED, now=now, reason="its deadline had passed")])
        escalate_message(connection, Reason.TOO_LATE, "an answer was not delivered in time", claim, now)


class RequestCourier:
    """Sends requests, at the pace of the law, each of them once."""

    def __init__(
        self,
        store: Store,
        routes: Mapping[str, Route],
        rate_limits: Mapping[str, RateLimit],
        *,
        lease: timedelta = outbox.LEASE,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._insisting = partial(_insisting, sleep)
        self._store = store
        self._routes = routes
        self._rate_limits = rate_limits
        self._work = outbox.requests_to_send(lease)
        self._clock = clock

    def step(self) -> bool:
        """Send the request that is due the longest, and return whether there was one."""
        claims = self._work.claim(self._store)
        for claim in claims:
            _settling(claim, self._send)
        return bool(claims)

    def _send(self, claim: Claim) -> None:
        pace = self._rate_limits[claim["system"]]
        if not _is_over(claim, self._store.now()):
            pace.wait()
        if self._is_too_late(claim):
            return
        since = self._clock()
        self._store.record(outbox.begun(claim, self._store.now()))
        if self._clock() - since > SEND_MARGIN:  # its slot went by meanwhile
            pace.wait()
            if self._is_too_late(claim):
                return
        try:
            back = self._routes[claim["system"]].deliver(claim["document"])
        except TransportError as error:
            failed = error
        else:
            self._insisting(partial(self._routes[claim["system"]].take_in, back))
            self._insisting(partial(self._store.record, *_delivered(self._store, claim)))
            return
        self._store.write(lambda connection: self._failed(connection, claim, failed), ring=Topic.TICKET)

    def _is_too_late(self, claim: Claim) -> bool:
        now = self._store.now()
        if not _is_over(claim, now):
            return False
        self._store.write(lambda connection: self._never_sent(connection, claim, now), ring=Topic.TICKET)
        return True

    def _failed(self, connection: Connection, claim: Claim, failed: TransportError) -> None:
        now = self._store.now()
        if isinstance(failed, (NotSent, TooManyRequests)):
            again = now + wait_after(claim["attempts"])
            make(connection, [outbox.postponed(claim, again, failed.reason)])
            _call_if_lasting(connection, claim, failed, now)
        elif isinstance(failed, HttpRefused):
            refused = outbox.settled(claim, Sent.REFUSED, now=now, reason=failed.reason)
            make(connection, [refused, *delivered(self._store.journal, claim.row)])  # it was seen
            escalate_message(connection, Reason.REFUSED, failed.reason, claim, now)
        else:
            make(connection, [outbox.settled(claim, Sent.UNKNOWN, now=now, reason=failed.reason)])
            make(connection, answered_to_us(claim.row, None, now))
            make(connection, delivered(self._store.journal, claim.row))  # it may have gone out
            escalate_message(connection, Reason.OUTCOME_UNKNOWN, failed.reason, claim, now)

    def _never_sent(self, connection: Connection, claim: Claim, now: datetime) -> None:
        settled = outbox.settled(claim, Sent.EXPIRED, now=now, reason="it could not be sent in time")
        make(connection, [settled])
        escalate_message(connection, Reason.NOT_SENT, "a request could not be sent in time", claim, now)


def may_succeed(failed: TransportError) -> bool:
    """Whether the same bytes may be taken another time: 5xx, 408, 429 and lost connections, nothing else."""
    if isinstance(failed, OutcomeUnknown) and failed.status is not None:
        return failed.status >= 500 or failed.status == HTTPStatus.REQUEST_TIMEOUT
    return isinstance(failed, (NotSent, OutcomeUnknown, TooManyRequests))


def wait_after(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts."""
    doubled = FIRST_WAIT * float(1 << min(attempts - 1, 10))
    return min(doubled, LONGEST_WAIT)


def _insisting(sleep: Callable[[float], None], keep: Callable[[], None]) -> None:
    """Keep something, and try again where the database fails. Raises StoreFailed where it goes on failing."""
    for seconds in _INSISTING:
        try:
            return keep()
        except StoreFailed:
            sleep(seconds)
    return keep()


def _settling(claim: Claim, send: Callable[[Claim], None]) -> None:
    try:
        send(claim)
    except LeaseLost as error:
        _LOG.info("%s: %s", claim["technical_id"], error)  # its answer came first, or another has it


def _is_over(claim: Claim, now: datetime) -> bool:
    return claim["not_after"] is not None and now >= claim["not_after"]


def _delivered(store: Store, claim: Claim) -> list[Change]:
    settled = outbox.settled(claim, Sent.DELIVERED, now=store.now())
    return [settled, *delivered(store.journal, claim.row)]


def _told(claim: Claim, error: BaseException | None) -> None:
    """Log that it could not be kept that an answer was delivered: it is delivered once more."""
    if error is not None:
        kind = error if isinstance(error, MovehubError) else type(error).__name__
        _LOG.warning("%s: its delivery was not kept: %s", claim["technical_id"], kind)


def _call_if_lasting(connection: Connection, claim: Claim, failed: TransportError, now: datetime) -> None:
    """Tell a person where waiting alone does not help, or has not helped: once for all that waits."""
    if claim["attempts"] >= _PATIENCE or isinstance(failed, (CertificateRefused, HubNotTrusted)):
        escalate(connection, Reason.NOT_REACHED, failed.reason, now=now, system=claim["system"])
