"""A server for WSGI applications on loopback: mutual TLS, its own port and its own threads."""

from __future__ import annotations

from movehub.http.endpoint import Application
from movehub.http.server import HttpsServer
from movehub.tls.credentials import Credentials


class SandboxServer(HttpsServer):
    """Serves one application until it is stopped. A client needs a trusted certificate."""

    def __init__(self, application: Application, credentials: Credentials, *, threads: int = 2) -> None:
        super().__init__(application, credentials, threads=threads)

    def url(self, path: str = "") -> str:
        """Return its address."""
        return f"https://localhost:{self.port}{path}"
