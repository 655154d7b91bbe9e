"""Bytes sent to a server as they are, and what comes back."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from typing import Any

from movehub.http.server import Running, Server

#: Seconds after which a server counts as silent: no test waits for so long unless it fails.
PATIENCE = 5


def listening(application: Any, *, threads: int = 1) -> Running:
    """A server without TLS and without a proxy."""
    return Running(Server(("127.0.0.1", 0), application, threads=threads, idle=PATIENCE, farewell=1))


def connected(port: int) -> socket.socket:
    """A connection that sends at once what it is given."""
    made = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made


def to_the_end(connection: socket.socket) -> bytes:
    """Read until the server hangs up. Raises TimeoutError where it does not."""
    parts = []
    while part := connection.recv(65536):
        parts.append(part)
    return b"".join(parts)


def said_to(port: int, data: bytes) -> bytes:
    """Send bytes, and read until the server hangs up."""
    with connected(port) as connection:
        connection.sendall(data)
        return to_the_end(connection)


def head(*lines: str, method: str = "POST", path: str = "/") -> bytes:
    """The head of a request."""
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: here", *lines, "", ""]).encode("latin-1")


class Taking:
    """An application that reads what it is given, and notes it."""

    def __init__(self) -> None:
        self.environs: list[dict[str, Any]] = []
        self.bodies: list[bytes] = []

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Serve one request."""
        self.environs.append(environ)
        self.bodies.append(environ["wsgi.input"].read())
        start_response("202 Accepted", [("Content-Length", "0")])
        return [b""]
