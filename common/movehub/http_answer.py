"""The answer to a posted document: its status, whether it says how long it is, and its body (RFC 9112).

What is not as the standard has it is refused, and never guessed at: half an answer must not pass for a whole.
"""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass
from typing import Final, Self

#: Bytes of a head, and of one line between chunks, at most; and those that are read at a time.
_LONGEST_HEAD: Final = 65536
_LONGEST_LINE: Final = 4096
_AT_A_TIME: Final = 65536

_STATUS: Final = re.compile(rb"HTTP/1\.([01]) ([1-9][0-9]{2})(?: [^\r\n]*)?\r\n")
_FIELD: Final = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n]*?)[ \t]*\r\n")
_DIGITS: Final = re.compile(rb"[0-9]{1,18}")
_CHUNK: Final = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]*)?\r\n")

#: Statuses without a body: what says so itself.
_BODILESS: Final = frozenset({204, 304})


class TooLong(Exception):
    """The body is longer than it may be."""


class Wire:
    """One connection, and what was read from it and not used yet."""

    def __init__(self, connected: ssl.SSLSocket) -> None:
        self.socket: Final = connected
        self._space = memoryview(bytearray(_AT_A_TIME))
        self._rest = b""

    @property
    def is_used_up(self) -> bool:
        """Whether nothing is left of what was read."""
        return not self._rest

    def close(self) -> None:
        """Close the connection, whatever state it is in."""
        self.socket.close()

    def up_to(self, mark: bytes, most: int) -> bytes:
        """Return what comes, to the end of a mark. Raises ValueError where it does not come."""
        looked_at = 0
        while (found := self._rest.find(mark, looked_at)) < 0:
            looked_at = max(0, len(self._rest) - len(mark) + 1)
            if len(self._rest) > most:
                raise ValueError("an answer of endless lines")
            self._rest += self._more()
        return self.exactly(found + len(mark))

    def exactly(self, count: int) -> bytes:
        """Return so many bytes. Raises ValueError where fewer come."""
        parts, missing = [self._rest], count - len(self._rest)
        while missing > 0:
            parts.append(self._more())
            missing -= len(parts[-1])
        whole = b"".join(parts) if len(parts) > 1 else self._rest
        self._rest = whole[count:]
        return whole[:count]

    def _more(self) -> bytes:
        count = self.socket.recv_into(self._space)
        if count == 0:
            raise ValueError("the connection ended before the answer did")
        return bytes(self._space[:count])


@dataclass
class Answer:
    """An answer whose head has been read. `length` is None where it is told chunk by chunk, or not at all."""

    status: int
    is_chunked: bool
    length: int | None
    _wire: Wire
    _stays_open: bool
    _has_ended: bool = False

    @classmethod
    def begun(cls, wire: Wire) -> Self:
        """Read the head of the answer that comes next. Raises OSError, and ValueError where it is none."""
        while True:
            head = wire.up_to(b"\r\n\r\n", _LONGEST_HEAD)
            minor, status, fields = _parsed(head)
            if not 100 <= status < 200:
                break
        coding = fields.get(b"transfer-encoding")
        lengths = set(fields.get(b"content-length", ()))
        if len(lengths) > 1 or not all(_DIGITS.fullmatch(each) for each in lengths):
            raise ValueError("an answer of two lengths, or of none that can be read")
        if coding is not None and b",".join(coding).lower() != b"chunked":
            raise ValueError("an answer in a coding that was not asked for")
        length = int(lengths.pop()) if lengths and coding is None else None
        closes = b"close" in b",".join(fields.get(b"connection", ())).lower()
        bodiless = status in _BODILESS
        return cls(
            status, coding is not None, 0 if bodiless else length, wire, minor == 1 and not closes, bodiless
        )

    @property
    def says_its_length(self) -> bool:
        """Whether its end can be told from the end of its connection."""
        return self.is_chunked or self.length is not None

    @property
    def is_whole(self) -> bool:
        """Whether it was read to its end, and the connection can be used again."""
        return self._has_ended and self._stays_open and self._wire.is_used_up

    def body(self, most: int) -> bytes:
        """Return the body. Raises TooLong, OSError, and ValueError where it was cut off or says no length."""
        if not self.says_its_length:
            raise ValueError("an answer without an end")
        if self.length is None:
            body = self._chunks(most)
        elif self.length > most:
            raise TooLong
        else:
            body = self._wire.exactly(self.length)
        self._has_ended = True
        return body

    def _chunks(self, most: int) -> bytes:
        body = bytearray()
        while True:
            line = _CHUNK.fullmatch(self._wire.up_to(b"\r\n", _LONGEST_LINE))
            if line is None:
                raise ValueError("a chunk that does not say its length")
            size = int(line[1], 16)
            if size == 0:
                break
            if len(body) + size > most:
                raise TooLong
            body += self._wire.exactly(size)
            if self._wire.exactly(2) != b"\r\n":
                raise ValueError("a chunk that does not end where it said")
        trailer = 0
        while (line_read := self._wire.up_to(b"\r\n", _LONGEST_LINE)) != b"\r\n":
            trailer += len(line_read)
            if trailer > _LONGEST_HEAD:
                raise ValueError("an answer of endless lines")
        return bytes(body)


def _parsed(head: bytes) -> tuple[int, int, dict[bytes, list[bytes]]]:
    """Return the minor version, the status, and the fields by their names in small letters."""
    first = _STATUS.match(head)
    if first is None:
        raise ValueError("an answer that is no HTTP/1")
    fields: dict[bytes, list[bytes]] = {}
    at, end = first.end(), len(head) - 2
    while at < end:
        field = _FIELD.match(head, at)
        if field is None:
            raise ValueError("a line that is no header")
        fields.setdefault(field[1].lower(), []).append(field[2])
        at = field.end()
    return int(first[1]), int(first[2]), fields
