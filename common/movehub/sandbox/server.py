"""A server for WSGI applications on loopback: mutual TLS, its own port and its own threads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from movehub.http.server import HttpsServer
from movehub.tls.credentials import Credentials

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


def at_paths(applications: Mapping[str, Application]) -> Application:
    """Return one application that calls another by its path, and answers 404 for other paths."""

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        chosen = applications.get(environ.get("PATH_INFO", ""))
        if chosen is not None:
            return chosen(environ, start_response)
        start_response("404 Not Found", [("Content-Length", "0")])
        return [b""]

    return application


class SandboxServer(HttpsServer):
    """Serves one application until it is stopped. A client needs a trusted certificate."""

    def __init__(self, application: Application, credentials: Credentials, *, threads: int = 2) -> None:
        super().__init__(application, credentials, threads=threads)

    def url(self, path: str = "") -> str:
        """Return its address."""
        return f"https://localhost:{self.port}{path}"
