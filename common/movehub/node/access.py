"""Who is let in: the certificates whose subject the configuration names, and nobody else.

Regulation (EU) 2016/68 and (EU) 2016/480, Annex V, 2. The same authority may issue the certificates of other
Member States, so that a good certificate alone does not make somebody the hub. Behind a proxy the subject is
read from a header, and only from addresses that are configured.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from typing import Any, Final

from cryptography import x509

from movehub.errors import InvalidConfiguration, PeerNotAllowed
from movehub.http.endpoint import Endpoint, StartResponse, refused
from movehub.http.proxy import Proxy
from movehub.protocol.message import DEFAULT_LIMIT

_LOG = logging.getLogger(__name__)

_MISSING: Final = "missing"


class Doors:
    """A WSGI application: `accept(document, peer)` for those who are let in."""

    def __init__(
        self,
        accept: Callable[[bytes, str], bytes],
        let_in: Iterable[str],
        *,
        proxy: Proxy | None = None,
        limit: int = DEFAULT_LIMIT,
    ) -> None:
        self._accept = accept
        self._let_in = frozenset(subject(each) for each in let_in)
        self._proxy = proxy
        self._limit = limit
        # To compare a name takes longer than to read its message.
        self._looked_at = lru_cache(maxsize=64)(self._is_let_in)
        if not self._let_in:
            raise InvalidConfiguration("let_in must name at least one certificate's subject")

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        who, is_let_in = self._peer(environ)
        # Before the body, with which a stranger could take his time.
        if not is_let_in:
            _LOG.warning(
                "a client at %r was not let in: the subject of its certificate, %r, is none of let_in",
                environ.get("REMOTE_ADDR", ""),
                who,
            )
            refusal = PeerNotAllowed("the certificate's subject is none of those let in")
            return refused(refusal, start_response)
        return Endpoint(partial(self._handled, who), limit=self._limit)(environ, start_response)

    def _handled(self, peer: str, data: bytes) -> bytes:
        return self._accept(data, peer)

    def _peer(self, environ: dict[str, Any]) -> tuple[str, bool]:
        """Return the name on a certificate, and whether it is let in."""
        if self._proxy is None:
            return self._looked_at(environ.get("SSL_CLIENT_CERT", ""))
        if environ.get("REMOTE_ADDR") not in self._proxy.addresses:
            return _MISSING, False  # whoever else sets the header has made it up
        return self._looked_at(environ.get(self._proxy.variable, ""))

    def _is_let_in(self, said: str) -> tuple[str, bool]:
        try:
            peer = _subject_of(said) if self._proxy is None else subject(said)
        except InvalidConfiguration:
            peer = None
        return (peer.rfc4514_string(), peer in self._let_in) if peer else (_MISSING, False)


def subject(text: str) -> x509.Name:
    """Return a subject written as in RFC 4514, such as `CN=hub,O=European Commission,C=BE`.

    Raises InvalidConfiguration where it is none.
    """
    try:
        name = x509.Name.from_rfc4514_string(text)
    except ValueError:
        name = None
    if not name:
        raise InvalidConfiguration("a certificate's subject must be written like CN=hub,O=name,C=BE")
    return name


def _subject_of(certificate: str) -> x509.Name | None:
    """Return the subject of a certificate that TLS has verified, None where there is none."""
    return x509.load_pem_x509_certificate(certificate.encode()).subject if certificate else None
