"""TLS contexts: whom we trust and who we are.

Regulation (EU) 2016/68 and (EU) 2016/480, Annex V: HTTPS with certificates of the Commission's own
infrastructure. So the trust store holds the configured authority and nothing else; the public authorities
of the operating system are never loaded.

A pass phrase that shows itself to nobody: not in a log, a `repr`, a traceback or a pickle.

Certificates and keys as they lie in files: PEM, and PKCS#12, which OpenSSL's contexts do not read.

What is wrong with a file is an InvalidConfiguration that names the file and never quotes it.
"""

from __future__ import annotations

import os
import secrets
import ssl
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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

#: Stands where the words would.
_HIDDEN = "‹secret›"


class PassPhrase:
    """Holds the words that unlock a key. `reveal` is the only way to them; nothing else shows them."""

    __slots__ = ("_words",)

    def __init__(self, words: str) -> None:
        self._words = words

    @classmethod
    def read(cls, path: Path, *, named: str = "the file of the pass phrase") -> PassPhrase:
        """Read a file's one line; the line's end is no part of it.

        Raises InvalidConfiguration that calls the file what it is `named`.
        """
        try:
            words = decoded(path.read_bytes())
        except OSError:
            words = None
        if words is None:  # outside: the error of a decoder holds the file
            raise InvalidConfiguration(f"{named} cannot be read: {path}")
        return cls(words.strip("\r\n"))

    def reveal(self) -> str:
        """Return the words. Use them where they stand: a variable that holds them shows in a traceback."""
        return self._words

    def __repr__(self) -> str:
        return _HIDDEN

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PassPhrase) and other._words == self._words

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> str:
        raise TypeError("a pass phrase is never written down")


@dataclass(frozen=True, slots=True)
class Credentials:
    """The files of one party: its certificate chain, its key, and the authority that it trusts.

    They are PEM. Chain and key may also be one file of PKCS#12, which then stands for both; the chain is put
    into order. The words that unlock the key are in `password`, or in `password_file`, which is read whenever
    the key is.
    """

    certificate: Path
    key: Path
    authority: Path
    password: str | None = field(default=None, repr=False)
    password_file: Path | None = None

    def pass_phrase(self) -> PassPhrase | None:
        """Return what unlocks the key, None where nothing is given. Raises InvalidConfiguration."""
        if self.password_file is not None:
            return PassPhrase.read(self.password_file)
        return None if self.password is None else PassPhrase(self.password)


def is_pem(data: bytes) -> bool:
    """Whether the bytes of a file are PEM; else they are taken for PKCS#12."""
    return b"-----BEGIN " in data


def client_context(credentials: Credentials) -> ssl.SSLContext:
    """Return the context of one who calls. Raises InvalidConfiguration where a file cannot be used."""
    return _loaded(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), credentials)


def server_context(credentials: Credentials) -> ssl.SSLContext:
    """Return the context of one who is called: a client without a certificate is refused."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.verify_mode = ssl.CERT_REQUIRED
    return _loaded(context, credentials)


def _loaded(context: ssl.SSLContext, credentials: Credentials) -> ssl.SSLContext:
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_verify_locations(cafile=credentials.authority)
    except ssl.SSLError:
        raise InvalidConfiguration(f"authority: {credentials.authority} cannot be read as PEM") from None
    except OSError:
        raise InvalidConfiguration(f"authority: {credentials.authority} cannot be opened") from None
    phrase = credentials.pass_phrase()
    try:
        if is_pem(credentials.certificate.read_bytes()):
            # An encrypted key without a password must fail, not ask on a terminal that nobody watches.
            words = (lambda: "") if phrase is None else phrase.reveal
            context.load_cert_chain(credentials.certificate, credentials.key, words)
        else:
            _load_pkcs12(context, credentials.certificate, phrase)
    except (OSError, ValueError):
        from movehub.tls.checks import why_unusable  # it takes its time

        raise InvalidConfiguration(why_unusable(credentials)) from None
    return context


def _load_pkcs12(context: ssl.SSLContext, path: Path, phrase: PassPhrase | None) -> None:
    from movehub.tls.credentials import as_pem

    with as_pem(path, phrase) as (file, words):
        context.load_cert_chain(file, password=words.reveal)


@dataclass(frozen=True, slots=True)
class Contents:
    """What a file of certificates holds: the chain in the file's own order, and the key where it is there."""

    chain: tuple[x509.Certificate, ...]
    key: PrivateKeyTypes | None = None


def read_certificates(path: Path, phrase: PassPhrase | None = None) -> Contents:
    """Read a file of certificates, PEM or PKCS#12. The key of a PEM file is left where it is.

    Raises InvalidConfiguration.
    """
    data = _bytes(path)
    if not is_pem(data):
        return _pkcs12(path, data, phrase)
    try:
        return Contents(tuple(x509.load_pem_x509_certificates(data)))
    except ValueError:
        raise InvalidConfiguration(f"{path} holds no certificate that can be read as PEM") from None


def read_key(path: Path, phrase: PassPhrase | None = None) -> PrivateKeyTypes:
    """Read a private key, PEM or PKCS#12. Raises InvalidConfiguration."""
    data = _bytes(path)
    if not is_pem(data):
        key = _pkcs12(path, data, phrase).key
        if key is None:
            raise InvalidConfiguration(f"{path} holds no key")
        return key
    try:
        return load_pem_private_key(data, None if phrase is None else phrase.reveal().encode())
    except TypeError:
        told = "is encrypted, and no pass phrase is given" if phrase is None else "is not encrypted at all"
        raise InvalidConfiguration(f"the key in {path} {told}") from None
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
    """Read PKCS#12: the certificate that has the key first, the others as they come."""
    try:
        found = pkcs12.load_pkcs12(data, None if phrase is None else phrase.reveal().encode())
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise InvalidConfiguration(
            f"{path} is neither PEM nor PKCS#12 that can be read, or the pass phrase is wrong"
        ) from None
    bags = ([found.cert] if found.cert else []) + found.additional_certs
    if not bags:
        raise InvalidConfiguration(f"{path} holds no certificate")
    return Contents(tuple(bag.certificate for bag in bags), found.key)


def in_order(chain: Sequence[x509.Certificate]) -> tuple[x509.Certificate, ...]:
    """Return the chain of the first certificate: behind each the one that issued it, as far as it goes."""
    ordered, left = [chain[0]], list(chain[1:])
    while issuer := next((each for each in left if issued(each, ordered[-1])), None):
        left.remove(issuer)
        ordered.append(issuer)
    return tuple(ordered)


def issued(authority: x509.Certificate, certificate: x509.Certificate) -> bool:
    """Whether one certificate was signed with the key of the other, by its name.

    A signature too weak to be verified at all, such as one with SHA-1, counts by the names: the certificate
    is refused for its signature, and has its place in the chain.
    """
    try:
        certificate.verify_directly_issued_by(authority)
    except (UnsupportedAlgorithm, ValueError):  # names that differ are a ValueError, too
        return certificate.issuer == authority.subject
    except (TypeError, InvalidSignature):
        return False
    return True


@contextmanager
def as_pem(path: Path, phrase: PassPhrase | None) -> Iterator[tuple[Path, PassPhrase]]:
    """Lay a PKCS#12 file out as PEM for a moment: OpenSSL's contexts load from files alone.

    The file is this user's only (0600), its key is encrypted with words that are made for it and written
    nowhere, and it is removed at the end. Raises InvalidConfiguration.
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
            file.writelines(each.public_bytes(Encoding.PEM) for each in in_order(contents.chain))
        yield Path(name), words
    finally:
        os.unlink(name)
