"""Long lists, cut out of a document before a tree is made of the rest.

A tree takes seven times the memory of its document, and nearly all of a long document is one list of rows
that are alike. So the text of such lists is read by itself (`long_list`), and one row of each is left in its
place. Where every row is like that one, and each of their values is sure to be valid, so is the whole if what
is left is.

A tag begins where a `<` stands and nowhere else, and an element is what its name says, in a document that has
neither a comment, nor a section of raw text, nor an instruction, and one declaration of a namespace. What is
cut out is looked at tag by tag; of what is left that must be known (`mark`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from lxml import etree

from movehub.codec.reader import CUT
from movehub.list_markup import RowsOf
from movehub.long_list import LongList
from movehub.records.record import Plan
from movehub.schema_types import ElementType

#: From how many bytes on a document is long; its lists of one kind are, where they have half of that on the
#: average.
LONG: Final = 1 << 12

#: Which kinds of lists were cut out of a document.
Kinds = tuple[int, ...]


class Lists:
    """The long lists that one kind of document can hold; `said` is what the schema says, as far as known."""

    def __init__(self, plan: Plan, namespace: str, said: ElementType | None = None) -> None:
        found = list(dict.fromkeys(_found(plan)))
        names = [around for around, _, _ in found]
        types = _types(said)
        self._lists = [
            LongList(*each, namespace, types.get(each[0])) for each in found if names.count(each[0]) == 1
        ]
        self._tags = [f"{{{namespace}}}{each.around}" for each in self._lists]

    def cut(self, data: bytes, *, surely: bool) -> tuple[bytes, list[tuple[Any, ...]], Kinds]:
        """Return a document with one row of each long list at most, the rows of each, and which they are.

        Where it is done `surely`, the whole is valid if what is left is; else the whole must be known to be
        valid. Raises ValueError or KeyError where there is a doubt, or a value has no meaning in Python, and
        InvalidIncoming.
        """
        if not surely and not _is_plain(data):
            raise ValueError("a tag may be none")
        spans: list[tuple[int, int, int]] = []
        for place, each in enumerate(self._lists):
            gaps = _gaps(spans, len(data))
            found = [
                (*span, place) for gap in gaps for span in _spans(data, each.opening, each.closing, *gap)
            ]
            # Many short lists are read faster with the rest.
            if sum(closes - opens for opens, closes, _ in found) >= len(found) * LONG // 2:
                spans = sorted((*spans, *found))
        kept: list[bytes] = []
        rows: list[tuple[Any, ...]] = []
        kinds: set[int] = set()
        end = 0
        for opens, closes, place in spans:
            each = self._lists[place]
            text = data[opens + len(each.opening) : closes]
            first = each.first(text)
            if first:
                kept += data[end:opens], each.opening, first
                rows.append(each.read(text, surely=surely))
                kinds.add(place)
                end = closes
        return b"".join((*kept, data[end:])), rows, tuple(sorted(kinds))

    def rows_of(self, kind: int) -> RowsOf:
        """Return what makes rows of the values of one kind of list."""
        return self._lists[kind].sure_rows

    def mark(self, root: etree._Element, rest: bytes, lists: int, kinds: Kinds) -> None:
        """Give a number to each list that was cut out of a document, of which `root` is what is left.

        Raises ValueError where it is not certain that these are the same.
        """
        tags = [self._tags[kind] for kind in kinds]
        marked = [element for element in root.iter(*tags) if len(element)] if tags else []
        if len(marked) != lists or not _is_plain(rest):
            raise ValueError("a tag may be none, or is written otherwise")
        for place, element in enumerate(marked):
            element.set(CUT, str(place))


def _is_plain(data: bytes) -> bool:
    return b"<!" not in data and data.find(b"<?", 1) < 0 and data.count(b"xmlns") == 1


def _gaps(spans: list[tuple[int, int, int]], end: int) -> Iterator[tuple[int, int]]:
    """Yield what lists were not found in: none stands within another, whose rows are all alike."""
    start = 0
    for opens, closes, _ in spans:
        yield start, opens
        start = closes
    yield start, end


def _spans(data: bytes, opening: bytes, closing: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield where an element opens and where its closing tag stands."""
    closes = start
    while (opens := data.find(opening, closes, end)) >= 0:
        closes = data.find(closing, opens, end)
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


def _types(said: ElementType | None) -> dict[str, ElementType | None]:
    """Return the type of each element by its name, wherever it stands; None where it has several."""
    found: dict[str, ElementType | None] = {}
    for name, below in said.elements.items() if said else ():
        for each, kind in ((name, below), *_types(below).items()):
            found[each] = kind if found.get(each, kind) == kind else None
    return found
