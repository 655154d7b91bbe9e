"""Access control: only peers whose certificate is configured may send messages.

Regulation (EU) 2016/68 and (EU) 2016/480, Annex V, 2. A valid certificate is not enough: the same authority
may issue those of other Member States. A certificate is configured by its subject or its fingerprint. Behind
a proxy either is read from a header, and only if the request comes from a configured address.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from movehub.errors import InvalidConfiguration, PeerNotAllowed
from movehub.http.endpoint import Endpoint, StartResponse, refused
from movehub.http.proxy import Proxy
from movehub.log_limit import limited
from movehub.protocol.message import DEFAULT_LIMIT
from movehub.tls.certificate import certificates_in
from movehub.tls.names import Name
from movehub.tls.revocation import fingerprint, is_hex

_LOG = limited(__name__)

#: Characters of a subject that a log shows.
_SHOWN: Final = 500


@dataclass(frozen=True, slots=True)
class Peer:
    """A caller: its name in logs and records (only printable ASCII), and what may be in the configuration."""

    name: str
    marks: frozenset[Name | str] = frozenset()


_NOBODY: Final = Peer("missing")


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
        self._allowed = frozenset(mark(each) for each in allowed_subjects)
        self._proxy = proxy
        self._limit = limit
        # Reading a certificate takes longer than reading a message.
        self._read = lru_cache(maxsize=64)(_in_certificate if proxy is None else _in_header)
        if not self._allowed:
            raise InvalidConfiguration("allowed_subjects must name at least one certificate subject")

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        peer = self._peer(environ)
        # Before the body is read: a stranger could send it slowly.
        if not self._allowed & peer.marks:
            _LOG.warning(
                "rejected a client at %r: its certificate, %s, is not in allowed_subjects",
                environ.get("REMOTE_ADDR", ""),
                _told(peer),
            )
            refusal = PeerNotAllowed("the subject of the certificate is not in allowed_subjects")
            return refused(refusal, start_response)
        return Endpoint(lambda data: self._accept(data, peer.name), limit=self._limit)(
            environ, start_response
        )

    def _peer(self, environ: dict[str, Any]) -> Peer:
        if self._proxy is None:
            return self._read(environ.get("SSL_CLIENT_CERT", ""))
        if not self._proxy.calls_from(environ.get("REMOTE_ADDR", "")):
            return _NOBODY  # any other sender may have invented the header
        return self._read(environ.get(self._proxy.variable, ""))


def mark(text: str) -> Name | str:
    """Return the subject or the SHA-256 fingerprint that a text is. Raises InvalidConfiguration.

    A subject is written as `openssl x509 -subject -nameopt rfc2253` prints it, such as `CN=hub,C=BE`.
    """
    if "=" not in text and is_hex(text.replace(":", "").lower()) and text:
        return fingerprint(text)
    with suppress(ValueError):
        return Name.of_text(text)
    raise InvalidConfiguration(
        "a certificate subject must be written like CN=hub,O=name,C=BE, as `openssl x509 -subject -nameopt"
        " rfc2253` prints it, or be a SHA-256 fingerprint"
    )


def _in_certificate(pem: str) -> Peer:
    """Read a certificate that TLS has verified, if there is one."""
    with suppress(ValueError):
        for shown in certificates_in(pem.encode()):
            return Peer(str(shown), frozenset({shown.subject, shown.fingerprint}))
    return _NOBODY if not pem else Peer("a certificate that cannot be read")


def _in_header(value: str) -> Peer:
    """Read the header of a proxy. It may hold UTF-8, which WSGI passes on as if it were Latin-1."""
    with suppress(ValueError, InvalidConfiguration):
        found = mark(value.encode("latin-1").decode())
        return Peer(str(found), frozenset({found}))
    return Peer(ascii(value[:_SHOWN])[1:-1]) if value else _NOBODY


def _told(peer: Peer) -> str:
    """Return what a log shows: what you would configure to allow this peer."""
    fingerprints = [each for each in peer.marks if isinstance(each, str) and each != peer.name]
    return " or ".join((f"'{peer.name[:_SHOWN]}'", *fingerprints))
