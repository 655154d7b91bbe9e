"""Requests in every form, read by our server beside two other parsers: h11, and llhttp of Node.js.

We accept no request that both refuse, and refuse none that RFC 9112 obliges a server to accept.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import h11
import httptools
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from movehub.http.server import Running

from tests.support.bare import Taking, connected, listening, to_the_end

_BODY = b"<a/>"
_LENGTH = b"Content-Length: 4\r\n"
_CHUNKS = b"Transfer-Encoding: chunked\r\n"


def request(
    line: bytes = b"POST /erru HTTP/1.1\r\n",
    *headers: bytes,
    host: bytes = b"Host: localhost:8443\r\n",
    body: bytes = _BODY,
) -> bytes:
    return line + host + b"".join(headers or (_LENGTH,)) + b"\r\n" + body


def in_chunks(body: bytes, *headers: bytes) -> bytes:
    return request(b"POST /erru HTTP/1.1\r\n", *(headers or (_CHUNKS,)), body=body)


def to(target: bytes, method: bytes = b"POST") -> bytes:
    return request(method + b" " + target + b" HTTP/1.1\r\n")


#: RFC 9112, by section, obliges a server to accept these.
OBLIGED = {
    "2.2: an empty line before the request": b"\r\n" + request(),
    "3: a request with a length": request(),
    "3: a token as the method": to(b"/erru", b"M-SEARCH"),
    "3.2.1: a query": to(b"/erru?a=b&c=%20"),
    "3.2.1: an escaped letter": to(b"/%65rru"),
    "3.2.1: two slashes": to(b"//erru"),
    "3.2.2: an absolute form": to(b"https://localhost:8443/erru"),
    "3.2.2: an absolute form in upper case": to(b"HTTPS://LOCALHOST/erru"),
    "3.2.2: an absolute form of plain HTTP": to(b"http://localhost/erru?a"),
    "3.2.2: an absolute form without a path": to(b"http://localhost"),
    "3.2.2: an absolute form with an IPv6 address": to(b"http://[::1]:80/erru"),
    "3.2.4: the asterisk form": to(b"*", b"OPTIONS"),
    "3.2: a Host without a port": request(host=b"Host: localhost\r\n"),
    "3.2: a Host of IPv6": request(host=b"Host: [::1]:8443\r\n"),
    "3.2: an empty Host": request(host=b"Host:\r\n"),
    "3.2: a Host in lower case": request(host=b"host: localhost\r\n"),
    "2.3: HTTP/1.0 without a Host": request(b"POST /erru HTTP/1.0\r\n", host=b""),
    "5: no blank after the colon": request(host=b"Host:localhost\r\n"),
    "5: tabs around a value": request(host=b"Host:\t localhost \t\r\n"),
    "5: an empty value": request(b"POST / HTTP/1.1\r\n", _LENGTH, b"X:\r\n"),
    "5: letters beyond ASCII in a value": request(b"POST / HTTP/1.1\r\n", _LENGTH, b"X: \xc3\xa9\xff\r\n"),
    "5: every mark in a name": request(b"POST / HTTP/1.1\r\n", _LENGTH, b"!#$%&'*+-.^_`|~: 1\r\n"),
    "5: one name on two lines": request(b"POST / HTTP/1.1\r\n", _LENGTH, b"Accept: a\r\nAccept: b\r\n"),
    "6.2: zeros before a length": request(b"POST / HTTP/1.1\r\n", b"Content-Length: 0004\r\n"),
    "6.3: neither length nor chunks": request(b"POST / HTTP/1.1\r\n", b"X: 1\r\n", body=b""),
    "7.1: chunks": in_chunks(b"4\r\n<a/>\r\n0\r\n\r\n"),
    "7.1: several chunks": in_chunks(b"1\r\n<\r\n2\r\na/\r\n1\r\n>\r\n0\r\n\r\n"),
    "7.1: a size in letters": in_chunks(b"A\r\n0123456789\r\n0\r\n\r\n"),
    "7.1: a size in small letters": in_chunks(b"a\r\n0123456789\r\n0\r\n\r\n"),
    "7.1: zeros before a size": in_chunks(b"0004\r\n<a/>\r\n000\r\n\r\n"),
    "7.1: no chunk but the last": in_chunks(b"0\r\n\r\n"),
    "7.1.1: an extension": in_chunks(b"4;name=value\r\n<a/>\r\n0;x\r\n\r\n"),
    "7.1.1: an extension in quotes": in_chunks(b'4;name="a; b"\r\n<a/>\r\n0\r\n\r\n'),
    "7.1.2: a trailer": in_chunks(b"4\r\n<a/>\r\n0\r\nDigest: x\r\nY:\r\n\r\n"),
    "7: the name of a coding in any case": in_chunks(b"0\r\n\r\n", b"transfer-encoding: CHUNKED\r\n"),
    "9.3: a wish to close": request(b"POST / HTTP/1.1\r\n", _LENGTH, b"Connection: close\r\n"),
    "9.3: a wish to stay of HTTP/1.0": request(
        b"POST / HTTP/1.0\r\n", _LENGTH, b"Connection: keep-alive\r\n"
    ),
    "Content-Type of .NET": request(b"POST / HTTP/1.1\r\n", _LENGTH, b"Content-Type: text/xml\r\n"),
}

#: A server may refuse these, and must refuse most of them.
OTHER = {
    "no blank": request(b"POST/erru HTTP/1.1\r\n"),
    "no version": request(b"POST /erru\r\n"),
    "two blanks": request(b"POST  /erru HTTP/1.1\r\n"),
    "a blank at the end": request(b"POST /erru HTTP/1.1 \r\n"),
    "a tab": request(b"POST\t/erru\tHTTP/1.1\r\n"),
    "a tab in the target": to(b"/er\tru"),
    "a CR in the target": to(b"/er\rru"),
    "a blank in the target": to(b"/er ru"),
    "NUL in the target": to(b"/er\0ru"),
    "DEL in the target": to(b"/er\x7fru"),
    "UTF-8 in the target": to(b"/err\xc3\xbc"),
    "a fragment": to(b"/erru#a"),
    "a target without a slash": to(b"erru"),
    "an IPv6 address that does not end": to(b"http://[::1/erru"),
    "an address with a user": to(b"http://me@localhost/erru"),
    "another scheme": to(b"ftp://localhost/erru"),
    "an asterisk for POST": to(b"*"),
    "CONNECT": to(b"localhost:443", b"CONNECT"),
    "a method in brackets": to(b"/erru", b"(POST)"),
    "an empty method": to(b"/erru", b""),
    "HTTP/+1.1": request(b"POST /erru HTTP/+1.1\r\n"),
    "HTTP/1.0_1": request(b"POST /erru HTTP/1.0_1\r\n"),
    "HTTP/ 1.1": request(b"POST /erru HTTP/ 1.1\r\n"),
    "HTTP/1.01": request(b"POST /erru HTTP/1.01\r\n"),
    "HTTP/01.1": request(b"POST /erru HTTP/01.1\r\n"),
    "http/1.1": request(b"POST /erru http/1.1\r\n"),
    "HTTP/1.2": request(b"POST /erru HTTP/1.2\r\n"),
    "HTTP/2.0": request(b"POST /erru HTTP/2.0\r\n"),
    "HTTP/0.9": request(b"POST /erru HTTP/0.9\r\n"),
    "LF alone ends the line": request(b"POST /erru HTTP/1.1\n"),
    "CR alone ends the line": request(b"POST /erru HTTP/1.1\r"),
    "no Host": request(host=b""),
    "two Hosts": request(host=b"Host: a\r\nHost: b\r\n"),
    "a Host with a path": request(host=b"Host: localhost/erru\r\n"),
    "a Host with a user": request(host=b"Host: me@localhost\r\n"),
    "a Host with a blank": request(host=b"Host: local host\r\n"),
    "a blank before the colon": request(host=b"Host : localhost\r\n"),
    "a folded header": request(b"POST / HTTP/1.1\r\n", _LENGTH, b"X: a\r\n b\r\n"),
    "a folded first header": request(host=b" Host: localhost\r\n"),
    "a header without a name": request(b"POST / HTTP/1.1\r\n", _LENGTH, b": a\r\n"),
    "a header without a colon": request(b"POST / HTTP/1.1\r\n", _LENGTH, b"X\r\n"),
    "NUL in a value": request(b"POST / HTTP/1.1\r\n", _LENGTH, b"X: a\0b\r\n"),
    "CR in a value": request(b"POST / HTTP/1.1\r\n", _LENGTH, b"X: a\rb\r\n"),
    "LF ends a header": request(b"POST / HTTP/1.1\r\n", _LENGTH, b"X: a\n"),
    "two lengths": request(b"POST / HTTP/1.1\r\n", _LENGTH, _LENGTH),
    "a list of lengths": request(b"POST / HTTP/1.1\r\n", b"Content-Length: 4, 4\r\n"),
    "a signed length": request(b"POST / HTTP/1.1\r\n", b"Content-Length: +4\r\n"),
    "a length in hex": request(b"POST / HTTP/1.1\r\n", b"Content-Length: 0x4\r\n"),
    "an empty length": request(b"POST / HTTP/1.1\r\n", b"Content-Length:\r\n"),
    "a length and chunks": in_chunks(b"4\r\n<a/>\r\n0\r\n\r\n", _LENGTH, _CHUNKS),
    "chunks twice": in_chunks(b"0\r\n\r\n", b"Transfer-Encoding: chunked, chunked\r\n"),
    "chunks on two lines": in_chunks(b"0\r\n\r\n", _CHUNKS, _CHUNKS),
    "chunks within gzip": in_chunks(b"0\r\n\r\n", b"Transfer-Encoding: chunked, gzip\r\n"),
    "gzip within chunks": in_chunks(b"0\r\n\r\n", b"Transfer-Encoding: gzip, chunked\r\n"),
    "identity": in_chunks(b"", b"Transfer-Encoding: identity\r\n"),
    "chunks behind a vertical tab": in_chunks(b"0\r\n\r\n", b"Transfer-Encoding: \x0bchunked\r\n"),
    "chunks of HTTP/1.0": request(b"POST / HTTP/1.0\r\n", _CHUNKS, body=b"0\r\n\r\n"),
    "a size with a sign": in_chunks(b"+4\r\n<a/>\r\n0\r\n\r\n"),
    "a size with 0x": in_chunks(b"0x4\r\n<a/>\r\n0\r\n\r\n"),
    "a size with an underscore": in_chunks(b"0_4\r\n<a/>\r\n0\r\n\r\n"),
    "a size of nothing": in_chunks(b"\r\n<a/>\r\n0\r\n\r\n"),
    "a size that is endless": in_chunks(b"f" * 40 + b"\r\n<a/>\r\n0\r\n\r\n"),
    "a blank before a size": in_chunks(b" 4\r\n<a/>\r\n0\r\n\r\n"),
    "a chunk that is too long": in_chunks(b"3\r\n<a/>\r\n0\r\n\r\n"),
    "LF ends a size": in_chunks(b"4\n<a/>\r\n0\r\n\r\n"),
    "LF ends a chunk": in_chunks(b"4\r\n<a/>\n0\r\n\r\n"),
    "LF in an extension": in_chunks(b"4;a\nb\r\n<a/>\r\n0\r\n\r\n"),
    "a trailer without a colon": in_chunks(b"0\r\nX\r\n\r\n"),
}


@pytest.fixture(scope="module")
def taking() -> Taking:
    return Taking()


@pytest.fixture(scope="module")
def server(taking: Taking) -> Iterator[Running]:
    with listening(taking) as running:
        yield running


def accepted(server: Running, taking: Taking, data: bytes) -> bytes | None:
    """The body that our server takes from a request, or None if it refuses the request."""
    taking.bodies.clear()
    with connected(server.port) as client:
        client.sendall(data)
        client.shutdown(1)
        said = to_the_end(client)
    assert b"HTTP/1.1 500 " not in said
    if not taking.bodies or len(taking.bodies[0]) < int(taking.environs[-1].get("CONTENT_LENGTH", "0")):
        return None  # `Endpoint` refuses a body that is cut off
    return taking.bodies[0]


def by_h11(data: bytes) -> bytes | None:
    """The body that h11 takes from a request, or None if it refuses the request."""
    connection, body = h11.Connection(h11.SERVER), b""
    connection.receive_data(data)
    try:
        while True:
            event = connection.next_event()
            if isinstance(event, h11.Data):
                body += bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                return body
            elif not isinstance(event, h11.Request):
                return None
    except h11.RemoteProtocolError:
        return None


class _Llhttp:
    def __init__(self) -> None:
        self.body, self.is_complete = b"", False

    def on_body(self, data: bytes) -> None:
        if not self.is_complete:
            self.body += data

    def on_message_complete(self) -> None:
        self.is_complete = True


def by_llhttp(data: bytes) -> bytes | None:
    """The body that llhttp takes from a request, or None if it refuses the request."""
    read = _Llhttp()
    with suppress(httptools.HttpParserError, httptools.HttpParserUpgrade):
        httptools.HttpRequestParser(read).feed_data(data)
    return read.body if read.is_complete else None


def test_the_battery_has_sixty_requests() -> None:
    assert len(OBLIGED) + len(OTHER) >= 60


@pytest.mark.parametrize("name", OBLIGED)
def test_a_request_that_rfc_9112_obliges_a_server_to_accept_is_accepted(
    server: Running, taking: Taking, name: str
) -> None:
    body = accepted(server, taking, OBLIGED[name])
    assert body is not None
    assert body in {by_h11(OBLIGED[name]), by_llhttp(OBLIGED[name])}


@pytest.mark.parametrize("name", OTHER)
def test_a_request_that_both_parsers_refuse_is_refused(server: Running, taking: Taking, name: str) -> None:
    body = accepted(server, taking, OTHER[name])
    assert body is None or body in {by_h11(OTHER[name]), by_llhttp(OTHER[name])}


_PIECES = st.sampled_from(
    [b"", b"\r", b"\n", b"\r\n", b" ", b"\t", b"\0", b":", b";", b"0", b"4", b"_", b"+", b"x", b"\xff"]
)


@given(st.sampled_from([*OBLIGED.values()]), st.data())
@example(request(b"POST / HTTP/1.1\r\n", b"Content-Length: 4\r\n"), None)
def test_a_request_with_one_odd_piece_is_read_as_one_of_the_parsers_reads_it(
    server: Running, taking: Taking, data: bytes, draw: st.DataObject | None
) -> None:
    """If something on the way reads another body than we do, a second request hides in the first."""
    if draw is not None:
        at = draw.draw(st.integers(0, len(data)))
        data = data[:at] + draw.draw(_PIECES) + data[at + draw.draw(st.integers(0, 2)) :]
    body = accepted(server, taking, data)
    assert body is None or body in {by_h11(data), by_llhttp(data)}
