"""One client of a server: its TLS handshake, its requests, and its end.

cheroot shakes hands in the thread that accepts, and gives a thread to each client that sends a byte. So a few
slow clients would keep out all others. Here a free thread handles what has arrived and goes on to the next
client. An unfinished handshake or head waits in the selector: it uses a file descriptor and no thread.
"""

from __future__ import annotations

import io
import re
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from enum import Enum
from typing import Any, Final

from cheroot.errors import FatalSSLAlert
from cheroot.server import HTTPConnection
from cheroot.ssl.builtin import BuiltinSSLAdapter

from movehub.http.deadline import NOTHING_YET, DeadlinePlainSocket, deadline
from movehub.http.server_request import Request
from movehub.log_limit import limited
from movehub.tls.reload import WatchedCertificate

_LOG = limited(__name__)

#: Seconds for a whole handshake, for a whole head, and for a rejected client to read the reason.
_HANDSHAKE: Final = 10.0
_HEAD: Final = 10.0
_FAREWELL: Final = 2.0

_AT_A_TIME: Final = 65536

#: Bytes of a line that cheroot reads before it checks the length of the head.
_LINE: Final = 256
#: The end of a head. HTTP has no lines without a carriage return; they are rejected when the head is read.
_END: Final = re.compile(rb"\n\r?\n")


class _Arriving(socket.SocketIO):
    """Counts the bytes that arrived, and returns first the bytes that `Reader` read ahead."""

    arrived = 0
    ahead = b""

    def readinto(self, b: Any) -> int | None:
        """Read into a buffer. Returns the number of bytes."""
        if self.ahead:
            count = min(len(b), len(self.ahead))
            b[:count], self.ahead = self.ahead[:count], self.ahead[count:]
            return count
        count = super().readinto(b) or 0
        self.arrived += count
        return count


class Reader(io.BufferedReader):
    """The reader that cheroot parses requests from. It knows whether a whole head has arrived."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._arriving = _Arriving(sock, "r")
        super().__init__(self._arriving, _AT_A_TIME)
        self.bytes_read = 0
        #: Whether more bytes must arrive before the request can be handled.
        self.wants_more = False

    def read(self, size: int | None = -1, /) -> bytes:
        """Read `size` bytes."""
        data = super().read(-1 if size is None else size)
        self.bytes_read += len(data)
        return data

    def readline(self, size: int | None = -1, /) -> bytes:
        """Read to the end of a line, `size` bytes at most."""
        data = super().readline(-1 if size is None else size)
        self.bytes_read += len(data)
        return data

    def has_data(self) -> bool:
        """Whether bytes have arrived that a thread can handle."""
        return self._arriving.arrived > self.bytes_read and not self.wants_more

    def has_head(self, most: int) -> bool:
        """Read what has arrived. True for a head, or more than `most`. Raises OSError if the client left."""
        arriving = self._arriving
        looked_at = 0
        if self.has_data():  # these bytes came together with the request before
            arriving.ahead = super().read(len(self.peek())) + arriving.ahead
            if _END.search(arriving.ahead):
                return True
        elif arriving.ahead:
            looked_at = max(0, len(arriving.ahead) - 2)
        with suppress(*NOTHING_YET):
            self._read_ahead()
        found = _END.search(arriving.ahead, looked_at) is not None or len(arriving.ahead) > most + _LINE
        self.wants_more = not found
        return found

    def _read_ahead(self) -> None:
        data = self._socket.recv(_AT_A_TIME)
        if not data:
            raise ConnectionAbortedError("the client is gone")
        self._arriving.arrived += len(data)
        self._arriving.ahead += data


class Writer:
    """The writer that cheroot answers to. It sends at once, within the deadline of the exchange."""

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
    """How far a client has come."""

    HANDSHAKE, SERVING, LEAVING = range(3)


class Connection(HTTPConnection):
    """One client. A free thread calls `communicate` when bytes have arrived."""

    RequestHandlerClass = Request

    #: Whether one of its requests got an answer other than an error.
    is_known = False
    #: Whether bytes may have arrived that no thread will read.
    is_unread = False

    def __init__(self, server: Any, sock: socket.socket, makefile: Callable[..., Any]) -> None:
        super().__init__(server, sock, makefile)
        self.phase = Phase.SERVING
        self.began = self._ends_at = time.monotonic()

    @property
    def stranger_since(self) -> float | None:
        """The time at which it connected. None if one of its requests was accepted and it is not leaving."""
        return None if self.is_known and self.phase is Phase.SERVING else self.began

    def communicate(self) -> bool:
        """Handle the bytes that have arrived. True means that the connection stays open."""
        if self.phase is Phase.LEAVING:
            return self._discard()
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

    def is_trusted(self) -> bool:
        """Whether the client may go on."""
        return True

    def begin_farewell(self) -> bool:
        """Reject a client so that it can read the reason. True means that the connection stays open for that.

        The client may have sent bytes that no thread reads. If the socket were closed now, the system would
        reset the connection, and the client would lose the answer.
        """
        self.phase = Phase.LEAVING
        self.rfile.wants_more = True
        self._ends_at = time.monotonic() + _FAREWELL
        with suppress(OSError):
            self.socket.setblocking(False)
            self.socket.shutdown(socket.SHUT_WR)
            return True
        return False

    def _discard(self) -> bool:
        """Discard the bytes that have arrived, one piece at a time, so that other clients get their turn."""
        with suppress(OSError):
            if not socket.socket.recv(self.socket, _AT_A_TIME):
                return False
        return time.monotonic() < self._ends_at


class PlainConnection(Connection):
    """One client without TLS."""

    def __init__(self, server: Any, sock: socket.socket, _: object) -> None:
        super().__init__(server, DeadlinePlainSocket.of(sock), file_of)


class ClientConnection(Connection):
    """One client over TLS, from its handshake on."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.phase = Phase.HANDSHAKE

    def communicate(self) -> bool:
        """Handle the bytes that have arrived. True means that the connection stays open."""
        if self.phase is Phase.HANDSHAKE:
            return self._shake_hands()
        return self.is_trusted() and super().communicate()

    def is_trusted(self) -> bool:
        """Whether its certificate was verified with the authority and the revocation list of now."""
        return bool(self.server.ssl_adapter.trusts(self.socket.context))

    def _shake_hands(self) -> bool:
        self.socket.setblocking(False)
        try:
            self.socket.do_handshake()
        except ssl.SSLWantReadError:
            return time.monotonic() < self.began + _HANDSHAKE
        except OSError as error:
            if isinstance(error, ssl.SSLCertVerificationError):
                # OpenSSL's words from a table of its own, never a part of the certificate.
                words = error.verify_message
                _LOG.warning("refused the certificate of a client at %r: %s", self.remote_addr, words)
            # With TLS 1.3 the client may have sent its request before the server looks at its certificate.
            return self.begin_farewell()
        self.ssl_env = self.server.ssl_adapter.get_environ(self.socket)
        self.phase = Phase.SERVING
        return True


def file_of(sock: socket.socket, mode: str = "r", _: int = -1) -> Any:
    """Return the reader or the writer of a connection."""
    return Reader(sock) if "r" in mode else Writer(sock)


class LateHandshakes(BuiltinSSLAdapter):
    """Puts TLS around each new connection, with the current context, and leaves the handshake for later."""

    def __init__(self, contexts: WatchedCertificate) -> None:
        # Without the base's constructor, which loads the files itself and asks for a pass phrase on the
        # terminal.
        self._contexts = contexts
        self.makefile: Any = file_of

    @property
    def _context(self) -> ssl.SSLContext:
        """The value of `context`: the one for a connection that begins now."""
        return self._contexts()

    def trusts(self, context: ssl.SSLContext) -> bool:
        """Whether a context verified clients as the current one would."""
        return self._contexts.trusts(context)

    def get_environ(self, sock: ssl.SSLSocket) -> dict[str, Any]:  # type: ignore[override]
        """Return what a request's environment says about TLS.

        cheroot would add each part of the client's certificate. Python cannot decode some of those that
        OpenSSL verifies, and then the connection would end with a traceback.
        """
        shown = sock.getpeercert(binary_form=True)
        environ = {"wsgi.url_scheme": "https", "HTTPS": "on", "SSL_CLIENT_VERIFY": "NONE"}
        if shown is not None:  # `ssl` has verified it
            environ["SSL_CLIENT_VERIFY"] = "SUCCESS"
            environ["SSL_CLIENT_CERT"] = ssl.DER_cert_to_PEM_cert(shown)
        return environ

    def wrap(self, sock: socket.socket) -> tuple[ssl.SSLSocket, dict[str, Any]]:
        """Return the connection as TLS. No byte is exchanged yet."""
        try:
            return self.context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False), {}
        except OSError as error:
            sock.close()
            raise FatalSSLAlert(*error.args) from error
