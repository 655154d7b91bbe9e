"""Read and write the extra fields of a record: what an official schema has, and its class lacks.

They are rare and few, so they are not compiled as the fields of a class are. A reader takes them out of the
element first, and a writer writes them where their schema has them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from typing import Any, TypeVar

from lxml import etree

from movehub.records import Extra, Plan, extra, with_extra

T = TypeVar("T")
Values = dict[str, str]
Out = list[str]


def taker(extras: tuple[Extra, ...], namespace: str) -> Callable[[etree._Element], Values]:
    """Return a function that takes extra fields out of an element and returns their values by field."""

    def take(element: etree._Element) -> Values:
        found: Values = {}
        done = []
        for each in extras:
            holder: Any = element
            if each.element is not None:
                holder = element.find(f"{{{namespace}}}{each.element}")
                done.append(holder)
            if holder is None:
                continue
            value = (holder.text or "") if each.attribute is None else holder.get(each.attribute)
            found |= {} if value is None else {each.field: value}
            if each.element is None and value is not None:
                del element.attrib[str(each.attribute)]
        for below in dict.fromkeys(done):
            if below is not None:
                element.remove(below)
        return found

    return take


def attribute_lines(extras: tuple[Extra, ...]) -> Iterator[str]:
    """Lines that write the extra attributes of an element, after its name or another attribute."""
    for each in extras:
        if each.element is None:
            head = f' {each.attribute}="'
            yield f"if (value := extra.get({each.field!r})) is not None: out += {head!r}, value, '\"', ''"


def element_lines(
    extras: tuple[Extra, ...], before: Collection[str | None], given: dict[str, Any]
) -> Iterator[str]:
    """Lines that write the extra elements which stand before one of these elements."""
    for name in dict.fromkeys(each.element for each in extras if each.before in before):
        if name is not None:
            writer = f"extra_{len(given)}"
            given[writer] = _element_writer(
                name, tuple(each for each in extras if each.element == name), given["content"]
            )
            yield f"{writer}(extra, out)"


def _element_writer(
    name: str, extras: tuple[Extra, ...], content: Callable[[str], str]
) -> Callable[[Values, Out], None]:
    def write(values: Values, out: Out) -> None:
        given = [(each.attribute, values[each.field]) for each in extras if each.field in values]
        markup, text = f"<{name}", ""
        for attribute, value in given:
            if attribute is None:
                text = content(value)
            else:
                out += (f'{markup} {attribute}="', value)
                markup = '"'
        if given:
            out += (f"{markup}>{text}</{name}>", "")

    return write


def misplaced(record: Any, plan: Plan) -> Iterator[str]:
    """Yield each extra field of a record, and of those below it, that its plan lacks: `Class.name`."""
    known = {each.field for each in plan.extras}
    yield from (f"{type(record).__name__}.{name}" for name in extra(record) if name not in known)
    for child in plan.children:
        plans = {below.cls: below for _, below_plans in child.alternatives for below in below_plans}
        found = getattr(record, child.field)
        for below in found if child.many else (found,):
            if below is not None:
                yield from misplaced(below, plans[type(below)])


def without_misplaced(record: T, plan: Plan) -> T:
    """Return a record, and those below it, without the extra fields that its plan lacks."""
    known = {each.field for each in plan.extras}
    changes: dict[str, Any] = {}
    for child in plan.children:
        plans = {below.cls: below for _, below_plans in child.alternatives for below in below_plans}
        found = getattr(record, child.field)
        if child.many:
            changes[child.field] = tuple(without_misplaced(below, plans[type(below)]) for below in found)
        elif found is not None:
            changes[child.field] = without_misplaced(found, plans[type(found)])
    kept = with_extra(record, **{name: None for name in extra(record) if name not in known})
    return replace(kept, **changes)  # type: ignore[type-var]
