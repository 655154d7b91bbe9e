"""One document out, one document back, over HTTPS with a certificate on either side.

Regulation (EU) 2016/68 and (EU) 2016/480, Annex V (HTTPS, certificates); Annex VI, 1.6 of the first and
1.5.2 of the second (20 seconds in all). An error says whether the message left: see `errors`.

What it means that a connection failed: what TLS objected to, and whether anything had left.

Regulation (EU) 2016/68, Annex VI, 1.9 (a); (EU) 2016/480, Annex VI, 1.7 (a). An error names host, port and
what kept us from them, by its kind; never the text of another, which may hold what was sent.
"""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from errno import errorcode
from http.client import OK, REQUEST_TIMEOUT, TOO_MANY_REQUESTS
from typing import Final, Protocol
from urllib.parse import urlsplit

from movehub.protocol.message import DEFAULT_LIMIT
from movehub.errors import (
    CertificateRefused,
    HttpRefused,
    HubNotTrusted,
    HubUnreachable,
    InvalidConfiguration,
    MovehubError,
    OutcomeUnknown,
    TooManyRequests,
    TransportError,
)
from movehub.http.deadline import DeadlineSocket, Progress, deadline
from movehub.http_answer import TooLong
from movehub.tls.credentials import Credentials, client_context
from movehub.tls.reload import Contexts, WatchedCertificate

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

#: OpenSSL's numbers (x509_vfy.h) for a certificate of another host or address, and of another day.
_OF_THE_NAME: Final = frozenset({62, 64})
_OF_THE_DAY: Final = {
    9: "is not valid yet, or the clock here is slow",
    10: "has expired, or the clock here is fast",
}

#: What keeps a connection from being made.
_OBSTACLES: Final[dict[type[Exception], str]] = {
    socket.gaierror: "there is no host of this name, or no name service",
    ConnectionRefusedError: "nobody listens there",
    TimeoutError: "it does not answer in time",
    ConnectionResetError: "the other side hung up",
    ssl.SSLEOFError: "the other side hung up",
}


#: 2016/68 Annex VI, 1.6 and 2016/480 Annex VI, 1.5.2: how long a requester may wait in all, in seconds.
LONGEST_WAIT: Final = 20.0
#: How long a connection may take by default, of these.
CONNECT_WAIT: Final = 5.0

#: Statuses that say a document was taken.
_TAKEN: Final = frozenset(range(200, 300))


@dataclass(frozen=True, slots=True)
class CalledHub:
    """The hub at one address: the name that its certificate has to carry, and host and port."""

    name: str
    place: str

    @classmethod
    def at(cls, url: str) -> CalledHub:
        """Return the hub at an address that can work: see `settings_file.address`."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        return cls(host, f"{f'[{host}]' if ':' in host else host}:{parts.port or 443}")

    def explained(self, progress: Progress, error: OSError | ValueError) -> TransportError:
        """Tell what a failure means, by what TLS objected to and by whether anything had left."""
        objection = progress.objection
        if isinstance(objection, ssl.SSLCertVerificationError) and progress.sent == 0:
            return HubNotTrusted(_distrust(objection, self.name))
        reason = (objection.reason or "") if objection else ""
        alert = next((text for name, text in _ALERTS.items() if name in reason), None)
        if alert is not None and progress.shook_hands and progress.received == 0:
            return CertificateRefused(f"the hub refused the connection: {alert}")
        if progress.sent == 0:
            return HubUnreachable(f"no connection to the hub at {self.place}: {_obstacle(error)}")
        return OutcomeUnknown("the connection ended, or the time was up, before an answer came")


def _distrust(objection: ssl.SSLCertVerificationError, name: str) -> str:
    """Return why a certificate does not verify, from the number that OpenSSL has for it."""
    if objection.verify_code in _OF_THE_NAME:
        return f"the hub's certificate is good, but not for the name in the address, {name}"
    if objection.verify_code in _OF_THE_DAY:
        return f"the hub's certificate {_OF_THE_DAY[objection.verify_code]}"
    return "the hub's certificate does not verify against the configured authority"


def _obstacle(error: OSError | ValueError) -> str:
    """Return what kept a connection from being made: a kind of error, and never its text."""
    for kind, meaning in _OBSTACLES.items():
        if isinstance(error, kind):
            return meaning
    number = error.errno if isinstance(error, OSError) and not isinstance(error, ssl.SSLError) else None
    return errorcode.get(number or 0) or "it does not speak TLS, or ended the handshake"


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
        from movehub.https_client import HttpsClient, is_address  # it takes its time, and not everybody sends

        if not is_address(url):
            raise InvalidConfiguration(
                "the hub's address must be https://host/path, without a name or password"
            )
        #: Where documents are posted to.
        self.url: Final = url
        self._limit = limit
        self._timeouts = timeouts or Timeouts()
        headers = {"Content-Type": content_type, "Accept": "application/xml, text/xml"}
        headers["Accept-Encoding"] = "identity"  # what is packed can unpack to more than the limit
        if isinstance(credentials, ssl.SSLContext):
            given = _checked(credentials)
            contexts: Contexts = lambda: given  # noqa: E731 - it is given like the other
        else:
            contexts = WatchedCertificate(credentials, _client_context)
        self._hub = CalledHub.at(url)
        try:
            self._client = HttpsClient(url, headers, contexts)
        except ValueError:
            raise InvalidConfiguration("the address or content type cannot be sent") from None

    def __enter__(self) -> HttpsTransport:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

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
            except (OSError, ValueError) as error:
                explained = self._hub.explained(progress, error)
        raise explained  # outside: the other error holds the document and must not come along

    def _post(self, data: bytes, success: frozenset[int]) -> bytes:
        with self._client.posted(data, self._timeouts.connect) as answer:
            status = answer.status
            if status == TOO_MANY_REQUESTS:
                raise TooManyRequests(status)
            if 400 <= status < 500 and status != REQUEST_TIMEOUT:
                raise HttpRefused(status)
            if status not in success:
                raise OutcomeUnknown(f"answered with HTTP status {status}", status=status)
            if not answer.says_its_length:
                raise OutcomeUnknown("the answer does not say how long it is, so it may have been cut off")
            try:
                return answer.body(self._limit)
            except TooLong:
                too_long = OutcomeUnknown(f"the answer is longer than the limit of {self._limit} bytes")
            raise too_long


def _client_context(credentials: Credentials) -> ssl.SSLContext:
    return _checked(client_context(credentials))


def _checked(context: ssl.SSLContext) -> ssl.SSLContext:
    """Make the context's sockets keep the deadline. Raises InvalidConfiguration if it does not verify."""
    if context.verify_mode != ssl.CERT_REQUIRED or not context.check_hostname:
        raise InvalidConfiguration("the TLS context must verify the hub's certificate and its name")
    context.sslsocket_class = DeadlineSocket
    return context
