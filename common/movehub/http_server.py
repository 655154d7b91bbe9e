"""What the servers have in common: cheroot, with what it lacks for a place that has to answer at any hour.

Annex VI, 1.1 of both regulations asks for that. `https_server` puts TLS in front, `node.listening` leaves it
to a proxy.

* Whoever opens connections and says nothing uses up the descriptors. Here those who have not made a request
  that was taken, the oldest first, make room where there are too many, so that the hub gets in.
* A request costs a thread only once its head is there (`http_connection`), and is bounded as a whole, not
  byte by byte.
* A body that nobody reads, or that is too large, is not read to be thrown away: the connection ends.
"""

from __future__ import annotations

import logging
import socket
import sys
from collections.abc import Callable, Iterable
from queue import SimpleQueue
from threading import Thread
from typing import Any, Final, Self

from cheroot.connections import ConnectionManager
from cheroot.wsgi import Server as CherootServer

from .gate import DEFAULT_LIMIT
from .http_connection import PlainConnection
from .http_request import ONCE

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
    _num_connections: int
    server: Any
    #: Whether one more may be kept, as of the last look: to count them, cheroot takes the selector's lock for
    #: each answer, and so do all others meanwhile.
    can_add_keepalive_connection: Any = True

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
        super()._expire(threshold)  # type: ignore[misc]
        self._make_room(self._num_connections - _MOST_KEPT)
        # Those that are being answered do not count, so the last place is for one of them.
        self.can_add_keepalive_connection = self._num_connections <= self.server.keep_alive_conn_limit

    def _make_room(self, too_many: int) -> None:
        if too_many <= 0:
            return
        strangers = [
            (conn.stranger_since, number, conn)
            for number, conn in list(self._selector.connections)
            if conn is not self.server and conn.stranger_since is not None
        ]
        for _, number, conn in sorted(strangers, key=lambda each: each[0])[:too_many]:
            self._selector.unregister(number)
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
        # cheroot's own is written in Python, and takes longer than what it hands over.
        waiting: SimpleQueue[Any] = SimpleQueue()
        self.requests._queue, self.requests.get = waiting, waiting.get

    def prepare(self) -> None:
        """Listen, with connections that are looked after by our manager in place of cheroot's."""
        super().prepare()
        self._connections.close()
        self._connections: Any = Connections(self)

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
