"""Distinguished names: the subjects and issuers of certificates, as text and as DER.

The text is that of `openssl x509 -subject -nameopt rfc2253` (RFC 2253, and RFC 4514, which replaced it): the
last part comes first, and only ASCII is written, so that no control character of a certificate reaches a log.
Text that is read may also have blanks after commas, quotes (RFC 1779), and characters beyond ASCII: proxies
write subjects so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from movehub.tls.der import UTF8, NotDer, Value, read, written

#: Names of attributes, as OpenSSL writes them, by object identifier.
_SHORT_NAMES: Final = {
    "2.5.4.3": "CN",
    "2.5.4.4": "SN",
    "2.5.4.5": "serialNumber",
    "2.5.4.6": "C",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.9": "street",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "2.5.4.12": "title",
    "2.5.4.13": "description",
    "2.5.4.15": "businessCategory",
    "2.5.4.16": "postalAddress",
    "2.5.4.17": "postalCode",
    "2.5.4.18": "postOfficeBox",
    "2.5.4.20": "telephoneNumber",
    "2.5.4.41": "name",
    "2.5.4.42": "GN",
    "2.5.4.43": "initials",
    "2.5.4.44": "generationQualifier",
    "2.5.4.45": "x500UniqueIdentifier",
    "2.5.4.46": "dnQualifier",
    "2.5.4.65": "pseudonym",
    "2.5.4.72": "role",
    "2.5.4.97": "organizationIdentifier",
    "0.9.2342.19200300.100.1.1": "UID",
    "0.9.2342.19200300.100.1.3": "mail",
    "0.9.2342.19200300.100.1.25": "DC",
    "1.2.840.113549.1.9.1": "emailAddress",
    "1.2.840.113549.1.9.2": "unstructuredName",
    "1.2.840.113549.1.9.8": "unstructuredAddress",
    "1.3.6.1.4.1.311.60.2.1.1": "jurisdictionL",
    "1.3.6.1.4.1.311.60.2.1.2": "jurisdictionST",
    "1.3.6.1.4.1.311.60.2.1.3": "jurisdictionC",
}
#: Names that other programs write, in small letters. Windows writes `S`, `E` and `G`.
_OTHER_NAMES: Final = {
    "commonname": "2.5.4.3",
    "surname": "2.5.4.4",
    "s": "2.5.4.8",
    "t": "2.5.4.12",
    "g": "2.5.4.42",
    "givenname": "2.5.4.42",
    "e": "1.2.840.113549.1.9.1",
    "email": "1.2.840.113549.1.9.1",
}
_KINDS: Final = _OTHER_NAMES | {name.lower(): kind for kind, name in _SHORT_NAMES.items()}

# Only the blank U+0020 around a value does not count. Any other space is part of the name: a certificate with
# one is the certificate of somebody else.
_TYPE: Final = re.compile(r" *(?:OID\.)?([A-Za-z][A-Za-z0-9-]*|[0-9]+(?:\.[0-9]+)+) *= *", re.IGNORECASE)
_HEX: Final = re.compile(r"#((?:[0-9A-Fa-f]{2})+) *")
#: A value up to the next separator, and one in quotes. A backslash escapes a character, or two digits.
_PLAIN: Final = re.compile(r'((?:[^\\,;+"]|\\.)*?) *(?=[,;+]|\Z)', re.DOTALL)
_QUOTED: Final = re.compile(r'"((?:[^\\"]|\\.)*)" *', re.DOTALL)
_ESCAPED: Final = re.compile(r"\\([0-9A-Fa-f]{2}|.)", re.DOTALL)
#: Characters of a name that is read.
_LONGEST: Final = 4096

_SPECIAL: Final = frozenset(b',+"\\<>;')
_FIRST_PRINTABLE, _LAST_PRINTABLE = 0x20, 0x7E


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute: its object identifier, and its value: text, or the DER of anything else."""

    kind: str
    value: str | bytes
    #: The whole value as DER. The type of a string does not count when names are compared.
    der: bytes = field(compare=False)

    def __str__(self) -> str:
        """Return the attribute as OpenSSL writes it."""
        name = _SHORT_NAMES.get(self.kind)
        if name is None or isinstance(self.value, bytes):
            return f"{name or self.kind}=#{self.der.hex().upper()}"
        return f"{name}={_escaped(self.value)}"


@dataclass(frozen=True, slots=True)
class Name:
    """A distinguished name. Two are equal if their parts are, in their order. The type of strings is not."""

    #: The parts in the order of the text. Each is a set, almost always of one attribute.
    parts: tuple[frozenset[Attribute], ...]
    _text: str = field(compare=False, repr=False)

    def __str__(self) -> str:
        """Return the name as `openssl x509 -nameopt rfc2253` writes it: only printable ASCII."""
        return self._text

    def resembles(self, other: Name) -> bool:
        """Whether OpenSSL takes both for one name: letter case and the number of blanks do not count."""
        return _folded(self) == _folded(other)

    @classmethod
    def of_der(cls, value: Value) -> Name:
        """Read a name in a certificate. Raises NotDer."""
        parts = [[_attribute(each) for each in reversed(part.parts())] for part in reversed(value.parts())]
        return cls._of(parts)

    @classmethod
    def of_text(cls, text: str) -> Name:
        """Read a name that a person or a program wrote. Raises ValueError, whose message quotes nothing."""
        if len(text) > _LONGEST:
            raise ValueError(f"a name has {_LONGEST} characters at most")
        return cls._of(_parsed(text))

    @classmethod
    def _of(cls, parts: list[list[Attribute]]) -> Name:
        text = ",".join("+".join(map(str, part)) for part in parts)
        return cls(tuple(map(frozenset, parts)), text)


def _folded(name: Name) -> list[set[tuple[str, str | bytes]]]:
    return [{(each.kind, _folded_value(each.value)) for each in part} for part in name.parts]


def _folded_value(value: str | bytes) -> str | bytes:
    return " ".join(value.lower().split()) if isinstance(value, str) else value


def _attribute(pair: Value) -> Attribute:
    parts = pair.parts()
    if len(parts) != 2:
        raise NotDer("no attribute of a name")
    return _of_value(parts[0].dotted(), parts[1])


def _of_value(kind: str, value: Value) -> Attribute:
    text = value.text()
    return Attribute(kind, value.whole if text is None else text, value.whole)


def _escaped(text: str) -> str:
    data = text.encode("utf-8", "surrogatepass")
    last = len(data) - 1
    return "".join(_octet(octet, at == 0, at == last) for at, octet in enumerate(data))


def _octet(octet: int, is_first: bool, is_last: bool) -> str:
    if not _FIRST_PRINTABLE <= octet <= _LAST_PRINTABLE:
        return f"\\{octet:02X}"
    char = chr(octet)
    special = octet in _SPECIAL or (char == " " and (is_first or is_last)) or (char == "#" and is_first)
    return f"\\{char}" if special else char


def _parsed(text: str) -> list[list[Attribute]]:
    """Read text, part by part."""
    parts: list[list[Attribute]] = [[]]
    at = 0
    while True:
        attribute, at = _parsed_attribute(text, at)
        parts[-1].append(attribute)
        if at == len(text):
            return parts
        if text[at] != "+":
            parts.append([])
        at += 1


def _parsed_attribute(text: str, at: int) -> tuple[Attribute, int]:
    begin = _TYPE.match(text, at)
    if begin is None:
        raise ValueError("an attribute such as CN= is missing")
    kind = _KINDS.get(begin[1].lower(), begin[1])
    if not kind[0].isdigit():
        raise ValueError(f"{kind} is no attribute that is known here: write its object identifier")
    for pattern, value in _forms(kind):
        found = pattern.match(text, begin.end())
        if found is not None and (found.end() == len(text) or text[found.end()] in ",;+"):
            return value(found[1]), found.end()
    raise ValueError("a quote has no end, or stands inside a value")


def _forms(kind: str) -> Iterator[tuple[re.Pattern[str], Callable[[str], Attribute]]]:
    """Yield each way to write a value, and how it is read."""
    yield _HEX, lambda digits: _of_value(kind, read(bytes.fromhex(digits)))
    yield _QUOTED, lambda given: _of_text(kind, given)
    yield _PLAIN, lambda given: _of_text(kind, given)


def _of_text(kind: str, given: str) -> Attribute:
    """Undo the escapes: two digits are a byte of UTF-8."""
    data = _unescaped(given)
    return Attribute(kind, data.decode(), written(UTF8, data))


def _unescaped(given: str) -> bytes:
    out, at = bytearray(), 0
    for found in _ESCAPED.finditer(given):
        out += given[at : found.start()].encode()
        out += bytes.fromhex(found[1]) if len(found[1]) > 1 else found[1].encode()
        at = found.end()
    return bytes(out + given[at:].encode())
