"""A body in chunks is what its chunks hold, and everything that can be read in two ways is refused."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from movehub.http.chunked import BadChunks, TooLong, read_chunks


def read(data: bytes, limit: int = 1000) -> bytes:
    source = io.BytesIO(data)
    return read_chunks(source.readline, source.read, limit)


def written(pieces: list[bytes]) -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


@given(st.lists(st.binary(min_size=1, max_size=50), max_size=20))
def test_a_body_is_the_sum_of_its_chunks(pieces: list[bytes]) -> None:
    assert read(written(pieces)) == b"".join(pieces)


@given(st.lists(st.binary(min_size=1, max_size=20), min_size=1, max_size=5), st.data())
def test_a_body_that_is_cut_anywhere_is_refused(pieces: list[bytes], data: st.DataObject) -> None:
    whole = written(pieces)
    with pytest.raises(BadChunks, match="ended before"):
        read(whole[: data.draw(st.integers(0, len(whole) - 1))])


def test_a_body_beyond_the_limit_is_refused_before_it_is_read() -> None:
    with pytest.raises(TooLong):
        read(b"5\r\n12345\r\n6\r\n", limit=10)


def test_a_body_of_tiny_chunks_is_refused() -> None:
    with pytest.raises(BadChunks, match="too many bytes around"):
        read(written([b"x"] * 20_000), limit=1_000_000)
