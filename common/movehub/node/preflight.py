"""Whether a node can work with what it is configured with: its certificate today, and its addresses.

A node with an expired certificate would start, and be refused by everybody; so it is not started.
"""

from __future__ import annotations

import errno
import logging
import socket
from datetime import datetime
from typing import Final

from movehub.errors import InvalidConfiguration
from movehub.node.settings import Settings
from movehub.protocol.exchange import utc_now
from movehub.tls.checks import Use, refuse_lapsed
from movehub.tls.trial import protection

_LOG = logging.getLogger(__name__)

_PROXY_DECIDES: Final = "the proxy does TLS for the hub's calls, so let it refuse revoked certificates"

#: Why an address cannot be listened on.
_REASONS: Final = {
    errno.EADDRINUSE: "another process listens there",
    errno.EADDRNOTAVAIL: "it is no address of this machine",
    errno.EACCES: "this process may not: ports below 1024 need a right of their own",
}


def look_at_certificates(settings: Settings, now: datetime | None = None) -> None:
    """Raise InvalidConfiguration for a certificate that is not valid today, and log other findings."""
    uses = {Use.CLIENT} if settings.proxy else set(Use)  # the proxy shows a certificate of its own
    for credentials in dict.fromkeys(served.config.credentials for served in settings.systems):
        for finding in refuse_lapsed(credentials, now or utc_now(), uses):
            _LOG.warning("certificate %s: %s", credentials.certificate, finding)
        for finding in protection(credentials.key):
            _LOG.warning("%s", finding)
        if settings.proxy and (credentials.crl or credentials.refused):
            _LOG.warning("crl and refused_fingerprints count for your own calls only: %s", _PROXY_DECIDES)


def refuse_addresses(settings: Settings) -> None:
    """Raise InvalidConfiguration for an address that cannot be listened on, with its setting and why."""
    listened = {"node.listen": (settings.host, settings.port)}
    if settings.metrics is not None:
        listened["node.metrics_address, node.metrics_port"] = settings.metrics
    for named, (host, port) in listened.items():
        reason = _reason(host, port)
        if reason is not None:
            raise InvalidConfiguration(f"{named}: {host}:{port} cannot be listened on: {reason}")


def _reason(host: str, port: int) -> str | None:
    """Listen on an address for an instant, as the server does, and return what keeps it from that."""
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (socket.gaierror, UnicodeError):
        return "there is no host of this name"
    family, kind, protocol, _, address = found[0]
    try:
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen()
    except OSError as error:
        number = error.errno or 0
        return _REASONS.get(number) or errno.errorcode.get(number, "an unknown reason")
    return None
