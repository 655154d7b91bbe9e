"""What can go wrong on the way to the hub and back, by whether anything left the house. Part of `errors`."""

from __future__ import annotations

from movehub.error_base import MovehubError


class TransportError(MovehubError):
    """The way to the hub or back failed."""


class NotSent(TransportError):
    """No byte of the message was taken by the other side; it may be sent again."""

    advice = "Nothing was sent; it is safe to try again."


class HubUnreachable(NotSent):
    """No connection: name, route, port or TLS handshake failed."""

    article = "2016/68 Annex VI, 1.9 (a); 2016/480 Annex VI, 1.7 (a)"


class HubNotTrusted(NotSent):
    """The other side's certificate is not from the configured authority, or not for its name."""

    fault = "theirs"
    article = "Annex V, 2"
    advice = "Nothing was sent; find out whose certificate it is before you try again."


class CertificateRefused(NotSent):
    """The other side refused our certificate in the TLS handshake."""

    fault = "ours"
    article = "Annex V, 2"
    advice = "Nothing was accepted; have the certificate renewed or the right one configured."


class HttpRefused(TransportError):
    """The other side answered with a 4xx status: it saw the message and did not take it."""

    fault = "ours"
    advice = "Do not repeat it unchanged."

    def __init__(self, status: int) -> None:
        super().__init__(f"refused with HTTP status {status}")
        self.status = status


class TooManyRequests(HttpRefused):
    """HTTP status 429: more than the other side takes at a time (Annex VI allows two requests a second)."""

    advice = "It was not taken; wait, and send it again more slowly."


class OutcomeUnknown(TransportError):
    """The message left, and whether it was processed is not known.

    `status` is the HTTP status that says so, where one came.
    """

    article = "2016/68 Annex VI, 1.9 (b); 2016/480 Annex VI, 1.7 (b)"
    advice = "Never repeat it blindly: a notification could count twice."

    def __init__(self, reason: str, *, status: int | None = None) -> None:
        super().__init__(reason)
        self.status = status
