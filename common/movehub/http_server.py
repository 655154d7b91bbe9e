"""What the servers have in common: cheroot, with what it lacks for a place that has to answer at any hour.

Annex VI, 1.1 of both regulations asks for that. `https_server` puts TLS in front, `node.listening` leaves it
to a proxy.

* Whoever opens connections and says nothing uses up the descriptors. Here those who have not made a request
  that was taken, the oldest first, make room where there are too many, so that the hub gets in.
* A request costs a thread only once its head is there (`http_connection`), and is bounded as a whole, not
  byte by byte. Where the system can, a thread that is free waits for the clients itself (`waiting_clients`).
* A body that nobody reads, or that is too large, is not read to be thrown away: the connection ends.
"""

from __future__ import annotations

import logging
import socket
import sys
import time
from collections.abc import Callable, Iterable
from queue import SimpleQueue
from threading import Thread
from typing import Any, Final, Self

from cheroot.connections import ConnectionManager
from cheroot.wsgi import Server as CherootServer

from .gate import DEFAULT_LIMIT
from .http_connection import PlainConnection
from .http_gateway import Gateway
from .http_request import ONCE
from .waiting_clients import AT_HAND, WaitingClients

_LOG = logging.getLogger(__name__)

#: Seconds for one request from the end of its head to the last byte of its answer: the hub waits for 20.
EXCHANGE: Final = 60.0

#: Seconds between two looks at whether to stop, and at who has been idle for too long.
_TICK: Final = 0.05

#: Bytes of a request's head; how many connections may be open and wait for their client; and how many may
#: wait to be accepted: with cheroot's 5 a burst of clients waits for whole seconds.
_LONGEST_HEAD: Final = 65536
_MOST_KEPT: Final = 500
_MOST_QUEUED: Final = 128

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Connections(ConnectionManager):
    """Keeps places free: where there are too many connections, the strangers who came first go.

    It builds on names of cheroot's that are not public, and a test of it would notice that they are gone.
    """

    _selector: Any
    server: Any
    #: Whether one more may be kept, as of the last look: to count them, cheroot takes the selector's lock for
    #: each answer, and so do all others meanwhile.
    can_add_keepalive_connection: Any = True

    def put(self, conn: Any) -> None:
        """Have a client wait that was answered, unless there is more of it already."""
        waiting = self.server.waiting
        if waiting is None or conn.rfile.has_data():
            super().put(conn)
            return
        conn.last_used = time.time()
        waiting.wait_for(conn)

    def close(self) -> None:
        """Hang up on who waits."""
        for number, conn in self._clients():
            self._hang_up(number, conn)
        super().close()

    def _from_server_socket(self, server_socket: socket.socket) -> Any:
        try:
            conn = super()._from_server_socket(server_socket)  # type: ignore[misc]
        except OSError:  # no descriptor is left; `_expire` will see to it
            return None
        if conn is None or self.server.callers is None or conn.remote_addr in self.server.callers:
            return conn
        _LOG.warning("a connection was closed: its address is none of the proxy's")
        conn.close()
        return None

    def _expire(self, threshold: float) -> None:
        """Close who has been idle for too long, and of the strangers those who are too many."""
        clients = self._clients()
        kept = [each for each in clients if each[1].last_used >= threshold]
        strangers = [each for each in kept if each[1].stranger_since is not None]
        strangers.sort(key=lambda each: each[1].stranger_since)
        too_many = strangers[: max(0, len(kept) - _MOST_KEPT)]
        for number, conn in [each for each in clients if each[1].last_used < threshold] + too_many:
            self._hang_up(number, conn)
        # Those that are being answered do not count, so the last place is for one of them.
        self.can_add_keepalive_connection = len(self._clients()) <= self.server.keep_alive_conn_limit

    def _clients(self) -> list[tuple[int, Any]]:
        """Return who waits, by the numbers of their sockets."""
        if self.server.waiting is not None:
            return self.server.waiting.all  # type: ignore[no-any-return]
        return [each for each in self._selector.connections if each[1] is not self.server]

    def _hang_up(self, number: int, conn: Any) -> None:
        if self.server.waiting is None:
            self._selector.unregister(number)
        elif not self.server.waiting.leave(number, conn):
            return
        conn.close()


class Server(CherootServer):
    """cheroot's server, with our connections, and a log that quotes nothing."""

    ConnectionClass: Any = PlainConnection
    expiration_interval = _TICK
    keep_alive_conn_limit = _MOST_KEPT
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

    def prepare(self) -> None:
        """Listen, with connections that are looked after by our manager in place of cheroot's.

        Raises OSError where the address is taken.
        """
        self.waiting = WaitingClients() if AT_HAND else None
        # cheroot's own queue is written in Python, and takes longer than what it hands over.
        queue: Any = SimpleQueue() if self.waiting is None else self.waiting
        self.requests._queue, self.requests.get = queue, queue.get
        try:
            super().prepare()
        except BaseException:
            self._forget_clients()
            raise
        self._connections.close()
        self._connections: Any = Connections(self)

    def stop(self) -> None:
        """Listen no more, and end the threads."""
        super().stop()
        self._forget_clients()

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
