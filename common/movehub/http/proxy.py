"""A proxy in front of a server: it does TLS, and names in a header whose certificate it saw.

Anybody who reaches the server could write that header. So it counts only from the addresses of the proxy.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from movehub.errors import InvalidConfiguration

_HEADER_NAME: Final = re.compile(r"[A-Za-z0-9-]+")
#: Headers that clients send themselves, or that rule the connection.
_TAKEN: Final = frozenset(
    {
        "accept",
        "connection",
        "content-length",
        "content-type",
        "expect",
        "host",
        "transfer-encoding",
        "user-agent",
    }
)
#: Where IPv6 holds the addresses of IPv4 (RFC 4291, 2.5.5.2). A socket for both shows them so.
_MAPPED: Final = IPv6Network("::ffff:0:0/96")
_ADVICE: Final = "write 10.0.0.1, 10.0.0.0/24 or fd00::1"

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Proxy:
    """The addresses of a proxy, or their networks in CIDR, and its header with the subject or fingerprint.

    Raises InvalidConfiguration if an entry is no address, or if the header could be mistaken for another.
    """

    addresses: frozenset[str]
    header: str
    _networks: tuple[Network, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not _HEADER_NAME.fullmatch(self.header):
            raise InvalidConfiguration("proxy_header must be of letters, digits and hyphens")
        if self.header.lower() in _TAKEN:
            raise InvalidConfiguration("proxy_header must be a header of its own, such as X-Client-Subject")
        object.__setattr__(self, "_networks", tuple(network(each) for each in sorted(self.addresses)))

    @property
    def variable(self) -> str:
        """The name of the header in a WSGI environment."""
        return "HTTP_" + self.header.upper().replace("-", "_")

    def calls_from(self, address: str) -> bool:
        """Whether an address, as a socket shows it, is one of the proxy's."""
        found = _address(address)
        return found is not None and any(found in each for each in self._networks)


def network(text: str) -> Network:
    """Return an address, or a network in CIDR. Raises InvalidConfiguration, which does not quote the text."""
    try:
        given = ip_network(text)
    except ValueError:
        raise InvalidConfiguration(_why_none(text)) from None
    if isinstance(given, IPv6Network) and given.subnet_of(_MAPPED):
        first = given.network_address.ipv4_mapped
        given = IPv4Network((first or 0, given.prefixlen - _MAPPED.prefixlen))
    if given.prefixlen == 0:
        raise InvalidConfiguration("a network of all addresses: anybody could name the subject of another")
    return given


def _why_none(text: str) -> str:
    try:
        ip_network(text, strict=False)
    except ValueError:
        pass
    else:
        return "a network begins with an address that has only zeros behind its prefix, such as 10.0.0.0/24"
    if "[" in text or re.fullmatch(r"[0-9.]+:[0-9]+", text):
        return f"an address has no brackets and no port here: {_ADVICE}"
    if ":" not in text and re.search(r"[a-zA-Z]", text):
        return f"a name is no address, and could change: {_ADVICE}"
    return f"this is no address: {_ADVICE}"


@lru_cache(maxsize=256)
def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found
