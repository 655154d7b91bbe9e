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
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from queue import SimpleQueue
from threading import Lock, Thread, current_thread
from typing import Any, Final, Self

from cheroot.wsgi import Server as CherootServer

from movehub.protocol.message import DEFAULT_LIMIT
from movehub.http.server_connection import PlainConnection
from movehub.http.server_connections import MOST_KEPT, Connections
from movehub.http.server_request import ONCE
from movehub.http_gateway import Gateway
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
