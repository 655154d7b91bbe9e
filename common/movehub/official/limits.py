"""Refuse schemas that would take minutes to compile, before they are compiled.

A few short groups that each name the one before twice make a content model of millions of elements, and the
time that libxml2 needs grows with the third power of its size.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from lxml import etree

from movehub.codec.schema_files import XS

#: The most files of a folder, and the most bytes of all of them. The schemas of ERRU 3.5 are 23 files of
#: 150 kB.
MOST_FILES: Final = 200
MOST_BYTES: Final = 3_000_000
#: The most elements, attributes and references of one content model, counted through its groups and base
#: types. The largest of ERRU 3.5 has fewer than a hundred.
_MOST_PARTS: Final = 300
#: The most references and elements of a schema file inside each other.
_DEEPEST: Final = 150

_TYPES: Final = frozenset({f"{XS}complexType", f"{XS}simpleType"})
#: What is counted once, and leads elsewhere by the name in this attribute.
_LEADING: Final = {
    f"{XS}group": ("ref", "group"),
    f"{XS}attributeGroup": ("ref", "attributeGroup"),
    f"{XS}extension": ("base", "type"),
    f"{XS}restriction": ("base", "type"),
    f"{XS}list": ("itemType", "type"),
    f"{XS}union": ("memberTypes", "type"),
    f"{XS}element": ("ref", "members"),
}
#: A type inside them is a content model of its own.
_OWN_MODEL: Final = frozenset({f"{XS}element", f"{XS}attribute"})
_COUNTED: Final = frozenset({f"{XS}attribute", f"{XS}any", f"{XS}anyAttribute", *_LEADING})

_Key = tuple[str, str]


def too_large(roots: Iterable[etree._Element]) -> str | None:
    """Return the name of a component that is too large, if there is one among the files of a schema."""
    sizes = _Sizes()
    for root in roots:
        sizes.add(root)
    return sizes.first_too_large()


class _Sizes:
    """The sizes of content models. Components of one name are added up, whatever their namespace."""

    def __init__(self) -> None:
        self._components: defaultdict[_Key, list[etree._Element]] = defaultdict(list)
        self._models: list[etree._Element] = []
        self._known: dict[_Key, int] = {}

    def add(self, root: etree._Element) -> None:
        """Add the components of a file."""
        for element in root.iter(f"{XS}group", f"{XS}attributeGroup", f"{XS}element", *_TYPES):
            kind = "type" if element.tag in _TYPES else etree.QName(element).localname
            if element.get("name") is not None and kind != "element":
                self._components[kind, element.get("name", "")].append(element)
            if kind == "element" and element.get("substitutionGroup"):
                for head in element.get("substitutionGroup", "").split():
                    self._components["members", _local(head)].append(element)
            if kind != "element":
                self._models.append(element)

    def first_too_large(self) -> str | None:
        """Return the name of the first component that is too large, if any."""
        for element in self._models:
            if self._inside(element, 0) > _MOST_PARTS:
                return element.get("name") or "a type without a name"
        heads = [name for kind, name in self._components if kind == "members"]
        return next((name for name in heads if self._named("members", name, 0) > _MOST_PARTS), None)

    def _inside(self, element: etree._Element, depth: int) -> int:
        """Return the number of parts of the content of an element of the schema file."""
        if depth > _DEEPEST:
            return _MOST_PARTS + 1
        size = 0
        for below in element:
            if below.tag in _COUNTED:
                size += 1 + self._led_to(below, depth)
            if below.tag not in _OWN_MODEL:
                size += self._inside(below, depth + 1)
        return size

    def _led_to(self, element: etree._Element, depth: int) -> int:
        attribute, kind = _LEADING.get(str(element.tag), ("ref", ""))
        names = element.get(attribute, "").split()
        return sum(self._named(kind, _local(name), depth + 1) for name in names)

    def _named(self, kind: str, name: str, depth: int) -> int:
        """Return the size of the components of a name. A part of itself counts as nothing."""
        key = kind, name
        if depth > _DEEPEST:
            return _MOST_PARTS + 1
        if key not in self._known:
            self._known[key] = 0  # a redefinition, or a circle, which the compiler refuses
            size = 0
            for component in self._components.get(key, ()):
                if kind == "members":
                    size += 1 + self._named(kind, component.get("name", ""), depth + 1)
                else:
                    size += self._inside(component, depth + 1)
            self._known[key] = min(size, _MOST_PARTS + 1)
        return self._known[key]


def _local(name: str) -> str:
    return name.rpartition(":")[2]
