"""One document out, one document back, over HTTPS with a certificate on either side.

Regulation (EU) 2016/68 and (EU) 2016/480, Annex V (HTTPS, certificates). 20 seconds in all: 2016/68, Annex
VI, 1.5; 2016/480, Annex VI, 1.5.2. No connection: 2016/68, Annex VI, 1.8 (a); 2016/480, Annex VI, 1.7 (a).

An error says whether the message left: see `movehub.errors`. It names host, port and the kind of the failure.
It never quotes the text of another error, which may hold the document.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from errno import errorcode
from http.client import OK, REQUEST_TIMEOUT, TOO_MANY_REQUESTS
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import urlsplit

from movehub.errors import (
    HTTP_HINTS,
    CertificateRefused,
    HttpRefused,
    HubNotTrusted,
    HubUnreachable,
    InvalidConfiguration,
    NoCommonTls,
    OutcomeUnknown,
    TooManyRequests,
    TransportError,
)
from movehub.http.deadline import DeadlineSocket, Progress, check_sockets, deadline
from movehub.protocol.message import DEFAULT_LIMIT
from movehub.protocol.rate_limit import seconds_left
from movehub.tls.contexts import client_context, prepare_client
from movehub.tls.credentials import Credentials
from movehub.tls.reload import Contexts, WatchedCertificate

if TYPE_CHECKING:
    from movehub.http.answer import Answer

#: Seconds that a requester may wait in all: 2016/68, Annex VI, 1.5 and 2016/480, Annex VI, 1.5.2.
LONGEST_WAIT: Final = 20.0
#: Seconds of these that a connection may take by default.
CONNECT_WAIT: Final = 5.0

#: The statuses that accept a document.
_ACCEPTED: Final = frozenset(range(200, 300))

#: What a peer's TLS alert says about our certificate.
_ALERTS: Final = {
    "CERTIFICATE_REQUIRED": "it asks for a certificate and none was presented",
    "HANDSHAKE_FAILURE": "it asks for a certificate and none was presented, or it does not accept its kind",
    "UNKNOWN_CA": "the certificate is from an authority that it does not know",
    "CERTIFICATE_EXPIRED": "the certificate has expired",
    "CERTIFICATE_REVOKED": "the certificate is revoked",
    "CERTIFICATE_UNKNOWN": "the certificate is not accepted",
    "BAD_CERTIFICATE": "the certificate cannot be used",
    "UNSUPPORTED_CERTIFICATE": "the certificate is of a kind that it does not accept",
    "ACCESS_DENIED": "the certificate is valid, but not allowed",
}

#: What OpenSSL's reason says about a handshake that failed before any certificate counted.
_MISFITS: Final = {
    "WRONG_VERSION_NUMBER": "it does not speak TLS: it may be a port of plain HTTP",
    "UNEXPECTED_MESSAGE": "it does not speak TLS as the standard demands",
    "PROTOCOL_VERSION": "it has no TLS version in common with this system, which speaks 1.2 and 1.3",
    "UNSUPPORTED_PROTOCOL": "it speaks an old version of TLS, and this system speaks 1.2 and 1.3",
    "HANDSHAKE_FAILURE": "it has no cipher in common with this system",
    "INSUFFICIENT_SECURITY": "it demands stronger ciphers than this system offers",
    "CIPHER": "it has no cipher in common with this system",
    "UNSAFE_LEGACY_RENEGOTIATION": "it lacks secure renegotiation (RFC 5746), so its TLS is not safe",
    "UNRECOGNIZED_NAME": "it does not know the host name of the address",
    "DH_KEY_TOO_SMALL": "its Diffie-Hellman key is too short",
    "BAD_ECPOINT": "its elliptic curve does not fit",
}

#: OpenSSL's numbers (x509_vfy.h) for a certificate of another host or address, and of another time.
_WRONG_NAME: Final = frozenset({62, 64})
_WRONG_TIME: Final = {
    9: "is not valid yet, or the clock here is slow",
    10: "has expired, or the clock here is fast",
}
#: And for revocation: no list of its authority, a list of another time, and a certificate that is on it.
_REVOCATION: Final = {
    3: "was not accepted, because `crl` has no list of its authority",
    11: "was not accepted, because the list in `crl` is not valid yet, or the clock here is slow",
    12: "was not accepted, because the list in `crl` has ended: get the new one",
    23: "is revoked: `crl` or `refused_fingerprints` names it",
}

#: Why a connection could not be made.
_OBSTACLES: Final[dict[type[Exception], str]] = {
    socket.gaierror: "there is no host of this name, or no name service",
    ConnectionRefusedError: "nobody listens there",
    TimeoutError: "it does not answer in time",
    ConnectionResetError: "the other side hung up",
    ssl.SSLEOFError: "the other side hung up",
}


def _explained(url: str, progress: Progress) -> TransportError:
    """Return what a failure means. It depends on the error of TLS, and on whether anything had left."""
    objection = progress.objection
    if isinstance(objection, ssl.SSLCertVerificationError) and progress.sent == 0:
        return HubNotTrusted(_distrust(objection, urlsplit(url).hostname or ""))
    reason = (objection.reason or "") if objection else ""
    alert, misfit = _first(_ALERTS, reason), _first(_MISFITS, reason)
    if alert is not None and progress.chose_cipher and progress.received == 0:
        return CertificateRefused(f"the hub refused the connection: {alert}")
    if progress.sent > 0:
        if "RENEGOTIATION" in reason:
            return OutcomeUnknown(
                "the hub asked for the certificate after the message, which its TLS forbids"
            )
        return OutcomeUnknown("the connection ended, or the time was up, before an answer came")
    nowhere = f"no connection to the hub at {place_of(url)}"
    if misfit is not None:
        return NoCommonTls(f"{nowhere}: {misfit}")
    return HubUnreachable(f"{nowhere}: {_obstacle(progress.obstacle)}")


def _first(meanings: Mapping[str, str], reason: str) -> str | None:
    """Return the meaning of the first name that is part of OpenSSL's reason."""
    return next((text for name, text in meanings.items() if name in reason), None)


def place_of(url: str) -> str:
    """Return the host and port of a valid address."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return f"{f'[{host}]' if ':' in host else host}:{parts.port or 443}"


def _distrust(objection: ssl.SSLCertVerificationError, name: str) -> str:
    """Return why a certificate does not verify, from OpenSSL's number."""
    if objection.verify_code in _WRONG_NAME:
        return f"the hub's certificate is good, but not for the name in the address, {name}"
    if objection.verify_code in _REVOCATION:
        return f"the hub's certificate {_REVOCATION[objection.verify_code]}"
    if objection.verify_code in _WRONG_TIME:
        return f"the hub's certificate {_WRONG_TIME[objection.verify_code]}"
    return "the hub's certificate does not verify against the configured authority"


def _obstacle(error: OSError | None) -> str:
    """Return why a connection could not be made: the kind of an error, and never its text."""
    for kind, meaning in _OBSTACLES.items():
        if isinstance(error, kind):
            return meaning
    number = None if error is None or isinstance(error, ssl.SSLError) else error.errno
    return errorcode.get(number or 0) or "it does not speak TLS, or ended the handshake"


class Transport(Protocol):
    """Carries a document to the other side and brings back the answer."""

    def post(self, data: bytes) -> bytes:
        """Return the answer. Raises TransportError."""
        ...


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to connect, and in all. Raises InvalidConfiguration if they exceed the 20 of the law."""

    connect: float = CONNECT_WAIT
    total: float = LONGEST_WAIT

    @classmethod
    def of(cls, connect: float | None, total: float | None) -> Timeouts:
        """Return both, with defaults. Connecting may take no longer than the whole."""
        whole = LONGEST_WAIT if total is None else total
        return cls(min(CONNECT_WAIT, whole) if connect is None else connect, whole)

    def __post_init__(self) -> None:
        if not 0 < self.connect <= self.total <= LONGEST_WAIT:
            raise InvalidConfiguration(f"deadlines must be positive, and {LONGEST_WAIT:g} s at most in all")


def is_address(url: str) -> bool:
    """Whether this is a complete https address, without a name or password."""
    from urllib3.exceptions import LocationParseError
    from urllib3.util import Url, parse_url

    try:
        parsed = parse_url(url)
    except LocationParseError:
        parsed = Url()
    right = parsed.scheme == "https" and bool(parsed.host) and not parsed.auth
    return right and url.isprintable() and " " not in url


class HttpsTransport:
    """Posts documents to one URL. Use it as a context manager, or call `close`.

    Any number of threads may use it. With `Credentials` it uses renewed files without a restart: see
    `movehub.tls.reload`. After a fork, the child makes connections of its own.
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
        # Slow to import, and not every user sends.
        from movehub.http.requests_session import FAILURES, Session

        check_sockets()
        if not is_address(url):
            raise InvalidConfiguration(
                "the hub's address must be https://host/path, without a name or password"
            )
        #: The address that documents are posted to.
        self.url: Final = url
        self._limit = limit
        #: Seconds to connect, and in all.
        self.timeouts: Final = timeouts or Timeouts()
        self._failures = FAILURES
        headers = {"Content-Type": content_type, "Accept": "application/xml, text/xml"}
        try:
            content_type.encode("ascii")
            self._session = Session(url, headers, _contexts(credentials))
        except ValueError:
            raise InvalidConfiguration("the address or content type cannot be sent") from None

    def __enter__(self) -> HttpsTransport:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def post(self, data: bytes) -> bytes:
        """Send one document, and return the answer. Raises NotSent, HttpRefused or OutcomeUnknown."""
        return self._exchanged(data, frozenset({OK}))

    def deliver(self, data: bytes) -> bytes:
        """Deliver one document over the asynchronous interface, and return the body of the answer, if any.

        Any status of success will do, because the answer comes on another connection (Annex III, 1.1). Raises
        as `post` does.
        """
        return self._exchanged(data, _ACCEPTED)

    def _exchanged(self, data: bytes, success: frozenset[int]) -> bytes:
        timeouts = self.timeouts.connect, self.timeouts.total
        with deadline(min(self.timeouts.total, seconds_left())) as progress:
            try:
                with self._session.posted(data, progress, timeouts) as answer:
                    return self._body(answer, success)
            except self._failures:
                explained = _explained(self.url, progress)
        raise explained  # outside: the other error holds the document and must not come along

    def _body(self, answer: Answer, success: frozenset[int]) -> bytes:
        """Return the body of an answer that accepts the document."""
        from movehub.http.chunked import TooLong

        status = answer.status
        if status == TOO_MANY_REQUESTS:
            raise TooManyRequests(status)
        if 400 <= status < 500 and status != REQUEST_TIMEOUT:
            raise HttpRefused(status)
        if status not in success:
            hint = f": {HTTP_HINTS[status]}" if status in HTTP_HINTS else ""
            raise OutcomeUnknown(f"answered with HTTP status {status}{hint}", status=status)
        if not answer.says_its_length:
            raise OutcomeUnknown("the answer does not say how long it is, so it may have been cut off")
        try:
            return answer.body(self._limit)
        except TooLong:
            too_long = OutcomeUnknown(f"the answer is longer than the limit of {self._limit} bytes")
        raise too_long


def _contexts(credentials: Credentials | ssl.SSLContext) -> Contexts:
    """Return what gives the TLS context of each new connection. Raises InvalidConfiguration."""
    if isinstance(credentials, Credentials):
        return WatchedCertificate(credentials, lambda current: _checked(client_context(current)))
    given = _checked(credentials)
    return lambda: given


def _checked(context: ssl.SSLContext) -> ssl.SSLContext:
    """Make the sockets of a context keep the deadline. Raises InvalidConfiguration if it does not verify."""
    if context.verify_mode != ssl.CERT_REQUIRED or not context.check_hostname:
        raise InvalidConfiguration("the TLS context must verify the hub's certificate and its name")
    prepare_client(context)
    context.sslsocket_class = DeadlineSocket
    return context
