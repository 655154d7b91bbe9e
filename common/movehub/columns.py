"""Long lists read by column: the vehicles of a haulier, thousands of them, each with the same few attributes.

Where the records of a list have attributes alone, the values of one attribute are asked for at once, for the
whole list, and not element by element: that spares what lxml makes and throws away for each of them. It is
done only where no doubt is left which value belongs to which record: each attribute stands on every element
or on none, and nothing else does. `columns_of` says None otherwise, and `reading` goes element by element.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import repeat
from typing import Any

from lxml import etree

from .binding import Attribute, Plan
from .compiling import compiled, draft_of
from .values import read_text

#: From how many elements on it is the faster way.
LONG_LIST = 16

_COUNT = etree.XPath("count(*/@*)")
#: What a list of texts, each on a line of its own, has in it where one of them has to be cleaned.
_UNCLEAN = ("  ", "\n ", " \n", "\t", "\r")

Rows = Callable[[etree._Element], tuple[Any, ...] | None]
Columns = list[Iterable[Any]]


def rows_reader(plan: Plan) -> Rows | None:
    """Return what reads the elements below one, or None where the records have more than attributes."""
    if plan.children or plan.texts or not plan.attributes:
        return None
    names = [value.field for value in plan.attributes]
    lines = ["rows = []", f"for {', '.join(names)}, in zip(*columns):", "    record = Draft()"]
    lines += [f"    record.{name} = {name}" for name in names]
    lines += ["    record.__class__ = Record", "    rows.append(record)", "return tuple(rows)"]
    filled = compiled("rows(columns)", lines, {"Draft": draft_of(plan.cls), "Record": plan.cls})
    queries = [(_query(value), value) for value in plan.attributes]

    def read_rows(element: etree._Element) -> tuple[Any, ...] | None:
        columns = columns_of(element, queries)
        return None if columns is None else filled(columns)

    return read_rows


def _query(value: Attribute) -> etree.XPath:
    return etree.XPath(f"*/@{value.name}", smart_strings=False)


def columns_of(element: etree._Element, queries: Iterable[tuple[etree.XPath, Attribute]]) -> Columns | None:
    """Return the values of each attribute, in the order of the elements, or None where a doubt is left."""
    columns: Columns = []
    found = 0
    for query, value in queries:
        texts: Any = query(element)
        found += len(texts)
        if len(texts) == len(element):
            try:
                columns.append(_read_all(value, texts))
            except (ValueError, KeyError):
                return None
        elif texts or not value.optional:
            return None
        else:
            columns.append(repeat(None, len(element)))
    return columns if found == _COUNT(element) else None


def _read_all(value: Attribute, texts: list[str]) -> list[Any]:
    if value.kind.read is not read_text or not _all_clean(texts):
        return list(map(value.kind.read, texts))
    return texts


def _all_clean(texts: list[str]) -> bool:
    lines = "\n".join(("", *texts, ""))
    return (
        lines.isascii()
        and not any(mark in lines for mark in _UNCLEAN)
        and lines.count("\n") == len(texts) + 1
    )
