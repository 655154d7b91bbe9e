"""What OpenSSL does with the files of a certificate: it loads them, and shakes hands in memory.

The checks explain what is wrong, but OpenSSL decides. It reads PEM more strictly than `cryptography`, for
example, and has security levels of its own.
"""

from __future__ import annotations

import os
import ssl
import stat
import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from movehub import law
from movehub.errors import InvalidConfiguration
from movehub.tls.checks import Use
from movehub.tls.credentials import PassPhrase, as_pem, is_pem, read_certificates
from movehub.tls.findings import Finding, refused, warned

#: OpenSSL's reasons when it has read the certificates, and the key is that of another.
_ANOTHER_KEY: Final = frozenset({"KEY_VALUES_MISMATCH", "KEY_TYPE_MISMATCH", "NO_CERTIFICATE_ASSIGNED"})
_DAMAGED: Final = "a line of PEM is damaged or begins with a blank, or what it encodes is no certificate"
_MEANINGS: Final = {
    "CA_MD_TOO_WEAK": "the hash of a signature is too weak",
    "EE_KEY_TOO_SMALL": "the key is too short",
    "CA_KEY_TOO_SMALL": "the key of an authority is too short",
    "INVALID_CERTIFICATE": "an extension cannot be read, or is there twice",
    "NO_START_LINE": "there is no line that begins with -----BEGIN, without a blank before it",
    "PEM lib": _DAMAGED,
    "PEM_LIB": _DAMAGED,
}
_ROUNDS: Final = 6
_DOUBT: Final = f"{law.CERTIFICATES}; RFC 7468"
_PROTECTION: Final = "Regulation (EU) 2016/679, 32"


def try_with_openssl(
    certificate: Path,
    key: Path | None,
    phrase: PassPhrase | None,
    authority: Path | None,
    uses: Collection[Use] = tuple(Use),
) -> tuple[Finding, ...]:
    """Return what keeps OpenSSL from using a certificate. Raises InvalidConfiguration.

    Without `key`, OpenSSL loads the certificates alone. With it, it also presents them in handshakes of TLS
    1.2 and 1.3, to another side that trusts `authority`, or the certificates of the file.
    """
    with ExitStack() as stack:
        stranger = stack.enter_context(_stranger())
        if not is_pem(certificate.read_bytes()):
            if read_certificates(certificate, phrase).key is None:
                return ()
            certificate, phrase = stack.enter_context(as_pem(certificate, phrase))
            key = certificate
        party = _Party(certificate, key or stranger.key, phrase)
        try:
            party.load(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
        except ssl.SSLError as error:
            if key is None and error.reason in _ANOTHER_KEY:
                return ()
            return (_unloadable(error),)
        trusted = [each.der for each in read_certificates(authority or certificate, phrase).chain]
        return tuple(_refusals(party, stranger, trusted, uses))


def protection(key: Path) -> Iterator[Finding]:
    """Find a key that every user of this machine can read."""
    mode = key.stat().st_mode
    if os.name == "posix" and mode & stat.S_IROTH:
        says = f"the key in {key} can be read by every user of this machine (mode {stat.S_IMODE(mode):04o})"
        yield warned(says, f"Run chmod o-rwx {key}. If others work here, ask for a new key.", _PROTECTION)


@dataclass(frozen=True, slots=True)
class _Party:
    certificate: Path
    key: Path
    phrase: PassPhrase | None = None

    def load(self, context: ssl.SSLContext) -> ssl.SSLContext:
        # Without words, OpenSSL would ask for them on a terminal.
        words = (lambda: "") if self.phrase is None else self.phrase.reveal
        context.load_cert_chain(self.certificate, self.key, words)
        return context


@contextmanager
def _stranger() -> Iterator[_Party]:
    """Make a certificate for the other side of a handshake, for a moment."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "trial")])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with tempfile.TemporaryDirectory(prefix="movehub-") as folder:
        file = Path(folder, "trial.pem")
        file.touch(mode=0o600)
        file.write_bytes(secret + made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
        yield _Party(file, file)


def _unloadable(error: ssl.SSLError) -> Finding:
    reason = error.reason or str(error.args[-1])
    meaning = next((text for word, text in _MEANINGS.items() if word in reason), reason)
    says = f"OpenSSL cannot load this certificate with its key: {meaning}"
    return refused(says, "Write the files again with openssl x509 and openssl pkey.", _DOUBT)


def _refusals(
    party: _Party, stranger: _Party, trusted: Sequence[bytes], uses: Collection[Use]
) -> Iterator[Finding]:
    for use in uses:
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            reason = _refusal(party, stranger, trusted, use, version)
            if reason is not None:
                says = f"OpenSSL refuses this certificate as that of a {use}, with {version.name}: {reason}"
                yield refused(says, "Ask the Commission for another certificate.", str(law.CERTIFICATES))


def _refusal(
    party: _Party, stranger: _Party, trusted: Sequence[bytes], use: Use, version: ssl.TLSVersion
) -> str | None:
    """Shake hands in memory, and return why the side that verifies refuses. None if it accepts."""
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_mode = ssl.CERT_NONE
    client.minimum_version = client.maximum_version = version
    (party if use is Use.SERVER else stranger).load(server)
    (party if use is Use.CLIENT else stranger).load(client)
    verifying = server if use is Use.CLIENT else client
    verifying.load_verify_locations(cadata=b"".join(trusted))
    verifying.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
    verifying.verify_mode = ssl.CERT_REQUIRED
    try:
        _shake_hands(server, client)
    except ssl.SSLCertVerificationError as error:
        return error.verify_message
    except ssl.SSLError as error:
        return error.reason or "the handshake fails"
    return None


def _shake_hands(server: ssl.SSLContext, client: ssl.SSLContext) -> None:
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = (client.wrap_bio(back, there), server.wrap_bio(there, back, server_side=True))
    left = set(sides)
    for side in sides * _ROUNDS:
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
        left.discard(side)
    if left:
        raise InvalidConfiguration("the handshake in memory did not end")
