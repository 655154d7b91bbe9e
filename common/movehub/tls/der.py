"""Read DER as leniently as OpenSSL does.

`cryptography` rejects a whole certificate for one rule of DER or RFC 5280 that it breaks. OpenSSL accepts
many such certificates, and authorities have issued them for decades. So the facts that access control, logs
and checks need are read here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

#: The tags that this library looks for.
BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, OID, UTF8 = 0x01, 0x02, 0x03, 0x04, 0x06, 0x0C
UTC_TIME, GENERALIZED_TIME, SEQUENCE, SET = 0x17, 0x18, 0x30, 0x31

#: The character sets of string types. OpenSSL reads T61String as Latin-1 too.
_ENCODINGS: Final = {
    UTF8: "utf-8",
    0x12: "latin-1",  # NumericString
    0x13: "latin-1",  # PrintableString
    0x14: "latin-1",  # T61String
    0x16: "latin-1",  # IA5String
    0x1A: "latin-1",  # VisibleString
    0x1C: "utf-32-be",  # UniversalString
    0x1E: "utf-16-be",  # BMPString
}

#: Values inside values. A certificate needs about ten levels.
_DEEPEST: Final = 40
_LONG_TAG: Final = 0x1F
_CONSTRUCTED: Final = 0x20
_LONG_LENGTH: Final = 0x80
_END: Final = b"\0\0"

_TIME: Final = re.compile(rb"(\d\d(?:\d\d)?)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z")
#: RFC 5280, 4.1.2.5.1: two digits of a year from this one on are of the 20th century.
_OF_1900: Final = 50


class NotDer(ValueError):
    """The bytes cannot be read. The message never quotes them."""


@dataclass(frozen=True, slots=True)
class Value:
    """One value: its tag, its content, and all of its bytes."""

    tag: int
    content: bytes
    whole: bytes

    def parts(self) -> tuple[Value, ...]:
        """Return the values inside. Raises NotDer."""
        found, at = [], 0
        while at < len(self.content):
            value, at = _read(self.content, at, 0)
            found.append(value)
        return tuple(found)

    def text(self) -> str | None:
        """Return a string. None if the type is no string, or its bytes do not fit."""
        try:
            return self.content.decode(_ENCODINGS[self.tag])
        except (KeyError, UnicodeDecodeError):
            return None

    def number(self) -> int:
        """Return an INTEGER."""
        return int.from_bytes(self.content, signed=True)

    def dotted(self) -> str:
        """Return an OBJECT IDENTIFIER, such as 2.5.4.3. Raises NotDer."""
        arcs, arc = [], 0
        for octet in self.content:
            arc = arc << 7 | octet & 0x7F
            if not octet & 0x80:
                arcs.append(arc)
                arc = 0
        if self.tag != OID or not arcs:
            raise NotDer("no object identifier")
        first = min(arcs[0] // 40, 2)
        return ".".join(map(str, (first, arcs[0] - 40 * first, *arcs[1:])))

    def instant(self) -> datetime:
        """Return a UTCTime or GeneralizedTime (UTC). The year 0 becomes the year 1. Raises NotDer."""
        found = _TIME.fullmatch(self.content)
        if found is None or self.tag not in {UTC_TIME, GENERALIZED_TIME}:
            raise NotDer("no time")
        year, month, day, hour, minute, second = map(int, found.groups())
        if self.tag == UTC_TIME:
            year += 1900 if year >= _OF_1900 else 2000
        try:
            return datetime(max(year, 1), month, day, hour, minute, second, tzinfo=UTC)
        except ValueError:
            raise NotDer("no time") from None


def read(data: bytes) -> Value:
    """Return the value at the beginning of the bytes. Raises NotDer."""
    return _read(data, 0, 0)[0]


def written(tag: int, content: bytes) -> bytes:
    """Return one value as DER."""
    size = len(content)
    digits = size.to_bytes((size.bit_length() + 7) // 8) if size >= _LONG_LENGTH else b""
    length = bytes([_LONG_LENGTH | len(digits)]) + digits if digits else bytes([size])
    return bytes([tag]) + length + content


def _read(data: bytes, at: int, depth: int) -> tuple[Value, int]:
    """Return the value at a position, and the position behind it."""
    if at + 2 > len(data) or depth > _DEEPEST or data[at] & _LONG_TAG == _LONG_TAG:
        raise NotDer("cut off, too deep, or with an unknown tag")
    tag, size, begins = data[at], data[at + 1], at + 2
    if size == _LONG_LENGTH:
        return _read_endless(data, at, depth)
    if size > _LONG_LENGTH:
        digits = size - _LONG_LENGTH
        size, begins = int.from_bytes(data[begins : begins + digits]), begins + digits
    ends = begins + size
    if ends > len(data):
        raise NotDer("cut off")
    return Value(tag, data[begins:ends], data[at:ends]), ends


def _read_endless(data: bytes, at: int, depth: int) -> tuple[Value, int]:
    """Read a value that has no length (BER). Two zeros end it."""
    if not data[at] & _CONSTRUCTED:
        raise NotDer("without a length")
    begins = ends = at + 2
    while data[ends : ends + 2] != _END:
        _, ends = _read(data, ends, depth + 1)
    return Value(data[at], data[begins:ends], data[at : ends + 2]), ends + 2
