"""A WSGI application over HTTPS, for clients with a trusted certificate only.

What it has beside `http_server`:

* cheroot shakes hands in the thread that accepts, so that one client that never finishes keeps out all
  others. Here a handshake goes on whenever bytes of it arrive, in any thread that is free, and waits in the
  selector in between, where it costs a file descriptor and nobody's time.
* A client whose certificate is refused gets to read why, before the connection is closed.
* A renewed certificate is taken up for new connections without a restart: see `certificate_watch`.

Needs the extra `server`.
"""

from __future__ import annotations

import ssl
from typing import Final

from movehub.protocol.message import DEFAULT_LIMIT
from movehub.http.deadline import DeadlineSocket
from movehub.http.https_connection import ClientConnection, LateHandshakes
from movehub.http.server import EXCHANGE, Application, Running, Server
from movehub.tls.credentials import Credentials, server_context
from movehub.tls.reload import WatchedCertificate

#: Seconds that a connection may be without a request.
_IDLE: Final = 10


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
