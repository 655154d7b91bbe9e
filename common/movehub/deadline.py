"""A deadline for a whole exchange, which no peer can stretch by dripping bytes.

`requests` bounds each single read. A peer that sends one byte before each bound runs out would hold a
caller for hours, and the law gives 20 seconds in all (Regulation (EU) 2016/68, Annex VI, 1.6;
(EU) 2016/480, Annex VI, 1.5.2). So the socket itself looks at the
clock before each operation, and notes whether anything of the message has left: that tells *not sent* from
*outcome unknown*.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Progress:
    """How far one exchange has come."""

    ends_at: float
    clock: Callable[[], float]
    sent: int = 0

    def left(self) -> float:
        """Seconds until the deadline. Raises TimeoutError where none are left."""
        left = self.ends_at - self.clock()
        if left <= 0:
            raise TimeoutError("the deadline of the exchange is over")
        return left


_CURRENT: ContextVar[Progress | None] = ContextVar("movehub_progress", default=None)


@contextmanager
def deadline(seconds: float, clock: Callable[[], float] = time.monotonic) -> Iterator[Progress]:
    """Bound everything that sockets of `DeadlineSocket` do in this context."""
    progress = Progress(clock() + seconds, clock)
    token = _CURRENT.set(progress)
    try:
        yield progress
    finally:
        _CURRENT.reset(token)


class DeadlineSocket(ssl.SSLSocket):
    """A TLS socket that keeps the deadline of the context it is used in."""

    def _arm(self) -> Progress | None:
        progress = _CURRENT.get()
        if progress is not None:
            self.settimeout(progress.left())
        return progress

    def do_handshake(self, block: bool = False) -> None:
        """Shake hands, within the deadline."""
        self._arm()
        super().do_handshake(block)

    def recv_into(self, buffer: Any, nbytes: int | None = None, flags: int = 0) -> int:
        """Read, within the deadline."""
        self._arm()
        return super().recv_into(buffer, nbytes, flags)

    def send(self, data: Any, flags: int = 0) -> int:
        """Send, within the deadline, and note how much has left."""
        progress = self._arm()
        sent = super().send(data, flags)
        if progress is not None:
            progress.sent += sent
        return sent
