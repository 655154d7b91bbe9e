"""WSGI applications over mutual TLS on loopback, on a port of their own, in a thread of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from movehub.http.server import HttpsServer
from movehub.tls.credentials import Credentials

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


class SandboxServer(HttpsServer):
    """Serves one application until it is stopped. A client without a trusted certificate gets nowhere."""

    def __init__(self, application: Application, credentials: Credentials, *, threads: int = 2) -> None:
        super().__init__(application, credentials, threads=threads)

    def url(self, path: str = "") -> str:
        """Return the address at which it is reached."""
        return f"https://localhost:{self.port}{path}"
