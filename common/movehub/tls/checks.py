"""What is wrong with a certificate, in plain words, before the first connection.

Annex V, 2 and 3 of Regulations (EU) 2016/68 and (EU) 2016/480: the Commission provides the certificates. They
are signed with SHA-2 (SHA-256 at least), and their public keys have 2048 bits at least. The other checks are
the reasons for which a TLS stack refuses such a certificate (RFC 5280, RFC 8446).

The law counts bits as RSA has them and does not mention elliptic curves, whose keys are shorter and not
weaker: P-256 equals about 3072 bits of RSA. So a curve of 256 bits or more is a warning. The letter of
Annex V, 3 does not cover it, and only the Commission, which issues the certificates, can confirm it.

A TLS stack sends the certificates of a file as they stand, and many peers accept them only in order: first
the own certificate, then after each one its issuer (RFC 8446, 4.4.2; RFC 5246, 7.4.2 demands it).

A TLS stack also presents an expired certificate without a word, and the other side refuses it. So `expiries`
shows in time how long each certificate lasts: a renewal takes days.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID

from movehub import law
from movehub.errors import InvalidConfiguration
from movehub.tls.credentials import (
    Contents,
    Credentials,
    PassPhrase,
    in_order,
    issued,
    read_certificates,
    read_key,
)

#: Annex V, 3 of both regulations: bits of an RSA key; and of a key on a curve that is as strong.
FEWEST_BITS: Final = 2048
FEWEST_BITS_OF_A_CURVE: Final = 256

#: Annex V, 3: SHA-2 of 256 bits or more, and its successor.
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
_STRENGTH: Final = str(law.KEY_LENGTH)
_PROVIDED: Final = str(law.CERTIFICATES)
_CHAIN: Final = f"{_PROVIDED}; RFC 8446, 4.4.2"


class Use(StrEnum):
    """The use of a certificate: to call the hub, or to be called by it."""

    CLIENT = "client"
    SERVER = "server"


_PURPOSES: Final = {Use.CLIENT: ExtendedKeyUsageOID.CLIENT_AUTH, Use.SERVER: ExtendedKeyUsageOID.SERVER_AUTH}


class Severity(StrEnum):
    """The consequence of a finding."""

    #: The certificate is refused.
    ERROR = "error"
    #: The certificate is used.
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a certificate."""

    severity: Severity
    says: str
    advice: str
    article: str

    def __str__(self) -> str:
        """Return the fault, the article, and the advice."""
        return f"{self.says} [{self.article}]. {self.advice}"


def refused(says: str, advice: str, article: str) -> Finding:
    """Return an error."""
    return Finding(Severity.ERROR, says, advice, article)


def name_of(certificate: x509.Certificate) -> str:
    """Return the subject of a certificate as text."""
    return certificate.subject.rfc4514_string() or "(no name)"


def is_self_signed(certificate: x509.Certificate) -> bool:
    """Whether a certificate is a root, which signs itself."""
    return certificate.subject == certificate.issuer


def check_each(
    own: x509.Certificate,
    others: Sequence[x509.Certificate],
    now: datetime,
    uses: Collection[Use] = tuple(Use),
) -> Iterator[Finding]:
    """Yield the faults of the own certificate, and of those behind it, one by one."""
    for certificate in (own, *others):
        # The signature of a root proves nothing, whatever its hash.
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
        says = f"{name}: a key on an elliptic curve, and the law only counts {FEWEST_BITS} bits of RSA"
        yield Finding(Severity.WARNING, says, "Ask the Commission whether the hub takes it.", _STRENGTH)
    else:
        says = f"{name}: a key that is too short, or of a kind that is not in use"
        yield refused(says, "Use RSA (movehub cert request).", _STRENGTH)


def lapsed(certificate: x509.Certificate, now: datetime) -> Finding | None:
    """Return an error if a certificate has expired or is not valid yet."""
    name, ends = name_of(certificate), certificate.not_valid_after_utc
    if ends < now:
        return refused(f"{name}: expired on {ends:%Y-%m-%d %H:%M} UTC", "Have it renewed.", _PROVIDED)
    if certificate.not_valid_before_utc > now:
        begins = certificate.not_valid_before_utc
        advice = "Wait until then, or see whether this machine's clock is right."
        return refused(f"{name}: not valid before {begins:%Y-%m-%d %H:%M} UTC", advice, _PROVIDED)
    return None


def _usage(certificate: x509.Certificate, uses: Collection[Use]) -> Iterator[Finding]:
    """Compare the purposes in a certificate with its use. A certificate without purposes is for any use."""
    name = name_of(certificate)
    purposes = _extension(certificate, x509.ExtendedKeyUsage)
    usage = _extension(certificate, x509.KeyUsage)
    basic = _extension(certificate, x509.BasicConstraints)
    for use in Use:
        if use in uses and purposes is not None and _PURPOSES[use] not in purposes:
            says = f"{name}: not for use as a {use} (extended key usage)"
            yield refused(says, _ASK_THE_COMMISSION, f"{_PROVIDED}; RFC 5280, 4.2.1.12")
    if usage is not None and not usage.digital_signature:
        says = f"{name}: its key may not sign, which every handshake needs (key usage)"
        yield refused(says, _ASK_THE_COMMISSION, f"{_PROVIDED}; RFC 5280, 4.2.1.3")
    if basic is not None and basic.ca:
        says = f"{name}: an authority's certificate, and not that of a system"
        yield refused(says, "Put the system's own certificate first.", f"{_PROVIDED}; RFC 5280, 4.2.1.9")
    if Use.SERVER in uses and _extension(certificate, x509.SubjectAlternativeName) is None:
        says = f"{name}: no host name in it, so that a client that compares names will refuse it"
        yield Finding(Severity.WARNING, says, "Ask whether the hub compares names.", "RFC 9525, 4.1")


def _extension(certificate: x509.Certificate, kind: type[Extension]) -> Extension | None:
    return next((each.value for each in certificate.extensions if isinstance(each.value, kind)), None)


def check(
    contents: Contents,
    now: datetime,
    *,
    uses: Collection[Use] = tuple(Use),
    key: PrivateKeyTypes | None = None,
    authorities: Sequence[x509.Certificate] | None = None,
) -> tuple[Finding, ...]:
    """Return everything that is wrong with a file of certificates.

    `key` is checked if you give it, otherwise the key in the file, if there is one. Without `authorities`,
    the chain may end anywhere.
    """
    own = own_of(contents.chain)
    others = [each for each in contents.chain if each is not own]
    ordered = in_order([own, *others])
    findings = [*check_each(own, others, now, uses), *_order(contents.chain, ordered)]
    if authorities is not None:
        findings += _completeness(ordered, authorities)
    used = key if key is not None else contents.key
    if used is not None and used.public_key() != own.public_key():
        advice = "Find the key that was made with the request, or ask for a certificate for this one."
        findings.append(refused(f"{name_of(own)}: the key is that of another", advice, _PROVIDED))
    return tuple(findings)


def _order(chain: Sequence[x509.Certificate], ordered: Sequence[x509.Certificate]) -> Iterator[Finding]:
    """Find certificates that issued no other of the chain, or else a wrong order."""
    strangers = [each for each in chain if each not in ordered]
    if strangers:
        names = ", ".join(map(name_of, strangers))
        yield refused(f"{names}: issued nothing in this file", "Leave it out of the file.", _CHAIN)
    elif list(ordered) != list(chain):
        right = ", ".join(map(name_of, ordered))
        yield refused("the chain is out of order", f"Put them into this order: {right}.", _CHAIN)
    for issuer in ordered[1:]:
        if not _may_certify(issuer):
            says = f"{name_of(issuer)}: issued a certificate, and is no authority"
            yield refused(says, "Ask the Commission for the right chain.", "RFC 5280, 4.2.1.9")


def own_of(chain: Sequence[x509.Certificate]) -> x509.Certificate:
    """Return the own certificate, wherever in the file it is: the one that issued no other."""
    ends = [each for each in chain if not any(issued(each, other) for other in chain if other is not each)]
    return chain[0] if chain[0] in ends or not ends else ends[0]


def _may_certify(certificate: x509.Certificate) -> bool:
    basic, usage = _extension(certificate, x509.BasicConstraints), _extension(certificate, x509.KeyUsage)
    return basic is not None and basic.ca and (usage is None or usage.key_cert_sign)


def _completeness(
    ordered: Sequence[x509.Certificate], authorities: Sequence[x509.Certificate]
) -> Iterator[Finding]:
    last = ordered[-1]
    if last in authorities or any(issued(each, last) for each in authorities):
        return
    if is_self_signed(last):
        says = f"the chain ends at {name_of(last)}, which is not the configured authority"
        yield refused(says, "Use the chain and the authority that the Commission sent together.", _CHAIN)
    else:
        says = f"the chain is incomplete: {last.issuer.rfc4514_string()} is missing behind {name_of(last)}"
        advice = "Append it to the file; or the authority given is not the one that issued this."
        yield refused(says, advice, _CHAIN)


_ELSE: Final = "cannot be loaded, or they are no pair: see what `movehub cert check` says"


def why_unusable(credentials: Credentials) -> str:
    """Return which file of a party is wrong, and why. Never quotes a key."""
    files = f"certificate {credentials.certificate}"
    if credentials.key != credentials.certificate:
        files += f", key {credentials.key}"
    setting = "certificate"
    try:
        contents = read_certificates(credentials.certificate, credentials.pass_phrase())
        setting = "key"
        key = contents.key or _key(credentials)
    except InvalidConfiguration as error:
        return f"{setting}: {error.reason}"
    refused = [
        each for each in check(contents, datetime.now(UTC), key=key) if each.severity is Severity.ERROR
    ]
    return f"{files}: {' '.join(map(str, refused))}" if refused else f"{files}: {_ELSE}"


def _key(credentials: Credentials) -> PrivateKeyTypes:
    """Read the key. If it is not encrypted, ignore the pass phrase, as OpenSSL does."""
    try:
        return read_key(credentials.key, credentials.pass_phrase())
    except InvalidConfiguration as error:
        first = error
    try:
        return read_key(credentials.key)
    except InvalidConfiguration:
        raise first from None


def refuse_weak(credentials: Credentials) -> None:
    """Raise InvalidConfiguration if the own certificate is weaker than the law allows.

    OpenSSL refuses to load such a certificate, but since version 3.6 it loads one that is signed with SHA-1.
    """
    own = own_of(read_certificates(credentials.certificate, credentials.pass_phrase()).chain)
    refused = [each for each in (*_signature(own), *_strength(own)) if each.severity is Severity.ERROR]
    if refused:
        raise InvalidConfiguration(f"certificate {credentials.certificate}: {' '.join(map(str, refused))}")


def refuse_lapsed(
    credentials: Credentials, now: datetime, uses: Collection[Use] = tuple(Use)
) -> tuple[Finding, ...]:
    """Raise InvalidConfiguration if the certificate is not valid now. Return everything else that is wrong.

    Some peers may accept the certificate in spite of the faults that it returns.
    """
    contents = read_certificates(credentials.certificate, credentials.pass_phrase())
    own = lapsed(own_of(contents.chain), now)
    if own is not None:
        raise InvalidConfiguration(f"certificate {credentials.certificate}: {own}")
    return check(contents, now, uses=uses)


@dataclass(frozen=True, slots=True)
class Expiry:
    """When one certificate of a file ends."""

    path: Path
    name: str
    #: The serial number, in hexadecimal digits as a TLS log shows it.
    serial: str
    ends: datetime

    def left(self, now: datetime) -> timedelta:
        """Return how long it still lasts. Negative if it has ended."""
        return self.ends - now


def expiries(paths: Iterable[Path], phrase: PassPhrase | None = None) -> tuple[Expiry, ...]:
    """Return the expiries in files, earliest first. `phrase` opens PKCS#12. Raises InvalidConfiguration."""
    found = [
        Expiry(path, name_of(each), f"{each.serial_number:X}", each.not_valid_after_utc)
        for path in dict.fromkeys(paths)
        for each in read_certificates(path, phrase).chain
    ]
    return tuple(sorted(found, key=lambda each: each.ends))


def expiries_of(credentials: Credentials) -> tuple[Expiry, ...]:
    """Return the expiry of every certificate that a party uses: its chain, and the authority that it trusts.

    Each call reads the files again, so that a metric follows a renewal. Raises InvalidConfiguration.
    """
    return expiries([credentials.certificate, credentials.authority], credentials.pass_phrase())
