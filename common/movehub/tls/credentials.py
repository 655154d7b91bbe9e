"""Certificates, keys and pass phrases in files: PEM, and PKCS#12, which OpenSSL's contexts cannot read.

If a file cannot be used, InvalidConfiguration names the file and never quotes it.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
    pkcs12,
)

from movehub.errors import InvalidConfiguration
from movehub.records.personal import decoded
from movehub.tls.certificate import Certificate, certificates_in
from movehub.tls.der import NotDer


class PassPhrase:
    """The words that unlock a key. Only `reveal` returns them: no log, `repr` or pickle has them."""

    __slots__ = ("_words",)

    def __init__(self, words: str) -> None:
        self._words = words

    @classmethod
    def read(cls, path: Path) -> PassPhrase:
        """Read the first line of a file, without its end. Raises InvalidConfiguration."""
        try:
            words = decoded(path.read_bytes(), "utf-8-sig")
        except OSError:
            words = None
        if words is None:
            raise InvalidConfiguration(f"the file of the pass phrase cannot be read: {path}")
        return cls(words.strip("\r\n"))

    def reveal(self) -> str:
        """Return the words. Do not put them into a variable, which a traceback could show."""
        return self._words

    def __repr__(self) -> str:
        return "‹secret›"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PassPhrase) and other._words == self._words

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> str:
        raise TypeError("a pass phrase cannot be pickled")


@dataclass(frozen=True, slots=True)
class Credentials:
    """The files of one party: its certificate chain, its key, and the authority that it trusts.

    All are PEM. Chain and key may also be one PKCS#12 file, named for both, with its chain in any order. The
    words that unlock the key are `password`, or the content of `password_file`, which is read with the key.

    A peer is refused if a list in `crl` names its certificate (PEM or DER), or if its SHA-256 fingerprint is
    in `refused`: see `movehub.tls.revocation`.
    """

    certificate: Path
    key: Path
    authority: Path
    password: str | None = field(default=None, repr=False)
    password_file: Path | None = None
    crl: Path | None = None
    #: Each of 64 small hexadecimal digits.
    refused: frozenset[str] = frozenset()

    def pass_phrase(self) -> PassPhrase | None:
        """Return the pass phrase of the key, if there is one. Raises InvalidConfiguration."""
        if self.password_file is not None:
            return PassPhrase.read(self.password_file)
        return None if self.password is None else PassPhrase(self.password)


def is_pem(data: bytes) -> bool:
    """Whether the bytes of a file are PEM. All others are read as PKCS#12."""
    return b"-----BEGIN " in data


def holds_key(path: Path) -> bool:
    """Whether a file that can be read holds a private key, encrypted or not."""
    data = path.read_bytes()
    return not is_pem(data) or b"PRIVATE KEY-----" in data


@dataclass(frozen=True, slots=True)
class Contents:
    """A file of certificates: the chain in the order of the file, and the key if it has one."""

    chain: tuple[Certificate, ...]
    key: PrivateKeyTypes | None = None


def read_certificates(path: Path, phrase: PassPhrase | None = None) -> Contents:
    """Read certificates, PEM (without a key in it) or PKCS#12. Raises InvalidConfiguration."""
    data = _bytes(path)
    if not is_pem(data):
        return _pkcs12(path, data, phrase)
    with suppress(NotDer):
        found = certificates_in(data)
        if found:
            return Contents(found)
    raise InvalidConfiguration(f"{path} holds no certificate that can be read as PEM")


def read_key(path: Path, phrase: PassPhrase | None = None) -> PrivateKeyTypes:
    """Read a private key, PEM or PKCS#12. Raises InvalidConfiguration.

    If a PEM key is not encrypted, the pass phrase is ignored, as OpenSSL does.
    """
    data = _bytes(path)
    if not is_pem(data):
        key = _pkcs12(path, data, phrase).key
        if key is None:
            raise InvalidConfiguration(f"{path} holds no key")
        return key
    try:
        return load_pem_private_key(data, None if phrase is None else phrase.reveal().encode())
    except TypeError:
        if phrase is None:
            raise InvalidConfiguration(
                f"the key in {path} is encrypted, and no pass phrase is given"
            ) from None
        return read_key(path)
    except (ValueError, UnsupportedAlgorithm):
        raise InvalidConfiguration(
            f"{path} holds no key that can be read, or the pass phrase is wrong"
        ) from None


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise InvalidConfiguration(f"{path} cannot be opened") from None


def _pkcs12(path: Path, data: bytes, phrase: PassPhrase | None) -> Contents:
    """Read PKCS#12: first the certificate that belongs to the key, then the others."""
    try:
        found = pkcs12.load_pkcs12(data, None if phrase is None else phrase.reveal().encode())
        bags = ([found.cert] if found.cert else []) + found.additional_certs
        chain = tuple(Certificate.of(bag.certificate) for bag in bags)
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion):
        raise InvalidConfiguration(
            f"{path} is neither PEM nor PKCS#12 that can be read, or the pass phrase is wrong."
            " OpenSSL may still read it: make PEM of it with openssl pkcs12"
        ) from None
    if not chain:
        raise InvalidConfiguration(f"{path} holds no certificate")
    return Contents(chain, found.key)


def in_order(chain: Sequence[Certificate]) -> tuple[Certificate, ...]:
    """Return the chain of the first certificate: after each certificate comes its issuer."""
    ordered, left = [chain[0]], list(chain[1:])
    while issuer := next((each for each in left if issued(each, ordered[-1])), None):
        left.remove(issuer)
        ordered.append(issuer)
    return tuple(ordered)


def issued(authority: Certificate, certificate: Certificate) -> bool:
    """Whether the authority's key signed the certificate.

    Some signatures, such as those with SHA-1, are too weak to be verified, and `cryptography` cannot parse
    every certificate. Then the names decide, so that the certificate has its place in the chain.
    """
    try:
        certificate.parsed().verify_directly_issued_by(authority.parsed())
    except InvalidSignature:
        return False
    except Exception:  # noqa: BLE001 - also its warnings, and a key of a kind that certifies nothing
        return certificate.issuer.resembles(authority.subject)
    return True


@contextmanager
def as_pem(path: Path, phrase: PassPhrase | None) -> Iterator[tuple[Path, PassPhrase]]:
    """Write a PKCS#12 file as PEM for a moment, because OpenSSL's contexts load from files only.

    Only this user can read the file (0600), its key is encrypted with random words that are written nowhere,
    and it is removed at the end. Raises InvalidConfiguration.
    """
    contents = read_certificates(path, phrase)
    if contents.key is None:
        raise InvalidConfiguration(f"{path} holds no key")
    words = PassPhrase(secrets.token_urlsafe(32))
    handle, name = tempfile.mkstemp(prefix="movehub-", suffix=".pem")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(
                contents.key.private_bytes(
                    Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(words.reveal().encode())
                )
            )
            file.writelines(each.as_pem() for each in in_order(contents.chain))
        yield Path(name), words
    finally:
        os.unlink(name)
