"""Bodies in chunks, of requests and of answers, strictly as RFC 9112, 7.1 has them.

BizTalk, on which the hub runs, sends every body of more than 8 KB in chunks, and answers in chunks above
4 KB. A body that two programs could read in two ways is rejected.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any, Final

#: Bytes of a line between two chunks, at most.
_LONGEST_LINE: Final = 4096
#: Bytes of sizes, extensions, line ends and trailer in one body, at most: a body of one byte a chunk costs
#: a thread seconds.
_MOST_FRAMING: Final = 65_536

_SIZE: Final = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\x00-\x08\x0a-\x1f\x7f]*)?\r\n")
_TRAILER: Final = re.compile(rb"(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\x00-\x08\x0a-\x1f\x7f]*)?\r\n")
_END: Final = b"\r\n"
_CUT: Final = "the connection ended before the body did"


class BadChunks(ValueError):
    """The chunks are cut off, or can be read in two ways."""


class TooLong(Exception):
    """The body is longer than the limit."""


def read_chunks(read_line: Callable[[int], bytes], read: Callable[[int], bytes], limit: int) -> bytes:
    """Return a body, and read its trailer, which is discarded.

    `read_line(most)` returns a line of at most `most` bytes, and `read(count)` so many bytes; they return
    less at the end of the connection. Raises BadChunks, and TooLong if the body has more than `limit` bytes.
    """
    body, framing = bytearray(), _MOST_FRAMING

    def line(pattern: re.Pattern[bytes], fault: str) -> re.Match[bytes]:
        nonlocal framing
        text = read_line(_LONGEST_LINE)
        framing -= len(text) + len(_END)
        found = pattern.fullmatch(text)
        if found is None:
            raise BadChunks(fault if text.endswith(b"\n") or len(text) == _LONGEST_LINE else _CUT)
        if framing < 0:
            raise BadChunks("a chunked body with too many bytes around its chunks")
        return found

    def exactly(count: int) -> bytes:
        data = read(count)
        if len(data) < count:
            raise BadChunks(_CUT)
        return data

    while size := int(line(_SIZE, "a chunk without a size")[1], 16):
        if len(body) + size > limit:
            raise TooLong
        body += exactly(size)
        if exactly(len(_END)) != _END:
            raise BadChunks("a chunk that is longer than its size")
    while line(_TRAILER, "a line after the chunks that is no header")[0] != _END:
        pass
    return bytes(body)


class Chunks:
    """A body in chunks as a file. It is read when the application asks for it, and not before.

    A client without access is rejected before its body is read: it could send it slowly, and hold a thread.
    """

    def __init__(self, source: Any, limit: int) -> None:
        self._source, self._limit = source, limit
        self._body: io.BytesIO | None = None

    @property
    def remaining(self) -> int:
        """Not 0 if bytes of the body may still stand in the connection."""
        return int(self._body is None)

    def read(self, size: int | None = None) -> bytes:
        """Read up to `size` bytes. Raises BadChunks, also if the connection fails, and TooLong."""
        if self._body is None:
            try:
                self._body = io.BytesIO(read_chunks(self._source.readline, self._source.read, self._limit))
            except OSError:
                raise BadChunks(_CUT) from None
        return self._body.read(size)
