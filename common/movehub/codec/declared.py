"""What a schema declares about a value, in its own words: the codes and lengths that an error shows.

A validator knows them too, but its texts also quote the document. Only the files of the schema are safe to
quote.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from lxml import etree

_XS: Final = "{http://www.w3.org/2001/XMLSchema}"
_ELEMENT: Final = f"{_XS}element"
_ATTRIBUTE: Final = f"{_XS}attribute"
#: Simple and complex types share their names.
_TYPES: Final = (f"{_XS}simpleType", f"{_XS}complexType")
#: What leads from a declaration to the restrictions of its value, if it stands inside.
_INSIDE: Final = (*_TYPES, f"{_XS}simpleContent", f"{_XS}restriction", f"{_XS}extension")
#: The most types that a type is made of. Ours are made of three.
_DEEPEST: Final = 30


class Declared:
    """The declarations in the files of a schema. `roots` are the roots of these files."""

    def __init__(self, roots: Iterable[etree._Element]) -> None:
        self._named: dict[tuple[str, str], etree._Element | None] = {}
        for root in roots:
            for each in root.iterchildren(etree.Element):
                key = _kind(each), each.get("name", "")
                # A name with two declarations, in two namespaces or redefined, says nothing for sure.
                self._named[key] = None if key in self._named else each

    def facet(self, path: Sequence[str], attribute: str, name: str) -> tuple[str, ...]:
        """Return a facet such as `maxLength` of a value: of the attribute, or of the element's own text.

        `path` has the names of the element and of those around it. Empty if the schema does not say it.
        """
        declaration = self._named.get((_ELEMENT, path[0])) if path else None
        for each in path[1:]:
            declaration = self._below(declaration, _ELEMENT, each)
        if attribute:
            declaration = self._below(declaration, _ATTRIBUTE, attribute)
        for part in self._chain(declaration):
            values = tuple(each.get("value", "") for each in part.iterchildren(_XS + name))
            if values:
                return values
        return ()

    def _below(self, declaration: etree._Element | None, kind: str, name: str) -> etree._Element | None:
        """Return the declaration of an attribute of an element, or of an element directly in it."""
        todo, seen = [declaration], list[etree._Element]()
        while todo:
            part = todo.pop()
            if part is None or part in seen:
                continue
            seen.append(part)
            todo += self._referred(part)
            for child in part.iterchildren(etree.Element):
                if child.tag not in {_ELEMENT, _ATTRIBUTE}:
                    todo.append(child)
                elif child.tag == kind and name == (child.get("name") or _local(child.get("ref"))):
                    return child
        return None

    def _chain(self, part: etree._Element | None) -> Iterator[etree._Element]:
        """Yield a declaration, its type, the type that this one restricts, and so on."""
        for _ in range(_DEEPEST):
            if part is None:
                return
            yield part
            onwards = [*self._referred(part), *part.iterchildren(*_INSIDE)]
            part = onwards[0] if onwards else None

    def _referred(self, part: etree._Element) -> list[etree._Element | None]:
        keys = [
            (str(part.tag), part.get("ref")),
            (_TYPES[0], part.get("type")),
            (_TYPES[0], part.get("base")),
        ]
        return [self._named.get((kind, _local(name))) for kind, name in keys if name]


def _kind(part: etree._Element) -> str:
    return _TYPES[0] if part.tag in _TYPES else str(part.tag)


def _local(name: str | None) -> str:
    return (name or "").rpartition(":")[2]
