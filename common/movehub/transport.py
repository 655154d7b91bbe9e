"""One document out, one document back, over HTTPS with a certificate on either side.

Regulation (EU) 2016/68 and (EU) 2016/480, Annex V (HTTPS, certificates); Annex VI, 1.6 of the first and
1.5.2 of the second (20 seconds in all). An error says whether the message left: see `errors`.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from typing import Any, Final, Protocol

import requests
import urllib3
from requests.adapters import HTTPAdapter

from .certificates import Credentials, client_context
from .deadline import DeadlineSocket, Progress, deadline
from .errors import (
    CertificateRefused,
    HttpRefused,
    HubNotTrusted,
    HubUnreachable,
    InvalidConfiguration,
    OutcomeUnknown,
    TransportError,
)
from .gate import DEFAULT_LIMIT

#: 2016/68 Annex VI, 1.6 and 2016/480 Annex VI, 1.5.2: how long a requester may wait in all, in seconds.
LONGEST_WAIT: Final = 20.0
#: How long a connection may take by default, of these.
CONNECT_WAIT: Final = 5.0

#: What a peer's TLS alert says of our certificate.
_ALERTS: Final = {
    "CERTIFICATE_REQUIRED": "it asks for a certificate and none was presented",
    "HANDSHAKE_FAILURE": "it asks for a certificate and none was presented, or no cipher is common",
    "UNKNOWN_CA": "the certificate is from an authority that it does not know",
    "CERTIFICATE_EXPIRED": "the certificate has expired",
    "CERTIFICATE_REVOKED": "the certificate is revoked",
    "CERTIFICATE_UNKNOWN": "the certificate is not accepted",
    "BAD_CERTIFICATE": "the certificate can not be used",
    "UNSUPPORTED_CERTIFICATE": "the certificate is of a kind that it does not take",
    "ACCESS_DENIED": "the certificate is good, but not let in",
}


class Transport(Protocol):
    """Whatever carries a document to the other side and brings back its answer."""

    def post(self, data: bytes) -> bytes:
        """Return the answer. Raises TransportError."""
        ...


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to connect and in all. Raises InvalidConfiguration beyond the law's 20."""

    connect: float = CONNECT_WAIT
    total: float = LONGEST_WAIT

    def __post_init__(self) -> None:
        if not 0 < self.connect <= self.total <= LONGEST_WAIT:
            raise InvalidConfiguration(f"deadlines must be positive, and {LONGEST_WAIT:g} s at most in all")


class _Adapter(HTTPAdapter):
    """Uses one context for every connection, and leaves it as it was given.

    `requests` would add the public authorities that it ships to any context (`cert_verify`), so that a
    certificate bought on the street would pass for the hub's.
    """

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=self._context, **kwargs)

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Verify by the context alone."""

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        host, _ = super().build_connection_pool_key_attributes(request, verify, cert)
        return host, {"ssl_context": self._context}


def adapter(context: ssl.SSLContext) -> HTTPAdapter:
    """Return what lets a session of `requests` trust one context and nothing else."""
    return _Adapter(context)


class HttpsTransport:
    """Posts documents to one URL. Use it as a context manager, or `close` it."""

    def __init__(
        self,
        url: str,
        credentials: Credentials | ssl.SSLContext,
        *,
        timeouts: Timeouts | None = None,
        limit: int = DEFAULT_LIMIT,
        content_type: str = "application/xml; charset=utf-8",
    ) -> None:
        if not url.startswith("https://"):
            raise InvalidConfiguration("the hub's address must begin with https://")
        context = credentials if isinstance(credentials, ssl.SSLContext) else client_context(credentials)
        if context.verify_mode != ssl.CERT_REQUIRED or not context.check_hostname:
            raise InvalidConfiguration("the TLS context must verify the hub's certificate and its name")
        context.sslsocket_class = DeadlineSocket
        self._url = url
        self._limit = limit
        self._timeouts = timeouts or Timeouts()
        self._headers = {"Content-Type": content_type, "Accept": "application/xml, text/xml"}
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.mount("https://", adapter(context))

    def __enter__(self) -> HttpsTransport:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def post(self, data: bytes) -> bytes:
        """Send one document and return the body of the answer.

        Raises NotSent (and its kinds), HttpRefused or OutcomeUnknown.
        """
        with deadline(self._timeouts.total) as progress:
            try:
                return self._post(data)
            except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
                raise _explained(error, progress) from None

    def _post(self, data: bytes) -> bytes:
        waits = (self._timeouts.connect, self._timeouts.total)
        with self._session.post(
            self._url, data=data, headers=self._headers, timeout=waits, allow_redirects=False, stream=True
        ) as response:
            if 400 <= response.status_code < 500:
                raise HttpRefused(response.status_code)
            if response.status_code != 200:
                raise OutcomeUnknown(f"answered with HTTP status {response.status_code}")
            body = bytearray()
            for chunk in response.iter_content(65536):
                body += chunk
                if len(body) > self._limit:
                    raise OutcomeUnknown(f"the answer is longer than the limit of {self._limit} bytes")
            return bytes(body)


def _explained(error: Exception, progress: Progress) -> TransportError:
    """Tell what a failure means, by its cause and by whether anything had left."""
    cause = _tls_cause(error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return HubNotTrusted("the hub's certificate does not verify against the configured authority")
    alert = (
        next((text for name, text in _ALERTS.items() if name in (cause.reason or "")), None)
        if cause
        else None
    )
    if alert is not None:
        return CertificateRefused(f"the hub refused the connection: {alert}")
    if progress.sent == 0:
        return HubUnreachable("no connection to the hub")
    return OutcomeUnknown("the connection ended, or the time was up, before an answer came")


def _tls_cause(error: BaseException | None) -> ssl.SSLError | None:
    """Find the TLS error that lies beneath what `requests` and `urllib3` made of it."""
    seen: set[int] = set()
    todo: list[BaseException | None] = [error]
    while todo:
        current = todo.pop()
        if current is None or id(current) in seen:
            continue
        if isinstance(current, ssl.SSLError):
            return current
        seen.add(id(current))
        todo += [current.__cause__, current.__context__, getattr(current, "reason", None)]
        todo += [argument for argument in current.args if isinstance(argument, BaseException)]
    return None
