"""Reading and writing, beside the floor and beside what a user would pick instead.

The floor is `lxml.etree.fromstring` with a compiled `XMLSchema`, on the same document. Decoding ends with
typed, frozen records; encoding begins with them, asks the rules, and ends with a document that was found
valid. Refusing a document is measured beside accepting one of the same size.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from lxml import etree
from movehub.errors import TheirFault
from movehub.protocol.message import Message

from .documents import CODEC, fleet, measured, schema
from .measuring import Ratio, compared
from .peers import DOES, readers
from .results import Result

#: Times the floor.
_GOALS: Final = {"decode": 2.2, "encode": 1.8}

_ROW: Final = b'<Vehicle vehicleRegistrationNumber="WA 00001" vehicleRegistrationCountry="PL"/>'
_SIZE: Final = 229_000
#: Rows that break the schema, each in its way; many of one kind fill a document.
_BROKEN: Final = {
    "empty rows": b"<Vehicle/>",
    "rows without a country": b'<Vehicle vehicleRegistrationNumber="WA 00001"/>',
    "text between rows": b"x<Vehicle/>",
    "unknown elements": b"<a/>",
    "attributes that are not allowed": b'<Vehicle a=""/>',
    "values that are too short": b'<Vehicle vehicleRegistrationNumber="" vehicleRegistrationCountry=""/>',
}


def results() -> Iterator[Result]:
    """Measure all three messages, and refusals."""
    for name, message in measured().items():
        yield from _measured(name, message, CODEC.encode(message))
    yield from _refusals()


def _measured(name: str, message: Message[Any], document: bytes) -> Iterator[Result]:
    xsd = schema()
    found = compared(
        lambda: xsd(etree.fromstring(document)),
        {"decode": lambda: CODEC.decode(document), "encode": lambda: CODEC.encode(message)},
    )
    note = f"{len(document):,} bytes; floor {found['floor'].seconds * 1e6:,.1f} µs"
    yield Result(name, "floor, against itself", found["floor"].value, found["floor"].noise, note=note)
    for what, most in _GOALS.items():
        note = f"{found[what].seconds * 1e6:,.1f} µs"
        yield Result(name, what, found[what].value, found[what].noise, most=most, note=note)
    peers = readers(message, document)
    beside = compared(lambda: CODEC.decode(document), peers, rounds=7)
    yield from (_peer(name, peer, beside[peer]) for peer in peers)


def _peer(name: str, peer: str, found: Ratio) -> Result:
    least, does = DOES[peer]
    return Result(name, f"{peer}, in times our decode", found.value, found.noise, least=least, note=does)


def _refusals() -> Iterator[Result]:
    accepted, refused = _filled(_ROW), {name: _filled(row) for name, row in _BROKEN.items()}
    opening = b"<TransportUndertaking "
    empty = b"<TransportUndertaking/>" * (_SIZE // 23)
    refused["empty undertakings"] = CODEC.encode(fleet(1)).replace(opening, empty + opening)
    refused["one wrong row at the end"] = accepted.replace(_ROW + b"</V", b"<Vehicle/></V")
    refused["an end that is missing"] = accepted[:-10]
    found = compared(
        partial(CODEC.decode, accepted),
        {name: partial(_refuse, document) for name, document in refused.items()},
        rounds=7,
    )
    for name, document in refused.items():
        note = f"{len(document):,} bytes, {found[name].seconds * 1e3:,.2f} ms"
        what = f"{name}, in times accepting {len(accepted):,} bytes"
        yield Result("Refusal", what, found[name].value, found[name].noise, most=10, note=note)


def _filled(row: bytes) -> bytes:
    """Return an answer with so many of these rows that it has the size."""
    head, opening, rest = CODEC.encode(fleet(1)).partition(b"<VehicleRegistrations>")
    _, closing, tail = rest.partition(b"</VehicleRegistrations>")
    rows = (_SIZE - len(head) - len(tail)) // len(row)
    return b"".join((head, opening, row * rows, closing, tail))


def _refuse(document: bytes) -> None:
    try:
        CODEC.decode(document)
    except TheirFault:
        return
    raise AssertionError("a document that is not valid was accepted")
