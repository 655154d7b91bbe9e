"""One client of `https_server`: its handshake, its requests, and why it is refused.

cheroot shakes hands in the thread that accepts. Here the handshake is a part of the connection: each time
that bytes of it arrive, a free thread goes on with it, and in between it waits in the selector.
"""

from __future__ import annotations

import io
import socket
import ssl
import time
import traceback
from contextlib import suppress
from enum import Enum
from typing import Any, Final

from cheroot.errors import FatalSSLAlert
from cheroot.server import HTTPConnection
from cheroot.ssl.builtin import BuiltinSSLAdapter

from .certificate_watch import Contexts
from .deadline import deadline

#: Seconds for a handshake in all, and for a refused client to read why.
_HANDSHAKE: Final = 10.0
_FAREWELL: Final = 0.5

_AT_A_TIME: Final = 65536


class _Counted(socket.SocketIO):
    """Counts what has arrived."""

    arrived = 0

    def readinto(self, b: Any) -> int | None:
        """Read what there is."""
        count = super().readinto(b)
        self.arrived += count or 0
        return count


class Reader(io.BufferedReader):
    """What cheroot reads from. Its own is written in Python, and takes longer than TLS does."""

    def __init__(self, sock: socket.socket) -> None:
        self._counted = _Counted(sock, "r")
        super().__init__(self._counted, _AT_A_TIME)
        self.bytes_read = 0

    def read(self, size: int | None = -1, /) -> bytes:
        """Read so many bytes."""
        data = super().read(-1 if size is None else size)
        self.bytes_read += len(data)
        return data

    def readline(self, size: int | None = -1, /) -> bytes:
        """Read to the end of a line, and no more than so many bytes."""
        data = super().readline(-1 if size is None else size)
        self.bytes_read += len(data)
        return data

    def has_data(self) -> bool:
        """Whether something has arrived that nobody has read."""
        return self._counted.arrived > self.bytes_read


class LateHandshakes(BuiltinSSLAdapter):
    """Wraps each connection in the context of its day, and leaves the handshake for later."""

    def __init__(self, contexts: Contexts) -> None:
        # Not the base's: it would load the files by itself, and ask for a pass phrase on the terminal.
        self._contexts = contexts
        self._server_env: dict[str, Any] = {}

    @property
    def _context(self) -> ssl.SSLContext:
        """What `context` gives: the one for a connection that begins now."""
        return self._contexts()

    def makefile(self, sock: Any, mode: str = "r", bufsize: int = -1) -> Any:
        """Return what a connection is read from, or written to."""
        return Reader(sock) if "r" in mode else super().makefile(sock, mode, bufsize)

    def wrap(self, sock: socket.socket) -> tuple[ssl.SSLSocket, dict[str, Any]]:
        """Return the connection as TLS; no byte is exchanged yet."""
        try:
            return self.context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False), {}
        except OSError as error:
            _close_half_made(error)
            sock.close()
            raise FatalSSLAlert(*error.args) from error


def _close_half_made(error: OSError) -> None:
    """Close the TLS socket of a client that was gone when it was made: `ssl` leaves it to the collector."""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        half_made = frame.f_locals.get("self")
        if isinstance(half_made, ssl.SSLSocket):
            half_made.close()


class _Phase(Enum):
    SHAKING, SERVING, LEAVING = range(3)


class ClientConnection(HTTPConnection):
    """One client, from its handshake on. `communicate` is called by a free thread when bytes have arrived."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._phase = _Phase.SHAKING
        self._ends_at = time.monotonic() + _HANDSHAKE

    @property
    def stranger_until(self) -> float | None:
        """When the time for its handshake ends; None for a client whose certificate is good."""
        return None if self._phase is _Phase.SERVING else self._ends_at

    def communicate(self) -> bool:
        """Go on with the client as far as what has arrived allows. True keeps the connection."""
        if self._phase is _Phase.SHAKING:
            return self._shake_hands()
        if self._phase is _Phase.LEAVING:
            return self._say_farewell()
        with suppress(TimeoutError), deadline(self.server.exchange):
            return bool(super().communicate())  # type: ignore[no-untyped-call]
        return False

    def _shake_hands(self) -> bool:
        self.socket.setblocking(False)
        try:
            self.socket.do_handshake()
        except ssl.SSLWantReadError:
            return time.monotonic() < self._ends_at
        except OSError:
            return self._begin_farewell()
        self.socket.settimeout(self.server.timeout)
        self.ssl_env = self.server.ssl_adapter.get_environ(self.socket)
        self._phase = _Phase.SERVING
        return True

    def _begin_farewell(self) -> bool:
        """Refuse a client so that it can read why.

        In TLS 1.3 it may already have sent its request when its certificate is looked at. A socket closed
        with that unread would reset the connection and take the alert with it.
        """
        self._phase = _Phase.LEAVING
        self._ends_at = time.monotonic() + _FAREWELL
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)
            return True
        return False

    def _say_farewell(self) -> bool:
        with suppress(OSError):
            while data := socket.socket.recv(self.socket, _AT_A_TIME):
                if time.monotonic() >= self._ends_at:
                    return False
            return bool(data)
        return time.monotonic() < self._ends_at
