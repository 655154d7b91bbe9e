"""WSGI applications over mutual TLS on loopback, on a port of their own, in a thread of their own."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from threading import Thread
from typing import Any, Final

from cheroot.errors import FatalSSLAlert
from cheroot.ssl.builtin import BuiltinSSLAdapter
from cheroot.wsgi import Server

from ..certificates import Credentials, server_context

#: Seconds that a refused client is listened to, so that it can read why.
_DRAIN_WAIT: Final = 0.5

#: Seconds between two looks at whether to stop; 28 servers at the default half second would take their time.
_TICK: Final = 0.05

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


def at_paths(applications: Mapping[str, Application]) -> Application:
    """Return one application that serves others at their paths, and 404 elsewhere."""

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        chosen = applications.get(environ.get("PATH_INFO", ""))
        if chosen is not None:
            return chosen(environ, start_response)
        start_response("404 Not Found", [("Content-Length", "0")])
        return [b""]

    return application


class _Adapter(BuiltinSSLAdapter):
    """Tells a client why its certificate is refused, before it hangs up.

    In TLS 1.3 a client may already have sent its request when the server looks at the certificate. A socket
    closed with that unread would reset the connection and take the alert with it.
    """

    def wrap(self, sock: socket.socket) -> tuple[ssl.SSLSocket, dict[str, Any]]:
        """Shake hands, and on failure let the alert arrive."""
        wrapped = self.context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
        try:
            wrapped.do_handshake()
        except OSError as error:
            _hang_up_politely(wrapped)
            raise FatalSSLAlert(*error.args) from error
        environ: dict[str, Any] = self.get_environ(wrapped)  # type: ignore[no-untyped-call]
        return wrapped, environ


def _hang_up_politely(sock: ssl.SSLSocket) -> None:
    with suppress(OSError), closing(sock):
        sock.settimeout(_DRAIN_WAIT)
        sock.shutdown(socket.SHUT_WR)
        while socket.socket.recv(sock, 65536):
            pass


class SandboxServer:
    """Serves one application until it is stopped. A client without a trusted certificate gets nowhere."""

    def __init__(self, application: Application, credentials: Credentials, *, threads: int = 2) -> None:
        adapter = _Adapter(str(credentials.certificate), str(credentials.key))
        adapter.context = server_context(credentials)
        self._server = Server(("127.0.0.1", 0), application, numthreads=threads, shutdown_timeout=1)
        self._server.ssl_adapter = adapter
        self._server.expiration_interval = _TICK
        self._server.error_log = _silent  # type: ignore[method-assign]
        self._thread = Thread(target=self._server.serve, daemon=True)

    def __enter__(self) -> SandboxServer:
        self._server.prepare()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()
        self._thread.join()

    def url(self, path: str = "") -> str:
        """Return the address at which it is reached."""
        return f"https://localhost:{self._server.bind_addr[1]}{path}"


def _silent(*_: Any, **__: Any) -> None:
    """Drop the server's own log lines: a refused handshake is what the sandbox is there to show."""
