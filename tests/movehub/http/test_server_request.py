"""A request that two readers could understand in two ways is refused, and nothing of it becomes another."""

from __future__ import annotations

import io
import string
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from movehub.http import server as http_server
from movehub.http.server_request import fields
from movehub.node.access import AccessControl

from tests.support.bare import Taking, connected, head, listening, said_to, to_the_end

#: What must never be taken for a request: it stands where the body of another is.
HIDDEN = head("X-Client-Subject: CN=hub", "Content-Length: 1") + b"!"


@pytest.mark.parametrize(
    "lines",
    [
        ("Content-Length: 4", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: chunked", "Content-Length: 4"),
        ("Content-Length: 40", "Content-Length: 4"),
        ("Content-Length: 4", "Content-Length: 4"),
        ("Content-Length: 4, 4",),
        ("Content-Length : 4",),
        ("Content-Length: +4",),
        ("Content-Length: -4",),
        ("Content-Length: 0x4",),
        ("Content-Length: \xb2",),
        ("Content-Length: " + "9" * 19,),
        ("Content-Length:",),
        ("Content-Length: 4", " folded: on"),
        ("Content-Length: 4", "Host: there"),
        ("Content-Length: 4", "X: a\rContent-Length: 8"),
        ("Content-Length: 4", "X: a\0b"),
        ("Content-Length: 4", ": nameless"),
        ("Content-Length: 4", "no header"),
    ],
)
def test_a_request_without_one_clear_length_is_refused_and_ends_the_connection(
    lines: tuple[str, ...],
) -> None:
    taking = Taking()
    with listening(taking) as server:
        said = said_to(server.port, head(*lines) + b"<a/>" + HIDDEN)
    assert said.startswith(b"HTTP/1.1 400 ")
    assert said.count(b"HTTP/1.1") == 1
    assert b"Connection: close" in said
    assert taking.bodies == []


def test_a_body_in_chunks_is_read_like_one_with_a_length() -> None:
    """BizTalk sends every body of more than 8 KB in chunks."""
    taking, document = Taking(), b"<a>" + b"x" * 9000 + b"</a>"
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(each), each) for each in (document[:8192], document[8192:]))
    request = head("Transfer-Encoding: chunked") + chunks + b"0\r\nDigest: x\r\n\r\n"
    with listening(taking) as server:
        said = said_to(server.port, request + request + head("Connection: close"))
    assert said.count(b"HTTP/1.1 202 ") == 3
    assert taking.bodies == [document, document, b""]
    assert taking.environs[0]["wsgi.input_terminated"]
    assert not {"CONTENT_LENGTH", "HTTP_TRANSFER_ENCODING"} & set(taking.environs[0])


@pytest.mark.parametrize("coding", ["Transfer-Encoding: chunked", "Content-Length: 9"])
def test_a_client_without_access_is_rejected_before_its_body_comes(coding: str) -> None:
    """Ten of them would otherwise hold all threads, and keep the hub out."""
    with listening(AccessControl(lambda data, _: data, ["CN=hub"])) as server:
        said = said_to(server.port, head(coding))
    assert said.startswith(b"HTTP/1.1 403 ")


def test_a_request_in_a_chunk_is_no_request() -> None:
    taking = Taking()
    chunks = b'%x;a=" /erru HTTP/1.1"\r\n' % len(HIDDEN) + HIDDEN + b"\r\n0\r\n\r\n"
    with listening(taking) as server:
        said = said_to(server.port, head("Transfer-Encoding: chunked", "Connection: close") + chunks)
    assert said.count(b"HTTP/1.1") == 1
    assert taking.bodies == [HIDDEN]


@pytest.mark.parametrize(
    ("coding", "version", "status"),
    [
        ("gzip, chunked", b"1.1", b"501"),
        ("identity", b"1.1", b"400"),
        ("", b"1.1", b"400"),
        ("chunked, chunked", b"1.1", b"400"),
        ("chunked", b"1.0", b"400"),
    ],
)
def test_a_body_in_another_coding_is_refused_and_ends_the_connection(
    coding: str, version: bytes, status: bytes
) -> None:
    taking = Taking()
    request = head(f"Transfer-Encoding: {coding}").replace(b"HTTP/1.1", b"HTTP/" + version, 1)
    with listening(taking) as server:
        said = said_to(server.port, request + b"%x\r\n" % len(HIDDEN) + HIDDEN + b"\r\n0\r\n\r\n")
    assert said.startswith(b"HTTP/1.1 " + status)
    assert said.count(b"HTTP/1.1") == 1
    assert taking.bodies == []


@pytest.mark.parametrize(
    ("chunks", "status"),
    [
        (b"b\r\n", b"413"),
        (b"6\r\n123456\r\n5\r\n12345\r\n0\r\n\r\n", b"413"),
        (b"1\r\na\r\n" * 10_000, b"413"),
        (b"0\r\n" + b"A: b\r\n" * 20_000, b"400"),
        (b"1;" + b"x" * 5000, b"400"),
    ],
)
def test_a_body_in_chunks_has_the_same_limit_and_its_framing_has_one_too(
    monkeypatch: pytest.MonkeyPatch, chunks: bytes, status: bytes
) -> None:
    monkeypatch.setattr(http_server.Server, "max_request_body_size", 10)
    taking = Taking()
    with listening(taking) as server:
        said = said_to(server.port, head("Transfer-Encoding: chunked") + chunks)
    assert said.startswith(b"HTTP/1.1 " + status)
    assert taking.bodies == []


def test_a_body_that_nobody_read_is_no_request() -> None:
    asked: list[str] = []

    def deaf(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        asked.append(environ["PATH_INFO"])
        start_response("404 Not Found", [("Content-Length", "0")])
        return [b""]

    with listening(deaf) as server:
        said = said_to(server.port, head(f"Content-Length: {len(HIDDEN)}", path="/outer") + HIDDEN)
    assert said.count(b"HTTP/1.1") == 1
    assert b"Connection: close" in said
    assert asked == ["/outer"]


def test_a_body_that_is_too_large_is_refused_before_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_server.Server, "max_request_body_size", 10)
    taking = Taking()
    with listening(taking) as server:
        waiting = head("Content-Length: 11", "Expect: 100-continue")
        assert said_to(server.port, waiting).startswith(b"HTTP/1.1 413 ")
        assert said_to(server.port, head("Content-Length: 999999999999999")).startswith(b"HTTP/1.1 413 ")
        said_to(server.port, head("Content-Length: 10", "Connection: close") + b"x" * 10)
    assert taking.bodies == [b"x" * 10]


def test_a_header_with_an_underscore_does_not_pass_for_one_with_a_hyphen() -> None:
    taking = Taking()
    lines = ("X-Client-Subject: CN=SE", "X_Client_Subject: CN=hub", "Content_Length: 9", "Connection: close")
    with listening(taking) as server:
        said_to(server.port, head(*lines, "Content-Length: 4") + b"<a/>")
    assert taking.environs[0]["HTTP_X_CLIENT_SUBJECT"] == "CN=SE"
    assert taking.bodies == [b"<a/>"]


def test_requests_that_come_one_behind_the_other_are_answered_in_their_order() -> None:
    taking = Taking()
    requests = [head("Content-Length: 1") + b"%d" % number for number in range(5)]
    with listening(taking) as server:
        said = said_to(server.port, b"".join(requests) + head("Connection: Upgrade, Close"))
    assert said.count(b"HTTP/1.1 202 ") == 6
    assert taking.bodies == [b"0", b"1", b"2", b"3", b"4", b""]


def test_who_waits_for_it_is_told_to_begin() -> None:
    taking = Taking()
    with listening(taking) as server, connected(server.port) as client:
        client.sendall(head("Content-Length: 4", "Expect: 100-Continue", "Connection: close"))
        assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"<a/>")
        assert to_the_end(client).startswith(b"HTTP/1.1 202 ")
    assert taking.bodies == [b"<a/>"]


@pytest.mark.parametrize(("wish", "stays"), [("Keep-Alive", True), ("x", False)])
def test_a_connection_of_http_1_0_stays_where_it_is_asked_for(wish: str, stays: bool) -> None:
    request = head(f"Connection: {wish}").replace(b"HTTP/1.1", b"HTTP/1.0")
    taking = Taking()
    with listening(taking) as server, connected(server.port) as client:
        client.sendall(request)
        assert client.recv(100).startswith(b"HTTP/1.1 202 ")
        if stays:
            client.sendall(head("Connection: close"))
        to_the_end(client)
    assert len(taking.bodies) == 1 + stays


@pytest.mark.parametrize("error", [SystemExit, KeyboardInterrupt, GeneratorExit])
def test_an_application_that_wants_to_end_the_process_ends_only_its_request(
    error: type[BaseException],
) -> None:
    """cheroot would end its listener, and the process would live on and refuse everybody."""
    taking = Taking()

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/end":
            raise error
        return taking(environ, start_response)

    with listening(application) as server:
        assert said_to(server.port, head(path="/end")).startswith(b"HTTP/1.1 500 ")
        assert said_to(server.port, head("Connection: close")).startswith(b"HTTP/1.1 202 ")


_NAMES = st.text(string.ascii_letters + string.digits + "-!#$%&'*+.^`|~", min_size=1, max_size=9)
_VALUES = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=20
)


@given(st.dictionaries(_NAMES.map(str.lower), _VALUES, max_size=8))
def test_headers_are_read_as_they_were_written(written: dict[str, str]) -> None:
    lines = "".join(f"{name}:\t {value} \r\n" for name, value in written.items()) + "\r\n"
    expected = {
        name.encode().title(): value.encode("latin-1").strip(b" \t") for name, value in written.items()
    }
    assert fields(io.BytesIO(lines.encode("latin-1"))) == expected


@given(st.binary(max_size=60))
def test_whatever_comes_is_headers_or_is_refused_in_words_of_ours(data: bytes) -> None:
    try:
        found = fields(io.BytesIO(data + b"\r\n\r\n"))
    except ValueError as error:
        assert type(error) is ValueError
        assert str(error) in {"a line that is no header", "a header that may stand once stands twice"}
    else:
        assert not any(b"_" in name or b"\n" in value for name, value in found.items())


def test_a_header_that_is_repeated_is_a_list_unless_it_may_stand_once() -> None:
    assert fields(io.BytesIO(b"Via: a\r\nvia: b\r\n\r\n")) == {b"Via": b"a, b"}
    with pytest.raises(ValueError, match="stands twice"):
        fields(io.BytesIO(b"Via: a\r\nvia: b\r\n\r\n"), frozenset({b"Via"}))
