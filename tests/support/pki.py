"""A small infrastructure whose certificates can each be wrong in one thing: root, intermediate, leaf."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from movehub.tls.credentials import Credentials

BOTH = (ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH)
NOW = datetime.now(UTC)


@cache
def rsa_key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    """One key a name for the whole run: making one takes a while."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


@cache
def ec_key(curve: type[ec.EllipticCurve]) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(curve())


@dataclass(frozen=True)
class Make:
    """What a certificate is made of. The defaults are those of one that nothing is wrong with."""

    subject: str = "FI"
    issuer: str = "Intermediate"
    key: Any = field(default_factory=lambda: rsa_key("leaf"))
    signed_with: Any = field(default_factory=lambda: rsa_key("intermediate"))
    hash: Any = field(default_factory=hashes.SHA256)
    begins: datetime = NOW - timedelta(days=1)
    ends: datetime = NOW + timedelta(days=365)
    authority: bool = False
    signs: bool = True
    certifies: bool = False
    purposes: Sequence[x509.ObjectIdentifier] | None = BOTH
    host: str | None = "fi.example"
    path_length: int | None = None
    extra: x509.ExtensionType | None = None

    def certificate(self) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.subject)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.issuer)]))
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.begins)
            .not_valid_after(self.ends)
            .add_extension(x509.BasicConstraints(self.authority, self.path_length), critical=True)
            .add_extension(_usage(self.signs, self.certifies), critical=True)
        )
        if self.purposes is not None:
            builder = builder.add_extension(x509.ExtendedKeyUsage(self.purposes), critical=False)
        if self.host is not None:
            names = x509.SubjectAlternativeName([x509.DNSName(self.host)])
            builder = builder.add_extension(names, critical=False)
        if self.extra is not None:
            builder = builder.add_extension(self.extra, critical=True)
        return builder.sign(self.signed_with, self.hash)


def intermediate(**changed: Any) -> x509.Certificate:
    made = {"subject": "Intermediate", "issuer": "Root", "key": rsa_key("intermediate")}
    made |= {"signed_with": rsa_key("root"), "authority": True, "signs": False, "certifies": True}
    return Make(**(made | {"purposes": None, "host": None} | changed)).certificate()


def root(**changed: Any) -> x509.Certificate:
    made = {"subject": "Root", "issuer": "Root", "key": rsa_key("root"), "signed_with": rsa_key("root")}
    made |= {"authority": True, "signs": False, "certifies": True, "purposes": None, "host": None}
    return Make(**(made | changed)).certificate()


def leaf(**changed: Any) -> x509.Certificate:
    return Make(**changed).certificate()


def _usage(signs: bool, certifies: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        signs, False, not (signs or certifies), False, False, certifies, certifies, False, False
    )


#: The object identifiers of RSA with SHA-256 and with SHA-1, and what stands before a digest of SHA-1.
_RSA_SHA256, _RSA_SHA1 = bytes.fromhex("2a864886f70d01010b"), bytes.fromhex("2a864886f70d010105")
_DIGEST_INFO = bytes.fromhex("3021300906052b0e03021a05000414")


def with_sha1(certificate: x509.Certificate, key: rsa.RSAPrivateKey) -> x509.Certificate:
    """The same certificate, signed with SHA-1: by hand, as no library of today does that any more."""
    signed = certificate.tbs_certificate_bytes
    changed = signed.replace(_RSA_SHA256, _RSA_SHA1)
    size = key.key_size // 8
    digest = _DIGEST_INFO + hashlib.sha1(changed, usedforsecurity=False).digest()
    padded = b"\x00\x01".ljust(size - len(digest) - 1, b"\xff") + b"\x00" + digest
    numbers = key.private_numbers()
    signature = pow(int.from_bytes(padded), numbers.d, numbers.public_numbers.n).to_bytes(size)
    whole = certificate.public_bytes(serialization.Encoding.DER)
    whole = whole.replace(signed, changed).replace(_RSA_SHA256, _RSA_SHA1)[:-size] + signature
    return x509.load_der_x509_certificate(whole)


def write(path: Path, *certificates: x509.Certificate) -> Path:
    path.write_bytes(b"".join(each.public_bytes(serialization.Encoding.PEM) for each in certificates))
    return path


def write_key(path: Path, key: Any) -> Path:
    path.touch(mode=0o600)
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return path


@dataclass(frozen=True)
class Chain:
    """A chain with nothing wrong, each certificate in a file of its own."""

    leaf: Credentials
    intermediate: Path
    root: Path

    @classmethod
    def create(cls, folder: Path) -> Chain:
        above = write(folder / "intermediate.pem", intermediate())
        trusted = write(folder / "root.pem", root())
        key = write_key(folder / "leaf.key", rsa_key("leaf"))
        return cls(Credentials(write(folder / "leaf.pem", leaf()), key, trusted), above, trusted)
