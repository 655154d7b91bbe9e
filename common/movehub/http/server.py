"""What the servers have in common: cheroot, with what it lacks for a place that has to answer at any hour.

Annex VI, 1.1 of both regulations asks for that. `https_server` puts TLS in front, `node.listening` leaves it
to a proxy.

* Whoever opens connections and says nothing uses up the descriptors. Here those who have not made a request
  that was taken, the oldest first, make room where there are too many, so that the hub gets in.
* A request costs a thread only once its head is there (`http_connection`), and is bounded as a whole, not
  byte by byte. Where the system can, a thread that is free waits for the clients itself (`waiting_clients`).
* A body that nobody reads, or that is too large, is not read to be thrown away: the connection ends.

A WSGI application over HTTPS, for clients with a trusted certificate only.

What it has beside `http_server`:

* cheroot shakes hands in the thread that accepts, so that one client that never finishes keeps out all
  others. Here a handshake goes on whenever bytes of it arrive, in any thread that is free, and waits in the
  selector in between, where it costs a file descriptor and nobody's time.
* A client whose certificate is refused gets to read why, before the connection is closed.
* A renewed certificate is taken up for new connections without a restart: see `certificate_watch`.

Needs the extra `server`.

The socket of a node that stands behind a proxy, which has looked at the client's certificate.

Without a proxy a node listens with `movehub.http.server`. Annex V, 1 and 2 of both regulations.
"""

from __future__ import annotations

import logging
import ssl
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from queue import SimpleQueue
from threading import Lock, Thread, current_thread
from typing import Any, Final, Self

from cheroot.wsgi import Server as CherootServer

from movehub.http.deadline import DeadlineSocket
from movehub.http.server_connection import ClientConnection, LateHandshakes, PlainConnection
from movehub.protocol.message import DEFAULT_LIMIT
from movehub.http.server_connections import MOST_KEPT, Connections
from movehub.http.server_request import ONCE
from movehub.http_gateway import Gateway
from movehub.node.access import Proxy
from movehub.tls.credentials import Credentials, server_context
from movehub.tls.reload import WatchedCertificate
from movehub.waiting_clients import AT_HAND, WaitingClients

_LOG = logging.getLogger(__name__)

#: Seconds for one request from the end of its head to the last byte of its answer: the hub waits for 20.
EXCHANGE: Final = 60.0

#: Seconds between two looks at whether to stop, and at who has been idle for too long.
_TICK: Final = 0.05

#: Bytes of a request's head; and how many connections may wait to be accepted: with cheroot's 5 a burst of
#: clients waits for whole seconds.
_LONGEST_HEAD: Final = 65536
_MOST_QUEUED: Final = 128

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


#: Seconds that a connection may be without a request.
_IDLE: Final = 10


#: Seconds that a connection may be silent, and that answers under way may take when the node stops.
_SILENCE: Final = 20
FAREWELL: Final = 10


class Server(CherootServer):
    """cheroot's server, with our connections, and a log that quotes nothing."""

    ConnectionClass: Any = PlainConnection
    expiration_interval = _TICK
    keep_alive_conn_limit = MOST_KEPT
    max_request_header_size = _LONGEST_HEAD
    #: Bytes of a body, at most.
    max_request_body_size = DEFAULT_LIMIT
    exchange = EXCHANGE
    #: The headers that may stand only once.
    once = ONCE
    #: The addresses that may connect; None for all.
    callers: frozenset[str] | None = None

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
        self.gateway = Gateway
        #: The clients between two requests, where the system lets threads wait for them.
        self.waiting: WaitingClients | None = None
        self._stopping = Lock()

    def prepare(self) -> None:
        """Listen, with connections that are looked after by our manager in place of cheroot's.

        Raises OSError where the address is taken.
        """
        self.waiting = _waiting_clients()
        # cheroot's own queue is written in Python, and takes longer than what it hands over.
        queue: Any = SimpleQueue() if self.waiting is None else self.waiting
        self.requests._queue, self.requests.get = queue, queue.get
        try:
            super().prepare()
        except BaseException:
            self.requests.stop(0)
            if self.socket is not None:
                self.socket.close()
            self._forget_clients()
            raise
        self._connections.close()
        self._connections: Any = Connections(self)

    def process_conn(self, conn: Any) -> None:
        """Have a client served: by the thread that is free when something of it arrives."""
        if self.waiting is None or conn.rfile.has_data():
            super().process_conn(conn)
            return
        conn.last_used = time.time()
        self.waiting.wait_for(conn)

    def stop(self) -> None:
        """Listen no more, and end the threads. Who comes second does not wait for them."""
        if not self._stopping.acquire(blocking=False):
            return
        try:
            threads = [each for each in self.requests._threads if each is not current_thread()]
            super().stop()
            if not any(each.is_alive() for each in threads):
                self._forget_clients()
        finally:
            self._stopping.release()

    def _forget_clients(self) -> None:
        waiting, self.waiting = self.waiting, None
        if waiting is not None:
            waiting.close()

    def error_log(self, msg: str = "", level: int = 20, traceback: bool = False) -> None:  # noqa: ARG002
        """Log the kind of an error. Its text, which can quote what a client sent, is left out.

        That a client was gone is nobody's fault here, and is told to whoever asks for it.
        """
        kind = sys.exc_info()[0]
        if level >= logging.WARNING and kind is not None:
            gone = issubclass(kind, OSError)
            _LOG.log(logging.INFO if gone else level, "a connection ended with %s", kind.__name__)


def _waiting_clients() -> WaitingClients | None:
    """Return what threads wait with; None where the system cannot do it, or does not let us."""
    with suppress(OSError):
        return WaitingClients() if AT_HAND else None
    return None


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

    `threads` is how many requests are worked on at a time, `limit` how many bytes a body may have, `farewell`
    how many seconds those under way may take when it ends. Raises InvalidConfiguration where the certificate
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
        limit: int = DEFAULT_LIMIT,
        exchange: float = EXCHANGE,
        farewell: int = 1,
    ) -> None:
        server = _Server((host, port), application, threads=threads, idle=_IDLE, farewell=farewell)
        server.exchange = exchange
        server.max_request_body_size = limit
        server.ssl_adapter = LateHandshakes(WatchedCertificate(credentials, _context))
        super().__init__(server)


class _Server(Server):
    ConnectionClass = ClientConnection


def _context(credentials: Credentials) -> ssl.SSLContext:
    context = server_context(credentials)
    context.sslsocket_class = DeadlineSocket
    return context


class PlainServer(Running):
    """Serves one application over plain HTTP from `with` to its end.

    Behind a proxy nobody else gets in, and the header with the subject may stand in a request only once.
    """

    def __init__(
        self,
        application: Any,
        *,
        host: str,
        port: int,
        threads: int,
        proxy: Proxy | None = None,
        exchange: float = EXCHANGE,
    ) -> None:
        server = Server((host, port), application, threads=threads, idle=_SILENCE, farewell=FAREWELL)
        server.exchange = exchange
        if proxy is not None:
            server.callers = proxy.addresses
            server.once = ONCE | {proxy.header.encode("ascii").title()}
        super().__init__(server)
