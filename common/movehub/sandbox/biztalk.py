"""A hub that speaks HTTP as Microsoft BizTalk Server behind IIS does by default.

MOVEHUB runs on BizTalk. That it keeps these defaults is inferred. Microsoft documents them for the HTTP
adapters of BizTalk and for IIS:

* IIS asks for the certificate of a client after it has read the request. With TLS 1.3 that is post-handshake
  authentication.
* The receive adapter answers in chunks above 4 KB. If a message fails in the pipeline, for example because it
  is not valid, it answers 401 or 500.
* The send adapter sends bodies above 8 KB in chunks. .NET sends `Expect: 100-continue` and `text/xml`.
"""

from __future__ import annotations

import select
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse, HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, Final, Self, cast
from urllib.parse import urlsplit

from movehub.errors import HttpRefused, HubUnreachable, OutcomeUnknown, TheirFault
from movehub.http.transport import Timeouts
from movehub.tls.contexts import client_context, server_context
from movehub.tls.credentials import Credentials

Handle = Callable[[bytes], bytes]

#: Bytes above which the adapters use chunks: to receive, and to send.
_ANSWER_CHUNK: Final = 4096
_REQUEST_CHUNK: Final = 8192
#: Seconds that .NET waits for `100 Continue` before it sends the body.
_CONTINUE_WAIT: Final = 0.35
#: Seconds that a client may be silent.
_SILENCE: Final = 30
_XML: Final = "text/xml; charset=utf-8"


def _chunks(data: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(data), size):
        piece = data[start : start + size]
        yield b"%x\r\n%b\r\n" % (len(piece), piece)
    yield b"0\r\n\r\n"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _SILENCE
    connection: ssl.SSLSocket

    @property
    def _listener(self) -> _Listener:
        return cast("_Listener", self.server)

    def do_POST(self) -> None:
        """Receive one document."""
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        handle = self._listener.handles.get(self.path)
        if not self._has_certificate():
            self._answer(HTTPStatus.FORBIDDEN)
        elif handle is None:
            self._answer(HTTPStatus.NOT_FOUND)
        else:
            try:
                answer = handle(body)
            except TheirFault:
                self._answer(self._listener.invalid)
            else:
                self._answer(HTTPStatus.OK if answer else HTTPStatus.ACCEPTED, answer)

    def _has_certificate(self) -> bool:
        """Whether the client has presented a certificate. If not yet, ask for it."""
        connection = self.connection
        if not connection.getpeercert():
            connection.verify_client_post_handshake()
            connection.do_handshake()
            connection.settimeout(0)
            with suppress(ssl.SSLEOFError):
                while not connection.getpeercert() and select.select([connection], [], [], 5)[0]:
                    with suppress(ssl.SSLWantReadError):
                        connection.recv(1)
            connection.settimeout(_SILENCE)
        return bool(connection.getpeercert())

    def _answer(self, status: HTTPStatus, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Type", _XML)
        if len(body) > _ANSWER_CHUNK:
            self.send_header("Transfer-Encoding", "chunked")
            body = b"".join(_chunks(body, _ANSWER_CHUNK))
        else:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Log nothing."""


class _Listener(ThreadingHTTPServer):
    def __init__(self, handles: Mapping[str, Handle], credentials: Credentials, invalid: HTTPStatus) -> None:
        self.handles = handles
        self.invalid = invalid
        self._context = server_context(credentials)
        self._context.post_handshake_auth = True
        self._lock = Lock()
        self._open: set[ssl.SSLSocket] = set()
        super().__init__(("127.0.0.1", 0), _Handler)
        self.daemon_threads = False

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Serve one connection, in its own thread."""
        with suppress(OSError), self._context.wrap_socket(request, server_side=True) as secured:
            with self._lock:
                self._open.add(secured)
            try:
                super().finish_request(secured, client_address)
            finally:
                with self._lock:
                    self._open.discard(secured)

    def shut_connections(self) -> None:
        """Wake the threads that wait for another request."""
        with self._lock, suppress(OSError):
            for each in self._open:
                socket.socket.shutdown(each, socket.SHUT_RDWR)


class BizTalkServer:
    """Serves functions `document -> document` by their path, on loopback. Use it with `with`.

    `invalid` is the status for a document that is not valid: 500, or 401.
    """

    def __init__(
        self,
        handles: Mapping[str, Handle],
        credentials: Credentials,
        *,
        invalid: HTTPStatus = HTTPStatus.INTERNAL_SERVER_ERROR,
    ) -> None:
        self._listener = _Listener(handles, credentials, invalid)
        self._thread = Thread(target=self._listener.serve_forever, kwargs={"poll_interval": 0.05})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown()
        self._listener.shut_connections()
        self._thread.join()
        self._listener.server_close()

    def url(self, path: str = "") -> str:
        """Return its address."""
        return f"https://localhost:{self._listener.server_address[1]}{path}"


class BizTalkTransport:
    """Posts documents to one address, as the send adapter does."""

    def __init__(self, url: str, credentials: Credentials, *, timeouts: Timeouts | None = None) -> None:
        parts = urlsplit(url)
        self._place = parts.hostname or "", parts.port or 443
        self._path = parts.path or "/"
        self._context = client_context(credentials)
        self._seconds = (timeouts or Timeouts()).total

    def post(self, data: bytes) -> bytes:
        """Send one document, and return the answer. Raises TransportError."""
        connection = HTTPSConnection(*self._place, context=self._context, timeout=self._seconds)
        try:
            connection.connect()
        except OSError as error:
            raise HubUnreachable(f"no connection: {type(error).__name__}") from None
        try:
            response = self._exchanged(connection, data)
            answer = response.read()
        except (OSError, HTTPException) as error:
            raise OutcomeUnknown(f"no answer: {type(error).__name__}") from None
        finally:
            connection.close()
        if response.status not in {HTTPStatus.OK, HTTPStatus.ACCEPTED}:
            raise HttpRefused(response.status)
        return answer

    def close(self) -> None:
        """Do nothing: each exchange has its own connection."""

    def _exchanged(self, connection: HTTPSConnection, data: bytes) -> HTTPResponse:
        in_chunks = len(data) > _REQUEST_CHUNK
        connection.putrequest("POST", self._path)
        connection.putheader("Content-Type", _XML)
        connection.putheader("Expect", "100-continue")
        if in_chunks:
            connection.putheader("Transfer-Encoding", "chunked")
        else:
            connection.putheader("Content-Length", str(len(data)))
        connection.endheaders()
        select.select([connection.sock], [], [], _CONTINUE_WAIT)
        for piece in _chunks(data, _REQUEST_CHUNK) if in_chunks else (data,):
            connection.send(piece)
        return connection.getresponse()
