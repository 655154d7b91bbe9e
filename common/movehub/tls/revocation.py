"""Certificates that are refused before they end: lists of authorities, and fingerprints of your own choice.

A stolen key is useful to the thief until its certificate ends, or is refused here. A list is the file that
the authority publishes (CRL, RFC 5280, 5). OpenSSL reads it and decides.
"""

from __future__ import annotations

import base64
import logging
import os
import re
import ssl
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from movehub.errors import InvalidConfiguration
from movehub.tls.certificate import fingerprint_of
from movehub.tls.der import GENERALIZED_TIME, INTEGER, UTC_TIME, NotDer, read
from movehub.tls.names import Name

_LOG = logging.getLogger(__name__)

#: OpenSSL's number for a certificate that is revoked (x509_vfy.h).
REVOKED: Final = 23

_PEM: Final = re.compile(rb"-----BEGIN X509 CRL-----([A-Za-z0-9+/=\s]*)-----END X509 CRL-----")
_TIMES: Final = frozenset({UTC_TIME, GENERALIZED_TIME})
_SHA256, _SHA1 = 64, 40
_LINE: Final = 64


@dataclass(frozen=True, slots=True)
class RevocationList:
    """One list: the authority that published it, and when it ends. A list without an end has None."""

    der: bytes
    issuer: Name
    ends: datetime | None

    @classmethod
    def of_der(cls, data: bytes) -> RevocationList:
        """Read a list. Raises NotDer."""
        whole = read(data)
        parts = list(whole.parts()[:1][0].parts()) if whole.parts() else []
        if parts and parts[0].tag == INTEGER:
            del parts[0]
        if len(parts) < 3:
            raise NotDer("no revocation list")
        ends = parts[3].instant() if len(parts) > 3 and parts[3].tag in _TIMES else None
        return cls(whole.whole, Name.of_der(parts[1]), ends)


def read_lists(path: Path) -> tuple[RevocationList, ...]:
    """Return the lists in a file of PEM or DER. Raises InvalidConfiguration."""
    try:
        data = path.read_bytes()
    except OSError:
        raise InvalidConfiguration(f"{path} cannot be opened") from None
    try:
        ders = [base64.b64decode(each) for each in _PEM.findall(data)] or [data]
        return tuple(map(RevocationList.of_der, ders))
    except ValueError:
        raise InvalidConfiguration(f"{path} holds no revocation list that can be read (PEM or DER)") from None


def load_lists(context: ssl.SSLContext, path: Path) -> None:
    """Make a context refuse the peers that a list names. Raises InvalidConfiguration.

    OpenSSL loads lists only from files of PEM, and would also trust any certificate in such a file. So it
    gets a file with the lists alone. From then on it also refuses a peer whose authority has no list here, or
    only one that has ended. So a list that has ended is an error only if there is no other: it must not keep
    the new list of another authority from counting.
    """
    lists = read_lists(path)
    ended = [_ended(each, path) for each in lists if each.ends and each.ends < datetime.now(UTC)]
    if len(ended) == len(lists):
        raise InvalidConfiguration(ended[0])
    for each in ended:
        _LOG.warning("%s", each)
    handle, name = tempfile.mkstemp(prefix="movehub-", suffix=".pem")
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(map(_pem, lists))
        context.load_verify_locations(cafile=name)
    except ssl.SSLError:
        raise InvalidConfiguration(f"{path} holds a revocation list that OpenSSL cannot read") from None
    finally:
        os.unlink(name)
    context.verify_flags |= ssl.VerifyFlags.VERIFY_CRL_CHECK_LEAF


def _ended(each: RevocationList, path: Path) -> str:
    return f"the list of {each.issuer} in {path} ended on {each.ends:%Y-%m-%d %H:%M} UTC: get the new one"


def _pem(each: RevocationList) -> bytes:
    text = base64.b64encode(each.der)
    lines = [text[at : at + _LINE] for at in range(0, len(text), _LINE)]
    return b"\n".join([b"-----BEGIN X509 CRL-----", *lines, b"-----END X509 CRL-----", b""])


def fingerprint(text: str) -> str:
    """Return a SHA-256 fingerprint without colons, in small letters. Raises InvalidConfiguration."""
    digits = text.replace(":", "").lower()
    if len(digits) == _SHA1 and is_hex(digits):
        raise InvalidConfiguration("a SHA-1 fingerprint is too weak: use openssl x509 -fingerprint -sha256")
    if len(digits) != _SHA256 or not is_hex(digits):
        raise InvalidConfiguration(
            "a fingerprint has 64 hexadecimal digits (SHA-256), with or without colons"
        )
    return digits


def is_hex(text: str) -> bool:
    """Whether a text is of small hexadecimal digits alone."""
    return set(text) <= set("0123456789abcdef")


class Context(ssl.SSLContext):
    """A TLS context that can refuse certificates by their fingerprints."""

    refused: frozenset[str] = frozenset()


def refuse_peer(connection: ssl.SSLSocket) -> None:
    """Raise SSLCertVerificationError, as for a revoked certificate, if the peer's fingerprint is refused."""
    refused: Iterable[str] = getattr(connection.context, "refused", ())
    shown = connection.getpeercert(binary_form=True) if refused else None
    if shown is not None and fingerprint_of(shown) in refused:
        error = ssl.SSLCertVerificationError(1, "the fingerprint of the certificate is refused")
        error.verify_code = REVOKED
        error.verify_message = "its fingerprint is refused"
        raise error
