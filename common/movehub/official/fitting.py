"""Whether a document of an official schema fits our classes, before it is read into them.

The official schema has judged it already; but what it allows can be more, or less, than the classes know.
A field that nobody here reads is refused unless the mapping says that it may be ignored: else it would be
lost without a word. A field that the classes need and the schema does not is refused where it is absent:
nothing is made up in its place.
"""

from __future__ import annotations

from collections.abc import Collection

from lxml import etree

from ..binding import Plan
from ..errors import InvalidIncoming, Where
from ..gate import line_of

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
UNKNOWN = "a field that the mapping does not speak of"
ABSENT = "lacks a field that is needed here, although its schema makes it optional"


def fit(element: etree._Element, plan: Plan, path: str, ignored: Collection[str]) -> None:
    """Take away what may be ignored, below an element and in it. Raises InvalidIncoming."""
    known = {value.name for value in plan.attributes}
    for name in map(str, element.keys()):
        if f"{path}/@{name}" in ignored:
            del element.attrib[name]
        elif name not in known and not name.startswith(_XSI):  # xsi is judged by the reader
            raise _refused(UNKNOWN, element, path)
    for value in plan.attributes:
        if not value.optional and value.name not in element.attrib:
            raise _refused(ABSENT, element, f"{path}/@{value.name}")
    _fit_children(element, plan, path, ignored)


def _fit_children(element: etree._Element, plan: Plan, path: str, ignored: Collection[str]) -> None:
    texts = {value.name for value in plan.texts}
    children = {
        child.around or name: (child, name, plans)
        for child in plan.children
        for name, plans in child.alternatives
    }
    namespace = etree.QName(element).namespace
    for below in list(element):
        name = etree.QName(below).localname
        if etree.QName(below).namespace != namespace:
            raise _refused(UNKNOWN, below, path)
        if f"{path}/{name}" in ignored:
            element.remove(below)
        elif name in children:
            child, inner, plans = children[name]
            items = [below] if child.around is None else list(below)
            inside = f"{path}/{name}" if child.around is None else f"{path}/{name}/{inner}"
            for item in items:
                fit(item, _chosen(item, plans), inside, ignored)
        elif name not in texts:
            raise _refused(UNKNOWN, below, path)
    _refuse_absent(element, plan, path)


def _refuse_absent(element: etree._Element, plan: Plan, path: str) -> None:
    present = {etree.QName(below).localname for below in element}
    for value in plan.texts:
        if not value.optional and value.name not in present:
            raise _refused(ABSENT, element, f"{path}/{value.name}")
    for child in plan.children:
        names = {child.around or name for name, _ in child.alternatives}
        if not child.optional and not names & present:
            raise _refused(ABSENT, element, f"{path}/{min(names)}")


def _chosen(element: etree._Element, plans: tuple[Plan, ...]) -> Plan:
    """Return the plan that an element follows: the reader chooses by the element that opens the content."""
    opening = etree.QName(element[0]).localname if len(element) else None
    return next((plan for plan in plans if plan.first_child() == opening), plans[0])


def _refused(reason: str, element: etree._Element, path: str) -> InvalidIncoming:
    return InvalidIncoming(reason, where=Where(path, line_of(element)))
