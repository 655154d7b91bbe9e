"""Records as cells: each value of a record has a column, so that no answer loses a field.

A record inside another adds its values to the same row. If both have a column of the same name, the inner one
has the name of its record in front. Each item of a list has a row of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from movehub.protocol.plain_data import to_dict
from movehub.records import Child, Plan, extra, plan_of

#: The column of the fields that only an official schema has.
EXTRA: Final = "extra"

_Path = tuple[str, ...]
_YES_OR_NO: Final = {True: "yes", False: "no"}


def columns_of(*classes: type) -> tuple[str, ...]:
    """Return the columns for the values of these records, and of the items of their lists."""
    found: dict[str, None] = {}
    for cls in classes:
        found.update(dict.fromkeys(_columns(cls)))
        for _, items in _lists(cls):
            found.update(dict.fromkeys(columns_of(*items)))
    return tuple(found)


def lists_of(*classes: type) -> set[str]:
    """Return the names of all lists in these records."""
    return {name for cls in classes for path, items in _lists(cls) for name in (path[-1], *lists_of(*items))}


def cells_of(record: Any) -> dict[str, str]:
    """Return the cells of a record and of the records inside it, without its lists."""
    cells = {name: _text(_at(record, path)) for name, path in _columns(_class_of(record)).items()}
    extras = dict(_extras(record, plan_of(_class_of(record)), ""))
    return {**cells, EXTRA: json.dumps(extras, ensure_ascii=False)} if extras else cells


def items_of(record: Any) -> Iterator[tuple[str, Any]]:
    """Yield the name of its list and each item, and below an item those of its own lists."""
    for path, _ in _lists(_class_of(record)):
        for item in _at(record, path) or ():
            yield path[-1], item
            yield from items_of(item)


@cache
def _columns(cls: type) -> dict[str, _Path]:
    """Return the path to the value of each column."""
    columns: dict[str, _Path] = {}
    for path in _values(plan_of(cls), ()):
        name = path[-1]
        if columns.get(name, path) != path:
            name = "_".join(path[-2:])
        columns[name] = path
    return columns


def _values(plan: Plan, above: _Path) -> Iterator[_Path]:
    yield from ((*above, value.field) for value in plan.values)
    for child in plan.children:
        if not child.many:
            for inner in _plans(child):
                yield from _values(inner, (*above, child.field))


@cache
def _lists(cls: type) -> tuple[tuple[_Path, tuple[type, ...]], ...]:
    """Return the path to each list of a record, and the classes of its items."""
    return tuple(_lists_below(plan_of(cls), ()))


def _lists_below(plan: Plan, above: _Path) -> Iterator[tuple[_Path, tuple[type, ...]]]:
    for child in plan.children:
        path = (*above, child.field)
        if child.many:
            yield path, child.classes
            continue
        for inner in _plans(child):
            yield from _lists_below(inner, path)


def _plans(child: Child) -> Iterator[Plan]:
    for _, plans in child.alternatives:
        yield from plans


def _class_of(record: Any) -> type:
    return type(record)


def _at(record: Any, path: _Path) -> Any:
    """Follow a path. In a choice between records, the one that is there may lack a field."""
    for name in path:
        record = getattr(record, name, None)
    return record


def _text(value: Any) -> str:
    plain = to_dict(value)
    if isinstance(plain, bool):
        return _YES_OR_NO[plain]
    return "" if plain is None else str(plain)


def _extras(record: Any, plan: Plan, above: str) -> Iterator[tuple[str, str]]:
    for name, value in extra(record).items():
        yield above + name, value
    for child in plan.children:
        inner = getattr(record, child.field)
        if not child.many and inner is not None:
            yield from _extras(inner, plan_of(_class_of(inner)), f"{above}{child.field}.")
