"""A deadline for a whole exchange, which no peer can stretch by sending byte after byte.

`requests` limits each single read. A peer that sends one byte before each limit runs out would hold a caller
for hours, and the law gives 20 seconds in all (Regulation (EU) 2016/68, Annex VI, 1.5; (EU) 2016/480,
Annex VI, 1.5.2). So the socket itself checks the clock before each operation. It also notes whether anything
of the message has left: that is the difference between *not sent* and *outcome unknown*.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from errno import ECONNRESET
from functools import partial
from typing import Any, Final, Self
from weakref import WeakKeyDictionary

from movehub.errors import InvalidConfiguration
from movehub.tls.revocation import refuse_peer


def check_sockets() -> None:
    """Raise InvalidConfiguration if gevent or eventlet has replaced Python's sockets.

    Their sockets wait in other ways, and no deadline would hold.
    """
    if (socket.socket.__module__, ssl.SSLSocket.__module__) != ("socket", "ssl"):
        raise InvalidConfiguration(
            "gevent or eventlet has replaced Python's sockets, and no deadline would hold: run movehub in a"
            " process that does not call monkey.patch_all()"
        )


check_sockets()


@dataclass(slots=True)
class Progress:
    """How far one exchange has come."""

    ends_at: float
    clock: Callable[[], float]
    #: Seconds that one operation may take, at most.
    each: float | None = None
    sent: int = 0
    received: int = 0
    #: Whether this exchange made its connection, and both sides have a cipher. Then certificates count.
    chose_cipher: bool = False
    #: The error of TLS, if there was one.
    objection: ssl.SSLError | None = None
    #: The error that kept the connection from being made or used, if there was one.
    obstacle: OSError | None = None

    def left(self) -> float:
        """Seconds until the deadline. Raises TimeoutError after the deadline."""
        left = self.ends_at - self.clock()
        if left <= 0:
            raise TimeoutError("the deadline of the exchange is over")
        return left

    def note(self, error: OSError) -> None:
        """Note why the exchange failed."""
        self.obstacle = error
        if isinstance(error, ssl.SSLError):
            self.objection = error


#: The errors of a socket that does not wait.
NOTHING_YET: Final = (ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError)

_CURRENT: ContextVar[Progress | None] = ContextVar("movehub_progress", default=None)


@contextmanager
def deadline(
    seconds: float, clock: Callable[[], float] = time.monotonic, *, each: float | None = None
) -> Iterator[Progress]:
    """Limit everything that our sockets do in this block to `seconds`, and each operation to `each`."""
    progress = Progress(clock() + seconds, clock, each)
    token = _CURRENT.set(progress)
    try:
        yield progress
    finally:
        _CURRENT.reset(token)


def connect(
    host: str, port: int, seconds: float | None, options: list[tuple[int, int, int]]
) -> socket.socket:
    """Connect to a host. Each address may take `seconds`, all no more than is left. Raises OSError."""
    failed = OSError("the host has no address")
    for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        made = DeadlinePlainSocket(family, kind, protocol)
        try:
            made.settimeout(time_left(seconds))
            made.connect(address)
            for option in options:
                made.setsockopt(*option)
        except OSError as error:
            made.close()
            failed = error
        else:
            return made
    raise failed


def time_left(wanted: float | None) -> float | None:
    """Return the seconds that an operation may take: as many as wanted, and no more than are left."""
    progress = _CURRENT.get()
    if progress is None:
        return wanted
    left = progress.left()
    return left if wanted is None else min(wanted, left)


def note_obstacle(error: OSError) -> None:
    """Note an error of connecting in the progress, because other libraries wrap it in theirs."""
    if (progress := _CURRENT.get()) is not None:
        progress.note(error)


def _done(sock: socket.socket, progress: Progress, operation: Callable[[], int]) -> int:
    """Read or send within the deadline. Returns the number of bytes.

    The sockets of a server do not wait at first, because most of their operations need not.
    """
    sock.settimeout(time_left(sock.gettimeout()))
    try:
        return operation()
    except NOTHING_YET:
        if sock.gettimeout() != 0:
            raise
        sock.settimeout(time_left(progress.each))
        return operation()


class _WithDeadline:
    """A socket that keeps the deadline of the context it is used in, except for `recv` and `sendall`."""

    def recv_into(self: Any, *args: Any, **kwargs: Any) -> int:
        """Read within the deadline, and note how much came."""
        reading: Callable[[], int] = partial(super().recv_into, *args, **kwargs)  # type: ignore[misc]
        if (progress := _CURRENT.get()) is None:
            return reading()
        try:
            received = _done(self, progress, reading)
        except ssl.SSLError as error:
            progress.note(error)
            raise
        progress.received += received
        return received

    def send(self: Any, *args: Any, **kwargs: Any) -> int:
        """Send within the deadline, and note how much left."""
        sending: Callable[[], int] = partial(super().send, *args, **kwargs)  # type: ignore[misc]
        if (progress := _CURRENT.get()) is None:
            return sending()
        try:
            sent = _done(self, progress, sending)
        except OSError as error:
            progress.note(error)
            raise
        progress.sent += sent
        return sent


class DeadlinePlainSocket(_WithDeadline, socket.socket):
    """A TCP socket that keeps the deadline."""

    @classmethod
    def of(cls, accepted: socket.socket) -> Self:
        """Take over an accepted connection."""
        limit = accepted.gettimeout()
        taken = cls(accepted.family, accepted.type, accepted.proto, accepted.detach())
        taken.settimeout(limit)
        return taken


#: The last TLS session with each host. It belongs to the context that verified it: another trusts others.
_SESSIONS: WeakKeyDictionary[ssl.SSLContext, dict[str | None, ssl.SSLSession]] = WeakKeyDictionary()


class DeadlineSocket(_WithDeadline, ssl.SSLSocket):
    """A TLS socket that keeps the deadline, and resumes the last session.

    A resumed session saves both sides the certificates and their signatures. The host was verified when the
    session began, with the same context and name. The host decides how long a session stays valid.
    """

    def getpeername(self) -> Any:
        """Return the address of the other side. Closes the socket if the connection is gone.

        `ssl` asks for it when it makes the socket. If the peer reset the connection just before, `ssl` would
        raise and leave the file descriptor open.
        """
        try:
            return super().getpeername()
        except OSError:
            self.close()
            raise ConnectionResetError(ECONNRESET, "the other side reset the connection") from None

    def do_handshake(self, block: bool = False) -> None:
        """Shake hands within the deadline."""
        self.settimeout(time_left(self.gettimeout()))
        known = _SESSIONS.get(self.context, {}).get(self.server_hostname)
        if known is not None:
            self.session = known
        try:
            super().do_handshake(block)
            refuse_peer(self)
        finally:
            if (progress := _CURRENT.get()) is not None:
                progress.chose_cipher = self.cipher() is not None

    def shutdown(self, how: int) -> None:
        """Stop reading or writing. The base would drop TLS, and later bytes would leave in the clear."""
        socket.socket.shutdown(self, how)

    def close(self) -> None:
        """Close, and remember a client's session: with TLS 1.3 its ticket comes after the handshake."""
        try:
            # If the handshake failed early, there is half a session, which OpenSSL cannot return.
            with suppress(ValueError):
                session = None if self.server_side else self.session
                if session is not None and session.has_ticket:
                    _SESSIONS.setdefault(self.context, {})[self.server_hostname] = session
        finally:
            super().close()
