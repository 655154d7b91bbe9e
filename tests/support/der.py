"""A small writer of DER, for certificates that no library would make."""

from __future__ import annotations

SEQUENCE, SET, INTEGER, BITS, OCTETS, OID, BOOLEAN, NULL = 0x30, 0x31, 0x02, 0x03, 0x04, 0x06, 0x01, 0x05
UTF8, NUMERIC, PRINTABLE, T61, IA5, VISIBLE, GENERAL, UNIVERSAL, BMP = 12, 18, 19, 20, 22, 26, 27, 28, 30
UTC_TIME, GENERALIZED_TIME = 0x17, 0x18


def tagged(tag: int, *contents: bytes) -> bytes:
    """One value, with the shortest length."""
    content = b"".join(contents)
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    digits = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes([tag, 128 + len(digits)]) + digits + content


def long_form(tag: int, *contents: bytes) -> bytes:
    """One value whose length is longer than it has to be: BER, and no DER."""
    content = b"".join(contents)
    return bytes([tag, 0x84]) + len(content).to_bytes(4) + content


def endless(tag: int, *contents: bytes) -> bytes:
    """One value without a length, which ends with two zeros: BER, and no DER."""
    return bytes([tag, 0x80]) + b"".join(contents) + b"\0\0"


def seq(*contents: bytes) -> bytes:
    return tagged(SEQUENCE, *contents)


def integer(number: int) -> bytes:
    return tagged(INTEGER, number.to_bytes(number.bit_length() // 8 + 1, signed=True))


def oid(dotted: str) -> bytes:
    first, second, *rest = map(int, dotted.split("."))
    return tagged(OID, *map(_base128, [first * 40 + second, *rest]))


def _base128(number: int) -> bytes:
    digits = [number & 127]
    while number := number >> 7:
        digits.append(number & 127 | 128)
    return bytes(reversed(digits))


def bits(content: bytes, unused: int = 0) -> bytes:
    return tagged(BITS, bytes([unused]), content)


def boolean(octet: int) -> bytes:
    return tagged(BOOLEAN, bytes([octet]))
