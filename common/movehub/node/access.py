"""Access control: only peers whose certificate has a configured subject may send messages.

Regulation (EU) 2016/68 and (EU) 2016/480, Annex V, 2. A valid certificate is not enough: the same authority
may issue those of other Member States. Behind a proxy the subject is read from a header, and only if the
request comes from a configured address.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, Final

from cryptography import x509

from movehub.errors import InvalidConfiguration, PeerNotAllowed
from movehub.http.endpoint import Endpoint, StartResponse, refused
from movehub.http.proxy import Proxy
from movehub.protocol.message import DEFAULT_LIMIT

_LOG = logging.getLogger(__name__)

_MISSING: Final = "missing"


class AccessControl:
    """A WSGI application that calls `accept(document, peer)` for peers with one of `allowed_subjects`."""

    def __init__(
        self,
        accept: Callable[[bytes, str], bytes],
        allowed_subjects: Iterable[str],
        *,
        proxy: Proxy | None = None,
        limit: int = DEFAULT_LIMIT,
    ) -> None:
        self._accept = accept
        self._allowed = frozenset(subject(each) for each in allowed_subjects)
        self._proxy = proxy
        self._limit = limit
        # Comparing names takes longer than reading a message.
        self._checked = lru_cache(maxsize=64)(self._check)
        if not self._allowed:
            raise InvalidConfiguration("allowed_subjects must name at least one certificate subject")

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        peer, is_allowed = self._peer(environ)
        # Before the body is read: a stranger could send it slowly.
        if not is_allowed:
            _LOG.warning(
                "rejected a client at %r: its certificate subject %r is not in allowed_subjects",
                environ.get("REMOTE_ADDR", ""),
                peer,
            )
            refusal = PeerNotAllowed("the subject of the certificate is not in allowed_subjects")
            return refused(refusal, start_response)
        return Endpoint(lambda data: self._accept(data, peer), limit=self._limit)(environ, start_response)

    def _peer(self, environ: dict[str, Any]) -> tuple[str, bool]:
        """Return the subject of a certificate, and whether it is allowed."""
        if self._proxy is None:
            return self._checked(environ.get("SSL_CLIENT_CERT", ""))
        if environ.get("REMOTE_ADDR") not in self._proxy.addresses:
            return _MISSING, False  # any other sender may have invented the header
        return self._checked(environ.get(self._proxy.variable, ""))

    def _check(self, presented: str) -> tuple[str, bool]:
        try:
            if self._proxy is not None:
                peer: x509.Name | None = subject(presented)
            else:  # a certificate that TLS has verified, if there is one
                peer = x509.load_pem_x509_certificate(presented.encode()).subject if presented else None
        except InvalidConfiguration:
            peer = None
        return (peer.rfc4514_string(), peer in self._allowed) if peer else (_MISSING, False)


def subject(text: str) -> x509.Name:
    """Return a subject as in RFC 4514, such as `CN=hub,C=BE`. Raises InvalidConfiguration."""
    try:
        name = x509.Name.from_rfc4514_string(text)
    except ValueError:
        name = None
    if not name:
        raise InvalidConfiguration("a certificate subject must be written like CN=hub,O=name,C=BE")
    return name
