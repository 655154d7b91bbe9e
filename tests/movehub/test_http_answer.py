"""An answer is whole, or it is none: every byte of it over a real socket, cut and fed as it comes."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from movehub.http_answer import Answer, TooLong, Wire

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@contextmanager
def wire(*pieces: bytes) -> Iterator[Wire]:
    """A connection on which these bytes come, and then its end."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        for piece in pieces:
            theirs.sendall(piece)
        theirs.shutdown(socket.SHUT_WR)
        read_from: Any = ours
        yield Wire(read_from)


def read(*pieces: bytes, most: int = 1000) -> tuple[int, bytes, bool]:
    with wire(*pieces) as connected:
        answer = Answer.begun(connected)
        return answer.status, answer.body(most), answer.is_whole


@given(body=st.binary(max_size=300), data=st.data())
def test_a_body_comes_back_as_it_was_sent_however_it_is_told_and_cut(
    body: bytes, data: st.DataObject
) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body)), max_size=4)))
    parts = [body[start:end] for start, end in zip([0, *cuts], [*cuts, len(body)], strict=True)]
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(each), each) for each in parts if each) + b"0\r\n\r\n"
    told = b"HTTP/1.1 200 OK\r\ncontent-LENGTH:  %d \r\n\r\n%b" % (len(body), body)
    assert read(told) == (200, body, True)
    assert read(CHUNKED + chunks) == (200, body, True)


@given(st.data())
def test_an_answer_that_is_cut_anywhere_is_none(data: st.DataObject) -> None:
    chunked = CHUNKED + b"3;name=value\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: x\r\n\r\n"
    told = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde"
    for whole in (chunked, told):
        assert read(whole)[1] == b"abcde"
        with pytest.raises(ValueError, match="ended before"):
            read(whole[: data.draw(st.integers(0, len(whole) - 1))])


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/2 200 OK\r\n\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno header\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0x1\r\n\r\na",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
        CHUNKED + b"-1\r\n\r\n",
        CHUNKED + b"1\r\nab\r\n0\r\n\r\n",
        CHUNKED + b"0\r\n" + 20 * (b"A: " + 4000 * b"b" + b"\r\n") + b"\r\n",
        b"HTTP/1.1 200 OK\r\n" + 70_000 * b"A",
    ],
)
def test_what_is_not_as_the_standard_has_it_is_refused(head: bytes) -> None:
    with pytest.raises(ValueError, match=r"an? (answer|line|chunk)"):
        read(head)


@pytest.mark.parametrize("told", [b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n", CHUNKED + b"b\r\n"])
def test_a_body_beyond_the_limit_is_not_even_read(told: bytes) -> None:
    with pytest.raises(TooLong):
        read(told, most=10)


@pytest.mark.parametrize("status", [204, 304])
def test_a_status_without_a_body_has_none(status: int) -> None:
    assert read(b"HTTP/1.1 %d\x20\r\n\r\n" % status) == (status, b"", True)


def test_what_is_said_on_the_way_is_no_answer() -> None:
    assert read(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")[0] == 202


@pytest.mark.parametrize(
    "whole",
    [
        b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK",
    ],
)
def test_a_connection_that_closes_or_says_too_much_is_not_used_again(whole: bytes) -> None:
    assert read(whole) == (200, b"", False)
