"""The socket of a node that stands behind a proxy, which has looked at the client's certificate.

Without a proxy a node listens with `movehub.https_server`.
"""

from __future__ import annotations

from threading import Thread
from typing import Any, Final, Self

from cheroot.wsgi import Server

#: Seconds that a connection may be silent, and that answers under way may take when the node stops.
_SILENCE: Final = 20
FAREWELL: Final = 10
_QUEUE: Final = 128
_TICK: Final = 0.1


class PlainServer:
    """Serves one application over plain HTTP from `with` to its end."""

    def __init__(self, application: Any, *, host: str, port: int, threads: int) -> None:
        self._server = Server(
            (host, port),
            application,
            numthreads=threads,
            timeout=_SILENCE,
            request_queue_size=_QUEUE,
            shutdown_timeout=FAREWELL,
        )
        self._server.expiration_interval = _TICK
        self._server.error_log = _silent  # type: ignore[method-assign]
        self._thread = Thread(target=self._server.serve, daemon=True, name="listener")

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


def _silent(*_: Any, **__: Any) -> None:
    """Drop the server's own log lines: they can quote what a client sent."""
