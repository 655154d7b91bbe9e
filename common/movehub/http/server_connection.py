"""One client of a server: it costs a thread from the last byte of a request's head on, and not before.

cheroot gives a thread to whoever has sent a byte, so that a few who drip in heads keep out all others. Here
a thread takes what has arrived and goes on to the next client; a head that is not whole waits in the
selector, where it costs a file descriptor.

One client of `https_server`: its handshake, and why it is refused. See `http_connection` for its requests.

cheroot shakes hands in the thread that accepts. Here the handshake is a part of the connection: each time
that bytes of it arrive, a free thread goes on with it, and in between it waits in the selector.
"""

from __future__ import annotations

import io
import re
import socket
import ssl
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from enum import Enum
from typing import Any, Final

from cheroot.errors import FatalSSLAlert
from cheroot.server import HTTPConnection
from cheroot.ssl.builtin import BuiltinSSLAdapter

from movehub.http.deadline import NOTHING_YET, DeadlinePlainSocket, deadline
from movehub.http.server_request import Request
from movehub.tls.reload import Contexts

#: Seconds for the head of a request in all, and for a client that is refused to read why.
_HEAD: Final = 10.0
_FAREWELL: Final = 2.0

AT_A_TIME: Final = 65536

#: Bytes that cheroot reads of a line before it looks whether the head has grown too long.
_LINE: Final = 256
#: Where a head ends. Lines without a carriage return are none of HTTP's, and are refused when they are read.
_END: Final = re.compile(rb"\n\r?\n")


#: Seconds for a handshake in all.
_HANDSHAKE: Final = 10.0


class _Arriving(socket.SocketIO):
    """Counts what has arrived, and hands out first what was taken ahead."""

    arrived = 0
    ahead = b""

    def readinto(self, b: Any) -> int | None:
        """Read what there is."""
        if self.ahead:
            count = min(len(b), len(self.ahead))
            b[:count], self.ahead = self.ahead[:count], self.ahead[count:]
            return count
        count = super().readinto(b) or 0
        self.arrived += count
        return count


class Reader(io.BufferedReader):
    """What cheroot reads from. Its own is written in Python, and takes longer than TLS does."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._arriving = _Arriving(sock, "r")
        super().__init__(self._arriving, AT_A_TIME)
        self.bytes_read = 0
        #: Whether what has arrived is not enough to go on with.
        self.wants_more = False

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
        """Whether something has arrived that can be gone on with."""
        return self._arriving.arrived > self.bytes_read and not self.wants_more

    def has_head(self, most: int) -> bool:
        """Take what has arrived, without waiting. Whether there is a whole head, or more than `most` bytes.

        Raises OSError where the client is gone.
        """
        arriving = self._arriving
        looked_at = 0
        if self.has_data():  # it came along with the request before
            arriving.ahead = super().read(len(self.peek())) + arriving.ahead
            if _END.search(arriving.ahead):
                return True
        elif arriving.ahead:
            looked_at = max(0, len(arriving.ahead) - 2)
        with suppress(*NOTHING_YET):
            self._take()
        found = _END.search(arriving.ahead, looked_at) is not None or len(arriving.ahead) > most + _LINE
        self.wants_more = not found
        return found

    def _take(self) -> None:
        data = self._socket.recv(AT_A_TIME)
        if not data:
            raise ConnectionAbortedError("the client is gone")
        self._arriving.arrived += len(data)
        self._arriving.ahead += data


class Writer:
    """What cheroot writes to. Its own is written in Python, and copies what it writes three times."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self.bytes_written = 0

    def write(self, data: bytes) -> int:
        """Write everything. Raises OSError."""
        left = memoryview(data)
        while left:
            left = left[self._socket.send(left) :]
        self.bytes_written += len(data)
        return len(data)


class Phase(Enum):
    """What is done with a client."""

    SHAKING, SERVING, LEAVING = range(3)


class Connection(HTTPConnection):
    """One client. `communicate` is called by a free thread when bytes have arrived."""

    RequestHandlerClass = Request

    #: Whether one of its requests has been answered as something other than a mistake.
    is_known = False
    #: Whether something may come, or has come, that is not going to be read.
    is_unread = False
    #: What its applications are told of it: see `http_gateway`.
    environ: dict[str, Any] | None = None

    def __init__(self, server: Any, sock: socket.socket, makefile: Callable[..., Any]) -> None:
        super().__init__(server, sock, makefile)
        self.phase = Phase.SERVING
        self.began = self._ends_at = time.monotonic()

    @property
    def stranger_since(self) -> float | None:
        """When it came; None for a client whose request was taken, and who is not leaving."""
        return None if self.is_known and self.phase is Phase.SERVING else self.began

    def communicate(self) -> bool:
        """Go on with the client as far as what has arrived allows. True keeps the connection."""
        if self.phase is Phase.LEAVING:
            return self._say_farewell()
        if self.socket.gettimeout() != 0:
            self.socket.settimeout(0)
        was_waiting = self.rfile.wants_more
        try:
            is_whole = self.rfile.has_head(self.server.max_request_header_size)
        except OSError:
            return False
        if not is_whole:
            if not was_waiting:
                self._ends_at = time.monotonic() + _HEAD
            return time.monotonic() < self._ends_at
        return self._serve()

    def _serve(self) -> bool:
        with suppress(TimeoutError), deadline(self.server.exchange, each=self.server.timeout):
            if super().communicate():  # type: ignore[no-untyped-call]
                return True
            return self.is_unread and self.begin_farewell()
        return False

    def begin_farewell(self) -> bool:
        """Refuse a client so that it can read why.

        It may have sent what nobody is going to read. A socket closed with that would reset the connection,
        and take along what the client was told.
        """
        self.phase = Phase.LEAVING
        self.rfile.wants_more = True
        self._ends_at = time.monotonic() + _FAREWELL
        with suppress(OSError):
            self.socket.setblocking(False)
            self.socket.shutdown(socket.SHUT_WR)
            return True
        return False

    def _say_farewell(self) -> bool:
        """Throw away what comes, a piece at a time, so that others get their turn."""
        with suppress(OSError):
            if not socket.socket.recv(self.socket, AT_A_TIME):
                return False
        return time.monotonic() < self._ends_at


class PlainConnection(Connection):
    """One client without TLS."""

    def __init__(self, server: Any, sock: socket.socket, _: object) -> None:
        super().__init__(server, DeadlinePlainSocket.of(sock), file_of)


def file_of(sock: socket.socket, mode: str = "r", _: int = -1) -> Any:
    """Return what a connection is read from, or written to."""
    return Reader(sock) if "r" in mode else Writer(sock)


class LateHandshakes(BuiltinSSLAdapter):
    """Wraps each connection in the context of its day, and leaves the handshake for later."""

    def __init__(self, contexts: Contexts) -> None:
        # Not the base's: it would load the files by itself, and ask for a pass phrase on the terminal.
        self._contexts = contexts
        self._server_env: dict[str, Any] = {}
        self.makefile: Any = file_of

    @property
    def _context(self) -> ssl.SSLContext:
        """What `context` gives: the one for a connection that begins now."""
        return self._contexts()

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


class ClientConnection(Connection):
    """One client over TLS, from its handshake on."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.phase = Phase.SHAKING

    def communicate(self) -> bool:
        """Go on with the client as far as what has arrived allows. True keeps the connection."""
        return self._shake_hands() if self.phase is Phase.SHAKING else super().communicate()

    def _shake_hands(self) -> bool:
        self.socket.setblocking(False)
        try:
            self.socket.do_handshake()
        except ssl.SSLWantReadError:
            return time.monotonic() < self.began + _HANDSHAKE
        except OSError:
            # In TLS 1.3 it may already have sent its request when its certificate is looked at.
            return self.begin_farewell()
        self.ssl_env = self.server.ssl_adapter.get_environ(self.socket)
        self.phase = Phase.SERVING
        return True
