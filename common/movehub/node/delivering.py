"""Couriers: what stands in the outbox is carried to the hub.

An answer goes out at least once, with the same bytes each time, and never after its deadline. A request goes
out once: it is sent again only where it surely was not taken, and an outcome that is not known is shown to a
person instead. Regulation (EU) 2016/68 and (EU) 2016/480, Annex III, 1.1 and Annex VI.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import Final

from sqlalchemy import Connection

from ..errors import (
    CertificateRefused,
    HttpRefused,
    HubNotTrusted,
    LeaseLost,
    MovehubError,
    NotSent,
    OutcomeUnknown,
    TooManyRequests,
    TransportError,
)
from ..pace import Pace
from ..store import Store, outbox
from ..store.attention import Reason, call_for
from ..store.bell import Topic
from ..store.changes import Change, make
from ..store.claims import Claim
from ..store.pace import WAY
from ..store.recording import answered_to_us, delivered
from ..store.tables import Sent
from .desk import Desk
from .routes import Route

_LOG = logging.getLogger(__name__)

#: Between two attempts: the first wait, doubled each time, and the longest.
FIRST_WAIT: Final = timedelta(seconds=1)
LONGEST_WAIT: Final = timedelta(seconds=60)
#: After so many attempts a person is told that the hub is not reached.
_PATIENCE: Final = 3


class AnswerCourier:
    """Delivers the answers that its desk has, and tries again where that may help, until their deadline.

    `soon`: it goes on to the next answer while it is written that this one was delivered.
    """

    def __init__(self, store: Store, routes: Mapping[str, Route], desk: Desk, *, soon: bool = False) -> None:
        self._store = store
        self._routes = routes
        self._desk = desk
        self._soon = soon

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
            recorded = self._store.record_soon(*_delivered(self._store, claim), then=partial(_told, claim))
            if not self._soon:
                recorded.wait()
            self._routes[claim["system"]].take_in(back)
            return
        self._store.write(lambda connection: self._failed(connection, claim, failed))

    def _failed(self, connection: Connection, claim: Claim, failed: TransportError) -> None:
        now = self._store.now()
        if not may_succeed(failed):
            make(connection, [outbox.settled(claim, Sent.REFUSED, now=now, reason=failed.reason)])
            _call(connection, claim, Reason.REFUSED, failed.reason, now)
            return
        again = now + wait_after(claim["attempts"])
        if claim["not_after"] is not None and again >= claim["not_after"]:
            self._too_late(connection, claim, now)
            return
        make(connection, [outbox.postponed(claim, again, failed.reason)])
        _call_if_lasting(connection, claim, failed, now)

    def _too_late(self, connection: Connection, claim: Claim, now: datetime) -> None:
        make(connection, [outbox.settled(claim, Sent.EXPIRED, now=now, reason="its deadline had passed")])
        _call(connection, claim, Reason.TOO_LATE, "an answer was not delivered in time", now)


class RequestCourier:
    """Sends requests, at the pace of the law, each of them once."""

    def __init__(
        self,
        store: Store,
        routes: Mapping[str, Route],
        paces: Mapping[str, Pace],
        *,
        lease: timedelta = outbox.LEASE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._routes = routes
        self._paces = paces
        self._work = outbox.requests_to_send(lease)
        self._clock = clock

    def step(self) -> bool:
        """Send the request that is due the longest, and return whether there was one."""
        claims = self._work.claim(self._store)
        for claim in claims:
            _settling(claim, self._send)
        return bool(claims)

    def _send(self, claim: Claim) -> None:
        pace = self._paces[claim["system"]]
        if not _is_over(claim, self._store.now()):
            pace.wait()
        if self._is_too_late(claim):
            return
        since = self._clock()
        self._store.record(outbox.begun(claim, self._store.now()))
        if self._clock() - since > WAY:  # its slot went by meanwhile
            pace.wait()
            if self._is_too_late(claim):
                return
        try:
            back = self._routes[claim["system"]].deliver(claim["document"])
        except TransportError as error:
            failed = error
        else:
            self._store.record(*_delivered(self._store, claim))
            self._routes[claim["system"]].take_in(back)
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
            make(connection, [outbox.settled(claim, Sent.REFUSED, now=now, reason=failed.reason)])
            _call(connection, claim, Reason.REFUSED, failed.reason, now)
        else:
            make(connection, [outbox.settled(claim, Sent.UNKNOWN, now=now, reason=failed.reason)])
            make(connection, answered_to_us(claim.row, None, now))
            make(connection, delivered(self._store.journal, claim.row))  # it may have gone out
            _call(connection, claim, Reason.OUTCOME_UNKNOWN, failed.reason, now)

    def _never_sent(self, connection: Connection, claim: Claim, now: datetime) -> None:
        make(
            connection, [outbox.settled(claim, Sent.EXPIRED, now=now, reason="it could not be sent in time")]
        )
        _call(connection, claim, Reason.NOT_SENT, "a request could not be sent in time", now)


def may_succeed(failed: TransportError) -> bool:
    """Whether the same bytes may be taken another time: 5xx, 408, 429 and lost connections, nothing else."""
    if isinstance(failed, OutcomeUnknown) and failed.status is not None:
        return failed.status >= 500 or failed.status == HTTPStatus.REQUEST_TIMEOUT
    return isinstance(failed, (NotSent, OutcomeUnknown, TooManyRequests))


def wait_after(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts."""
    doubled = FIRST_WAIT * float(1 << min(attempts - 1, 10))
    return min(doubled, LONGEST_WAIT)


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


def _call(connection: Connection, claim: Claim, reason: Reason, detail: str, now: datetime) -> None:
    call_for(
        connection,
        reason,
        detail,
        now=now,
        system=claim["system"],
        technical_id=claim["technical_id"],
        workflow_id=claim["workflow_id"],
    )


def _call_if_lasting(connection: Connection, claim: Claim, failed: TransportError, now: datetime) -> None:
    """Tell a person where waiting alone does not help, or has not helped: once for all that waits."""
    if claim["attempts"] >= _PATIENCE or isinstance(failed, (CertificateRefused, HubNotTrusted)):
        call_for(connection, Reason.NOT_REACHED, failed.reason, now=now, system=claim["system"])
