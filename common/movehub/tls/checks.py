"""What Annex V refuses of a certificate, and what a handshake would refuse on the day, in plain words.

Annex V, 2 and 3 of Regulations (EU) 2016/68 and (EU) 2016/480: certificates that the Commission provides,
signed with SHA-2 (SHA-256) at least, with a public key of 2048 bits at least. The rest is what makes a TLS
stack refuse a certificate of that kind (RFC 5280, RFC 8446), told before the first connection and not by it.

The law counts bits as RSA has them and does not mention elliptic curves, whose keys are shorter and not
weaker: P-256 is worth about 3072 bits of RSA. So a curve of 256 bits or more is a warning: the letter of
Annex V, 3 does not cover it, and only the Commission, which issues the certificates, can say that it does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from movehub.protocol.rules import Level

#: Annex V, 3 of both regulations: bits of a public key, of RSA; and of a curve that is as strong.
FEWEST_BITS: Final = 2048
FEWEST_BITS_OF_A_CURVE: Final = 256

#: Annex V, 3: SHA-2, of 256 bits at least; and its successor.
_HASHES: Final = (
    hashes.SHA256,
    hashes.SHA384,
    hashes.SHA512,
    hashes.SHA3_256,
    hashes.SHA3_384,
    hashes.SHA3_512,
)
_EDWARDS: Final = (ed25519.Ed25519PublicKey, ed448.Ed448PublicKey)

Extension = TypeVar("Extension", bound=x509.ExtensionType)

_ASK_THE_COMMISSION: Final = "Ask the Commission for another certificate."
_STRENGTH: Final = "Annex V, 3"
_PROVIDED: Final = "Annex V, 2"


class Use(StrEnum):
    """What a certificate is for: to call the hub, and to be called by it."""

    CLIENT = "client"
    SERVER = "server"


_PURPOSES: Final = {Use.CLIENT: ExtendedKeyUsageOID.CLIENT_AUTH, Use.SERVER: ExtendedKeyUsageOID.SERVER_AUTH}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. An error means that the certificate is refused."""

    level: Level
    says: str
    advice: str
    article: str

    def __str__(self) -> str:
        """Return what is wrong, the article, and what to do."""
        return f"{self.says} [{self.article}]. {self.advice}"


def refused(says: str, advice: str, article: str) -> Finding:
    """Return what refuses a certificate."""
    return Finding(Level.ERROR, says, advice, article)


def name_of(certificate: x509.Certificate) -> str:
    """Return the name that a certificate is about."""
    return certificate.subject.rfc4514_string() or "(no name)"


def is_self_signed(certificate: x509.Certificate) -> bool:
    """Whether a certificate is a root: nobody's signature but its own."""
    return certificate.subject == certificate.issuer


def check_each(
    own: x509.Certificate,
    others: Sequence[x509.Certificate],
    now: datetime,
    uses: Collection[Use] = tuple(Use),
) -> Iterator[Finding]:
    """Yield what is wrong with one's own certificate, and with those that stand behind it, one by one."""
    for certificate in (own, *others):
        # A root's own signature proves nothing to anybody, whatever its hash.
        if certificate is own or not is_self_signed(certificate):
            yield from _signature(certificate)
        yield from _strength(certificate)
        ended = lapsed(certificate, now)
        if ended is not None:
            yield ended
    yield from _usage(own, uses)


def _signature(certificate: x509.Certificate) -> Iterator[Finding]:
    try:
        used = certificate.signature_hash_algorithm
    except UnsupportedAlgorithm:
        yield refused(f"{name_of(certificate)}: signed in an unknown way", _ASK_THE_COMMISSION, _STRENGTH)
        return
    if used is not None and not isinstance(used, _HASHES):
        says = f"{name_of(certificate)}: signed with {used.name.upper()}, and SHA-256 is the least"
        yield refused(says, _ASK_THE_COMMISSION, _STRENGTH)


def _strength(certificate: x509.Certificate) -> Iterator[Finding]:
    name = name_of(certificate)
    try:
        key = certificate.public_key()
    except (UnsupportedAlgorithm, ValueError):
        key = None
    if isinstance(key, rsa.RSAPublicKey):
        if key.key_size < FEWEST_BITS:
            says = f"{name}: an RSA key of {key.key_size} bits, and {FEWEST_BITS} are the least"
            yield refused(says, "Make a longer key (movehub cert request) and have it certified.", _STRENGTH)
    elif isinstance(key, _EDWARDS) or (
        isinstance(key, ec.EllipticCurvePublicKey) and key.key_size >= FEWEST_BITS_OF_A_CURVE
    ):
        says = (
            f"{name}: a key on an elliptic curve, of which the law says nothing: it counts {FEWEST_BITS} bits"
        )
        yield Finding(Level.WARNING, says, "Ask the Commission whether the hub takes it.", _STRENGTH)
    else:
        says = f"{name}: a key that is too short, or of a kind that is not in use"
        yield refused(says, "Use RSA (movehub cert request).", _STRENGTH)


def lapsed(certificate: x509.Certificate, now: datetime) -> Finding | None:
    """Return what is wrong where a certificate has expired or is not valid yet, else None."""
    name, ends = name_of(certificate), certificate.not_valid_after_utc
    if ends < now:
        return refused(f"{name}: expired on {ends:%Y-%m-%d %H:%M} UTC", "Have it renewed.", _PROVIDED)
    if certificate.not_valid_before_utc > now:
        begins = certificate.not_valid_before_utc
        advice = "Wait until then, or see whether this machine's clock is right."
        return refused(f"{name}: not valid before {begins:%Y-%m-%d %H:%M} UTC", advice, _PROVIDED)
    return None


def _usage(certificate: x509.Certificate, uses: Collection[Use]) -> Iterator[Finding]:
    """Hold what a certificate says that it is for against its use. One that says nothing is for anything."""
    name = name_of(certificate)
    purposes = _extension(certificate, x509.ExtendedKeyUsage)
    usage = _extension(certificate, x509.KeyUsage)
    basic = _extension(certificate, x509.BasicConstraints)
    for use in Use:
        if use in uses and purposes is not None and _PURPOSES[use] not in purposes:
            says = f"{name}: not for use as a {use} (extended key usage)"
            yield refused(says, _ASK_THE_COMMISSION, f"{_PROVIDED}; RFC 5280, 4.2.1.12")
    if usage is not None and not usage.digital_signature:
        says = f"{name}: its key may not sign, which every handshake asks for (key usage)"
        yield refused(says, _ASK_THE_COMMISSION, f"{_PROVIDED}; RFC 5280, 4.2.1.3")
    if basic is not None and basic.ca:
        says = f"{name}: an authority's certificate, and not that of a system"
        yield refused(says, "Put the system's own certificate first.", f"{_PROVIDED}; RFC 5280, 4.2.1.9")
    if Use.SERVER in uses and _extension(certificate, x509.SubjectAlternativeName) is None:
        says = f"{name}: no host name in it, so that a client that compares names will refuse it"
        yield Finding(Level.WARNING, says, "Ask whether the hub compares names.", "RFC 9525, 4.1")


def _extension(certificate: x509.Certificate, kind: type[Extension]) -> Extension | None:
    return next((each.value for each in certificate.extensions if isinstance(each.value, kind)), None)
