"""TLS contexts: whom we trust and who we are.

Regulation (EU) 2016/68 and (EU) 2016/480, Annex V: HTTPS with certificates of the Commission's own
infrastructure. So the trust store holds the configured authority and nothing else; the public authorities
of the operating system are never loaded.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from pathlib import Path

from movehub.errors import InvalidConfiguration
from movehub.tls.pass_phrase import PassPhrase


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
        from movehub.tls.certificate_diagnosis import why_unusable  # it takes its time

        raise InvalidConfiguration(why_unusable(credentials)) from None
    return context


def _load_pkcs12(context: ssl.SSLContext, path: Path, phrase: PassPhrase | None) -> None:
    from movehub.tls.certificate_files import as_pem

    with as_pem(path, phrase) as (file, words):
        context.load_cert_chain(file, password=words.reveal)
