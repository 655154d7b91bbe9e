"""The answer to a posted document, strictly as RFC 9112 has it: half an answer must not pass for a whole.

`http.client` accepts an answer that ends in its head, folded headers, two lengths and a chunk of a negative
size, and reads lines without a limit. This class rejects all of them.
"""

from __future__ import annotations

import io
import re
import socket
from collections.abc import Iterator
from http.client import HTTPException, HTTPResponse
from typing import Any, Final

from movehub.http.chunked import BadChunks, TooLong, read_chunks

#: Bytes of a head.
_LONGEST_HEAD: Final = 65536
#: Bytes of one read. A TLS record has fewer, so no byte of it waits in OpenSSL, out of sight.
_AT_A_TIME: Final = 65536

_STATUS: Final = re.compile(rb"HTTP/1\.[01] ([1-9][0-9]{2})(?: [^\r\n]*)?\r\n")
_FIELD: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\x00-\x08\x0a-\x1f\x7f]*\r\n")
_DIGITS: Final = re.compile(r"[0-9]{1,18}")


class BadAnswer(HTTPException):
    """The answer is cut off, or can be read in two ways."""


class Answer(HTTPResponse):
    """An answer with a strict head. Its methods raise BadAnswer, and OSError if the connection fails."""

    fp: Any

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self.fp = sock.makefile("rb", _AT_A_TIME)
        #: How many bytes of the connection the answer takes, as far as it was read.
        self.bytes_read = 0
        #: Whether it was read to its end, and its connection can carry another.
        self.is_complete = False

    def begin(self) -> None:
        """Read the head of the answer, after any interim answer (1xx)."""
        status, head = self._head()
        while 100 <= status < 200:
            status, head = self._head()
        connection, self.fp = self.fp, io.BufferedReader(io.BytesIO(head))
        try:
            super().begin()
        finally:
            self.fp = connection
        lengths = set(self.headers.get_all("Content-Length", ()))
        if len(lengths) > 1 or not all(_DIGITS.fullmatch(each.strip(" \t")) for each in lengths):
            raise BadAnswer("an answer with two lengths, or with a length that is no number")
        codings = ",".join(self.headers.get_all("Transfer-Encoding", ()))
        if codings.lower() != ("chunked" if self.chunked else ""):
            raise BadAnswer("an answer in a coding that was not asked for")
        # RFC 9112, 6.3: the chunks count, but something on the way may have used the length.
        self._has_both = bool(self.chunked and lengths)

    @property
    def says_its_length(self) -> bool:
        """Whether its end can be distinguished from the end of its connection."""
        return bool(self.chunked) or self.length is not None

    def body(self, limit: int) -> bytes:
        """Return the body: all that comes, if the answer has no length. Raises TooLong beyond `limit`."""
        if self.chunked:
            body = self._chunks(limit)
        elif self.length is None:
            body = self.fp.read(limit + 1)
            if len(body) > limit:
                raise TooLong
        elif self.length > limit:
            raise TooLong
        else:
            body = self._exactly(self.length)
        self.is_complete = self.version == 11 and not (self.will_close or self._has_both)
        self.close()
        return body

    def _head(self) -> tuple[int, bytes]:
        """Return the status, and the whole head."""
        lines = list(self._lines())
        status = _STATUS.fullmatch(lines[0])
        if status is None:
            raise BadAnswer("an answer that is not HTTP/1")
        if not all(_FIELD.fullmatch(each) for each in lines[1:-1]):
            raise BadAnswer("a line that is no header")
        return int(status[1]), b"".join(lines)

    def _lines(self) -> Iterator[bytes]:
        """Yield the lines of a head or a trailer, with the empty one at its end."""
        line, left = b"", _LONGEST_HEAD
        while line != b"\r\n":
            line = self._line(left)
            left -= len(line)
            yield line

    def _line(self, limit: int) -> bytes:
        line: bytes = self.fp.readline(limit + 1)
        if len(line) > limit:
            raise BadAnswer("an answer of endless lines")
        if not line.endswith(b"\n"):
            raise BadAnswer("the connection ended before the answer did")
        self.bytes_read += len(line)
        return line

    def _exactly(self, count: int) -> bytes:
        data = self._read(count)
        if len(data) < count:
            raise BadAnswer("the connection ended before the answer did")
        return data

    def _read(self, count: int) -> bytes:
        data: bytes = self.fp.read(count)
        self.bytes_read += len(data)
        return data

    def _chunks(self, limit: int) -> bytes:
        try:
            return read_chunks(self._line, self._read, limit)
        except BadChunks as error:
            raise BadAnswer(str(error)) from None
