"""Certificates that OpenSSL verifies, though each breaks a rule or a habit of RFC 5280.

Authorities have issued certificates like these for decades. `ODD` has the change of each by its name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

from tests.support.der import (
    BMP,
    GENERAL,
    GENERALIZED_TIME,
    IA5,
    NULL,
    NUMERIC,
    OCTETS,
    PRINTABLE,
    SEQUENCE,
    SET,
    T61,
    UNIVERSAL,
    UTC_TIME,
    UTF8,
    VISIBLE,
    bits,
    boolean,
    endless,
    integer,
    long_form,
    oid,
    seq,
    tagged,
)
from tests.support.pki import NOW, rsa_key

COMMON, COUNTRY, ORGANISATION, UNIT = "2.5.4.3", "2.5.4.6", "2.5.4.10", "2.5.4.11"
SERIAL_NUMBER, ORGANISATION_ID, UNIQUE_ID = "2.5.4.5", "2.5.4.97", "2.5.4.45"
EMAIL, DOMAIN = "1.2.840.113549.1.9.1", "0.9.2342.19200300.100.1.25"
SHA256_RSA, RSA = "1.2.840.113549.1.1.11", "1.2.840.113549.1.1.1"
KEY_ID, KEY_USAGE, ALTERNATIVE, ISSUER_ALTERNATIVE, BASIC = (f"2.5.29.{n}" for n in (14, 15, 17, 18, 19))
CONSTRAINTS, POINTS, POLICIES, AUTHORITY_ID, PURPOSES = (f"2.5.29.{n}" for n in (30, 31, 32, 35, 37))
ATTRIBUTES, PERIOD = "2.5.29.9", "2.5.29.16"
ACCESS, QUALIFIED, FEATURE = (f"1.3.6.1.5.5.7.1.{n}" for n in (1, 3, 24))
STAMPS, NETSCAPE, COMMENT = "1.3.6.1.4.1.11129.2.4.2", "2.16.840.1.113730.1.1", "2.16.840.1.113730.1.13"
CLIENT, SERVER = "1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.1"
ISSUER: Final = "Odd authority"


def part(kind: str, value: bytes | str, tag: int = UTF8) -> bytes:
    """One attribute of a name."""
    return seq(oid(kind), tagged(tag, value if isinstance(value, bytes) else value.encode()))


def name(*parts: bytes) -> bytes:
    return seq(*(tagged(SET, each) for each in parts))


def extension(kind: str, value: bytes, critical: bytes = b"") -> bytes:
    return seq(oid(kind), critical, tagged(OCTETS, value))


def instant(when: timedelta) -> bytes:
    return tagged(UTC_TIME, f"{NOW + when:%y%m%d%H%M%SZ}".encode())


_KEY: Final = rsa_key("leaf").public_key()
_SIGNED: Final = seq(oid(SHA256_RSA), tagged(NULL))
_HOST: Final = seq(tagged(0x82, b"localhost"))
PLAIN: Final = {
    BASIC: extension(BASIC, seq(), boolean(255)),
    KEY_USAGE: extension(KEY_USAGE, bits(b"\x80", 7), boolean(255)),
    PURPOSES: extension(PURPOSES, seq(oid(CLIENT), oid(SERVER))),
    ALTERNATIVE: extension(ALTERNATIVE, _HOST),
}


@dataclass(frozen=True)
class Parts:
    """A certificate, in DER, part by part."""

    version: bytes = tagged(0xA0, integer(2))
    serial: bytes = integer(4711)
    algorithm: bytes = _SIGNED
    issuer: bytes = name(part(COMMON, ISSUER))
    begins: bytes = instant(-timedelta(days=1))
    ends: bytes = instant(timedelta(days=365))
    subject: bytes = name(part(COMMON, "odd"))
    key: bytes = _KEY.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    unique: bytes = b""
    extensions: Sequence[bytes] | None = tuple(PLAIN.values())
    wrap: Callable[..., bytes] = tagged
    after: bytes = b""

    def der(self) -> bytes:
        listed = b"" if self.extensions is None else tagged(0xA3, seq(*self.extensions))
        valid = seq(self.begins, self.ends)
        body = (self.serial, self.algorithm, self.issuer, valid, self.subject, self.key, self.unique, listed)
        signed = seq(self.version, *body)
        signature = rsa_key("odd authority").sign(signed, padding.PKCS1v15(), hashes.SHA256())
        return self.wrap(SEQUENCE, signed, self.algorithm, bits(signature)) + self.after


def authority() -> bytes:
    """The certificate of the authority, with nothing odd about it."""
    public = rsa_key("odd authority").public_key()
    key = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    usage = extension(KEY_USAGE, bits(b"\x06", 1), boolean(255))
    basic = extension(BASIC, seq(boolean(255)), boolean(255))
    return Parts(subject=name(part(COMMON, ISSUER)), key=key, extensions=(basic, usage)).der()


def _subject(value: bytes | str, tag: int = UTF8, kind: str = COMMON) -> dict[str, object]:
    return {"subject": name(part(COUNTRY, "BE", PRINTABLE), part(kind, value, tag))}


def _with(*added: bytes) -> dict[str, object]:
    return {"extensions": (*PLAIN.values(), *added)}


def _instead(kind: str, *extensions: bytes) -> dict[str, object]:
    kept = (each for key, each in PLAIN.items() if key != kind)
    return {"extensions": (*kept, *extensions)}


def _names(*names: bytes) -> dict[str, object]:
    return _instead(ALTERNATIVE, extension(ALTERNATIVE, seq(tagged(0x82, b"localhost"), *names)))


_NUMBERS: Final = _KEY.public_numbers()

#: What is odd, and how a certificate gets it.
CHANGES: Final[Mapping[str, Mapping[str, object]]] = {
    # numbers and versions
    "serial zero": {"serial": integer(0)},
    "serial negative": {"serial": integer(-4711)},
    "serial of 30 bytes": {"serial": integer(1 << 239)},
    "v1": {"version": b"", "extensions": None},
    "v1 written out": {"version": tagged(0xA0, integer(0)), "extensions": None},
    "v1 with extensions": {"version": b""},
    "v2": {"version": tagged(0xA0, integer(1)), "extensions": None},
    "v4": {"version": tagged(0xA0, integer(3))},
    "unique identifiers": {"unique": tagged(0x81, b"\0\x01") + tagged(0x82, b"\0\x02")},
    # encodings
    "critical FALSE written out": _instead(
        PURPOSES, extension(PURPOSES, seq(oid(CLIENT), oid(SERVER)), boolean(0))
    ),
    "no authority FALSE written out": _instead(BASIC, extension(BASIC, seq(boolean(0)), boolean(255))),
    "TRUE as 1": _instead(BASIC, extension(BASIC, seq(), boolean(1))),
    "long lengths outside": {"wrap": long_form},
    "no length outside": {"wrap": endless},
    "long lengths in the name": {"subject": long_form(SEQUENCE, tagged(SET, part(COMMON, "odd")))},
    "no length in the name": {"subject": endless(SEQUENCE, tagged(SET, part(COMMON, "odd")))},
    "signature without NULL": {"algorithm": seq(oid(SHA256_RSA))},
    "RSA without NULL": {
        "key": seq(seq(oid(RSA)), bits(seq(integer(_NUMBERS.n), integer(_NUMBERS.e)))),
    },
    "bytes after the end": {"after": b"\0\0\0"},
    # names
    "Latin-1 in T61String": _subject("Behörde".encode("latin-1"), T61),
    "underscore in PrintableString": _subject("move_hub", PRINTABLE),
    "at in PrintableString": _subject("hub@example", PRINTABLE),
    "asterisk in PrintableString": _subject("*.hub.example", PRINTABLE),
    "ampersand in PrintableString": _subject("Move & Hub", PRINTABLE),
    "UTF-8 in PrintableString": _subject("Behörde", PRINTABLE),
    "Latin-1 in PrintableString": _subject("Behörde".encode("latin-1"), PRINTABLE),
    "Latin-1 in UTF8String": _subject("Behörde".encode("latin-1")),
    "Latin-1 in IA5String": _subject("Behörde".encode("latin-1"), IA5, EMAIL),
    "letters in NumericString": _subject("abc", NUMERIC),
    "BMPString": _subject("Βέλγιο".encode("utf-16-be"), BMP),
    "half a pair in BMPString": _subject(b"\xd8\x00\x00A", BMP),
    "UniversalString": _subject("Βέλγιο".encode("utf-32-be"), UNIVERSAL),
    "VisibleString": _subject("hub", VISIBLE),
    "GeneralString": _subject("hub", GENERAL),
    "a SEQUENCE as a value": {"subject": name(seq(oid(COMMON), seq(integer(1))))},
    "empty value": _subject(""),
    "empty subject": {"subject": seq()},
    "empty issuer unit": {"subject": name(part(UNIT, ""), part(COMMON, "odd"))},
    "name of 300 letters": _subject("h" * 300),
    "country of 3 letters": {"subject": name(part(COUNTRY, "BEL", PRINTABLE), part(COMMON, "odd"))},
    "country in UTF-8": {"subject": name(part(COUNTRY, "be"), part(COMMON, "odd"))},
    "two values in one part": {"subject": name(part(COMMON, "odd") + part(UNIT, "unit"))},
    "two values in the wrong order": {"subject": name(part(UNIT, "unit") + part(COMMON, "odd"))},
    "unknown attribute": {
        "subject": name(seq(oid("1.3.6.1.4.1.99999.7"), tagged(UTF8, b"x")), part(COMMON, "odd"))
    },
    "bits as a value": {"subject": name(seq(oid(UNIQUE_ID), bits(b"\x05", 1)), part(COMMON, "odd"))},
    "control characters": _subject("hub\n\x1b[31m\x9b\u202ehub\u2028"),
    "zero in the name": _subject("hub\0.example"),
    "two common names": {"subject": name(part(COMMON, "odd"), part(COMMON, "hub"))},
    "an official subject": {
        "subject": name(
            part(COUNTRY, "BE", PRINTABLE),
            part(ORGANISATION, "European Commission, DG MOVE"),
            part(ORGANISATION_ID, "NTRBE-949.383.342"),
            part(SERIAL_NUMBER, "0949383342", PRINTABLE),
            part(EMAIL, "move@ec.europa.eu", IA5),
            part(DOMAIN, "eu", IA5),
            part(COMMON, "Véhicules #1"),
        )
    },
    # extensions
    "no extension in the list": {"extensions": ()},
    "no purpose in the list": _instead(PURPOSES, extension(PURPOSES, seq())),
    "purpose twice": _instead(PURPOSES, extension(PURPOSES, seq(oid(CLIENT), oid(SERVER), oid(CLIENT)))),
    "unknown extension twice": _with(*[extension("1.3.6.1.4.1.99999.2", seq())] * 2),
    "alternative names twice": _with(extension(ALTERNATIVE, seq(tagged(0x82, b"localhost")))),
    "purposes twice": _with(PLAIN[PURPOSES]),
    "comment twice": _with(*[extension(COMMENT, tagged(IA5, b"x"))] * 2),
    "empty alternative names": _instead(ALTERNATIVE, extension(ALTERNATIVE, seq())),
    "Latin-1 in a host": _names(tagged(0x82, "ö.example".encode("latin-1"))),
    "Latin-1 in an address": _names(tagged(0x81, "ö@example".encode("latin-1"))),
    "address of 5 bytes": _names(tagged(0x87, bytes(5))),
    "no URI": _names(tagged(0x86, b"http://[")),
    "other name": _names(tagged(0xA0, oid("1.3.6.1.4.1.311.20.2.3"), tagged(0xA0, tagged(UTF8, b"a@b")))),
    "X.400 address": _names(tagged(0xA3, seq(seq()))),
    "EDI name": _names(tagged(0xA5, tagged(0xA1, tagged(UTF8, b"x")))),
    "directory name with underscore": _names(tagged(0xA4, name(part(COMMON, "a_b", PRINTABLE)))),
    "garbage in an unknown extension": _with(extension("1.3.6.1.4.1.99999.3", b"\xff\xff")),
    "garbage in a comment": _with(extension(COMMENT, b"\xff\xff")),
    "garbage in time stamps": _with(extension(STAMPS, b"\xff\xff")),
    "garbage in qualified statements": _with(extension(QUALIFIED, b"\xff\xff")),
    "garbage in access": _with(extension(ACCESS, b"\xff\xff")),
    "garbage in policies": _with(extension(POLICIES, b"\xff\xff")),
    "garbage in issuer names": _with(extension(ISSUER_ALTERNATIVE, b"\xff\xff")),
    "garbage in features": _with(extension(FEATURE, b"\xff\xff")),
    "garbage in the period": _with(extension(PERIOD, b"\xff\xff")),
    "no access in the list": _with(extension(ACCESS, seq())),
    "access to an odd place": _with(
        extension(ACCESS, seq(seq(oid("1.3.6.1.5.5.7.48.1"), tagged(0x86, b"\xe9"))))
    ),
    "no policy in the list": _with(extension(POLICIES, seq())),
    "policy with BMP notice": _with(
        extension(
            POLICIES,
            seq(
                seq(
                    oid("1.3.6.1.4.1.99999.4"),
                    seq(seq(oid("1.3.6.1.5.5.7.2.2"), seq(tagged(BMP, "é".encode("utf-16-be") * 300)))),
                )
            ),
        )
    ),
    "point with a relative name": _with(
        extension(POINTS, seq(seq(tagged(0xA0, tagged(0xA1, part(COMMON, "a_b", PRINTABLE))))))
    ),
    "empty key identifier": _with(extension(KEY_ID, tagged(OCTETS))),
    "authority key without number": _with(
        extension(AUTHORITY_ID, seq(tagged(0xA1, tagged(0xA4, name(part(COMMON, ISSUER))))))
    ),
    "constraints on a system": _with(
        extension(CONSTRAINTS, seq(tagged(0xA0, seq(tagged(0x82, b"localhost")))))
    ),
    "path length of a system": _instead(BASIC, extension(BASIC, seq(integer(0)), boolean(255))),
    "usage with zeros behind": _instead(KEY_USAGE, extension(KEY_USAGE, bits(b"\x80\x00"), boolean(255))),
    "usage with unknown bits": _instead(KEY_USAGE, extension(KEY_USAGE, bits(b"\x80\x40", 6), boolean(255))),
    "Netscape type": _with(extension(NETSCAPE, bits(b"\xc0", 6))),
    "attributes of the directory": _with(
        extension(ATTRIBUTES, seq(seq(oid("1.3.6.1.5.5.7.9.4"), tagged(SET, tagged(PRINTABLE, b"BE")))))
    ),
    # times
    "GeneralizedTime before 2050": {
        "ends": tagged(GENERALIZED_TIME, f"{NOW + timedelta(days=400):%Y%m%d%H%M%SZ}".encode())
    },
    "no end": {"ends": tagged(GENERALIZED_TIME, b"99991231235959Z")},
    "from the year 0": {"begins": tagged(GENERALIZED_TIME, b"00000101000000Z")},
    "from 1950": {"begins": tagged(UTC_TIME, b"500101000000Z")},
    "from 1949 as GeneralizedTime": {"begins": tagged(GENERALIZED_TIME, b"19490101000000Z")},
}

ODD: Final = {what: replace(Parts(), **change).der() for what, change in CHANGES.items()}  # type: ignore[arg-type]
