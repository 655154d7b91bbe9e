"""Whether the certificates of a file are one chain, in order, up to the authority, and whose key it is.

A TLS stack sends a file's certificates as they stand, and many a peer takes them only in order: first one's
own, behind each the one that issued it (RFC 8446, 4.4.2; RFC 5246, 7.4.2 demands it).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from movehub.tls.certificate_files import Contents, in_order, issued
from movehub.tls.checks import Finding, Use, check_each, is_self_signed, name_of, refused

_CHAIN: Final = "Annex V, 2; RFC 8446, 4.4.2"


def check(
    contents: Contents,
    now: datetime,
    *,
    uses: Collection[Use] = tuple(Use),
    key: PrivateKeyTypes | None = None,
    authorities: Sequence[x509.Certificate] | None = None,
) -> tuple[Finding, ...]:
    """Return all that is wrong with a file of certificates; nothing where it can be used.

    `key` is looked at where it is given, else the one in the file, if there is one. Without `authorities`
    the end of the chain is taken as it is.
    """
    own = own_of(contents.chain)
    others = [each for each in contents.chain if each is not own]
    ordered = in_order([own, *others])
    findings = [*check_each(own, others, now, uses), *_order(contents.chain, ordered)]
    if authorities is not None:
        findings += _completeness(ordered, authorities)
    used = key if key is not None else contents.key
    if used is not None and not belongs(used, own):
        advice = "Find the key that was made with the request, or ask for a certificate for this one."
        findings.append(refused(f"{name_of(own)}: the key is that of another", advice, "Annex V, 2"))
    return tuple(findings)


def belongs(key: PrivateKeyTypes, certificate: x509.Certificate) -> bool:
    """Whether a key is the one that a certificate is about."""
    ours, theirs = (
        public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        for public in (key.public_key(), certificate.public_key())
    )
    return ours == theirs


def _order(chain: Sequence[x509.Certificate], ordered: Sequence[x509.Certificate]) -> Iterator[Finding]:
    """Find certificates that issue no other of the chain, else whether their order is right."""
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
    """Return the certificate that issued no other: one's own, wherever in the file it stands."""
    ends = [each for each in chain if not any(issued(each, other) for other in chain if other is not each)]
    return chain[0] if chain[0] in ends or not ends else ends[0]


def _may_certify(certificate: x509.Certificate) -> bool:
    values = [each.value for each in certificate.extensions]
    basic = any(isinstance(each, x509.BasicConstraints) and each.ca for each in values)
    return basic and all(each.key_cert_sign for each in values if isinstance(each, x509.KeyUsage))


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
