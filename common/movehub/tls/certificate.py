"""One certificate: the facts that this library uses, and what `cryptography` makes of it.

OpenSSL decides whether a connection is made. It accepts certificates that `cryptography` cannot parse, so no
fact comes from `cryptography` that could also be read without it.
"""

from __future__ import annotations

import base64
import binascii
import re
import ssl
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from threading import Lock
from typing import Final, Literal

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from movehub.tls.der import BOOLEAN, OID, SEQUENCE, NotDer, Value, read, written
from movehub.tls.names import Name

#: RFC 5280, 4.1: the tags of what may be left out.
_VERSION, _EXTENSIONS = 0xA0, 0xA3
_BASIC, _USAGE, _PURPOSES, _ALTERNATIVE = "2.5.29.19", "2.5.29.15", "2.5.29.37", "2.5.29.17"
#: RFC 5280, 4.2.1.3: the bits of a key usage, in its first byte.
_SIGNS, _CERTIFIES = 0x80, 0x04

#: The hash of a signature by its object identifier (RFC 8017, 3279, 5758, 9814 and NIST's list of SHA-3).
_RSA, _ECDSA, _NIST = "1.2.840.113549.1.1", "1.2.840.10045.4", "2.16.840.1.101.3.4"
_SIGNED_WITH: Final = {
    f"{_RSA}.2": "MD2",
    f"{_RSA}.4": "MD5",
    f"{_RSA}.5": "SHA1",
    f"{_RSA}.14": "SHA224",
    f"{_RSA}.11": "SHA256",
    f"{_RSA}.12": "SHA384",
    f"{_RSA}.13": "SHA512",
    f"{_ECDSA}.1": "SHA1",
    f"{_ECDSA}.3.1": "SHA224",
    f"{_ECDSA}.3.2": "SHA256",
    f"{_ECDSA}.3.3": "SHA384",
    f"{_ECDSA}.3.4": "SHA512",
    f"{_NIST}.3.9": "SHA3-224",
    f"{_NIST}.3.10": "SHA3-256",
    f"{_NIST}.3.11": "SHA3-384",
    f"{_NIST}.3.12": "SHA3-512",
    f"{_NIST}.3.13": "SHA3-224",
    f"{_NIST}.3.14": "SHA3-256",
    f"{_NIST}.3.15": "SHA3-384",
    f"{_NIST}.3.16": "SHA3-512",
    "1.3.101.112": "SHA512",  # Ed25519
    "1.3.101.113": "SHAKE256",  # Ed448
}
_PSS: Final = f"{_RSA}.10"
#: The hashes that RSA-PSS names in its parameters. Without parameters it is SHA-1 (RFC 8017, A.2.3).
_HASHES: Final = {
    f"{_NIST}.2.1": "SHA256",
    f"{_NIST}.2.2": "SHA384",
    f"{_NIST}.2.3": "SHA512",
    f"{_NIST}.2.4": "SHA224",
    f"{_NIST}.2.8": "SHA3-256",
    f"{_NIST}.2.9": "SHA3-384",
    f"{_NIST}.2.10": "SHA3-512",
}

#: OpenSSL reads these three labels. `openssl x509 -trustout` writes TRUSTED.
_PEM: Final = re.compile(
    rb"-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----"
    rb"([A-Za-z0-9+/=\s]*)"
    rb"-----END (?:X509 |TRUSTED )?CERTIFICATE-----"
)

#: Python's filters of warnings belong to the whole process.
_FILTERS: Final = Lock()


@dataclass(frozen=True, slots=True)
class Certificate:
    """The facts of one certificate. Two are equal if their bytes are."""

    der: bytes
    subject: Name = field(compare=False)
    issuer: Name = field(compare=False)
    serial: int = field(compare=False)
    begins: datetime = field(compare=False)
    ends: datetime = field(compare=False)
    #: The public key as DER (SubjectPublicKeyInfo).
    key: bytes = field(compare=False, repr=False)
    #: The name of the signature's hash. Empty if it is not known here.
    signed_with: str = field(compare=False)
    #: The purposes as object identifiers. None means any purpose.
    purposes: frozenset[str] | None = field(compare=False)
    #: Whether the key may sign, and certify others. Without a key usage it may do both.
    may_sign: bool = field(compare=False)
    may_certify: bool = field(compare=False)
    #: Whether this is the certificate of an authority.
    is_authority: bool = field(compare=False)
    #: Whether it has alternative names, such as the names of hosts.
    has_names: bool = field(compare=False)

    @classmethod
    def of_der(cls, data: bytes) -> Certificate:
        """Read a certificate. Raises NotDer."""
        whole = read(data)
        signed, algorithm, *_ = _expect(whole.parts(), 3)
        parts = signed.parts()
        serial, _, issuer, validity, subject, key, *others = _expect(
            parts[1:] if parts and parts[0].tag == _VERSION else parts, 6
        )
        begins, ends = _expect(validity.parts(), 2)[:2]
        listed = next((each for each in others if each.tag == _EXTENSIONS), None)
        extensions = {} if listed is None else _extensions(listed)
        usage = _usage(extensions)
        return cls(
            # As OpenSSL sends it, and counts its fingerprint, whatever the length was like in a file.
            der=written(SEQUENCE, whole.content),
            subject=Name.of_der(subject),
            issuer=Name.of_der(issuer),
            serial=serial.number(),
            begins=begins.instant(),
            ends=ends.instant(),
            key=key.whole,
            signed_with=_hash(algorithm),
            purposes=_purposes(extensions),
            may_sign=usage & _SIGNS != 0,
            may_certify=usage & _CERTIFIES != 0,
            is_authority=_is_authority(extensions),
            has_names=_ALTERNATIVE in extensions,
        )

    @classmethod
    def of(cls, certificate: x509.Certificate) -> Certificate:
        """Take over a certificate of `cryptography`. Raises NotDer."""
        return cls.of_der(certificate.public_bytes(Encoding.DER))

    def __str__(self) -> str:
        """Return the subject, as `openssl x509 -nameopt rfc2253` writes it."""
        return str(self.subject) or "(no name)"

    @property
    def fingerprint(self) -> str:
        """The SHA-256 fingerprint: 64 small hexadecimal digits."""
        return fingerprint_of(self.der)

    @property
    def is_self_signed(self) -> bool:
        """Whether this is a root, which signs itself."""
        return self.subject == self.issuer

    def parsed(self) -> x509.Certificate:
        """Return what `cryptography` makes of it. Raises whatever `cryptography` raises."""
        with warnings_are("ignore"):
            return x509.load_der_x509_certificate(self.der)

    def as_pem(self) -> bytes:
        """Return the certificate as PEM."""
        return ssl.DER_cert_to_PEM_cert(self.der).encode("ascii")


@contextmanager
def warnings_are(action: Literal["ignore", "error"]) -> Iterator[None]:
    """Ignore the warnings of `cryptography` in this block, or make errors of them."""
    with _FILTERS, warnings.catch_warnings():
        warnings.simplefilter(action)
        yield


def fingerprint_of(der: bytes) -> str:
    """Return the SHA-256 fingerprint of a certificate: 64 small hexadecimal digits."""
    return sha256(der).hexdigest()


def certificates_in(data: bytes) -> tuple[Certificate, ...]:
    """Return the certificates of PEM, in the order of the file. Raises NotDer."""
    return tuple(Certificate.of_der(_decoded(found)) for found in _PEM.findall(data))


def _decoded(body: bytes) -> bytes:
    try:
        return base64.b64decode(body)
    except binascii.Error:
        raise NotDer("no base64") from None


def _expect(values: tuple[Value, ...], least: int) -> tuple[Value, ...]:
    if len(values) < least:
        raise NotDer("a part is missing")
    return values


def _extensions(listed: Value) -> dict[str, bytes]:
    """Return each extension's content. Of two with one identifier the first counts."""
    found: dict[str, bytes] = {}
    for each in _expect(listed.parts(), 1)[0].parts():
        kind, *_, content = _expect(each.parts(), 2)
        found.setdefault(kind.dotted(), content.content)
    return found


def _is_authority(extensions: dict[str, bytes]) -> bool:
    if _BASIC not in extensions:
        return False
    parts = read(extensions[_BASIC]).parts()
    return bool(parts) and parts[0].tag == BOOLEAN and parts[0].content != b"\0"


def _usage(extensions: dict[str, bytes]) -> int:
    """Return the first byte of the key usage. Without one, any usage is allowed."""
    if _USAGE not in extensions:
        return _SIGNS | _CERTIFIES
    return (read(extensions[_USAGE]).content[1:] or b"\0")[0]


def _purposes(extensions: dict[str, bytes]) -> frozenset[str] | None:
    if _PURPOSES not in extensions:
        return None
    return frozenset(each.dotted() for each in read(extensions[_PURPOSES]).parts())


def _hash(algorithm: Value) -> str:
    """Return the hash that a signature algorithm uses, or nothing."""
    parts = _expect(algorithm.parts(), 1)
    kind = parts[0].dotted()
    if kind != _PSS:
        return _SIGNED_WITH.get(kind, "")
    named = [each for each in (parts[1].parts() if len(parts) > 1 else ()) if each.tag == _VERSION]
    if not named:
        return "SHA1"
    used = _expect(_expect(named[0].parts(), 1)[0].parts(), 1)[0]
    return _HASHES.get(used.dotted(), "") if used.tag == OID else ""
