"""The text of one long list, read by columns: the vehicles of a haulier, thousands of them.

Each element of such a list has attributes alone, and nearly always the same ones. So the text is taken apart
at its quotes, and what stands at one place of each row is a column of values; with no reference (`&`), tab or
line feed in it, each is what a parser would give. A tree is made only of a part where rows differ. Part of
`lists`, which says of which documents that is sound.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat, takewhile
from typing import Any, Final

from movehub.codec.parser import parse
from movehub.codec.reader import reader_of
from movehub.records.codegen import compiled, draft_of
from movehub.records.record import Plan
from movehub.records.values import read_text
from movehub.schema_types import ElementType, Unlike
from movehub.sure_values import is_plain, sure_value

#: About how many bytes of a list are taken apart at once.
CHUNK: Final = 1 << 16

#: How many ways of writing rows are remembered.
_MOST_MET: Final = 64

Columns = list[Iterable[Any]]
ReadAll = Callable[[list[str]], list[Any]]
#: The column of a value that no row has.
_NOTHING: Final = repeat(None)


#: A blank, as XML has it.
_BLANK: Final = "[ \t\r\n]"
_NAMED: Final = re.compile(rf"{_BLANK}+([A-Za-z_][\w.-]*)=", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Written:
    """One way of writing rows: the names of their values, and what stands before those."""

    names: list[str]
    first: list[str]
    others: list[str]

    def markup(self, rows: int) -> list[str]:
        """Return what stands before the values of so many rows."""
        return self.first + self.others * (rows - 1)


class LongList:
    """One kind of list: the element around it, the element of a row, and how rows are read."""

    def __init__(
        self, around: str, each: str, plan: Plan, namespace: str, said: ElementType | None = None
    ) -> None:
        self.around = around
        self.opening, self.closing = f"<{around}>".encode(), f"</{around}>".encode()
        end = rf"{_BLANK}*(?:/>|></{re.escape(each)}>){_BLANK}*"
        first = rf"<{re.escape(each)}{_NAMED.pattern}"
        self._first = re.compile(f"{_BLANK}*{first}", re.ASCII).fullmatch
        self._between = re.compile(end + first, re.ASCII).fullmatch
        self._last = re.compile(end, re.ASCII).fullmatch
        self._row = f"<{each} ".encode()
        self._around = f'<{around} xmlns="{namespace}">'.encode()
        self._known = tuple(value.name for value in plan.attributes)
        self._read_one = reader_of(plan, namespace)
        self._add = _adder(plan)
        self._sure = _sure_values(each, plan, said)
        self._cleaning = {value.name: _reader(value.kind.read) for value in plan.attributes}
        self._plainly = {
            value.name: _as_they_are if value.kind.read is read_text else self._cleaning[value.name]
            for value in plan.attributes
        }
        #: How rows are written, by what stands before the first value and after the last.
        self._met: dict[tuple[str, str], _Written] = {}

    def first(self, text: bytes) -> bytes:
        """Return the text of a list up to the end of its first row; nothing where it has none."""
        row = text.find(self._row)
        after = text.find(self._row, row + 1)
        return b"" if row < 0 else text if after < 0 else text[:after]

    def read(self, text: bytes, *, surely: bool) -> tuple[Any, ...]:
        """Return the rows of a list. Raises ValueError, KeyError or InvalidIncoming for a senseless value.

        Where it is done `surely`, each row is like the first, and each value one that the schema is sure to
        allow; else ValueError or KeyError are raised.
        """
        rows: list[Any] = []
        alike: list[str] | None = None
        for chunk in self._chunks(text):
            names, values = self._values_of(chunk)
            if surely and (not names or names != (alike or names)):
                raise ValueError("rows differ")
            alike = names
            if names and surely:
                if not is_plain('"'.join(values)):
                    raise ValueError("left to the schema")
                rows += self.sure_rows(names)(values)
            elif names:
                self._add(rows, self._columns(names, values))
            else:
                part = self._around + chunk + self.closing
                rows += (self._read_one(row, ()) for row in parse(part, len(part)))
        return tuple(rows)

    def sure_rows(self, names: Sequence[str]) -> ReadAll:
        """Return what makes rows of the values of all, which are plain and have these names in each row.

        It raises ValueError or KeyError for what is not sure; and so does this where nothing is.
        """
        if self._sure is None:
            raise ValueError("left to the schema")
        width, add = len(names), self._add
        known = [
            (names.index(name), self._sure[name]) if name in names else (0, None) for name in self._known
        ]

        def rows(values: list[str]) -> list[Any]:
            found: list[Any] = []
            add(
                found,
                [_NOTHING if read is None else _read(read, values[place::width]) for place, read in known],
            )
            return found

        return rows

    def _chunks(self, text: bytes) -> Iterator[bytes]:
        """Cut before a row; a `<` never stands within one."""
        start = 0
        while start < len(text):
            found = text.find(self._row, start + CHUNK)
            end = len(text) if found < 0 else found
            yield text[start:end]
            start = end

    def _values_of(self, chunk: bytes) -> tuple[list[str], list[str]]:
        """Return the names of the values of each row, and all their texts; none where rows are not all alike.

        None are returned, too, where a parser would change a value.
        """
        if b"&" in chunk or b"\t" in chunk or b"\r" in chunk:
            return [], []
        pieces = chunk.decode().split('"')
        markup = pieces[::2]
        names = self._names(markup) if len(pieces) % 2 else []
        lines = chunk.count(b"\n")
        if not names or (lines and lines != sum(piece.count("\n") for piece in markup)):
            return [], []
        return names, pieces[1::2]

    def _columns(self, names: list[str], values: list[str]) -> Columns:
        readers = self._plainly if is_plain('"'.join(values)) else self._cleaning
        width = len(names)
        return [
            _read(readers[name], values[names.index(name) :: width]) if name in names else _NOTHING
            for name in self._known
        ]

    def _names(self, markup: list[str]) -> list[str]:
        """Return the names of the values of every row; none where they, or what is between, differ."""
        ends = markup[0], markup[-1]
        known = self._met.get(ends)
        if known is not None and markup[:-1] == known.markup((len(markup) - 1) // len(known.names)):
            return known.names
        first = self._first(markup[0])
        if first is None or self._last(markup[-1]) is None:
            return []
        named = takewhile(bool, map(_NAMED.fullmatch, markup[1:-1]))
        names = [found[1] for found in (first, *named) if found is not None]
        width = len(names)
        written = _Written(names, markup[:width], [markup[width], *markup[1:width]])
        rows = (len(markup) - 1) // width
        if markup[:-1] != written.markup(rows):
            return []
        joined = first if rows == 1 else self._between(markup[width])
        if not set(names).issubset(self._known) or joined is None or joined[1] != names[0]:
            return []
        if rows > 1:
            if len(self._met) >= _MOST_MET:
                self._met.clear()
            self._met[ends] = written
        return names


def _read(read: ReadAll, texts: list[str]) -> list[Any]:
    """Read a column. One in which all is alike is read once: a haulier's vehicles are mostly of one country.

    All its rows then hold the same text, and not a copy each.
    """
    if texts[0] != texts[-1] or texts != texts[:1] * len(texts):
        return read(texts)
    return read(texts[:1]) * len(texts)


def _reader(read: Callable[[str], Any]) -> ReadAll:
    return lambda texts: list(map(read, texts))


def _as_they_are(texts: list[str]) -> list[Any]:
    return texts


def _sure_values(each: str, plan: Plan, said: ElementType | None) -> dict[str, ReadAll] | None:
    """Return how the values of a row are known to be valid; None where that is not known."""
    if said is None or each not in said.unbounded:
        return None
    rules = said.elements[each].attributes
    try:
        return {value.name: sure_value(value.kind, rules[value.name]).read_all for value in plan.attributes}
    except (Unlike, KeyError):
        return None


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
