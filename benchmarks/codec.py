"""Reading and writing, beside the floor and beside what a user would pick instead.

The floor is `lxml.etree.fromstring` with a compiled `XMLSchema`, on the same document: nobody who has lxml
parse and validate each document can be faster. Decoding ends with typed, frozen records; encoding begins with
them, asks the rules, and ends with a document that was found valid. Both know the markup of what they have
met before (`known_markup`), and judge it without that parse; so a short document is measured as well with a
markup that is new each time, and that lxml has to parse and validate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import cycle, product
from typing import Any, Final

from lxml import etree
from movehub.protocol.message import Message

from .documents import CODEC, measured, schema
from .measuring import Ratio, compared
from .peers import DOES, readers
from .results import Result

_NEW: Final = "decode, of a markup that is new"
#: Of how many bytes a document is short; a long one is hardly made slower by new markup around its list.
_SHORT: Final = 4_096


def results() -> Iterator[Result]:
    """Measure all three messages."""
    for name, message in measured().items():
        yield from _measured(name, message, CODEC.encode(message))


def _measured(name: str, message: Message[Any], document: bytes) -> Iterator[Result]:
    xsd = schema()
    found = compared(
        lambda: xsd(etree.fromstring(document)),
        {
            "decode": lambda: CODEC.decode(document),
            "encode": lambda: CODEC.encode(message),
            _NEW: _decoding_what_is_new(document),
        },
    )
    note = f"{len(document):,} bytes; floor {found['floor'].seconds * 1e6:,.1f} µs"
    yield Result(name, "floor, against itself", found["floor"].value, found["floor"].noise, note=note)
    for what in ("decode", "encode"):
        note = f"{found[what].seconds * 1e6:,.1f} µs"
        yield Result(name, what, found[what].value, found[what].noise, most=1.5, note=note)
    if len(document) < _SHORT:
        note = f"{found[_NEW].seconds * 1e6:,.1f} µs"
        yield Result(name, _NEW, found[_NEW].value, found[_NEW].noise, note=note)
    peers = readers(message, document)
    beside = compared(lambda: CODEC.decode(document), peers, rounds=7)
    yield from (_peer(name, peer, beside[peer]) for peer in peers)


def _peer(name: str, peer: str, found: Ratio) -> Result:
    least, does = DOES[peer]
    return Result(name, f"{peer}, in times our decode", found.value, found.noise, least=least, note=does)


def _decoding_what_is_new(document: bytes) -> Callable[[], object]:
    """Return what decodes the same document with other blanks before its end, each time others."""
    root, end, rest = document.rpartition(b"</")
    others = cycle([root + bytes(blanks) + end + rest for blanks in product(b" \n", repeat=12)])
    return lambda: CODEC.decode(next(others))
