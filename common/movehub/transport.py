"""One document out, one document back, over HTTPS with a certificate on either side.

Regulation (EU) 2016/68 and (EU) 2016/480, Annex V (HTTPS, certificates); Annex VI, 1.6 of the first and
1.5.2 of the second (20 seconds in all). An error says whether the message left: see `errors`.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import NO_CONTENT, OK, REQUEST_TIMEOUT, TOO_MANY_REQUESTS
from typing import Final, Protocol

from .certificate_watch import WatchedCertificate
from .certificates import Credentials, client_context
from .deadline import DeadlineSocket, Progress, deadline
from .errors import (
    CertificateRefused,
    HttpRefused,
    HubNotTrusted,
    HubUnreachable,
    InvalidConfiguration,
    MovehubError,
    NotSent,
    OutcomeUnknown,
    TooManyRequests,
    TransportError,
)
from .gate import DEFAULT_LIMIT

#: 2016/68 Annex VI, 1.6 and 2016/480 Annex VI, 1.5.2: how long a requester may wait in all, in seconds.
LONGEST_WAIT: Final = 20.0
#: How long a connection may take by default, of these.
CONNECT_WAIT: Final = 5.0

#: Statuses that say a document was taken.
_TAKEN: Final = frozenset(range(200, 300))

#: What a peer's TLS alert says of our certificate.
_ALERTS: Final = {
    "CERTIFICATE_REQUIRED": "it asks for a certificate and none was presented",
    "HANDSHAKE_FAILURE": "it asks for a certificate and none was presented, or no cipher is common",
    "UNKNOWN_CA": "the certificate is from an authority that it does not know",
    "CERTIFICATE_EXPIRED": "the certificate has expired",
    "CERTIFICATE_REVOKED": "the certificate is revoked",
    "CERTIFICATE_UNKNOWN": "the certificate is not accepted",
    "BAD_CERTIFICATE": "the certificate cannot be used",
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

    @classmethod
    def of(cls, connect: float | None, total: float | None) -> Timeouts:
        """Return both, the connection's no longer than the whole."""
        whole = LONGEST_WAIT if total is None else total
        return cls(min(CONNECT_WAIT, whole) if connect is None else connect, whole)

    def __post_init__(self) -> None:
        if not 0 < self.connect <= self.total <= LONGEST_WAIT:
            raise InvalidConfiguration(f"deadlines must be positive, and {LONGEST_WAIT:g} s at most in all")


class HttpsTransport:
    """Posts documents to one URL. Use it as a context manager, or `close` it.

    With `Credentials` it takes up renewed files by itself: see `certificate_watch`.
    """

    def __init__(
        self,
        url: str,
        credentials: Credentials | ssl.SSLContext,
        *,
        timeouts: Timeouts | None = None,
        limit: int = DEFAULT_LIMIT,
        content_type: str = "application/xml; charset=utf-8",
    ) -> None:
        from . import connection  # `requests` takes its time, and not everybody sends

        if not connection.is_address(url):
            raise InvalidConfiguration(
                "the hub's address must be https://host/path, without a name or password"
            )
        self._unusable = connection.UNUSABLE
        #: Where documents are posted to.
        self.url: Final = url
        self._limit = limit
        self._timeouts = timeouts or Timeouts()
        self._headers = {"Content-Type": content_type, "Accept": "application/xml, text/xml"}
        self._headers["Accept-Encoding"] = "identity"  # what is packed can unpack to more than the limit
        if isinstance(credentials, ssl.SSLContext):
            given = _checked(credentials)
            self._session = connection.session(lambda: given)
        else:
            self._session = connection.session(WatchedCertificate(credentials, _client_context))

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
        return self._exchanged(data, frozenset({OK}))

    def deliver(self, data: bytes) -> bytes:
        """Hand one document over, as the asynchronous interface does, and return what came back, if anything.

        Any status of success will do (Annex III, 1.1: the answer comes on a connection of its own). Raises as
        `post` does.
        """
        return self._exchanged(data, _TAKEN)

    def _exchanged(self, data: bytes, success: frozenset[int]) -> bytes:
        with deadline(self._timeouts.total) as progress:
            try:
                return self._post(data, success)
            except MovehubError:
                raise
            except Exception as error:  # noqa: BLE001 - a peer can make `requests` raise ValueErrors
                explained = _explained(error, progress, self._unusable)
        raise explained  # outside: the other error holds the document and must not come along

    def _post(self, data: bytes, success: frozenset[int]) -> bytes:
        waits = (self._timeouts.connect, self._timeouts.total)
        with self._session.posted(self.url, data, self._headers, waits) as response:
            status = response.status_code
            if status == TOO_MANY_REQUESTS:
                raise TooManyRequests(status)
            if 400 <= status < 500 and status != REQUEST_TIMEOUT:
                raise HttpRefused(status)
            if status not in success:
                raise OutcomeUnknown(f"answered with HTTP status {status}", status=status)
            if status != NO_CONTENT and not _says_its_length(response.headers):
                raise OutcomeUnknown("the answer does not say how long it is, so it may have been cut off")
            body = bytearray()
            for chunk in response.iter_content(65536):
                body += chunk
                if len(body) > self._limit:
                    raise OutcomeUnknown(f"the answer is longer than the limit of {self._limit} bytes")
            return bytes(body)


def _says_its_length(headers: Mapping[str, str]) -> bool:
    """Whether the end of an answer can be told from the end of its connection.

    To `http.client` a head that was cut off is one that ended, and then nothing is left to say that the rest
    is missing.
    """
    chunked = headers.get("Transfer-Encoding", "").lower().endswith("chunked")
    return chunked or headers.get("Content-Length", "").isdigit()


def _client_context(credentials: Credentials) -> ssl.SSLContext:
    return _checked(client_context(credentials))


def _checked(context: ssl.SSLContext) -> ssl.SSLContext:
    """Make the context's sockets keep the deadline. Raises InvalidConfiguration if it does not verify."""
    if context.verify_mode != ssl.CERT_REQUIRED or not context.check_hostname:
        raise InvalidConfiguration("the TLS context must verify the hub's certificate and its name")
    context.sslsocket_class = DeadlineSocket
    return context


def _explained(error: Exception, progress: Progress, unusable: tuple[type[Exception], ...]) -> TransportError:
    """Tell what a failure means, by what TLS objected to and by whether anything had left."""
    objection = progress.objection
    if isinstance(objection, ssl.SSLCertVerificationError) and progress.sent == 0:
        return HubNotTrusted("the hub's certificate does not verify against the configured authority")
    reason = (objection.reason or "") if objection else ""
    alert = next((text for name, text in _ALERTS.items() if name in reason), None)
    if alert is not None and progress.shook_hands and progress.received == 0:
        return CertificateRefused(f"the hub refused the connection: {alert}")
    if isinstance(error, unusable):
        return NotSent("the configured address or content type cannot be used")
    if progress.sent == 0:
        return HubUnreachable("no connection to the hub")
    return OutcomeUnknown("the connection ended, or the time was up, before an answer came")
