"""The clients of a server between two requests: who goes when there are too many, and who has been idle.

Part of `http_server`, and in the place of cheroot's manager of connections.
"""

from __future__ import annotations

import logging
import select
import socket
from typing import Any, Final

from cheroot.connections import ConnectionManager

_LOG = logging.getLogger(__name__)

#: How many connections may be open and wait for their client.
MOST_KEPT: Final = 500


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
        if self.server.waiting is None:
            super().put(conn)
        else:
            self.server.process_conn(conn)

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
        too_many = strangers[: max(0, len(kept) - MOST_KEPT)]
        idle = [each for each in clients if each[1].last_used < threshold]
        # Who has asked and waits for a free thread is not idle.
        for number, conn in (idle if self.server.waiting is None else _silent(idle)) + too_many:
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


def _silent(clients: list[tuple[int, Any]]) -> list[tuple[int, Any]]:
    """Return those of whom nothing has arrived."""
    poll = select.poll()
    for number, _ in clients:
        poll.register(number, select.POLLIN)
    speaking = {number for number, _ in poll.poll(0)}
    return [each for each in clients if each[0] not in speaking]
