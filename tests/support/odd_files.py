"""The odd certificates as files of a party, and OpenSSL's word on each."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

from movehub.tls.credentials import Credentials

from tests.support.odd_certificates import authority
from tests.support.pki import rsa_key, write_key


@dataclass(frozen=True)
class OddFiles:
    """A folder with the authority, the key of all, and the certificate that was written last."""

    folder: Path
    key: Path
    authority: Path

    @classmethod
    def create(cls, folder: Path, *others: Path) -> OddFiles:
        """`others` are files of other authorities that are trusted too."""
        trusted = folder / "odd-authority.pem"
        texts = [ssl.DER_cert_to_PEM_cert(authority()), *(each.read_text("ascii") for each in others)]
        trusted.write_text("".join(texts), "ascii")
        return cls(folder, write_key(folder / "odd.key", rsa_key("leaf")), trusted)

    def of(self, der: bytes) -> Credentials:
        path = self.folder / "odd.pem"
        path.write_text(ssl.DER_cert_to_PEM_cert(der), "ascii")
        return Credentials(path, self.key, self.authority)


def openssl_accepts(files: Credentials) -> bool:
    """Whether OpenSSL loads a certificate, and verifies it as a client's and as a server's."""
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    server.verify_mode, client.check_hostname = ssl.CERT_REQUIRED, False
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    try:
        for each in (server, client):
            each.load_cert_chain(files.certificate, files.key)
            each.load_verify_locations(files.authority)
        sides = (client.wrap_bio(back, there), server.wrap_bio(there, back, server_side=True))
        for side in sides * 6:
            _one_step(side)
    except ssl.SSLError:
        return False
    return True


def _one_step(side: ssl.SSLObject) -> None:
    try:
        side.do_handshake()
    except ssl.SSLWantReadError:
        return
