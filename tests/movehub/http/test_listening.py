"""Behind a proxy: nobody else gets in, and nobody passes as the hub."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from movehub.http.server import PlainServer, Running
from movehub.node.access import AccessControl, Proxy

from tests.support.bare import Taking, connected, head, said_to, to_the_end

PROXY = Proxy(frozenset({"127.0.0.1"}), "X-Client-Subject")
Taken = list[tuple[str, bytes]]


@pytest.fixture
def taken() -> Taken:
    return []


@pytest.fixture
def server(taken: Taken) -> Iterator[Running]:
    def accept(data: bytes, peer: str) -> bytes:
        taken.append((peer, data))
        return b""

    doors = AccessControl(accept, ["CN=hub"], proxy=PROXY)
    with PlainServer(doors, host="127.0.0.1", port=0, threads=1, proxy=PROXY) as running:
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
    server: Running, taken: Taken, lines: tuple[str, ...], status: bytes
) -> None:
    said = said_to(server.port, head(*lines, "Content-Length: 4") + b"<a/>")
    assert said.startswith(b"HTTP/1.1 " + status)
    assert taken == []


@pytest.mark.parametrize("size", ['%X;A="B /erru HTTP/1.1"', "%X;A /erru HTTP/1.1", "%X"])
def test_what_is_in_the_body_of_another_is_not_taken_as_the_hubs(
    server: Running, taken: Taken, size: str
) -> None:
    """One request as a proxy forwards it, with the subject that it saw; another is in its only chunk."""
    hidden = head("X-Client-Subject: CN=hub", "Content-Length: 4") + b"<a/>"
    chunk = b"Q: 1\r\nContent-Length: 0\r\n\r\n" + hidden
    outer = head("X-Client-Subject: CN=SE", "Transfer-Encoding: chunked")
    line = (size % len(chunk)).encode()
    said = said_to(server.port, outer + line + b"\r\n" + chunk + b"\r\n0\r\n\r\n")
    assert said.count(b"HTTP/1.1") == 1
    assert taken == []


def test_who_is_not_let_in_is_refused_before_his_body(server: Running, taken: Taken) -> None:
    """He could take his time with it, and hold a thread."""
    with connected(server.port) as stranger:
        stranger.sendall(head("X-Client-Subject: CN=SE", "Content-Length: 1000"))
        assert to_the_end(stranger).startswith(b"HTTP/1.1 403 ")
    assert taken == []


def test_an_address_that_is_no_proxys_is_hung_up_on(caplog: pytest.LogCaptureFixture) -> None:
    elsewhere = Proxy(frozenset({"10.0.0.1"}), PROXY.header)
    with PlainServer(Taking(), host="127.0.0.1", port=0, threads=1, proxy=elsewhere) as running:
        with connected(running.port) as stranger:
            assert stranger.recv(1) == b""
    assert "its address is none of the proxy's" in caplog.text


def test_the_subject_that_the_proxy_saw_comes_in(server: Running, taken: Taken) -> None:
    lines = ("X-Client-Subject: CN=hub", "Content-Length: 4", "Connection: close")
    assert said_to(server.port, head(*lines) + b"<a/>").startswith(b"HTTP/1.1 202 ")
    assert taken == [("CN=hub", b"<a/>")]


def test_an_exchange_without_tls_is_bounded_as_a_whole() -> None:
    doors = AccessControl(lambda data, peer: b"", ["CN=hub"], proxy=PROXY)
    with PlainServer(doors, host="127.0.0.1", port=0, threads=1, proxy=PROXY, exchange=0.2) as running:
        with connected(running.port) as dripping:
            dripping.sendall(head("X-Client-Subject: CN=hub", "Content-Length: 1000") + b"<")
            assert to_the_end(dripping) == b""
