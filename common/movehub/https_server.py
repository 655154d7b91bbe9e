"""A WSGI application over HTTPS, for clients with a trusted certificate only.

cheroot, with what it lacks for a place that has to answer at any hour (Annex VI, 1.1 of both regulations):

* It shakes hands in the thread that accepts, so that one client that never finishes keeps out all others.
  Here a handshake goes on whenever bytes of it arrive, in any thread that is free, and waits in the selector
  in between, where it costs a file descriptor and nobody's time.
* Whoever opens connections and says nothing uses up the descriptors. Here those that have not shown a
  certificate, the oldest first, make room where there are too many, so that the hub gets in.
* A client whose certificate is refused gets to read why, before the connection is closed.
* A request that drips in is bounded as a whole, and not byte by byte.
* A renewed certificate is taken up for new connections without a restart: see `certificate_watch`.

Needs the extra `server`.
"""

from __future__ import annotations

import logging
import socket
import ssl
import sys
from collections.abc import Callable, Iterable
from threading import Thread
from typing import Any, Final, Self

from cheroot.connections import ConnectionManager
from cheroot.wsgi import Server

from .certificate_watch import WatchedCertificate
from .certificates import Credentials, server_context
from .deadline import DeadlineSocket
from .https_connection import ClientConnection, LateHandshakes

_LOG = logging.getLogger(__name__)

#: Seconds that a connection may be without a request.
_IDLE: Final = 10

#: Seconds for one request from its first byte to the last of its answer: the hub waits for 20.
_EXCHANGE: Final = 60.0

#: Seconds between two looks at whether to stop, and at who has been idle for too long.
_TICK: Final = 0.05

#: Bytes of a request's head; how many connections may be open and wait for their client; and how many may
#: wait to be accepted: with cheroot's 5 a burst of clients waits for whole seconds.
_LONGEST_HEAD: Final = 65536
_MOST_KEPT: Final = 500
_MOST_QUEUED: Final = 128

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Running:
    """A server that runs in a thread of its own, from `with` to its end."""

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
        """Where it listens, once it does."""
        return int(self._server.bind_addr[1])


class HttpsServer(Running):
    """Serves one application over HTTPS. Port 0 is any that is free; `port` says which.

    `threads` is how many requests are worked on at a time, `farewell` how many seconds those under way may
    take when it ends. Raises InvalidConfiguration where the certificate
    cannot be used, OSError where the address is taken.
    """

    def __init__(
        self,
        application: Application,
        credentials: Credentials,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        threads: int = 10,
        exchange: float = _EXCHANGE,
        farewell: int = 1,
    ) -> None:
        server = _Server(
            (host, port),
            application,
            numthreads=threads,
            timeout=_IDLE,
            shutdown_timeout=farewell,
            request_queue_size=_MOST_QUEUED,
        )
        server.exchange = exchange
        server.ssl_adapter = LateHandshakes(WatchedCertificate(credentials, _context))
        super().__init__(server)


def _context(credentials: Credentials) -> ssl.SSLContext:
    context = server_context(credentials)
    context.sslsocket_class = DeadlineSocket
    return context


class _Connections(ConnectionManager):
    """Keeps places free: where there are too many connections, the strangers who waited longest go.

    It builds on names of cheroot's that are not public, and a test of it would notice that they are gone.
    """

    _selector: Any
    _num_connections: int

    def _from_server_socket(self, server_socket: socket.socket) -> Any:
        try:
            return super()._from_server_socket(server_socket)  # type: ignore[misc]
        except OSError:  # no descriptor is left; `_expire` will see to it
            return None

    def _expire(self, threshold: float) -> None:
        """Close who has been idle for too long, and of the strangers those who are too many."""
        super()._expire(threshold)  # type: ignore[misc]
        too_many = self._num_connections - _MOST_KEPT
        if too_many <= 0:
            return
        strangers = [
            (conn.stranger_until, number, conn)
            for number, conn in list(self._selector.connections)
            if conn is not self.server and conn.stranger_until is not None
        ]
        for _, number, conn in sorted(strangers, key=lambda each: each[0])[:too_many]:
            self._selector.unregister(number)
            conn.close()


class _Server(Server):
    """cheroot's server, with our connections, and a log that quotes nothing."""

    ConnectionClass = ClientConnection
    expiration_interval = _TICK
    keep_alive_conn_limit = _MOST_KEPT
    max_request_header_size = _LONGEST_HEAD
    exchange = _EXCHANGE

    def prepare(self) -> None:
        """Listen, with connections that are looked after by our manager in place of cheroot's."""
        super().prepare()
        self._connections.close()
        self._connections: Any = _Connections(self)

    def error_log(self, msg: str = "", level: int = 20, traceback: bool = False) -> None:  # noqa: ARG002
        """Log the kind of an error. Its text, which can quote what a client sent, is left out.

        That a client was gone is nobody's fault here, and is told to whoever asks for it.
        """
        kind = sys.exc_info()[0]
        if level >= logging.WARNING and kind is not None:
            gone = issubclass(kind, OSError)
            _LOG.log(logging.INFO if gone else level, "a connection ended with %s", kind.__name__)
