"""When certificates and revocation lists end.

A TLS stack presents an expired certificate without a word, and the other side refuses it. With an expired
revocation list this side refuses everybody. A renewal takes days, so you should see the end in time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from movehub.tls.credentials import Credentials, PassPhrase, read_certificates
from movehub.tls.revocation import read_lists


@dataclass(frozen=True, slots=True)
class Expiry:
    """When one certificate or revocation list of a file ends."""

    path: Path
    name: str
    #: The serial number, in hexadecimal digits as a TLS log shows it. Empty for a revocation list.
    serial: str
    ends: datetime

    def left(self, now: datetime) -> timedelta:
        """Return how long it still lasts. Negative if it has ended."""
        return self.ends - now


def expiries(paths: Iterable[Path], phrase: PassPhrase | None = None) -> tuple[Expiry, ...]:
    """Return the expiries in files, earliest first. `phrase` opens PKCS#12. Raises InvalidConfiguration."""
    found = [
        Expiry(path, str(each), f"{each.serial:X}", each.ends)
        for path in dict.fromkeys(paths)
        for each in read_certificates(path, phrase).chain
    ]
    return _sorted(found)


def expiries_of(credentials: Credentials) -> tuple[Expiry, ...]:
    """Return the expiry of everything that a party uses: its chain, the authority that it trusts, and `crl`.

    Each call reads the files again, so that a metric follows a renewal. Raises InvalidConfiguration.
    """
    certificates = expiries([credentials.certificate, credentials.authority], credentials.pass_phrase())
    return _sorted((*certificates, *_lists(credentials)))


def _lists(credentials: Credentials) -> list[Expiry]:
    path = credentials.crl
    return [
        Expiry(path, f"revocation list of {each.issuer}", "", each.ends)
        for each in (() if path is None else read_lists(path))
        if path is not None and each.ends is not None
    ]


def _sorted(found: Iterable[Expiry]) -> tuple[Expiry, ...]:
    return tuple(sorted(found, key=lambda each: each.ends))
