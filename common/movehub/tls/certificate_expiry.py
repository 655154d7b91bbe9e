"""How long the certificates in use still last: for a watch on the command line, and for metrics.

On the day after, the hub refuses every connection (`CertificateRefused`), and a renewal takes days.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from movehub.tls.certificate_files import read_certificates
from movehub.tls.checks import name_of
from movehub.tls.credentials import Credentials
from movehub.tls.pass_phrase import PassPhrase


@dataclass(frozen=True, slots=True)
class Expiry:
    """When one certificate of a file ends."""

    path: Path
    name: str
    #: The serial number, in hexadecimal digits as a TLS log shows it.
    serial: str
    ends: datetime

    def left(self, now: datetime) -> timedelta:
        """Return how long it still lasts, negative once it has ended. `.total_seconds()` makes a metric."""
        return self.ends - now


def expiries(paths: Iterable[Path], phrase: PassPhrase | None = None) -> tuple[Expiry, ...]:
    """Return every certificate in these files, the one that ends first at the beginning.

    `phrase` opens PKCS#12. Raises InvalidConfiguration where a file cannot be read.
    """
    found = [
        Expiry(path, name_of(each), f"{each.serial_number:X}", each.not_valid_after_utc)
        for path in dict.fromkeys(paths)
        for each in read_certificates(path, phrase).chain
    ]
    return tuple(sorted(found, key=lambda each: each.ends))


def expiries_of(credentials: Credentials) -> tuple[Expiry, ...]:
    """Return every certificate that a party uses: its chain and the authority that it trusts.

    The files are read again each time, so that a metric follows a renewal. Raises InvalidConfiguration.
    """
    chain = expiries([credentials.certificate], credentials.pass_phrase())
    return tuple(sorted((*chain, *expiries([credentials.authority])), key=lambda each: each.ends))
