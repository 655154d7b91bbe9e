"""The servers keep answering, whatever some clients do, and admit only the clients that they should."""

from __future__ import annotations

import logging
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from threading import Event, Thread
from typing import Any

import pytest
from movehub.http import server as http_server
from movehub.http import server_connection as https_connection
from movehub.http.deadline import DeadlineSocket
from movehub.http.endpoint import Endpoint
from movehub.http.proxy import Proxy
from movehub.http.server import HttpsServer, PlainServer, Running
from movehub.http.transport import HttpsTransport, Timeouts
from movehub.node.access import AccessControl
from movehub.tls.contexts import client_context
from movehub.tls.credentials import Credentials

from tests.support import bare
from tests.support.bare import Taking, head, said_to, to_the_end

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
    monkeypatch.setattr(http_server, "MOST_KEPT", 10)
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
    monkeypatch.setattr(http_server, "MOST_KEPT", 10)
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
    monkeypatch.setattr(http_server, "MOST_KEPT", 10)
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
    assert seen["SSL_CLIENT_CERT"] == state.certificate.read_text("ascii")
    assert seen["wsgi.url_scheme"] == "https"


def test_a_header_cannot_take_the_place_of_the_certificate(hub: Credentials, state: Credentials) -> None:
    taking = Taking()
    with HttpsServer(taking, hub) as server, ExitStack() as clients:
        context = client_context(state)
        client = clients.enter_context(
            context.wrap_socket(connected(server, clients), server_hostname="localhost")
        )
        client.sendall(head("Ssl-Client-Cert: mine", "Remote-Addr: 10.0.0.1", "Connection: close"))
        to_the_end(client)
    [environ] = taking.environs
    assert ssl.PEM_cert_to_DER_cert(environ["SSL_CLIENT_CERT"])
    assert environ["REMOTE_ADDR"] == "127.0.0.1"


def test_every_name_of_cheroots_that_is_overridden_exists() -> None:
    """Without this check, a cheroot that renames one would leave the servers unprotected, and say nothing."""
    http_server.check_cheroot(http_server._CHEROOT_NAMES, http_server._CHEROOT_ATTRIBUTES)

    class Renamed:
        _expire = None

    def prepare(self: Any) -> None:
        self._other = None

    with pytest.raises(ImportError, match="Renamed._from.*prepare: _connections.*cheroot>=11.1.2,<12"):
        http_server.check_cheroot({Renamed: ("_expire", "_from")}, {prepare: ("_connections",)})


# Behind a proxy.

PROXY = Proxy(frozenset({"127.0.0.1"}), "X-Client-Subject")
Taken = list[tuple[str, bytes]]


@pytest.fixture
def taken() -> Taken:
    return []


@pytest.fixture
def proxied(taken: Taken) -> Iterator[Running]:
    def accept(data: bytes, peer: str) -> bytes:
        taken.append((peer, data))
        return b""

    application = AccessControl(accept, ["CN=hub"], proxy=PROXY)
    with PlainServer(application, host="127.0.0.1", port=0, threads=1, proxy=PROXY) as running:
        yield running


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (("X-Client-Subject: CN=SE", "X_Client_Subject: CN=hub"), b"403"),
        (("X_Client_Subject: CN=hub",), b"403"),
        (("X-Client-Subject: CN=SE", "X-Client-Subject: CN=hub"), b"400"),
        (("X-Client-Subject: CN=hub", "x-client-subject: CN=hub"), b"400"),
        (("X-Client-Subject: CN=SE", "X-Client-Subject : CN=hub"), b"400"),
        (("X-Client-Subject: CN=SE", " , CN=hub"), b"400"),
    ],
)
def test_nobody_adds_a_subject_to_that_of_the_proxy(
    proxied: Running, taken: Taken, lines: tuple[str, ...], status: bytes
) -> None:
    said = said_to(proxied.port, head(*lines, "Content-Length: 4") + b"<a/>")
    assert said.startswith(b"HTTP/1.1 " + status)
    assert taken == []


@pytest.mark.parametrize("size", ['%X;A="B /erru HTTP/1.1"', "%X;A /erru HTTP/1.1", "%X"])
def test_what_is_in_the_body_of_another_is_not_taken_as_the_hubs(
    proxied: Running, taken: Taken, size: str
) -> None:
    """One request as a proxy forwards it, with the subject that it saw; another is in its only chunk."""
    hidden = head("X-Client-Subject: CN=hub", "Content-Length: 4") + b"<a/>"
    chunk = b"Q: 1\r\nContent-Length: 0\r\n\r\n" + hidden
    outer = head("X-Client-Subject: CN=SE", "Transfer-Encoding: chunked")
    line = (size % len(chunk)).encode()
    said = said_to(proxied.port, outer + line + b"\r\n" + chunk + b"\r\n0\r\n\r\n")
    assert said.count(b"HTTP/1.1") == 1
    assert taken == []


def test_who_is_not_let_in_is_refused_before_his_body(proxied: Running, taken: Taken) -> None:
    """He could take his time with it, and hold a thread."""
    with bare.connected(proxied.port) as stranger:
        stranger.sendall(head("X-Client-Subject: CN=SE", "Content-Length: 1000"))
        assert to_the_end(stranger).startswith(b"HTTP/1.1 403 ")
    assert taken == []


def test_an_address_that_is_no_proxys_is_hung_up_on(caplog: pytest.LogCaptureFixture) -> None:
    elsewhere = Proxy(frozenset({"10.0.0.1"}), PROXY.header)
    with PlainServer(Taking(), host="127.0.0.1", port=0, threads=1, proxy=elsewhere) as running:
        with bare.connected(running.port) as stranger:
            assert stranger.recv(1) == b""
    assert "a connection from '127.0.0.1' was closed: its address is none of the proxy's" in caplog.text


def test_the_subject_that_the_proxy_saw_comes_in(proxied: Running, taken: Taken) -> None:
    lines = ("X-Client-Subject: CN=hub", "Content-Length: 4", "Connection: close")
    assert said_to(proxied.port, head(*lines) + b"<a/>").startswith(b"HTTP/1.1 202 ")
    assert taken == [("CN=hub", b"<a/>")]


def test_an_exchange_without_tls_is_bounded_as_a_whole() -> None:
    application = AccessControl(lambda data, peer: b"", ["CN=hub"], proxy=PROXY)
    with PlainServer(application, host="127.0.0.1", port=0, threads=1, proxy=PROXY, exchange=0.2) as running:
        with bare.connected(running.port) as dripping:
            dripping.sendall(head("X-Client-Subject: CN=hub", "Content-Length: 1000") + b"<")
            assert to_the_end(dripping) == b""


#: A server that has no file descriptor left when a client comes, and has one a moment later.
NO_DESCRIPTOR = """
import logging, os, resource, socket
from movehub.http.server import PlainServer
from movehub.http.proxy import Proxy
from tests.support.bare import Taking, head, to_the_end
from threading import Event

class Lines(logging.Handler):
    def emit(self, record):
        print(record.getMessage(), flush=True)
        noted.set()

noted = Event()
logging.getLogger("movehub").addHandler(Lines())
proxy = Proxy(frozenset({"127.0.0.1"}), "X-Subject")
with PlainServer(Taking(), host="127.0.0.1", port=0, threads=1, proxy=proxy) as server:
    client = socket.socket()
    client.settimeout(10)
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    held = []
    try:
        while True:
            held.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        pass
    client.connect(("127.0.0.1", server.port))
    noted.wait(10)
    for each in held:
        os.close(each)
    client.sendall(head("Content-Length: 4", "Connection: close") + b"<a/>")
    print(to_the_end(client).split(b"\\r\\n")[0].decode(), flush=True)
"""


def test_too_many_open_files_are_logged_a_few_times_and_the_client_is_served_afterwards() -> None:
    done = subprocess.run(
        [sys.executable, "-c", NO_DESCRIPTOR], capture_output=True, text=True, timeout=60, check=True
    )
    *lines, served = done.stdout.splitlines()
    said = "a client could not connect: this process has too many open files; raise its limit (LimitNOFILE"
    assert 1 <= len(lines) <= 6
    assert all(line.startswith(said) for line in lines)
    assert served == "HTTP/1.1 202 Accepted"
