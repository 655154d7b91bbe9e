"""A round trip over mutual TLS on loopback, beside a bare `requests.Session` with the same TLS context.

Both keep their connection. Handshakes are counted; so is whether a new connection resumes the session.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import requests
from movehub.http.endpoint import Endpoint
from movehub.http.transport import HttpsTransport
from movehub.sandbox.pki import Authority
from movehub.sandbox.server import SandboxServer
from movehub.tls.credentials import Credentials
from requests.adapters import HTTPAdapter

from .documents import CODEC, measured
from .measuring import compared
from .results import Result

#: The hub only answers: what is measured is the way to it.
_ANSWER = b"<answer/>"


class _CountedContext(ssl.SSLContext):
    """Counts the connections that are made with it, and those that resume a session."""

    made: list[ssl.SSLSocket]

    def wrap_socket(self, *args: object, **kwargs: object) -> ssl.SSLSocket:
        wrapped = super().wrap_socket(*args, **kwargs)  # type: ignore[arg-type]
        self.made.append(wrapped)
        return wrapped


class _WithContext(HTTPAdapter):
    """An adapter of `requests` with a TLS context, as its documentation shows it."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=self._context, **kwargs)


def results() -> Iterator[Result]:
    """Measure round trips, and count handshakes."""
    document = CODEC.encode(measured()["CGR request"])
    with TemporaryDirectory() as folder:
        authority = Authority.create(Path(folder))
        hub, state = authority.issue("hub"), authority.issue("FI")
        with SandboxServer(Endpoint(lambda _: _ANSWER), hub) as server:
            yield from _measured(server.url("/"), state, document)


def _context(state: Credentials) -> _CountedContext:
    context = _CountedContext(ssl.PROTOCOL_TLS_CLIENT)
    context.made = []
    context.load_verify_locations(state.authority)
    context.load_cert_chain(state.certificate, state.key)
    return context


def _measured(url: str, state: Credentials, document: bytes) -> Iterator[Result]:
    bare = requests.Session()
    bare.trust_env = False
    bare.verify = str(state.authority)
    bare.mount("https://", _WithContext(_context(state)))
    headers = {"Content-Type": "application/xml"}
    context = _context(state)
    with bare, HttpsTransport(url, context) as ours:
        found = compared(
            lambda: bare.post(url, data=document, headers=headers).content,
            {"ours": lambda: ours.post(document)},
            clock=time.perf_counter,
        )["ours"]
        handshakes = len(context.made)
    note = f"{found.seconds * 1e3:.2f} ms"
    yield Result(
        "Transport", "round trip, beside bare requests", found.value, found.noise, most=1.1, note=note
    )
    yield Result("Transport", "handshakes of one connection", handshakes, 0, "", most=1)
    with HttpsTransport(url, context) as again:
        again.post(document)
        resumed = context.made[-1].session_reused
    yield Result("Transport", "new connections that resume, of 1", int(bool(resumed)), 0, "", least=1)
