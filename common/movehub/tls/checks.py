"""What is wrong with a certificate, in plain words, before the first connection.

Annex V, 2 and 3 of Regulations (EU) 2016/68 and (EU) 2016/480: the Commission provides the certificates. They
are signed with SHA-2 (SHA-256 at least), and their public keys have 2048 bits at least. The other checks are
the reasons for which a TLS stack refuses such a certificate (RFC 5280, RFC 8446).

The law counts bits as RSA has them and does not mention elliptic curves, whose keys are shorter and not
weaker: P-256 equals about 3072 bits of RSA. So a curve of 256 bits or more is a warning. The letter of
Annex V, 3 does not cover it, and only the Commission, which issues the certificates, can confirm it.

A TLS stack sends the certificates of a file as they stand, and many peers accept them only in order: first
the own certificate, then after each one its issuer (RFC 8446, 4.4.2; RFC 5246, 7.4.2 demands it).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes
from cryptography.hazmat.primitives.serialization import load_der_public_key
from cryptography.x509.oid import ExtendedKeyUsageOID

from movehub import law
from movehub.errors import InvalidConfiguration
from movehub.tls.certificate import Certificate
from movehub.tls.credentials import Contents, Credentials, in_order, issued, read_certificates, read_key
from movehub.tls.findings import Finding, Severity, refused
from movehub.tls.oddities import oddities

#: Annex V, 3 of both regulations: bits of an RSA key; and of a key on a curve that is as strong.
FEWEST_BITS: Final = 2048
FEWEST_BITS_OF_A_CURVE: Final = 256

#: Annex V, 3: SHA-2 of 256 bits or more, and its successors.
_HASHES: Final = frozenset({"SHA256", "SHA384", "SHA512", "SHA3-256", "SHA3-384", "SHA3-512", "SHAKE256"})
#: RFC 8446, 4.2.3: the curves on which TLS 1.3 signs, besides the two of Edwards.
_CURVES: Final = frozenset({"secp256r1", "secp384r1", "secp521r1"})
_EDWARDS: Final = (ed25519.Ed25519PublicKey, ed448.Ed448PublicKey)

_ASK_THE_COMMISSION: Final = "Ask the Commission for another certificate."
_STRENGTH: Final = str(law.KEY_LENGTH)
_PROVIDED: Final = str(law.CERTIFICATES)
_CHAIN: Final = f"{_PROVIDED}; RFC 8446, 4.4.2"


class Use(StrEnum):
    """The use of a certificate: to call the hub, or to be called by it."""

    CLIENT = "client"
    SERVER = "server"


_PURPOSES: Final = {
    Use.CLIENT: ExtendedKeyUsageOID.CLIENT_AUTH.dotted_string,
    Use.SERVER: ExtendedKeyUsageOID.SERVER_AUTH.dotted_string,
}


def check_each(
    own: Certificate,
    others: Sequence[Certificate],
    now: datetime,
    uses: Collection[Use] = tuple(Use),
) -> Iterator[Finding]:
    """Yield the faults of the own certificate, and of those behind it, one by one."""
    for certificate in (own, *others):
        # The signature of a root proves nothing, whatever its hash.
        if certificate is own or not certificate.is_self_signed:
            yield from _signature(certificate)
        yield from _strength(certificate)
        ended = lapsed(certificate, now)
        if ended is not None:
            yield ended
    yield from _curve(own)
    yield from _usage(own, uses)


def _signature(certificate: Certificate) -> Iterator[Finding]:
    used = certificate.signed_with
    if not used:
        yield refused(f"{certificate}: signed in an unknown way", _ASK_THE_COMMISSION, _STRENGTH)
    elif used not in _HASHES:
        says = f"{certificate}: signed with {used}, and SHA-256 is the least"
        yield refused(says, _ASK_THE_COMMISSION, _STRENGTH)


def _strength(certificate: Certificate) -> Iterator[Finding]:
    key = _public_key(certificate)
    if isinstance(key, rsa.RSAPublicKey):
        if key.key_size < FEWEST_BITS:
            says = f"{certificate}: an RSA key of {key.key_size} bits, and {FEWEST_BITS} are the least"
            yield refused(says, "Make a longer key (movehub cert request) and have it certified.", _STRENGTH)
    elif isinstance(key, _EDWARDS) or (
        isinstance(key, ec.EllipticCurvePublicKey) and key.key_size >= FEWEST_BITS_OF_A_CURVE
    ):
        says = f"{certificate}: a key on an elliptic curve, and the law only counts {FEWEST_BITS} bits of RSA"
        yield Finding(Severity.WARNING, says, "Ask the Commission whether the hub takes it.", _STRENGTH)
    elif key is None:
        says = f"{certificate}: a key whose length cannot be read here"
        yield Finding(Severity.WARNING, says, f"Find out whether it has {FEWEST_BITS} bits.", _STRENGTH)
    else:
        says = f"{certificate}: a key that is too short, or of a kind that is not in use"
        yield refused(says, "Use RSA (movehub cert request).", _STRENGTH)


def _curve(certificate: Certificate) -> Iterator[Finding]:
    """Find a curve that TLS 1.3 has no signatures for: it presents no certificate then."""
    key = _public_key(certificate)
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name not in _CURVES:
        says = f"{certificate}: a key on the curve {key.curve.name}, which TLS 1.3 does not present"
        yield refused(says, "Use RSA, or the curve P-256.", "RFC 8446, 4.2.3")


def _public_key(certificate: Certificate) -> PublicKeyTypes | None:
    try:
        return load_der_public_key(certificate.key)
    except (ValueError, UnsupportedAlgorithm):
        return None


def lapsed(certificate: Certificate, now: datetime) -> Finding | None:
    """Return an error if a certificate has expired or is not valid yet."""
    name, ends = str(certificate), certificate.ends
    if ends < now:
        return refused(f"{name}: expired on {ends:%Y-%m-%d %H:%M} UTC", "Have it renewed.", _PROVIDED)
    begins = certificate.begins
    if begins > now:
        advice = "Wait until then, or see whether this machine's clock is right."
        return refused(f"{name}: not valid before {begins:%Y-%m-%d %H:%M} UTC", advice, _PROVIDED)
    return None


def _usage(certificate: Certificate, uses: Collection[Use]) -> Iterator[Finding]:
    """Compare the purposes in a certificate with its use. A certificate without purposes is for any use."""
    name, purposes = str(certificate), certificate.purposes
    for use in Use:
        if use in uses and purposes is not None and _PURPOSES[use] not in purposes:
            says = f"{name}: not for use as a {use} (extended key usage)"
            yield refused(says, _ASK_THE_COMMISSION, f"{_PROVIDED}; RFC 5280, 4.2.1.12")
    if not certificate.may_sign:
        says = f"{name}: its key may not sign, which every handshake needs (key usage)"
        yield refused(says, _ASK_THE_COMMISSION, f"{_PROVIDED}; RFC 5280, 4.2.1.3")
    if certificate.is_authority:
        says = f"{name}: an authority's certificate, and not that of a system"
        yield refused(says, "Put the system's own certificate first.", f"{_PROVIDED}; RFC 5280, 4.2.1.9")
    if Use.SERVER in uses and not certificate.has_names:
        says = f"{name}: no host name in it, so that a client that compares names will refuse it"
        yield Finding(Severity.WARNING, says, "Ask whether the hub compares names.", "RFC 9525, 4.1")


def check(
    contents: Contents,
    now: datetime,
    *,
    uses: Collection[Use] = tuple(Use),
    key: PrivateKeyTypes | None = None,
    authorities: Sequence[Certificate] | None = None,
) -> tuple[Finding, ...]:
    """Return everything that is wrong with a file of certificates.

    `key` is checked if you give it, otherwise the key in the file, if there is one. Without `authorities`,
    the chain may end anywhere.
    """
    own = own_of(contents.chain)
    others = [each for each in contents.chain if each is not own]
    ordered = in_order([own, *others])
    findings = [*check_each(own, others, now, uses), *_order(contents.chain, ordered)]
    findings += [odd for each in contents.chain for odd in oddities(each)]
    if authorities is not None:
        findings += _completeness(ordered, authorities)
    used = key if key is not None else contents.key
    if used is not None and _public_key(own) not in (None, used.public_key()):
        advice = "Find the key that was made with the request, or ask for a certificate for this one."
        findings.append(refused(f"{own!s}: the key is that of another", advice, _PROVIDED))
    return tuple(findings)


def _order(chain: Sequence[Certificate], ordered: Sequence[Certificate]) -> Iterator[Finding]:
    """Find certificates that issued no other of the chain, or else a wrong order."""
    strangers = [each for each in chain if each not in ordered]
    if strangers:
        names = ", ".join(map(str, strangers))
        yield refused(f"{names}: issued nothing in this file", "Leave it out of the file.", _CHAIN)
    elif list(ordered) != list(chain):
        right = ", ".join(map(str, ordered))
        yield refused("the chain is out of order", f"Put them into this order: {right}.", _CHAIN)
    for issuer in ordered[1:]:
        if not (issuer.is_authority and issuer.may_certify):
            says = f"{issuer!s}: issued a certificate, and is no authority"
            yield refused(says, "Ask the Commission for the right chain.", "RFC 5280, 4.2.1.9")


def own_of(chain: Sequence[Certificate]) -> Certificate:
    """Return the own certificate, wherever in the file it is: the one that issued no other."""
    ends = [each for each in chain if not any(issued(each, other) for other in chain if other is not each)]
    return chain[0] if chain[0] in ends or not ends else ends[0]


def _completeness(ordered: Sequence[Certificate], authorities: Sequence[Certificate]) -> Iterator[Finding]:
    last = ordered[-1]
    if last in authorities or any(issued(each, last) for each in authorities):
        return
    if last.is_self_signed:
        says = f"the chain ends at {last!s}, which is not the configured authority"
        yield refused(says, "Use the chain and the authority that the Commission sent together.", _CHAIN)
    else:
        says = f"the chain is incomplete: {last.issuer} is missing behind {last!s}"
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
        key = contents.key or read_key(credentials.key, credentials.pass_phrase())
    except InvalidConfiguration as error:
        return f"{setting}: {error.reason}"
    refused = [
        each for each in check(contents, datetime.now(UTC), key=key) if each.severity is Severity.ERROR
    ]
    return f"{files}: {' '.join(map(str, refused))}" if refused else f"{files}: {_ELSE}"


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
