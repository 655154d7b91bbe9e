"""The socket of a node that stands behind a proxy, which has looked at the client's certificate.

Without a proxy a node listens with `movehub.https_server`.
"""

from __future__ import annotations

from typing import Any, Final

from cheroot.wsgi import Server

from ..https_server import Running

#: Seconds that a connection may be silent, and that answers under way may take when the node stops.
_SILENCE: Final = 20
FAREWELL: Final = 10
_QUEUE: Final = 128
_TICK: Final = 0.1


class PlainServer(Running):
    """Serves one application over plain HTTP from `with` to its end."""

    def __init__(self, application: Any, *, host: str, port: int, threads: int) -> None:
        server = Server(
            (host, port),
            application,
            numthreads=threads,
            timeout=_SILENCE,
            request_queue_size=_QUEUE,
            shutdown_timeout=FAREWELL,
        )
        server.expiration_interval = _TICK
        server.error_log = _silent  # type: ignore[method-assign]
        super().__init__(server)


def _silent(*_: Any, **__: Any) -> None:
    """Drop the server's own log lines: they can quote what a client sent."""
