"""Parts of a certificate that break RFC 5280. OpenSSL may accept them, `cryptography` does not.

Authorities have issued such certificates for decades. They work as long as the other side uses a library that
is as lenient as OpenSSL. So each is a warning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from cryptography import x509

from movehub.tls.certificate import Certificate, warnings_are
from movehub.tls.findings import Finding, warned

#: The parts that `cryptography` parses when they are asked for. The rest is parsed at once.
_PARTS: Final[Mapping[str, Callable[[x509.Certificate], Any]]] = {
    "the subject": lambda each: each.subject,
    "the issuer": lambda each: each.issuer,
    "the period of validity": lambda each: (each.not_valid_before_utc, each.not_valid_after_utc),
    "the public key": lambda each: each.public_key(),
    "the extensions": lambda each: each.extensions,
}
#: Words in an error of `cryptography`, which are names of its own and never text of the certificate.
_PLACES: Final = {
    "TbsCertificate::version": "the version",
    "X509 version": "the version",
    "serial number": "the serial number",
    "TbsCertificate::subject": "the subject",
    "TbsCertificate::issuer": "the issuer",
    "extensions": "the extensions",
    "AttributeTypeValue": "the subject or the issuer",
}
_ELSEWHERE: Final = "the encoding"


def oddities(certificate: Certificate) -> Iterator[Finding]:
    """Yield a warning for each part that `cryptography` cannot parse, or warns of."""
    for part in _unparsed(certificate):
        says = f"{certificate}: breaks RFC 5280 in {part}"
        yield warned(says, "OpenSSL may accept it. Ask whether the hub does.", "RFC 5280, 4.1 and 4.2")


def _unparsed(certificate: Certificate) -> list[str]:
    with warnings_are("error"):
        try:
            parsed = x509.load_der_x509_certificate(certificate.der)
        except Exception as error:  # noqa: BLE001 - of any kind: InvalidVersion is no ValueError
            return [_place(str(error))]
        return [part for part, read in _PARTS.items() if _fails(read, parsed)]


def _fails(read: Callable[[x509.Certificate], Any], parsed: x509.Certificate) -> bool:
    try:
        read(parsed)
    except Exception:  # noqa: BLE001 - of any kind: DuplicateExtension is no ValueError
        return True
    return False


def _place(error: str) -> str:
    return next((part for words, part in _PLACES.items() if words in error), _ELSEWHERE)
