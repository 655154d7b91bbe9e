"""An application is told what cheroot would tell it, and of no other request."""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from typing import Any

import pytest
from cheroot.wsgi import Gateway_10
from movehub.http.server import HttpsServer
from movehub.http_gateway import Gateway
from movehub.tls.credentials import Credentials, client_context

from tests.support.bare import Taking, connected, head, listening, to_the_end

REQUESTS = [
    head("Content-Length: 4", "Content-Type: text/xml", "X-One: 1", "X-Two: \xe4, b", path="/a%20b?c=d")
    + b"<a/>",
    head("Content-Length: 0", "Ssl-Client-Cert: mine", "Remote-Addr: 10.0.0.1", path="/", method="PUT"),
    head("X-Two: 3", path="gopher://there/p", method="OPTIONS"),
    head("Connection: close", "X-Two: 4", path="*", method="OPTIONS"),
]


@pytest.fixture
def both(monkeypatch: pytest.MonkeyPatch) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """What we tell, and what cheroot would, of each request."""
    told: list[tuple[dict[str, Any], dict[str, Any]]] = []
    ours = Gateway.get_environ

    def get_environ(self: Gateway) -> dict[str, Any]:
        environ = ours(self)
        told.append((dict(environ), Gateway_10.get_environ(self)))  # type: ignore[no-untyped-call]
        return environ

    monkeypatch.setattr(Gateway, "get_environ", get_environ)
    return told


def test_each_request_of_a_connection_is_told_as_cheroot_would(
    both: list[tuple[dict[str, Any], dict[str, Any]]],
) -> None:
    with listening(Taking()) as server, connected(server.port) as client:
        client.sendall(b"".join(REQUESTS))
        to_the_end(client)
    assert [ours for ours, _ in both] == [theirs for _, theirs in both]
    assert [ours.get("HTTP_X_TWO") for ours, _ in both] == ["\xe4, b", None, "3", "4"]
    assert [ours.get("SSL_CLIENT_CERT") for ours, _ in both] == [None] * 4


def test_the_certificate_is_that_of_the_connection_and_no_header_takes_its_place(
    hub: Credentials, state: Credentials, both: list[tuple[dict[str, Any], dict[str, Any]]]
) -> None:
    with HttpsServer(_nothing, hub) as server:
        for who in (state, hub, state):
            with (
                connected(server.port) as plain,
                client_context(who).wrap_socket(plain, server_hostname="localhost") as client,
            ):
                client.sendall(b"".join(REQUESTS[1:]))
                to_the_end(client)
    assert [ours for ours, _ in both] == [theirs for _, theirs in both]
    certificates = [ours["SSL_CLIENT_CERT"] for ours, _ in both]
    assert certificates[0:3] == certificates[6:9] != certificates[3:6]
    assert {ours["wsgi.url_scheme"] for ours, _ in both} == {"https"}
    assert all(ssl.PEM_cert_to_DER_cert(each) for each in certificates)


def _nothing(_: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    start_response("202 Accepted", [("Content-Length", "0")])
    return [b""]
