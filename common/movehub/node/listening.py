"""The sockets of a node: HTTPS with client certificates required, or HTTP for a proxy that has done so.

Regulation (EU) 2016/68 and (EU) 2016/480, Annex V, 2.
"""

from __future__ import annotations

from threading import Thread
from typing import Any, Final, Self

from cheroot.ssl.builtin import BuiltinSSLAdapter
from cheroot.wsgi import Server

from ..certificates import Credentials, server_context

#: Seconds that a connection may be silent, and that answers under way may take when the node stops.
_SILENCE: Final = 20
_FAREWELL: Final = 10
_QUEUE: Final = 128
_TICK: Final = 0.1


class Listener:
    """Serves one application from `with` to its end; without credentials over plain HTTP, behind a proxy."""

    def __init__(
        self, application: Any, credentials: Credentials | None, *, host: str, port: int, threads: int
    ) -> None:
        self._server = Server(
            (host, port),
            application,
            numthreads=threads,
            timeout=_SILENCE,
            request_queue_size=_QUEUE,
            shutdown_timeout=_FAREWELL,
        )
        self._server.expiration_interval = _TICK
        self._server.error_log = _silent  # type: ignore[method-assign]
        if credentials is not None:
            adapter = BuiltinSSLAdapter(str(credentials.certificate), str(credentials.key))
            adapter.context = server_context(credentials)
            self._server.ssl_adapter = adapter
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
