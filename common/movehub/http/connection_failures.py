"""What it means that a connection failed: what TLS objected to, and whether anything had left.

Regulation (EU) 2016/68, Annex VI, 1.9 (a); (EU) 2016/480, Annex VI, 1.7 (a). An error names host, port and
what kept us from them, by its kind; never the text of another, which may hold what was sent.
"""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from errno import errorcode
from typing import Final
from urllib.parse import urlsplit

from movehub.errors import (
    CertificateRefused,
    HubNotTrusted,
    HubUnreachable,
    OutcomeUnknown,
    TransportError,
)
from movehub.http.deadline import Progress

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
