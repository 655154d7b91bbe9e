"""Peers that misbehave below HTTP: each answers one TLS connection from a script, on loopback."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

from movehub.tls.contexts import server_context
from movehub.tls.credentials import Credentials

Script = Callable[[ssl.SSLSocket, Event], None]


@contextmanager
def peer(credentials: Credentials, script: Script) -> Iterator[str]:
    """Serve connections by a script until the end of the test. The event is set when the test ends."""
    ending = Event()
    context = server_context(credentials)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=_serve, args=(listener, context, script, ending), daemon=True)
        thread.start()
        yield f"https://localhost:{listener.getsockname()[1]}/"
        ending.set()
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def _serve(listener: socket.socket, context: ssl.SSLContext, script: Script, ending: Event) -> None:
    while not ending.is_set():
        with suppress(OSError):
            raw, _ = listener.accept()
            with context.wrap_socket(raw, server_side=True) as connection:
                script(connection, ending)


def read_request(connection: ssl.SSLSocket) -> bytes:
    """Read one HTTP request to its end and return its body. Raises ConnectionError if none comes."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += _received(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")
    )
    while len(body) < length:
        body += _received(connection)
    return body


def _received(connection: ssl.SSLSocket) -> bytes:
    data = connection.recv(65536)
    if not data:
        raise ConnectionAbortedError("the client hung up")
    return data


def replying(data: bytes) -> Script:
    """Return a script that reads one request and sends these bytes."""

    def script(connection: ssl.SSLSocket, _: Event) -> None:
        read_request(connection)
        connection.sendall(data)

    return script


def http(status: str, body: bytes = b"", *headers: str) -> bytes:
    """Return an HTTP response."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
