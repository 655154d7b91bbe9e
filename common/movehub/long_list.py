"""The text of one long list, read by columns: the vehicles of a haulier, thousands of them.

Each element of such a list has attributes alone, and nearly always the same ones. So the text is taken apart
at its quotes, and what stands at one place of each row is a column of values; with no reference (`&`), tab or
line feed in it, each is what a parser would give. A tree is made only of a part where rows differ. Part of
`lists`, which says of which documents that is sound.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import repeat, takewhile
from typing import Any, Final

from .binding import Plan
from .compiling import compiled, draft_of
from .gate import parse
from .reading import reader_of
from .values import read_text

#: About how many bytes of a list are taken apart at once.
CHUNK: Final = 1 << 16

Columns = list[Iterable[Any]]

_NAMED = re.compile(r"\s+([A-Za-z_][\w.-]*)=", re.ASCII)
#: What two blanks in a row, or a blank at either end, are among values joined by line feeds.
_UNCLEAN = ("  ", "\n ", " \n")


class LongList:
    """One kind of list: the element around it, the element of a row, and how rows are read."""

    def __init__(self, around: str, each: str, plan: Plan, namespace: str) -> None:
        self.opening, self.closing = f"<{around}>".encode(), f"</{around}>".encode()
        end = rf"\s*(?:/>|></{re.escape(each)}>)\s*"
        first = rf"<{re.escape(each)}{_NAMED.pattern}"
        self._first = re.compile(rf"\s*{first}", re.ASCII).fullmatch
        self._between = re.compile(end + first, re.ASCII).fullmatch
        self._last = re.compile(end, re.ASCII).fullmatch
        self._row = f"<{each} ".encode()
        self._around = f'<{around} xmlns="{namespace}">'.encode()
        self._values = plan.attributes
        self._known = frozenset(value.name for value in plan.attributes)
        self._read_one = reader_of(plan, namespace)
        self._add = _adder(plan)

    def read(self, text: bytes) -> tuple[Any, ...]:
        """Return the rows of a list. Raises ValueError, KeyError or InvalidIncoming for a senseless value."""
        rows: list[Any] = []
        for chunk in self._chunks(text):
            columns = self._columns(chunk)
            if columns is None:
                rows += (self._read_one(row, ()) for row in parse(self._around + chunk + self.closing))
            else:
                self._add(rows, columns)
        return tuple(rows)

    def _chunks(self, text: bytes) -> Iterator[bytes]:
        """Cut before a row; a `<` never stands within one."""
        start = 0
        while start < len(text):
            found = text.find(self._row, start + CHUNK)
            end = len(text) if found < 0 else found
            yield text[start:end]
            start = end

    def _columns(self, chunk: bytes) -> Columns | None:
        """Return the values of each field; None where rows differ, or a parser would change a value."""
        if b"&" in chunk or b"\t" in chunk or b"\r" in chunk:
            return None
        pieces = chunk.decode().split('"')
        markup = pieces[::2]
        names = self._names(markup)
        lines = chunk.count(b"\n")
        if names is None or (lines and lines != sum(piece.count("\n") for piece in markup)):
            return None
        width = len(names)
        found = {name: pieces[2 * place + 1 :: 2 * width] for place, name in enumerate(names)}
        return [
            _read_all(value.kind.read, found[value.name]) if value.name in found else repeat(None)
            for value in self._values
        ]

    def _names(self, markup: list[str]) -> list[str] | None:
        """Return the names of the values of every row; None where they, or what is between, differ."""
        first = self._first(markup[0])
        if first is None or self._last(markup[-1]) is None:
            return None
        named = takewhile(bool, map(_NAMED.fullmatch, markup[1:-1]))
        names = [found[1] for found in (first, *named) if found is not None]
        width = len(names)
        row = markup[:width]
        rows = (len(markup) - 1) // width
        next_row = [markup[width], *row[1:]]
        if markup[:-1] != row + next_row * (rows - 1):
            return None
        joined = first if rows == 1 else self._between(next_row[0])
        known = self._known.issuperset(names)
        return names if known and joined is not None and joined[1] == names[0] else None


def _read_all(read: Callable[[str], Any], texts: list[str]) -> list[Any]:
    return texts if read is read_text and _all_clean(texts) else list(map(read, texts))


def _all_clean(texts: list[str]) -> bool:
    lines = "\n".join(("", *texts, ""))
    return lines.isascii() and not any(mark in lines for mark in _UNCLEAN)


def _adder(plan: Plan) -> Callable[[list[Any], Columns], None]:
    """Compile what makes records of columns, and adds them to a list."""
    names = [value.field for value in plan.attributes]
    lines = [
        f"for {', '.join(names)}, in zip(*columns):",
        "    record = Draft()",
        *(f"    record.{name} = {name}" for name in names),
        "    record.__class__ = Record",
        "    rows.append(record)",
    ]
    return compiled("add(rows, columns)", lines, {"Draft": draft_of(plan.cls), "Record": plan.cls})
