"""An answer is whole, or it is rejected: every byte of it over a real socket, cut and sent as it comes."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st
from movehub.http.answer import Answer, BadAnswer, TooLong

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@contextmanager
def begun(*pieces: bytes) -> Iterator[Answer]:
    """An answer on a connection that carries these bytes and then ends."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        for piece in pieces:
            theirs.sendall(piece)
        theirs.shutdown(socket.SHUT_WR)
        answer = Answer(ours, method="POST")
        try:
            answer.begin()
            yield answer
        finally:
            answer.close()


def read(*pieces: bytes, limit: int = 1000) -> tuple[int, bytes, bool]:
    """Return the status, the body, and whether the connection can carry another answer."""
    with begun(*pieces) as answer:
        body = answer.body(limit)
        return answer.status, body, answer.is_complete and answer.bytes_read == len(b"".join(pieces))


@given(body=st.binary(max_size=300), data=st.data())
def test_a_body_comes_back_as_it_was_sent_whatever_its_framing(body: bytes, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body)), max_size=4)))
    parts = [body[start:end] for start, end in zip([0, *cuts], [*cuts, len(body)], strict=True)]
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(each), each) for each in parts if each) + b"0\r\n\r\n"
    with_length = b"HTTP/1.1 200 OK\r\ncontent-LENGTH:  %d \r\n\r\n%b" % (len(body), body)
    assert read(with_length) == (200, body, True)
    assert read(CHUNKED + chunks) == (200, body, True)


@given(st.data())
def test_an_answer_that_is_cut_anywhere_is_rejected(data: st.DataObject) -> None:
    chunked = CHUNKED + b"3;name=value\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: x\r\n\r\n"
    with_length = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde"
    empty = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"
    for whole, body in ((chunked, b"abcde"), (with_length, b"abcde"), (empty, b"")):
        assert read(whole)[1] == body
        with pytest.raises(BadAnswer, match="ended before"):
            read(whole[: data.draw(st.integers(0, len(whole) - 1))])


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/2 200 OK\r\n\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno header\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA: b\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0x1\r\n\r\na",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1_0\r\n\r\n0123456789",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n\r\n0\r\n\r\n",
        CHUNKED + b"-1\r\n\r\n",
        CHUNKED + b"0x1\r\na\r\n0\r\n\r\n",
        CHUNKED + b"1\r\nab\r\n0\r\n\r\n",
        CHUNKED + b"1" * 5000 + b"\r\n",
        CHUNKED + b"0\r\n" + 20 * (b"A: " + 4000 * b"b" + b"\r\n") + b"\r\n",
        b"HTTP/1.1 200 OK\r\n" + 70_000 * b"A",
        b"HTTP/1.1 200 OK\r\n" + 20_000 * b"A: b\r\n",
    ],
)
def test_an_answer_that_breaks_the_standard_is_rejected(answer: bytes) -> None:
    with pytest.raises(BadAnswer, match=r"an? (answer|line|chunk)"):
        read(answer)


@pytest.mark.parametrize("framing", [b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n", CHUNKED + b"b\r\n"])
def test_a_body_beyond_the_limit_is_not_even_read(framing: bytes) -> None:
    with pytest.raises(TooLong):
        read(framing, limit=10)


def test_a_body_without_a_length_ends_with_its_connection_and_says_so() -> None:
    without = b"HTTP/1.1 200 OK\r\n\r\n"
    with begun(without) as answer:
        assert not answer.says_its_length
    assert read(without + b"abc") == (200, b"abc", False)
    with pytest.raises(TooLong):
        read(without + b"abc", limit=2)


def test_an_answer_with_chunks_and_a_length_ends_its_connection() -> None:
    """RFC 9112, 6.3: the chunks count. Something on the way may have used the length."""
    both = CHUNKED.replace(b"\r\n\r\n", b"\r\nContent-Length: 3\r\n\r\n") + b"3\r\nabc\r\n0\r\n\r\n"
    assert read(both) == (200, b"abc", False)


@pytest.mark.parametrize("status", [204, 304])
def test_a_status_without_a_body_has_none(status: int) -> None:
    assert read(b"HTTP/1.1 %d\x20\r\n\r\n" % status) == (status, b"", True)


@pytest.mark.parametrize("status", [b"100 Continue", b"103 Early Hints"])
def test_an_interim_answer_is_skipped(status: bytes) -> None:
    final = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"
    assert read(b"HTTP/1.1 " + status + b"\r\n\r\n" + final) == (202, b"", True)


@pytest.mark.parametrize(
    "whole",
    [
        b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK",
    ],
)
def test_a_connection_that_closes_or_carries_more_is_not_used_again(whole: bytes) -> None:
    assert read(whole) == (200, b"", False)
