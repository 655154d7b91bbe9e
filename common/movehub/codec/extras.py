"""Read and write the extra fields of a record: what an official schema has, and its class lacks.

They are rare and few, so they are not compiled as the fields of a class are. A reader takes them out of the
element first, and a writer writes them where their schema has them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

from lxml import etree

from movehub.records import Extra

Values = dict[str, str]
Out = list[str]


def taker(extras: tuple[Extra, ...], namespace: str) -> Callable[[etree._Element], Values]:
    """Return a function that takes extra fields out of an element and returns their values by field."""

    def take(element: etree._Element) -> Values:
        found: Values = {}
        done = []
        for extra in extras:
            holder: Any = element
            if extra.element is not None:
                holder = element.find(f"{{{namespace}}}{extra.element}")
                done.append(holder)
            if holder is None:
                continue
            value = (holder.text or "") if extra.attribute is None else holder.get(extra.attribute)
            found |= {} if value is None else {extra.field: value}
            if extra.element is None and value is not None:
                del element.attrib[str(extra.attribute)]
        for below in dict.fromkeys(done):
            if below is not None:
                element.remove(below)
        return found

    return take


def attribute_lines(extras: tuple[Extra, ...]) -> Iterator[str]:
    """Lines that write the extra attributes of an element, after its name or another attribute."""
    for extra in extras:
        if extra.element is None:
            head = f' {extra.attribute}="'
            yield f"if (value := extra.get({extra.field!r})) is not None: out += {head!r}, value, '\"', ''"


def element_lines(
    extras: tuple[Extra, ...], before: Collection[str | None], given: dict[str, Any]
) -> Iterator[str]:
    """Lines that write the extra elements which stand before one of these elements."""
    for name in dict.fromkeys(extra.element for extra in extras if extra.before in before):
        if name is not None:
            writer = f"extra_{len(given)}"
            given[writer] = _element_writer(
                name, tuple(extra for extra in extras if extra.element == name), given["content"]
            )
            yield f"{writer}(extra, out)"


def _element_writer(
    name: str, extras: tuple[Extra, ...], content: Callable[[str], str]
) -> Callable[[Values, Out], None]:
    def write(values: Values, out: Out) -> None:
        given = [(extra.attribute, values[extra.field]) for extra in extras if extra.field in values]
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
