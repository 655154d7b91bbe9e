"""The servers: cheroot, hardened so that it answers at any hour.

Annex VI, 1.1 of both regulations asks for that. `HttpsServer` serves clients with a trusted certificate.
`PlainServer` serves a node behind a proxy that checks certificates, and metrics. Needs the extra `server`.

What this room adds to cheroot:

* Handshakes do not happen in the thread that accepts, so a client that never finishes its handshake delays
  no other client (`server_connection`).
* A request gets a thread when its whole head has arrived. Slow heads use a file descriptor, never a thread.
  An exchange is limited as a whole, not byte by byte (`server_connection`).
* A request that two programs could read in two ways is rejected (`server_request`).
* The number of open connections is limited. If there are too many, clients without an accepted request are
  closed first, the oldest before the others, so that the hub always gets in (`Connections`).
* A rejected client can read the reason before the connection is closed.
* A renewed certificate is used for new connections without a restart (`movehub.tls.reload`).
"""

from __future__ import annotations

import errno
import logging
import socket
import ssl
import sys
from collections.abc import Callable, Iterable, Mapping
from threading import Lock, Thread
from typing import Any, Final, Self

from cheroot.connections import ConnectionManager, _ThreadsafeSelector
from cheroot.server import HTTPConnection, HTTPRequest, KnownLengthRFile
from cheroot.ssl.builtin import BuiltinSSLAdapter
from cheroot.wsgi import Server as CherootServer

from movehub.http.deadline import DeadlineSocket, check_sockets
from movehub.http.proxy import Proxy
from movehub.http.server_connection import ClientConnection, LateHandshakes, PlainConnection
from movehub.http.server_request import ONCE
from movehub.log_limit import alike, limited
from movehub.protocol.message import DEFAULT_LIMIT
from movehub.tls.contexts import server_context
from movehub.tls.credentials import Credentials
from movehub.tls.reload import WatchedCertificate

_LOG = limited(__name__)

#: Seconds from the end of a request's head to the last byte of the answer. The hub waits for 20.
EXCHANGE: Final = 60.0
#: Seconds that a connection may be idle: with TLS, and without.
_IDLE_TLS: Final = 10
_IDLE_PLAIN: Final = 20
#: Seconds that requests under way have to end when the server stops.
FAREWELL: Final = 10
#: Seconds between two checks for idle connections and for the end.
_TICK: Final = 0.05

#: Connections that may be open and wait for their client.
MOST_KEPT: Final = 500
#: Bytes of a request's head.
_LONGEST_HEAD: Final = 65536
#: Connections that may wait to be accepted. With cheroot's 5 a burst of clients waits for whole seconds.
_MOST_QUEUED: Final = 128

#: Why a client cannot connect, and what to do.
_OBSTACLES: Final = {
    errno.EMFILE: "this process has too many open files; raise its limit (LimitNOFILE, ulimit -n)",
    errno.ENFILE: "this machine has too many open files; raise fs.file-max",
}

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]

#: The names of cheroot's that this room overrides or uses, without a promise that they stay.
_CHEROOT_NAMES: Final[Mapping[type, tuple[str, ...]]] = {
    BuiltinSSLAdapter: ("context", "get_environ", "wrap"),
    CherootServer: ("ConnectionClass", "error_log", "expiration_interval", "keep_alive_conn_limit", "stop"),
    ConnectionManager: ("_expire", "_from_server_socket", "can_add_keepalive_connection"),
    HTTPConnection: ("RequestHandlerClass", "communicate"),
    HTTPRequest: (
        "ensure_headers_sent",
        "read_request_headers",
        "read_request_line",
        "respond",
        "send_headers",
        "simple_response",
    ),
    KnownLengthRFile: ("read",),
    _ThreadsafeSelector: ("connections", "unregister"),
}
#: The attributes of instances that it uses, and the function of cheroot's that sets or reads each.
_CHEROOT_ATTRIBUTES: Final[Mapping[Callable[..., Any], tuple[str, ...]]] = {
    ConnectionManager.__init__: ("_selector",),
    CherootServer.prepare: ("_connections", "requests", "socket"),
    HTTPConnection.__init__: ("rfile", "wfile"),
    HTTPRequest.read_request_line: ("method", "path", "qs", "request_protocol", "response_protocol", "uri"),
}


def check_cheroot(
    names: Mapping[type, tuple[str, ...]], attributes: Mapping[Callable[..., Any], tuple[str, ...]]
) -> None:
    """Raise ImportError if cheroot lacks a name. A protection that is built on it would be gone, silently."""
    missing = [f"{each.__name__}.{name}" for each in names for name in names[each] if not hasattr(each, name)]
    for function in attributes:
        known: tuple[str, ...] = function.__code__.co_names
        missing += [f"{function.__qualname__}: {name}" for name in attributes[function] if name not in known]
    if missing:
        raise ImportError(
            f"this version of cheroot lacks names that movehub.http builds on: {', '.join(missing)}. "
            "Install a version that movehub-client declares: pip install 'cheroot>=11.1.2,<12'."
        )


check_cheroot(_CHEROOT_NAMES, _CHEROOT_ATTRIBUTES)


class Connections(ConnectionManager):
    """The clients between two requests. Strangers are those without an accepted request."""

    _selector: Any
    server: Any
    #: Whether one more connection may stay open, as of the last check. cheroot counts at each answer, and
    #: would count strangers that the next check closes.
    can_add_keepalive_connection: Any = True

    def _from_server_socket(self, server_socket: socket.socket) -> Any:
        try:
            conn = super()._from_server_socket(server_socket)  # type: ignore[misc]
        except OSError as error:  # `_expire` frees file descriptors
            why = _OBSTACLES.get(error.errno or 0, type(error).__name__)
            _LOG.error("a client could not connect: %s", why, extra=alike(why))
            return None
        proxy = self.server.proxy
        if conn is None or proxy is None or proxy.calls_from(conn.remote_addr or ""):
            return conn
        _LOG.warning("a connection from %r was closed: its address is none of the proxy's", conn.remote_addr)
        conn.close()
        return None

    def _expire(self, threshold: float) -> None:
        """Close the clients that have been idle for too long, and the strangers that are too many.

        Also close those that connected before the authority or its revocation list changed.
        """
        clients = self._clients()
        idle = [each for each in clients if each[1].last_used < threshold or not each[1].is_trusted()]
        closing = {number for number, _ in idle}
        kept = [each for each in clients if each[0] not in closing]
        strangers = [each for each in kept if each[1].stranger_since is not None]
        strangers.sort(key=lambda each: each[1].stranger_since)
        for number, conn in idle + strangers[: max(0, len(kept) - MOST_KEPT)]:
            self._selector.unregister(number)
            conn.close()
        # A client that is being answered is not in the selector, so the last place is for one of them.
        self.can_add_keepalive_connection = len(self._clients()) <= self.server.keep_alive_conn_limit

    def _clients(self) -> list[tuple[int, Any]]:
        """Return the waiting clients with the numbers of their sockets."""
        return [each for each in self._selector.connections if each[1] is not self.server]


class Server(CherootServer):
    """cheroot's server with our connections, and a log that never quotes a request."""

    ConnectionClass: Any = PlainConnection
    expiration_interval = _TICK
    keep_alive_conn_limit = MOST_KEPT
    max_request_header_size = _LONGEST_HEAD
    #: Bytes of a body, at most.
    max_request_body_size = DEFAULT_LIMIT
    exchange = EXCHANGE
    #: The headers that may stand only once in a request.
    once = ONCE
    #: The only one that may connect. None means anybody.
    proxy: Proxy | None = None

    def __init__(
        self,
        address: tuple[str, int],
        application: Application,
        *,
        threads: int,
        idle: int,
        farewell: int,
    ) -> None:
        super().__init__(
            address,
            application,
            numthreads=threads,
            timeout=idle,
            shutdown_timeout=farewell,
            request_queue_size=_MOST_QUEUED,
        )
        self._stopping = Lock()

    def prepare(self) -> None:
        """Listen. Raises OSError if the address is in use, InvalidConfiguration for sockets of gevent."""
        check_sockets()
        super().prepare()
        self._connections.close()
        self._connections: Any = Connections(self)

    def stop(self) -> None:
        """Stop listening, and end the threads. A second caller does not wait for them."""
        if not self._stopping.acquire(blocking=False):
            return
        try:
            super().stop()
        finally:
            self._stopping.release()

    def error_log(self, msg: str = "", level: int = 20, traceback: bool = False) -> None:  # noqa: ARG002
        """Log the kind of an error, without its text, which can quote a request."""
        kind = sys.exc_info()[0]
        if level >= logging.WARNING and kind is not None:
            gone = issubclass(kind, OSError)  # the client hung up, which is no error of this system
            level = logging.INFO if gone else level
            _LOG.log(level, "a connection ended with %s", kind.__name__, extra=alike(kind.__name__))


class Running:
    """A server that runs in its own thread inside a `with` block."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._thread = Thread(target=server.serve, daemon=True, name="listener")

    def __enter__(self) -> Self:
        self._server.prepare()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()
        self._thread.join()

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self._server.bind_addr[1])


class HttpsServer(Running):
    """Serves one application over HTTPS, to clients with a trusted certificate. Port 0 means any free port.

    `threads` requests are answered at a time, a body has at most `limit` bytes, and requests under way have
    `farewell` seconds when the server stops. Raises InvalidConfiguration if the certificate cannot be used,
    and OSError if the address is in use.
    """

    def __init__(
        self,
        application: Application,
        credentials: Credentials,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        threads: int = 10,
        limit: int = DEFAULT_LIMIT,
        exchange: float = EXCHANGE,
        farewell: int = 1,
    ) -> None:
        server = _TlsServer((host, port), application, threads=threads, idle=_IDLE_TLS, farewell=farewell)
        server.exchange = exchange
        server.max_request_body_size = limit
        server.ssl_adapter = LateHandshakes(WatchedCertificate(credentials, _context))
        super().__init__(server)


class _TlsServer(Server):
    ConnectionClass = ClientConnection


def _context(credentials: Credentials) -> ssl.SSLContext:
    context = server_context(credentials)
    context.sslsocket_class = DeadlineSocket
    return context


class PlainServer(Running):
    """Serves one application over plain HTTP.

    With a `proxy`, only its addresses may connect, and the header with the subject may stand in a request
    only once. Raises OSError if the address is in use.
    """

    def __init__(
        self,
        application: Application,
        *,
        host: str,
        port: int,
        threads: int,
        proxy: Proxy | None = None,
        exchange: float = EXCHANGE,
    ) -> None:
        server = Server((host, port), application, threads=threads, idle=_IDLE_PLAIN, farewell=FAREWELL)
        server.exchange = exchange
        if proxy is not None:
            server.proxy = proxy
            server.once = ONCE | {proxy.header.encode("ascii").title()}
        super().__init__(server)
