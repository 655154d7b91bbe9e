"""Files of a certificate that can be renewed, step by step, as an administrator's script would."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography import x509
from movehub.tls.credentials import Credentials


@dataclass(frozen=True)
class Live:
    """The place where a running process looks for its certificate."""

    folder: Path
    credentials: Credentials

    @classmethod
    def of(cls, folder: Path, first: Credentials) -> Live:
        folder.mkdir(parents=True, exist_ok=True)
        files = replace(first, certificate=folder / "live.pem", key=folder / "live.key")
        live = cls(folder, files)
        live.renew(first)
        return live

    def renew(self, new: Credentials) -> None:
        """Put the key into its place, then the certificate: in between they are no pair."""
        self.renew_key(new)
        self.renew_certificate(new)

    def renew_key(self, new: Credentials) -> None:
        _replace(self.credentials.key, new.key.read_bytes())

    def renew_certificate(self, new: Credentials) -> None:
        _replace(self.credentials.certificate, new.certificate.read_bytes())


def _replace(path: Path, data: bytes) -> None:
    beside = path.with_suffix(".new")
    beside.write_bytes(data)
    os.replace(beside, path)


def serial(credentials: Credentials) -> int:
    """The number of the first certificate in the file."""
    return x509.load_pem_x509_certificate(credentials.certificate.read_bytes()).serial_number
