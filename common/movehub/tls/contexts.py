"""TLS contexts: the authority that this system trusts, and its own certificate.

Regulation (EU) 2016/68 and (EU) 2016/480, Annex V: HTTPS with certificates of the Commission's own
infrastructure. So a context trusts the configured authority and no other. The public authorities of the
operating system are never loaded.
"""

from __future__ import annotations

import ssl

from movehub.errors import InvalidConfiguration
from movehub.tls.checks import refuse_weak, why_unusable
from movehub.tls.credentials import Credentials, as_pem, is_pem
from movehub.tls.revocation import Context, load_lists


def client_context(credentials: Credentials) -> ssl.SSLContext:
    """Return the context of a client. Raises InvalidConfiguration if a file cannot be used."""
    context = Context(ssl.PROTOCOL_TLS_CLIENT)
    prepare_client(context)
    return _loaded(context, credentials)


def prepare_client(context: ssl.SSLContext) -> None:
    """Set how a client presents its certificate, and how it checks the hub's name.

    IIS asks for the certificate of a client after the request, unless it is configured otherwise. With TLS
    1.3 a client must offer that. A name counts only as an alternative name (RFC 9525), not as the common
    name.
    """
    context.post_handshake_auth = True
    context.hostname_checks_common_name = False


def server_context(credentials: Credentials) -> ssl.SSLContext:
    """Return the context of a server, which rejects a client without a certificate. Raises as the other."""
    context = Context(ssl.PROTOCOL_TLS_SERVER)
    context.verify_mode = ssl.CERT_REQUIRED
    return _loaded(context, credentials)


def _loaded(context: Context, credentials: Credentials) -> ssl.SSLContext:
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.refused = credentials.refused
    _trust(context, credentials)
    _load_own(context, credentials)
    refuse_weak(credentials)
    return context


def _trust(context: ssl.SSLContext, credentials: Credentials) -> None:
    """Load the authority, and the lists of what it has revoked."""
    try:
        context.load_verify_locations(cafile=credentials.authority)
    except ssl.SSLError:
        raise InvalidConfiguration(f"authority: {credentials.authority} cannot be read as PEM") from None
    except OSError:
        raise InvalidConfiguration(f"authority: {credentials.authority} cannot be opened") from None
    if credentials.crl is None:
        return
    try:
        load_lists(context, credentials.crl)
    except InvalidConfiguration as error:
        raise InvalidConfiguration(f"crl: {error.reason}") from None


def _load_own(context: ssl.SSLContext, credentials: Credentials) -> None:
    """Load the own certificate and its key."""
    phrase = credentials.pass_phrase()
    try:
        if is_pem(credentials.certificate.read_bytes()):
            # Without words, OpenSSL would ask for them on a terminal.
            words = (lambda: "") if phrase is None else phrase.reveal
            context.load_cert_chain(credentials.certificate, credentials.key, words)
        else:
            with as_pem(credentials.certificate, phrase) as (file, made):
                context.load_cert_chain(file, password=made.reveal)
    except (OSError, ValueError):
        raise InvalidConfiguration(why_unusable(credentials)) from None
