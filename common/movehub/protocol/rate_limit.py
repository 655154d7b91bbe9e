"""The law's rate limit: one national system may send at most two requests a second.

Regulation (EU) 2016/68, Annex VI, 1.7; Regulation (EU) 2016/480, Annex VI, 1.6. The law speaks of requests. A
later response, such as an NCR response, counts here as well, because it also opens an exchange with the hub
and gets an acknowledgement (inferred). Answers to the requests of others do not count.

    turn = rate_limit.wait()
    with turn:
        transport.post(document)

A connection may take long. So the transport calls `leave` just before the first byte leaves, and a request
that has missed its turn waits for another. No second ever holds three requests, whatever the threads do.
The limit applies to the whole state. If several processes send, let them share a store: see
`movehub.store.rate_limit`. Otherwise give each its share.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextvars import ContextVar, Token
from math import inf
from typing import Final, Self

from movehub.errors import InvalidConfiguration, TurnNotReached
from movehub.protocol.waiting_line import WaitingLine, line_of

#: Annex VI: requests a second from one national system.
MOST_PER_SECOND: Final = 2.0
#: One request an hour. A lower setting is surely a mistake in the unit.
LEAST_PER_SECOND: Final = 1 / 3600

#: Seconds by which a request may leave late in its turn. Turns are further apart by the same amount, so that
#: no second, wherever it begins, ever holds three.
LATE: Final = 0.05

_TOO_MANY: Final = (
    "the turn of this request does not come in time: a state may send two requests a second, and others wait"
)


def _seconds_apart(per_second: float) -> float:
    """Return the seconds from one turn to the next."""
    return 1 / per_second + LATE


class Turn:
    """The turn of one request. Send the request in its `with` block."""

    def __init__(self, limit: RateLimit, until: float, ends_at: float) -> None:
        self._limit = limit
        self._until = until
        self._ends_at = ends_at
        self._left = False
        self._token: Token[Turn | None] | None = None

    def __enter__(self) -> Self:
        self._token = _CURRENT.set(self)
        return self

    def __exit__(self, *_: object) -> None:
        if self._token is not None:
            _CURRENT.reset(self._token)

    def renew(self) -> None:
        """Wait for another turn if this one is over. Raises TurnNotReached."""
        if self._limit.now() > self._until:
            self._until = self._limit.taken(self._ends_at, urgent=True)

    def leave(self) -> None:
        """Say that the first byte leaves now: see `leave`."""
        if not self._left:
            self.renew()
            self._left = True

    def seconds_left(self) -> float:
        """Return the seconds until the deadline that `wait` was given, infinite without one."""
        return self._ends_at - self._limit.now()


_CURRENT: Final[ContextVar[Turn | None]] = ContextVar("movehub.turn", default=None)


def leave() -> None:
    """Wait until the current turn, if there is one, allows that the first byte of its request leaves.

    A transport calls it when it is connected. Later calls for the same request do nothing. Raises
    TurnNotReached.
    """
    if (turn := _CURRENT.get()) is not None:
        turn.leave()


def seconds_left() -> float:
    """Return the seconds that are left of the deadline of the current turn, infinite if there is none."""
    turn = _CURRENT.get()
    return inf if turn is None else turn.seconds_left()


class RateLimit:
    """Lets requests leave one at a time, at even intervals. Any number of threads may wait.

    They leave in the order in which they came. A limit of its own `line` knows only its own requests: use
    `rate_limit_of` for the line of the process. `then` is the law's limit behind a slower one.

    Raises InvalidConfiguration above two requests a second (the law) and below one an hour.
    """

    def __init__(
        self,
        per_second: float = MOST_PER_SECOND,
        *,
        line: WaitingLine | None = None,
        then: RateLimit | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        check_rate(per_second)
        self._apart = _seconds_apart(per_second)
        self._line = line or WaitingLine()
        self._then = then
        self._clock = clock
        self._sleep = sleep

    def wait(self, longest: float = inf, *, total: float = inf) -> Turn:
        """Wait until the next request may leave, and return its turn.

        Raises TurnNotReached if that would take longer than `longest` seconds. A request that gives up takes
        no turn from the others. `total` is how many seconds the request has in all, with this wait.
        """
        came = self.now()
        until = self.taken(came + longest)
        if self._then is not None:
            until = self._then.taken(came + longest)
        return Turn(self._then or self, until, came + total)

    def ready(self) -> None:
        """Wait until a request could leave at once, and take no turn.

        Call it before you hand a request to a thread, so that the thread need not wait.
        """
        with self._line.first(inf):
            self._sleep_until(self._line.next_at)

    def now(self) -> float:
        """Return the time by the clock of the process."""
        return self._clock()

    def taken(self, ends_at: float, *, urgent: bool = False) -> float:
        """Wait for a turn, and return until when its request may leave. Raises TurnNotReached."""
        try:
            with self._line.first(ends_at - self._clock(), urgent=urgent):
                until = None
                while until is None:
                    due = self._reserved(ends_at)
                    self._sleep_until(due)
                    until = self._begun(due)
                self._line.next_at = self._clock() + self._apart
                return until
        except TimeoutError:
            pass
        raise TurnNotReached(_TOO_MANY)

    def _sleep_until(self, due: float) -> None:
        while (left := due - self._clock()) > 0:
            self._sleep(left)

    def _reserved(self, ends_at: float) -> float:
        """Return when the next turn begins. Raises TimeoutError if that is too late."""
        due = max(self._line.next_at, self._clock())
        if due > ends_at:
            raise TimeoutError
        return due

    def _begun(self, due: float) -> float | None:
        """Return until when a request may leave in the turn that begins now, or None if it is over."""
        return max(due, self._clock()) + LATE


def check_rate(per_second: float) -> float:
    """Return a rate that the law allows. Raises InvalidConfiguration."""
    if not LEAST_PER_SECOND <= per_second <= MOST_PER_SECOND:
        raise InvalidConfiguration(
            "a state may send two requests a second at most, and the lowest rate limit is one an hour"
        )
    return per_second


def rate_limit_of(system: str, member_state: str, per_second: float = MOST_PER_SECOND) -> RateLimit:
    """Return the rate limit of this process for a system and a state.

    All that have the same slower rate share it, and the law's rate with all others of the process.
    """
    law = RateLimit(line=line_of(system, member_state, MOST_PER_SECOND))
    if check_rate(per_second) == MOST_PER_SECOND:
        return law
    return RateLimit(per_second, line=line_of(system, member_state, per_second), then=law)
