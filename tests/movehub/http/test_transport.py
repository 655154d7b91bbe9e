"""Mutual TLS, deadlines, and what an error says of whether the message left. Every socket here is real."""

from __future__ import annotations

import logging
import socket
import ssl
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event

import pytest
from movehub.errors import (
    CertificateRefused,
    HttpRefused,
    HubNotTrusted,
    HubUnreachable,
    InvalidConfiguration,
    NotSent,
    OutcomeUnknown,
    TooManyRequests,
    TransportError,
)
from movehub.http.deadline import deadline
from movehub.http.endpoint import Endpoint
from movehub.http.transport import HttpsTransport, Timeouts, place_of
from movehub.sandbox.pki import Authority
from movehub.sandbox.server import SandboxServer
from movehub.tls.contexts import client_context
from movehub.tls.credentials import Credentials

from tests.support.peers import http, peer, read_request, replying

BODY = b"<Kanarienvogel/>"


@pytest.fixture
def received() -> list[bytes]:
    return []


@pytest.fixture
def server(hub: Credentials, received: list[bytes]):
    def handle(data: bytes) -> bytes:
        received.append(data)
        return b"<answer/>"

    with SandboxServer(Endpoint(handle), hub) as running:
        yield running


def post(url: str, credentials: Credentials, timeouts: Timeouts | None = None) -> bytes:
    with HttpsTransport(url, credentials, timeouts=timeouts) as transport:
        return transport.post(BODY)


def test_a_document_goes_out_and_its_answer_comes_back(
    server: SandboxServer, state: Credentials, received: list[bytes]
) -> None:
    assert post(server.url("/"), state) == b"<answer/>"
    assert received == [BODY]


def test_a_connection_is_used_again(server: SandboxServer, state: Credentials, received: list[bytes]) -> None:
    with HttpsTransport(server.url("/"), state) as transport:
        assert [transport.post(BODY) for _ in range(5)] == [b"<answer/>"] * 5
    assert len(received) == 5


def test_as_many_connections_are_kept_as_the_law_lets_be_under_way(
    hub: Credentials, state: Credentials, caplog: pytest.LogCaptureFixture
) -> None:
    """16 threads through one transport, as a batch has them: no connection is thrown away, with a warning."""
    together = Barrier(16, timeout=20)

    def handle(data: bytes) -> bytes:
        together.wait()
        return b"<answer/>"

    with (
        SandboxServer(Endpoint(handle), hub, threads=16) as running,
        HttpsTransport(running.url("/"), state) as transport,
        ThreadPoolExecutor(16) as threads,
    ):
        assert list(threads.map(lambda _: transport.post(BODY), range(16))) == [b"<answer/>"] * 16
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_new_connection_resumes_the_last_session_by_the_servers_own_account(
    hub: Credentials, state: Credentials, version: ssl.TLSVersion
) -> None:
    resumed: list[bool | None] = []

    def script(connection: ssl.SSLSocket, ending: Event) -> None:
        resumed.append(connection.session_reused)
        replying(http("200 OK", b"<answer/>"))(connection, ending)

    context = client_context(state)
    context.maximum_version = version
    with peer(hub, script) as url, HttpsTransport(url, context) as transport:
        for _ in range(3):
            assert transport.post(BODY) == b"<answer/>"
        with HttpsTransport(url, client_context(state)) as other:
            other.post(BODY)
    assert resumed == [False, True, True, False], "another context trusts others, and begins anew"


def test_a_connection_shakes_hands_once(hub: Credentials, state: Credentials) -> None:
    served: list[ssl.SSLSocket] = []

    def script(connection: ssl.SSLSocket, _: Event) -> None:
        served.append(connection)
        for _ in range(3):
            read_request(connection)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n<answer/>")

    with peer(hub, script) as url, HttpsTransport(url, state) as transport:
        assert [transport.post(BODY) for _ in range(3)] == [b"<answer/>"] * 3
    assert len(served) == 1


def _bare_context(state: Credentials, version: ssl.TLSVersion) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(state.authority))
    context.maximum_version = version
    return context


each_tls = pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])


def refused(server: SandboxServer, context: ssl.SSLContext, received: list[bytes]) -> str:
    """Many times over: an alert must not get lost when the peer hangs up at once."""
    texts = set()
    for _ in range(20):
        with (
            HttpsTransport(server.url("/"), context) as transport,
            pytest.raises(CertificateRefused) as caught,
        ):
            transport.post(BODY)
        texts.add(str(caught.value))
    assert received == []
    assert len(texts) == 1
    return texts.pop()


@each_tls
def test_without_a_certificate_the_hub_refuses_and_the_error_says_so(
    server: SandboxServer, state: Credentials, received: list[bytes], version: ssl.TLSVersion
) -> None:
    assert "none was presented" in refused(server, _bare_context(state, version), received)


@each_tls
def test_a_certificate_of_another_authority_is_refused_and_the_error_says_so(
    server: SandboxServer,
    state: Credentials,
    foreign: Authority,
    received: list[bytes],
    version: ssl.TLSVersion,
) -> None:
    context = _bare_context(state, version)
    stranger = foreign.issue("FI")
    context.load_cert_chain(stranger.certificate, stranger.key)
    assert "an authority that it does not know" in refused(server, context, received)


@each_tls
def test_an_expired_certificate_is_refused_and_the_error_says_so(
    server: SandboxServer, authority: Authority, received: list[bytes], version: ssl.TLSVersion
) -> None:
    context = client_context(authority.issue("FI-expired", ends_in=timedelta(hours=-1)))
    context.maximum_version = version
    assert "has expired" in refused(server, context, received)


def test_a_hub_of_another_authority_gets_nothing(foreign: Authority, state: Credentials) -> None:
    got: list[bytes] = []

    def script(connection: ssl.SSLSocket, _: Event) -> None:
        got.append(connection.recv(1))

    with (
        peer(foreign.issue("hub"), script) as url,
        pytest.raises(HubNotTrusted, match="configured authority.*Nothing was sent"),
    ):
        post(url, state)
    assert got == []


def test_a_hub_of_another_name_gets_nothing(authority: Authority, state: Credentials) -> None:
    elsewhere = authority.issue("elsewhere", host="elsewhere.example")
    with peer(elsewhere, replying(http("200 OK"))) as url:
        with pytest.raises(HubNotTrusted, match="not for the name in the address, localhost"):
            post(url, state)


def test_a_hub_whose_certificate_has_expired_is_told_so(authority: Authority, state: Credentials) -> None:
    expired = authority.issue("expired", ends_in=timedelta(hours=-1))
    with peer(expired, replying(http("200 OK"))) as url:
        with pytest.raises(HubNotTrusted, match="certificate has expired"):
            post(url, state)


def test_public_authorities_are_never_trusted(server: SandboxServer, state: Credentials) -> None:
    """`requests` would load them into any context at its first use."""
    context = client_context(state)
    with HttpsTransport(server.url("/"), context) as transport:
        transport.post(BODY)
    assert len(context.get_ca_certs()) == 1


def test_no_setting_of_the_environment_changes_whom_we_trust(
    server: SandboxServer, foreign: Authority, state: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(foreign.folder / "authority.pem"))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    assert post(server.url("/"), state) == b"<answer/>"


def test_a_context_that_does_not_verify_is_refused(state: Credentials) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with pytest.raises(InvalidConfiguration, match="must verify"):
        HttpsTransport("https://localhost/", context)


def test_an_address_without_tls_is_refused(state: Credentials) -> None:
    with pytest.raises(InvalidConfiguration, match="https"):
        HttpsTransport("http://localhost/", state)


@pytest.mark.parametrize("timeouts", [(5, 20.1), (0, 20), (10, 5)])
def test_no_deadline_beyond_the_law_can_be_set(timeouts: tuple[float, float]) -> None:
    with pytest.raises(InvalidConfiguration, match="20 s"):
        Timeouts(*timeouts)


def test_where_nobody_listens_nothing_was_sent(state: Credentials) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    told = rf"at localhost:{port}: nobody listens there \[.*safe to try again"
    with pytest.raises(HubUnreachable, match=told):
        post(f"https://localhost:{port}/", state)


def test_a_name_that_does_not_exist_means_nothing_was_sent(state: Credentials) -> None:
    with pytest.raises(
        NotSent, match="no connection to the hub at hub.invalid:443: there is no host of this name"
    ):
        post("https://hub.invalid/", state)


@pytest.mark.parametrize(
    ("url", "place"),
    [("https://hub/x", "hub:443"), ("https://[::1]:8443/x", "[::1]:8443"), ("https://HUB:1", "hub:1")],
)
def test_where_the_hub_is_looked_for_is_told_with_its_port(url: str, place: str) -> None:
    assert place_of(url) == place


def test_a_peer_that_never_shakes_hands_means_nothing_was_sent(state: Credentials) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://localhost:{silent.getsockname()[1]}/"
        with pytest.raises(NotSent):
            post(url, state, Timeouts(0.2, 0.3))


def _hang_up(connection: ssl.SSLSocket, _: Event) -> None:
    read_request(connection)


def _reset(connection: ssl.SSLSocket, _: Event) -> None:
    read_request(connection)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")


def _never_answer(connection: ssl.SSLSocket, ending: Event) -> None:
    read_request(connection)
    ending.wait(30)


def _drip(connection: ssl.SSLSocket, ending: Event) -> None:
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while not ending.wait(0.05):
        connection.sendall(b"x")


def _drip_headers(connection: ssl.SSLSocket, ending: Event) -> None:
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while not ending.wait(0.05):
        connection.sendall(b"X-A: b\r\n")


@pytest.mark.parametrize(
    "script",
    [
        _hang_up,
        _reset,
        _never_answer,
        _drip,
        _drip_headers,
        replying(http("200 OK", b"<answer/>")[:-3]),
        replying(b"garbage\r\n\r\n"),
        replying(http("500 Internal Server Error")),
        replying(http("302 Found", b"", "Location: https://localhost:1/")),
        replying(http("200 OK", b"x" * 3_000_000)),
    ],
    ids=[
        "hangs up", "resets", "never answers", "drips its body", "drips its headers",
        "cuts the body", "no HTTP", "HTTP 500", "redirects", "too long",
    ],
)  # fmt: skip
def test_once_the_message_left_the_outcome_is_unknown(hub: Credentials, state: Credentials, script) -> None:
    with peer(hub, script) as url, pytest.raises(OutcomeUnknown, match="Never repeat it blindly") as caught:
        post(url, state, Timeouts(0.5, 0.5))
    assert not isinstance(caught.value, NotSent)
    assert "Kanarienvogel" not in str(caught.value)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413])
def test_a_refusal_in_http_keeps_its_status(hub: Credentials, state: Credentials, status: int) -> None:
    with peer(hub, replying(http(f"{status} No", b"<html/>"))) as url, pytest.raises(HttpRefused) as caught:
        post(url, state)
    assert caught.value.status == status


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Le",
        b"HTTP/1.1 200 OK\r\nContent-Length: ",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chu",
        b"HTTP/1.1 200 OK\r\n\r\n",
    ],
)
def test_an_answer_that_is_cut_in_its_head_is_no_answer(
    hub: Credentials, state: Credentials, head: bytes
) -> None:
    with peer(hub, replying(head)) as url, HttpsTransport(url, state) as transport:
        for send in (transport.post, transport.deliver):
            with pytest.raises(OutcomeUnknown):
                send(BODY)


def test_no_socket_error_escapes_untyped(hub: Credentials, state: Credentials) -> None:
    with peer(hub, replying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")) as url:
        with pytest.raises(TransportError):
            post(url, state)


def test_a_deadline_ends_at_its_time_by_the_clock_handed_in() -> None:
    ticks = iter([0.0, 1.0, 3.0])
    with deadline(2.0, lambda: next(ticks)) as progress:
        assert progress.left() == 1.0
        with pytest.raises(TimeoutError):
            progress.left()


@pytest.mark.parametrize("location", ["http://[::1", "https://x/\xff", "https://localhost:99999/"])
def test_a_redirect_is_never_looked_at(hub: Credentials, state: Credentials, location: str) -> None:
    """`requests` would parse where it leads, and read its body without limit, before it declines to go."""
    answer = http("302 Found", b"x" * 100, f"Location: {location}").replace("\xff".encode(), b"\xff")
    with peer(hub, replying(answer)) as url, pytest.raises(OutcomeUnknown, match="302"):
        post(url, state)


def test_what_the_caller_was_handling_has_no_say_in_what_an_error_means(
    hub: Credentials, state: Credentials
) -> None:
    """A retry stands in an except block, and the errors of the first try must not colour the second."""
    with peer(hub, _hang_up) as url:
        try:
            raise ssl.SSLCertVerificationError("of another connection")
        except ssl.SSLError:
            with pytest.raises(OutcomeUnknown) as caught:
                post(url, state)
    assert not isinstance(caught.value, NotSent)


def test_a_second_try_inside_the_handling_of_the_first_fails_alike(state: Credentials) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"https://localhost:{closed.getsockname()[1]}/"
    try:
        post(url, state)
    except NotSent:
        with pytest.raises(NotSent):
            post(url, state)


def test_an_error_takes_no_document_along(hub: Credentials, state: Credentials) -> None:
    with peer(hub, _hang_up) as url, pytest.raises(OutcomeUnknown) as caught:
        post(url, state)
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None


def test_no_cookie_is_ever_sent_back(hub: Credentials, state: Credentials) -> None:
    heads: list[bytes] = []

    def script(connection: ssl.SSLSocket, _: Event) -> None:
        heads.append(connection.recv(65536))
        connection.sendall(http("200 OK", b"<a/>", "Set-Cookie: a=b"))

    with peer(hub, script) as url, HttpsTransport(url, state) as transport:
        transport.post(b"")
        transport.post(b"")
    assert len(heads) == 2
    assert b"ookie" not in heads[1]


def test_too_many_requests_is_told_from_other_refusals(hub: Credentials, state: Credentials) -> None:
    with peer(hub, replying(http("429 Slow"))) as url, pytest.raises(TooManyRequests, match="more slowly"):
        post(url, state)


def test_a_request_that_timed_out_in_http_has_an_unknown_outcome(
    hub: Credentials, state: Credentials
) -> None:
    with peer(hub, replying(http("408 Timeout"))) as url, pytest.raises(OutcomeUnknown):
        post(url, state)


@pytest.mark.parametrize(
    "url",
    ["https://", "https://localhost:99999/", "https://a b/", "https://user:word@hub/", "https://h\x00/"],
)
def test_an_address_that_can_never_work_is_a_fault_of_the_configuration(state: Credentials, url: str) -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        HttpsTransport(url, state)
    assert "word" not in str(caught.value).replace("password", "")
