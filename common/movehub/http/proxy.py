"""A proxy in front of a server: it ends TLS and passes on whose certificate it saw."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from movehub.errors import InvalidConfiguration

_NAME: Final = re.compile(r"[A-Za-z0-9-]+")


@dataclass(frozen=True, slots=True)
class Proxy:
    """The addresses that the proxy calls from, and the header in which it passes the subject (RFC 4514).

    Raises InvalidConfiguration if the name of the header could be mistaken for another.
    """

    addresses: frozenset[str]
    header: str

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.header):
            raise InvalidConfiguration("proxy_header must be of letters, digits and hyphens")

    @property
    def variable(self) -> str:
        """The name of the header in a WSGI environment."""
        return "HTTP_" + self.header.upper().replace("-", "_")
