"""Peers whose TLS is odd: each error says why, and a certificate that is asked for late is presented."""

from __future__ import annotations

import os
import select
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from movehub.errors import HubNotTrusted, HubUnreachable, NoCommonTls
from movehub.http.transport import HttpsTransport
from movehub.sandbox import pki
from movehub.sandbox.pki import Authority
from movehub.tls.contexts import server_context
from movehub.tls.credentials import Credentials

from tests.support.peers import http, peer, read_request, replying


def _record(kind: int, body: bytes, version: bytes = b"\x03\x03") -> bytes:
    return bytes([kind]) + version + len(body).to_bytes(2, "big") + body


def _alert(number: int) -> bytes:
    return _record(21, bytes([2, number]))


def _server_hello(*, cipher: bytes = b"\xc0\x2f", version: bytes = b"\x03\x03") -> bytes:
    """Without extensions, and so without the one of RFC 5746."""
    hello = version + os.urandom(32) + b"\0" + cipher + b"\0"
    return _record(22, b"\x02" + len(hello).to_bytes(3, "big") + hello, version)


@contextmanager
def saying(data: bytes) -> Iterator[str]:
    """A peer that answers the first bytes of each connection with these."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    with connection:
                        connection.recv(65536)
                        connection.sendall(data)
                        connection.recv(65536)

        thread = Thread(target=serve, daemon=True)
        thread.start()
        yield f"https://localhost:{listener.getsockname()[1]}/"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "does not speak TLS: it may be a port of plain HTTP"),
        (b"220 mail.example ESMTP\r\n", "does not speak TLS"),
        (_alert(70), "no TLS version in common"),
        (_server_hello(version=b"\x03\x01"), "speaks an old version of TLS"),
        (_alert(40), "no cipher in common"),
        (_alert(71), "demands stronger ciphers"),
        (_server_hello(cipher=b"\0\x05"), "no cipher in common"),
        (_server_hello(), r"secure renegotiation \(RFC 5746\)"),
        (_alert(112), "does not know the host name"),
    ],
    ids=["http", "mail", "version", "old", "handshake", "security", "cipher", "5746", "name"],
)
def test_a_peer_whose_tls_does_not_fit_gets_nothing_and_the_error_says_why(
    state: Credentials, said: bytes, words: str
) -> None:
    """Such an error must not advise to try again, or to renew a certificate: neither helps."""
    with saying(said) as url, HttpsTransport(url, state) as transport:
        with pytest.raises(NoCommonTls, match=words) as caught:
            transport.post(b"<a/>")
    assert "safe to try again" not in str(caught.value)
    assert "It fails again until" in str(caught.value)


def test_a_peer_that_fails_in_its_handshake_may_be_tried_again(state: Credentials) -> None:
    internal_error = _alert(80)
    with saying(internal_error) as url, HttpsTransport(url, state) as transport:
        with pytest.raises(HubUnreachable, match="safe to try again") as caught:
            transport.post(b"<a/>")
    assert not isinstance(caught.value, NoCommonTls)


def test_a_hub_that_asks_for_the_certificate_after_the_request_gets_it(
    hub: Credentials, state: Credentials
) -> None:
    """IIS does so, unless it is configured otherwise."""
    context, subjects = server_context(hub), list[object]()
    context.post_handshake_auth = True

    def serve(listener: socket.socket) -> None:
        connection = context.wrap_socket(listener.accept()[0], server_side=True)
        with connection:
            subjects.append(connection.getpeercert())
            read_request(connection)
            connection.verify_client_post_handshake()
            connection.do_handshake()
            connection.setblocking(False)
            while not connection.getpeercert() and select.select([connection], [], [], 5)[0]:
                with suppress(ssl.SSLWantReadError):
                    connection.recv(1)
            subjects.append(connection.getpeercert())
            connection.setblocking(True)
            connection.sendall(http("200 OK", b"<b/>"))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        with HttpsTransport(f"https://localhost:{listener.getsockname()[1]}/", state) as transport:
            assert transport.post(b"<a/>") == b"<b/>"
        thread.join()
    assert not subjects[0]
    assert subjects[1]


def test_a_name_counts_as_an_alternative_name_only(authority: Authority, state: Credentials) -> None:
    """RFC 9525: the common name is free text, and an authority need not check it."""
    now, key = datetime.now(UTC), pki._new_key()
    builder = pki._builder(
        "localhost", authority.name, key.public_key(), now - timedelta(days=1), now + timedelta(days=1)
    )
    certificate = builder.sign(authority._key, hashes.SHA256())
    files = Credentials(
        certificate=authority.folder / "common-name.pem",
        key=authority.folder / "common-name.key",
        authority=authority.folder / "authority.pem",
    )
    files.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files.key.touch(mode=0o600)
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    files.key.write_bytes(key.private_bytes(encoding, form, serialization.NoEncryption()))
    with peer(files, replying(http("200 OK", b"<b/>"))) as url, HttpsTransport(url, state) as transport:
        with pytest.raises(HubNotTrusted, match="not for the name in the address"):
            transport.post(b"<a/>")
