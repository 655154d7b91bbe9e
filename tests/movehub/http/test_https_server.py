"""The server keeps answering, whatever some clients do."""

from __future__ import annotations

import logging
import socket
import ssl
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from threading import Event, Thread
from typing import Any

import pytest
from movehub.http import (
    server as http_server,
)
from movehub.http import server_connection as https_connection
from movehub.http import (
    server_connections as http_places,
)
from movehub.http.deadline import DeadlineSocket
from movehub.http.endpoint import Endpoint
from movehub.http.server import HttpsServer
from movehub.http.transport import HttpsTransport, Timeouts
from movehub.tls.credentials import Credentials, client_context

pytestmark = pytest.mark.usefixtures("way_to_wait")

#: Words of a request that no log may show.
CANARY = "Kanarienvogel"


def client_hello(state: Credentials) -> bytes:
    """The first bytes of a handshake."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    shaking = client_context(state).wrap_bio(incoming, outgoing, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        shaking.do_handshake()
    return outgoing.read()


def connected(server: HttpsServer, clients: ExitStack) -> socket.socket:
    return clients.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=10))


def post(server: HttpsServer, state: Credentials) -> bytes:
    url = f"https://localhost:{server.port}/"
    with HttpsTransport(url, state, timeouts=Timeouts(2.0, 2.0)) as transport:
        return transport.post(b"<a/>")


@pytest.mark.parametrize("said", [0, 1, 100, None], ids=["nothing", "a byte", "a half", "a whole hello"])
def test_a_client_that_never_finishes_its_handshake_delays_nobody(
    hub: Credentials, state: Credentials, said: int | None
) -> None:
    """Thirty of them, and one thread: in a server that shakes hands one after the other nobody gets in."""
    hello = client_hello(state)[:said]
    with HttpsServer(Endpoint(lambda data: data), hub, threads=1) as server, ExitStack() as clients:
        for _ in range(30):
            connected(server, clients).sendall(hello)
        assert post(server, state) == b"<a/>"


def test_strangers_who_say_nothing_make_room_for_whoever_comes(
    hub: Credentials, state: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They would use up the descriptors, and nobody else could get in. Whose request was taken stays."""
    monkeypatch.setattr(http_places, "MOST_KEPT", 10)
    url = "https://localhost:{}/"
    with HttpsServer(Endpoint(lambda data: data), hub, threads=1) as server, ExitStack() as clients:
        kept = clients.enter_context(HttpsTransport(url.format(server.port), state))
        kept.post(b"<a/>")
        silent = [connected(server, clients) for _ in range(40)]
        assert post(server, state) == b"<a/>"
        for each in silent[:25]:  # the first to come are the first to go
            each.settimeout(5)  # long before they are idle for too long
            assert each.recv(1) == b""
        assert kept.post(b"<b/>") == b"<b/>"


def test_whose_request_was_taken_keeps_its_connection_while_strangers_fill_all_places(
    hub: Credentials, state: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the hub would have to shake hands for each message, as a stranger among strangers."""
    monkeypatch.setattr(http_places, "MOST_KEPT", 10)
    monkeypatch.setattr(http_server.Server, "keep_alive_conn_limit", 10)
    with HttpsServer(Endpoint(lambda data: data), hub, threads=1) as server, ExitStack() as clients:
        context = client_context(state)
        kept = clients.enter_context(
            context.wrap_socket(connected(server, clients), server_hostname="localhost")
        )
        _answered(kept)
        silent = [connected(server, clients) for _ in range(15)]
        for each in silent[:5]:
            each.settimeout(5)
            assert each.recv(1) == b""
            assert b"Connection: close" not in _answered(kept)


def _answered(client: ssl.SSLSocket) -> bytes:
    """Post something on a connection, and return what comes back."""
    client.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\n<a/>")
    reply = b""
    while not reply.endswith(b"<a/>"):
        received = client.recv(1000)
        assert received, reply
        reply += received
    return reply


def test_a_certificate_alone_does_not_keep_a_place(
    hub: Credentials, state: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The authority issues those of other states as well: forty of one whose requests are refused."""
    monkeypatch.setattr(http_places, "MOST_KEPT", 10)
    context = client_context(state)
    with HttpsServer(Endpoint(lambda data: data), hub, threads=1) as server, ExitStack() as clients:
        silent = []
        for _ in range(40):
            each = context.wrap_socket(connected(server, clients), server_hostname="localhost")
            silent.append(clients.enter_context(each))
            each.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert each.recv(1000).startswith(b"HTTP/1.1 405 ")
        assert post(server, state) == b"<a/>"
        for each in silent[:25]:
            each.settimeout(5)
            while each.recv(1000):  # the rest of the refusal, and then the end
                pass


def test_a_handshake_that_drips_in_is_finished_all_the_same(hub: Credentials, state: Credentials) -> None:
    """A slow line is no offence: what counts is the time in all."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    shaking = client_context(state).wrap_bio(incoming, outgoing, server_hostname="localhost")
    with HttpsServer(Endpoint(lambda data: data), hub, threads=1) as server, ExitStack() as clients:
        raw = connected(server, clients)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        finished = False
        while not finished:
            try:
                shaking.do_handshake()
                finished = True
            except ssl.SSLWantReadError:
                pass
            for byte in outgoing.read():
                raw.sendall(bytes([byte]))
            if not finished:
                incoming.write(raw.recv(65536))
        assert post(server, state) == b"<a/>"


def test_a_handshake_has_an_end(
    hub: Credentials, state: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(https_connection, "_HANDSHAKE", 0.0)
    with HttpsServer(Endpoint(lambda data: data), hub, threads=1) as server, ExitStack() as clients:
        dripping = connected(server, clients)
        dripping.sendall(client_hello(state)[:50])
        assert dripping.recv(1) == b""


def test_a_request_that_drips_in_is_bounded_as_a_whole(hub: Credentials, state: Credentials) -> None:
    context = client_context(state)
    head = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n"
    with (
        HttpsServer(Endpoint(lambda data: data), hub, threads=1, exchange=0.2) as server,
        ExitStack() as clients,
    ):
        dripping = context.wrap_socket(connected(server, clients), server_hostname="localhost")
        clients.callback(dripping.close)
        dripping.sendall(head)
        assert dripping.recv(100) == b""
        assert post(server, state) == b"<a/>"


def test_an_answer_that_comes_after_the_end_does_not_leave_in_the_clear(
    hub: Credentials, state: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who stops a server does not wait for ever; a register that ends later must not tell the whole line."""
    asked, given_up = Event(), Event()
    shutdown = DeadlineSocket.shutdown

    def shut_down(each: DeadlineSocket, how: int) -> None:
        shutdown(each, how)
        given_up.set()

    monkeypatch.setattr(DeadlineSocket, "shutdown", shut_down)

    def slow(data: bytes) -> bytes:
        asked.set()
        given_up.wait(10)
        return CANARY.encode() + data

    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = client_context(state).wrap_bio(incoming, outgoing, server_hostname="localhost")
    with ExitStack() as clients:
        server = HttpsServer(Endpoint(slow), hub, threads=1, farewell=0)
        server.__enter__()
        raw = connected(server, clients)
        stopping = Thread(target=server.__exit__)
        shake_hands(tls, incoming, outgoing, raw)
        tls.write(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\n<a/>")
        raw.sendall(outgoing.read())
        assert asked.wait(10)
        stopping.start()
        line = b""
        while more := raw.recv(65536):
            line += more
        stopping.join()
    assert given_up.is_set()
    assert b"HTTP/1.1" not in line
    assert CANARY.encode() not in line


def shake_hands(tls: ssl.SSLObject, incoming: ssl.MemoryBIO, outgoing: ssl.MemoryBIO, raw: Any) -> None:
    while True:
        try:
            tls.do_handshake()
        except ssl.SSLWantReadError:
            raw.sendall(outgoing.read())
            incoming.write(raw.recv(65536))
        else:
            raw.sendall(outgoing.read())
            return


def test_bytes_that_are_no_tls_are_hung_up_on(hub: Credentials, state: Credentials) -> None:
    with HttpsServer(Endpoint(lambda data: data), hub, threads=1) as server, ExitStack() as clients:
        raw = connected(server, clients)
        raw.sendall(b"GET / HTTP/1.0\r\n\r\n")
        raw.shutdown(socket.SHUT_WR)
        while raw.recv(100):  # an alert, perhaps, and then the end
            pass
        assert post(server, state) == b"<a/>"


def test_an_application_that_fails_leaves_none_of_its_words_in_the_log(
    hub: Credentials, state: Credentials, caplog: pytest.LogCaptureFixture
) -> None:
    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        raise LookupError(CANARY)

    caplog.set_level(logging.DEBUG)
    with HttpsServer(application, hub, threads=1) as server, pytest.raises(Exception, match="500"):
        post(server, state)
    assert "LookupError" in caplog.text
    assert CANARY not in caplog.text


@pytest.mark.parametrize(
    ("error", "level"),
    [(ssl.SSLEOFError, logging.INFO), (BrokenPipeError, logging.INFO), (ValueError, logging.ERROR)],
)
def test_a_client_that_is_gone_is_no_warning(
    error: type[Exception], level: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server = http_server.Server(("127.0.0.1", 0), lambda *_: [], threads=1, idle=1, farewell=1)
    try:
        raise error(CANARY)
    except error:
        server.error_log("unhandled", logging.ERROR, traceback=True)
    [record] = caplog.records
    assert record.levelno == level
    assert CANARY not in caplog.text


def test_the_application_learns_whose_certificate_it_is(hub: Credentials, state: Credentials) -> None:
    seen: dict[str, Any] = {}

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        seen.update(environ)
        start_response("200 OK", [("Content-Length", "0")])
        return [b""]

    with HttpsServer(application, hub) as server:
        post(server, state)
    assert seen["SSL_CLIENT_VERIFY"] == "SUCCESS"
    assert seen["SSL_CLIENT_S_DN_CN"] == "FI"
    assert seen["wsgi.url_scheme"] == "https"
