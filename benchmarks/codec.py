"""Reading and writing, beside the floor and beside what a user would pick instead.

The floor is `lxml.etree.fromstring` with a compiled `XMLSchema`, on the same document: nobody who validates
with lxml can be faster. Decoding ends with typed, frozen records; encoding begins with them, asks the rules,
and ends with a document that was parsed and validated.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree
from movehub.message import Message

from .documents import CODEC, measured, schema
from .measuring import Ratio, compared
from .peers import DOES, readers
from .results import Result


def results() -> Iterator[Result]:
    """Measure all three messages."""
    for name, message in measured().items():
        yield from _measured(name, message, CODEC.encode(message))


def _measured(name: str, message: Message[Any], document: bytes) -> Iterator[Result]:
    xsd = schema()
    found = compared(
        lambda: xsd(etree.fromstring(document)),
        {"decode": lambda: CODEC.decode(document), "encode": lambda: CODEC.encode(message)},
    )
    note = f"{len(document):,} bytes; floor {found['floor'].seconds * 1e6:,.1f} µs"
    yield Result(name, "floor, against itself", found["floor"].value, found["floor"].noise, note=note)
    for what in ("decode", "encode"):
        note = f"{found[what].seconds * 1e6:,.1f} µs"
        yield Result(name, what, found[what].value, found[what].noise, most=1.5, note=note)
    peers = readers(message, document)
    beside = compared(lambda: CODEC.decode(document), peers, rounds=7)
    yield from (_peer(name, peer, beside[peer]) for peer in peers)


def _peer(name: str, peer: str, found: Ratio) -> Result:
    least, does = DOES[peer]
    return Result(name, f"{peer}, in times our decode", found.value, found.noise, least=least, note=does)
