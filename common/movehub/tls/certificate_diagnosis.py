"""Why a certificate and its key cannot be used, in the words of `movehub cert check`.

And what is wrong today with one that can be loaded: a TLS stack presents an expired certificate and says
nothing; it is the other side that refuses it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Final

from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from movehub.errors import InvalidConfiguration
from movehub.protocol.rules import Level
from movehub.tls.certificate_chain import check, own_of
from movehub.tls.certificate_files import read_certificates, read_key
from movehub.tls.checks import Finding, Use, lapsed
from movehub.tls.credentials import Credentials

_ELSE: Final = "cannot be loaded, or they are no pair: see what `movehub cert check` says"


def why_unusable(credentials: Credentials) -> str:
    """Return which file of a party is wrong, and what is wrong with it; never what is in a key's file."""
    files = f"certificate {credentials.certificate}"
    if credentials.key != credentials.certificate:
        files += f", key {credentials.key}"
    setting = "certificate"
    try:
        contents = read_certificates(credentials.certificate, credentials.pass_phrase())
        setting = "key"
        key = contents.key or _key(credentials)
    except InvalidConfiguration as error:
        return f"{setting}: {error.reason}"
    refused = [each for each in check(contents, datetime.now(UTC), key=key) if each.level is Level.ERROR]
    return f"{files}: {' '.join(map(str, refused))}" if refused else f"{files}: {_ELSE}"


def _key(credentials: Credentials) -> PrivateKeyTypes:
    """Read the key. One that is not encrypted may have a pass phrase beside it: OpenSSL does not mind."""
    try:
        return read_key(credentials.key, credentials.pass_phrase())
    except InvalidConfiguration as error:
        said = error
    try:
        return read_key(credentials.key)
    except InvalidConfiguration:
        raise said from None


def refuse_lapsed(
    credentials: Credentials, now: datetime, uses: Collection[Use] = tuple(Use)
) -> tuple[Finding, ...]:
    """Refuse a certificate that is not valid now, and return all else that is wrong with it and its chain.

    Raises InvalidConfiguration. What it returns does not keep every peer from taking the certificate.
    """
    contents = read_certificates(credentials.certificate, credentials.pass_phrase())
    own = lapsed(own_of(contents.chain), now)
    if own is not None:
        raise InvalidConfiguration(f"certificate {credentials.certificate}: {own}")
    return check(contents, now, uses=uses)
