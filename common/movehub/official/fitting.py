"""Check that a document of an official schema fits our classes, before it is read into them.

The document is valid by the official schema. But that schema can allow more, or require less, than our
classes. An element or attribute that our classes do not have is refused, unless the mapping ignores it: it
would be lost silently. A value that our classes need is refused if it is absent: we never invent one. Paths
are those of the document.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from lxml import etree

from movehub.codec.parser import line_of
from movehub.codec.reader import HINTS, chosen
from movehub.errors import InvalidIncoming, Where
from movehub.official.tree import Official
from movehub.protocol.edition import Parts
from movehub.records import Attribute, Extra, Plan

UNKNOWN: Final = "the mapping does not cover something here, and it would be lost"
ABSENT: Final = "lacks a value that this library needs, although the official schema makes it optional"
REPEATED: Final = "has several elements, but only one can be read"
TEXT: Final = "has text, but text is not read here"


def fit(root: etree._Element, parts: Parts, official: Official) -> None:
    """Remove ignored elements and attributes, and fill in the schema's defaults.

    Raises InvalidIncoming if the document does not fit.
    """
    path = etree.QName(root).localname
    _fit_outside(root, (), path, official)
    names = [_qualified(root, name) for name, _ in parts]
    if [below.tag for below in root] != names:
        raise _refused(UNKNOWN, root, path)
    for below, (name, plan) in zip(root, parts, strict=True):
        _fit_record(below, plan, f"{path}/{name}", official)


def _fit_record(element: etree._Element, plan: Plan, path: str, official: Official) -> None:
    _fit_outside(element, plan.attributes, path, official, plan.extras)
    extras = {_qualified(element, extra.element) for extra in plan.extras if extra.element is not None}
    texts = {_qualified(element, value.name): value for value in plan.texts}
    children = {
        _qualified(element, child.around or name): (child, name, plans)
        for child in plan.children
        for name, plans in child.alternatives
    }
    met: list[str] = []
    for below in element:
        inside = f"{path}/{etree.QName(below).localname}"
        if below.tag in children:
            child, name, plans = children[below.tag]
            met += [child.field] if child.around is not None or not child.many else []
            if child.around is None:
                _fit_record(below, chosen(below, plans), inside, official)
            else:
                _fit_list(below, name, plans, inside, official)
        elif below.tag in texts and len(below) == 0:
            met.append(texts[below.tag].field)
        elif below.tag in extras and len(below) == 0:
            met.append(below.tag)
            _fit_extra(below, plan, inside, official)
        else:
            raise _refused(UNKNOWN, below, path)
    if len(set(met)) < len(met):
        raise _refused(REPEATED, element, path)
    _refuse_absent(element, plan, path)


def _fit_list(
    element: etree._Element, name: str, plans: tuple[Plan, ...], path: str, official: Official
) -> None:
    """Check the element around a list."""
    _fit_outside(element, (), path, official)
    for item in element:
        if item.tag != _qualified(element, name):
            raise _refused(UNKNOWN, item, path)
        _fit_record(item, chosen(item, plans), f"{path}/{name}", official)


def _fit_extra(element: etree._Element, plan: Plan, path: str, official: Official) -> None:
    """Check an element that only they have. Its text must be an extra field if it has one."""
    name = etree.QName(element).localname
    extras = tuple(extra for extra in plan.extras if extra.element == name)
    _fit_attributes(element, (), path, official, {extra.attribute for extra in extras})
    if (element.text or "").strip() and all(extra.attribute is not None for extra in extras):
        raise _refused(TEXT, element, path)


def _fit_outside(
    element: etree._Element,
    attributes: tuple[Attribute, ...],
    path: str,
    official: Official,
    extras: tuple[Extra, ...] = (),
) -> None:
    """Check the attributes, refuse text, and remove ignored elements."""
    of_element = {extra.attribute for extra in extras if extra.element is None}
    _fit_attributes(element, attributes, path, official, of_element)
    if (element.text or "").strip():
        raise _refused(TEXT, element, path)
    for below in element:
        if (below.tail or "").strip():
            raise _refused(TEXT, below, path)
    for below in list(element):
        if f"{path}/{etree.QName(below).localname}" in official.ignored:
            element.remove(below)


def _fit_attributes(
    element: etree._Element,
    attributes: tuple[Attribute, ...],
    path: str,
    official: Official,
    extras: Collection[str | None],
) -> None:
    """Remove ignored attributes, refuse unknown and absent ones, and fill in defaults."""
    known = {value.name for value in attributes} | {name for name in extras if name is not None}
    for name in map(str, element.keys()):
        if f"{path}/@{name}" in official.ignored:
            del element.attrib[name]
        elif name not in known and name not in HINTS:
            raise _refused(UNKNOWN, element, path)
    for expected in known:
        default = official.defaults.get(f"{path}/@{expected}")
        if default is not None and expected not in element.attrib:
            element.set(expected, default)
    for value in attributes:
        if value.name not in element.attrib and not value.optional:
            raise _refused(ABSENT, element, f"{path}/@{value.name}")


def _refuse_absent(element: etree._Element, plan: Plan, path: str) -> None:
    present = {below.tag for below in element}
    for value in plan.texts:
        if not value.optional and _qualified(element, value.name) not in present:
            raise _refused(ABSENT, element, f"{path}/{value.name}")
    for child in plan.children:
        names = {_qualified(element, child.around or name) for name, _ in child.alternatives}
        if not child.optional and not names & present:
            raise _refused(ABSENT, element, f"{path}/{child.around or child.alternatives[0][0]}")


def _qualified(element: etree._Element, name: str) -> str:
    return f"{{{etree.QName(element).namespace}}}{name}"


def _refused(reason: str, element: etree._Element, path: str) -> InvalidIncoming:
    return InvalidIncoming(reason, where=Where(path, line_of(element)))
