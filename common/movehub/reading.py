"""From a valid element to a record: one reader a plan and namespace, compiled from the plan.

A reader trusts the schema that went before it: what is required is there, and in order. Slots are filled
through their descriptors, which spares a call to `__setattr__` and a second cleaning a field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from operator import methodcaller
from typing import Any

from lxml import etree

from .binding import Child, Plan
from .errors import InvalidIncoming, Where
from .gate import line_of

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
#: What a document may say about schemas; it changes nothing.
HINTS = {f"{_XSI}schemaLocation", f"{_XSI}noNamespaceSchemaLocation"}

Reader = Callable[[etree._Element], Any]
Fill = Callable[[Any, Any], None]


@cache
def reader_of(plan: Plan, namespace: str) -> Reader:
    """Compile the reader of a plan for the elements of one namespace.

    The reader raises InvalidIncoming where a value that the schema let pass has no meaning in Python, such
    as the year 0.
    """
    cls = plan.cls
    new: Callable[[type], Any] = object.__new__
    blanks = [(_setter(cls, child.field), () if child.many else None) for child in plan.children]
    blanks += [(_setter(cls, value.field), None) for value in plan.values if value.optional]
    fill_attributes = _attributes_reader(plan)
    fill_content = _content_reader(plan, namespace)

    def read(element: etree._Element) -> Any:
        self = new(cls)
        for fill, blank in blanks:
            fill(self, blank)
        fill_attributes(self, element)
        fill_content(self, element)
        return self

    return read


def _attributes_reader(plan: Plan) -> Fill:
    items: Callable[[etree._Element], Iterable[tuple[str, str]]] = methodcaller("items")
    attributes = {value.name: (_setter(plan.cls, value.field), value.kind.read) for value in plan.attributes}

    def fill_attributes(self: Any, element: etree._Element) -> None:
        for name, text in items(element):
            if name not in attributes:
                _refuse_unless_a_hint(element, name)
                continue
            fill, convert = attributes[name]
            try:
                fill(self, convert(text))
            except (ValueError, KeyError):
                raise _senseless(element, name) from None

    return fill_attributes


def _content_reader(plan: Plan, namespace: str) -> Fill:
    texts = {
        f"{{{namespace}}}{value.name}": (_setter(plan.cls, value.field), False, _text) for value in plan.texts
    }
    children = {
        f"{{{namespace}}}{child.around or name}": (
            _setter(plan.cls, child.field),
            *_below(child, plans, namespace),
        )
        for child in plan.children
        for name, plans in child.alternatives
    }
    content = texts | children

    def fill_content(self: Any, element: etree._Element) -> None:
        repeated: dict[Fill, list[Any]] = {}
        for below in element:
            fill, many, read = content[below.tag]
            if many:
                repeated.setdefault(fill, []).append(read(below))
            else:
                fill(self, read(below))
        for fill, found in repeated.items():
            fill(self, tuple(found))

    return fill_content


def _text(element: etree._Element) -> str:
    for name in map(str, element.keys()):
        _refuse_unless_a_hint(element, name)
    return element.text or ""


def _setter(cls: type, field: str) -> Fill:
    return getattr(cls, field).__set__  # type: ignore[no-any-return]


def _below(child: Child, plans: tuple[Plan, ...], namespace: str) -> tuple[bool, Reader]:
    """Return whether an element adds to a list, and how it is read: alone, or as a list of its children."""
    read = _chooser(plans, namespace)
    return (child.many, read) if child.around is None else (False, _list_reader(read))


def _list_reader(read: Reader) -> Reader:
    def read_list(element: etree._Element) -> tuple[Any, ...]:
        for name in map(str, element.keys()):
            _refuse_unless_a_hint(element, name)
        return tuple(map(read, element))

    return read_list


def _chooser(plans: tuple[Plan, ...], namespace: str) -> Reader:
    """Return the reader of one plan, or one that chooses by the element that opens the content."""
    if len(plans) == 1:
        return reader_of(plans[0], namespace)
    by_opening = {f"{{{namespace}}}{plan.first_child()}": reader_of(plan, namespace) for plan in plans}
    return lambda element: by_opening[element[0].tag](element)


def _refuse_unless_a_hint(element: etree._Element, attribute: str) -> None:
    """Let `xsi:schemaLocation` pass, and nothing else that no schema can forbid.

    `xsi:type` would let a document choose another type of the schema than the one that stands for the
    element, with attributes that nobody here reads.
    """
    if attribute not in HINTS:
        raise InvalidIncoming("an xsi attribute that no message uses", where=_where(element, "@xsi"))


def _senseless(element: etree._Element, attribute: str) -> InvalidIncoming:
    where = _where(element, f"@{attribute}")
    return InvalidIncoming("the value is outside what can be represented", where=where)


def _where(element: etree._Element, last: str) -> Where:
    names = [etree.QName(part).localname for part in (*reversed(list(element.iterancestors())), element)]
    return Where("/".join([*names, last]), line_of(element))
