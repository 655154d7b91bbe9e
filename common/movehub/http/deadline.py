"""A deadline for a whole exchange, which no peer can stretch by dripping bytes.

`requests` bounds each single read. A peer that sends one byte before each bound runs out would hold a
caller for hours, and the law gives 20 seconds in all (Regulation (EU) 2016/68, Annex VI, 1.6;
(EU) 2016/480, Annex VI, 1.5.2). So the socket itself looks at the
clock before each operation, and notes whether anything of the message has left: that tells *not sent* from
*outcome unknown*.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from errno import ECONNRESET
from typing import Any, Final, Self
from weakref import WeakKeyDictionary


@dataclass(slots=True)
class Progress:
    """How far one exchange has come."""

    ends_at: float
    clock: Callable[[], float]
    #: Seconds that one operation may take, at most.
    each: float | None = None
    sent: int = 0
    received: int = 0
    #: Whether the connection was made in this exchange, and not kept from an earlier one.
    shook_hands: bool = False
    #: What TLS itself objected to, if anything.
    objection: ssl.SSLError | None = None

    def left(self) -> float:
        """Seconds until the deadline. Raises TimeoutError where none are left."""
        left = self.ends_at - self.clock()
        if left <= 0:
            raise TimeoutError("the deadline of the exchange is over")
        return left


#: Seconds by which an operation may be bounded too late, or too early.
NEAR: Final = 0.05
#: What a socket that does not wait raises.
NOTHING_YET: Final = (ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError)

_CURRENT: ContextVar[Progress | None] = ContextVar("movehub_progress", default=None)


def time_left(wanted: float | None = None) -> float | None:
    """Return the seconds that an operation may take: what is wanted, and no more than what is left."""
    progress = _CURRENT.get()
    if progress is None:
        return wanted
    return _sooner(wanted, progress.left())


def _sooner(wanted: float | None, left: float) -> float:
    return left if wanted is None or left < wanted else wanted


@contextmanager
def _noted() -> Iterator[Progress | None]:
    """Keep what TLS objects to, so that nobody has to look for it in what others made of it."""
    progress = _CURRENT.get()
    try:
        yield progress
    except ssl.SSLError as error:
        if progress is not None:
            progress.objection = error
        raise


@contextmanager
def deadline(
    seconds: float, clock: Callable[[], float] = time.monotonic, *, each: float | None = None
) -> Iterator[Progress]:
    """Bound everything that sockets of `DeadlineSocket` do in this context, and each operation of theirs."""
    progress = Progress(clock() + seconds, clock, each)
    token = _CURRENT.set(progress)
    try:
        yield progress
    finally:
        _CURRENT.reset(token)


#: The last TLS session with each host, by the context that it was verified with: another trusts others.
_SESSIONS: WeakKeyDictionary[ssl.SSLContext, dict[str | None, ssl.SSLSession]] = WeakKeyDictionary()


def _bound(sock: socket.socket, progress: Progress) -> None:
    """Let the next operation take no longer than what is left; to set that anew each time takes long."""
    left, bound = progress.left(), sock.gettimeout()
    if bound is None or bound > left + NEAR:
        sock.settimeout(left)


def _made_to_wait(sock: socket.socket, progress: Progress) -> bool:
    """Have a socket wait that did not, as it has to now: most get by without. False where it did already."""
    if sock.gettimeout() != 0:
        return False
    sock.settimeout(_sooner(progress.each, progress.left()))
    return True


class DeadlinePlainSocket(socket.socket):
    """A TCP socket that keeps the deadline of the context it is used in, but for `recv` and `sendall`."""

    @classmethod
    def of(cls, accepted: socket.socket) -> Self:
        """Take over a connection."""
        bound = accepted.gettimeout()
        taken = cls(accepted.family, accepted.type, accepted.proto, accepted.detach())
        taken.settimeout(bound)
        return taken

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        """Read, within the deadline."""
        if (progress := _CURRENT.get()) is None:
            return super().recv_into(buffer, nbytes, flags)
        _bound(self, progress)
        try:
            return super().recv_into(buffer, nbytes, flags)
        except NOTHING_YET:
            if not _made_to_wait(self, progress):
                raise
            return super().recv_into(buffer, nbytes, flags)

    def send(self, data: Any, flags: int = 0) -> int:
        """Send, within the deadline."""
        if (progress := _CURRENT.get()) is None:
            return super().send(data, flags)
        _bound(self, progress)
        try:
            return super().send(data, flags)
        except NOTHING_YET:
            if not _made_to_wait(self, progress):
                raise
            return super().send(data, flags)


class DeadlineSocket(ssl.SSLSocket):
    """A TLS socket that keeps the deadline of the context it is used in, and resumes the last session.

    A resumed session spares both sides the certificates and their signatures. The host was verified when the
    session began, with the same context and under the same name; how long it holds the host decides.
    """

    def do_handshake(self, block: bool = False) -> None:
        """Shake hands, within the deadline."""
        self.settimeout(time_left(self.gettimeout()))
        known = _SESSIONS.get(self.context, {}).get(self.server_hostname)
        if known is not None:
            self.session = known
        with _noted() as progress:
            if progress is not None:
                progress.shook_hands = True
            super().do_handshake(block)

    def getpeername(self) -> Any:
        """Return the address of the other side. Closes the socket if there is none.

        `ssl` asks for it when it makes the socket. If the peer reset the connection just before, `ssl` would
        raise and leave the file descriptor open.
        """
        try:
            return super().getpeername()
        except OSError:
            self.close()
            raise ConnectionResetError(ECONNRESET, "the other side reset the connection") from None

    def shutdown(self, how: int) -> None:
        """Stop reading or writing.

        The base would drop TLS as well, and bytes that are written afterwards would leave in the clear.
        """
        socket.socket.shutdown(self, how)

    def close(self) -> None:
        """Close, and keep a client's session: with TLS 1.3 its ticket has come with the answers only."""
        try:
            session = None if self.server_side else self.session
            if session is not None and session.has_ticket:
                _SESSIONS.setdefault(self.context, {})[self.server_hostname] = session
        finally:
            super().close()

    def recv_into(self, buffer: Any, nbytes: int | None = None, flags: int = 0) -> int:
        """Read, within the deadline, and note how much has come."""
        progress = _CURRENT.get()
        if progress is None:
            return super().recv_into(buffer, nbytes, flags)
        _bound(self, progress)
        try:
            try:
                received = super().recv_into(buffer, nbytes, flags)
            except NOTHING_YET:
                if not _made_to_wait(self, progress):
                    raise
                received = super().recv_into(buffer, nbytes, flags)
        except ssl.SSLError as error:
            progress.objection = error
            raise
        progress.received += received
        return received

    def send(self, data: Any, flags: int = 0) -> int:
        """Send, within the deadline, and note how much has left."""
        progress = _CURRENT.get()
        if progress is None:
            return super().send(data, flags)
        _bound(self, progress)
        try:
            try:
                sent = super().send(data, flags)
            except NOTHING_YET:
                if not _made_to_wait(self, progress):
                    raise
                sent = super().send(data, flags)
        except ssl.SSLError as error:
            progress.objection = error
            raise
        progress.sent += sent
        return sent
