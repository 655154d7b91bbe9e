"""Long lists, cut out of a document before a tree is made of the rest.

A tree takes seven times the memory of its document, and nearly all of a long document is one list of rows
that are alike. So the text of such lists is read by itself (`long_list`), and in its place stands an empty
element that says which list it was.

That is sound for a document that its schema has found valid, and that has neither a comment, nor a section of
raw text, nor an instruction, and one declaration of a namespace. Then a tag begins where a `<` stands and
nowhere else, an element is what its name says, and no value has a `<`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from .binding import Plan
from .long_list import LongList
from .reading import CUT

#: From how many bytes on a document is long; of a list, half of that.
LONG: Final = 1 << 12


class Lists:
    """The long lists that one kind of document can hold."""

    def __init__(self, plan: Plan, namespace: str) -> None:
        found = list(dict.fromkeys(_found(plan)))
        names = [around for around, _, _ in found]
        self._lists = [LongList(*each, namespace) for each in found if names.count(each[0]) == 1]

    def any_in(self, data: bytes) -> bool:
        """Whether a document seems to hold one."""
        return any(each.opening in data for each in self._lists)

    def cut(self, data: bytes) -> tuple[bytes, list[tuple[Any, ...]]]:
        """Return a valid document without its long lists, and the rows of each.

        Raises ValueError, KeyError or InvalidIncoming where a value has no meaning in Python.
        """
        if not _is_plain(data):
            return data, []
        spans = sorted(
            (opens, closes, place)
            for place, each in enumerate(self._lists)
            for opens, closes in _spans(data, each.opening, each.closing)
            if closes - opens >= LONG // 2
        )
        kept: list[bytes] = []
        rows: list[tuple[Any, ...]] = []
        end = 0
        for opens, closes, place in spans:
            each = self._lists[place]
            kept += data[end:opens], each.opening[:-1], f' {CUT}="{len(rows)}"/>'.encode()
            rows.append(each.read(data[opens + len(each.opening) : closes]))
            end = closes + len(each.closing)
        return b"".join((*kept, data[end:])), rows


def _is_plain(data: bytes) -> bool:
    return b"<!" not in data and data.find(b"<?", 1) < 0 and data.count(b"xmlns") == 1


def _spans(data: bytes, opening: bytes, closing: bytes) -> Iterator[tuple[int, int]]:
    """Yield where an element opens and where its closing tag stands."""
    closes = 0
    while (opens := data.find(opening, closes)) >= 0:
        closes = data.find(closing, opens)
        if closes < 0:
            return
        yield opens, closes


def _found(plan: Plan) -> Iterator[tuple[str, str, Plan]]:
    """Yield the lists below a record whose rows have attributes alone: around, each, and the rows' plan."""
    for child in plan.children:
        for each, plans in child.alternatives:
            if child.around is None:
                for below in plans:
                    yield from _found(below)
            elif len(plans) == len(child.alternatives) == 1 and not (plans[0].children or plans[0].texts):
                yield child.around, each, plans[0]
