"""A new key, and the signing request (CSR, PKCS#10) from which the Commission makes a certificate.

Annex V, 2 and 3 of both regulations. The key never exists unencrypted outside this process, and only its
owner can read the file. The required content of the subject is not public: ask the Commission (inferred, see
`docs/reconstructed.md`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from movehub.errors import InvalidConfiguration
from movehub.tls.credentials import PassPhrase

#: Bits of a new key. The law demands 2048 (Annex V, 3), and a new key has to last.
FEWEST_BITS: Final = 3072

#: Characters of a pass phrase. A thief of the file can try as many as he likes.
SHORTEST_PHRASE: Final = 12

#: Characters of a name, an organisation and a unit (RFC 5280, appendix A.1: the upper bounds).
_LONGEST: Final = 64

#: The codes of ISO 3166-1. RFC 5280 refers to them.
_ISO_3166: Final = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY
BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK
FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR
IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK
ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM
PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF
TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
COUNTRIES: Final = frozenset(_ISO_3166.split())
#: Codes that the European Union or the hub writes in its own way.
_OTHER_CODES: Final = {"EL": "GR", "UK": "GB"}

#: The name of a host (RFC 1123, 2.1), or of all hosts in a domain (RFC 9525, 6.3).
_HOST: Final = re.compile(
    r"(?=.{1,253}\Z)(\*\.)?[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*", re.I
)

_FOR: Final = (ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH)


@dataclass(frozen=True, slots=True)
class Subject:
    """The subject of the certificate. `hosts` are the names at which the hub calls this system."""

    name: str
    organisation: str
    #: A code of ISO 3166-1 in capital letters.
    country: str
    hosts: Sequence[str] = ()
    unit: str = ""


def make_request(
    subject: Subject, phrase: PassPhrase, key_file: Path, request_file: Path, bits: int = FEWEST_BITS
) -> None:
    """Make a key and its request, as two new PEM files. The key is encrypted, with mode 0600.

    Raises InvalidConfiguration if a file exists or cannot be written (then neither file is left), if the pass
    phrase or the key is too short, or if the subject is not valid.
    """
    if len(phrase.reveal()) < SHORTEST_PHRASE:
        raise InvalidConfiguration(f"the pass phrase needs {SHORTEST_PHRASE} characters at least")
    if bits < FEWEST_BITS:
        raise InvalidConfiguration(f"a new key needs {FEWEST_BITS} bits at least")
    builder = _request(subject)
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    request = builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
    encryption = BestAvailableEncryption(phrase.reveal().encode())
    _write_new(key_file, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption), 0o600)
    try:
        _write_new(request_file, request, 0o644)
    except InvalidConfiguration:
        with suppress(OSError):
            key_file.unlink()
        raise


def _request(subject: Subject) -> x509.CertificateSigningRequestBuilder:
    names = [
        x509.NameAttribute(NameOID.COUNTRY_NAME, _country(subject.country)),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, _bounded("organisation", subject.organisation)),
    ]
    if subject.unit:
        unit = _bounded("unit", subject.unit)
        names.append(x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit))
    names.append(x509.NameAttribute(NameOID.COMMON_NAME, _common_name(subject.name)))
    hosts = [_host(host) for host in subject.hosts]
    builder = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(x509.Name(names))
        .add_extension(x509.ExtendedKeyUsage(_FOR), critical=False)
    )
    return builder.add_extension(x509.SubjectAlternativeName(hosts), critical=False) if hosts else builder


def _country(code: str) -> str:
    """Return a country. Raises InvalidConfiguration."""
    if code in COUNTRIES:
        return code
    other = _OTHER_CODES.get(code.upper(), code.upper())
    advice = f": write {other}" if other in COUNTRIES else ", such as FI"
    raise InvalidConfiguration(f"the country must be a code of ISO 3166-1 in capital letters{advice}")


def _bounded(named: str, text: str) -> str:
    """Return a part of the subject. Raises InvalidConfiguration."""
    if not 1 <= len(text) <= _LONGEST or not text.isprintable() or text != text.strip():
        raise InvalidConfiguration(
            f"the {named} must have 1 to {_LONGEST} characters (RFC 5280, appendix A.1), without control"
            " characters, and without blanks at either end"
        )
    return text


def _common_name(text: str) -> str:
    """Return the name. Raises InvalidConfiguration. `cryptography` counts its bytes."""
    if len(_bounded("name", text).encode()) > _LONGEST:
        raise InvalidConfiguration(f"the name must have {_LONGEST} bytes of UTF-8 at most: use ASCII")
    return text


def _host(host: str) -> x509.DNSName:
    """Return the name of a host. Raises InvalidConfiguration."""
    if _is_address(host):
        raise InvalidConfiguration(f"{host} is an address: the hub calls at a name")
    if not _HOST.fullmatch(host):
        raise InvalidConfiguration(f"{host} is no name of a host: give fi.example, without https:// and path")
    return x509.DNSName(host)


def _is_address(host: str) -> bool:
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def _write_new(path: Path, data: bytes, mode: int) -> None:
    """Write a new file, with its mode from the first moment on. An old key is never overwritten."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(data)
    except FileExistsError:
        raise InvalidConfiguration(f"{path} is there already, and is not overwritten") from None
    except OSError:
        raise InvalidConfiguration(f"{path} cannot be written") from None
