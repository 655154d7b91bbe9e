"""TLS contexts: whom we trust and who we are.

Regulation (EU) 2016/68 and (EU) 2016/480, Annex V: HTTPS with certificates of the Commission's own
infrastructure. So the trust store holds the configured authority and nothing else; the public authorities
of the operating system are never loaded.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from pathlib import Path

from .errors import InvalidConfiguration


@dataclass(frozen=True, slots=True)
class Credentials:
    """The files of one party: its certificate chain, its key, and the authority that it trusts (all PEM)."""

    certificate: Path
    key: Path
    authority: Path
    password: str | None = field(default=None, repr=False)


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
    except (OSError, ssl.SSLError):
        raise InvalidConfiguration("the file of the trusted authority cannot be read as PEM") from None
    try:
        # An encrypted key without a password must fail, not ask on a terminal that nobody watches.
        context.load_cert_chain(credentials.certificate, credentials.key, lambda: credentials.password or "")
    except (OSError, ValueError):
        raise InvalidConfiguration(
            "the certificate or its key cannot be read as PEM, the password is wrong, or they are no pair"
        ) from None
    return context
