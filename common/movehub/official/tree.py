"""Reading a schema into a tree, with `xmlschema`, to be compared, shown, and held against a mapping.

It never judges a message: whether that is valid is for the compiled schema to say (`schemas`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any, Final

import xmlschema
from lxml import etree
from xmlschema.validators import XsdElement, XsdGroup

from movehub.codec.schema import Schema
from movehub.errors import InvalidConfiguration
from movehub.official.node import Facets, Node

#: How many elements and attributes a message may have, each counted wherever it can stand, and how deep they
#: may lie. Ours have a hundred, and lie six deep.
_MOST: Final = 20_000
_DEEPEST: Final = 30

WITHOUT_NAMESPACE: Final = "it has no namespace"
WITH_NAMESPACE: Final = "the attribute has a namespace"
MIXED: Final = "it can hold text between its elements"
OPEN: Final = "it is open to anything"
SUBSTITUTED: Final = "other elements can stand in its place"
NILLABLE: Final = "it can be nil"


def read_trees(files: Mapping[str, Path]) -> list[Node]:
    """Return what schemas say of root elements, each in its file. Raises InvalidConfiguration."""
    schemas = {path: _schema(path) for path in files.values()}
    return [_root(schemas[path], path, root) for root, path in files.items()]


def _schema(path: Path) -> xmlschema.XMLSchema11:
    """Read a file and what it includes: as 1.1, since some of the Commission's files ask for that.

    Whether it is a schema at all is judged by compiling it: `xmlschema` takes a hundred times as long.
    """
    try:
        Schema(path).compile()
        return xmlschema.XMLSchema11(str(path), allow="local", defuse="always", validation="skip")
    except (etree.LxmlError, xmlschema.XMLSchemaException, RecursionError, OSError):
        raise InvalidConfiguration(f"{path} cannot be read as a schema") from None


def _root(schema: xmlschema.XMLSchema11, path: Path, root: str) -> Node:
    if root not in schema.elements:
        raise InvalidConfiguration(f"{path} has no element {root}")
    return _Reader().element(schema.elements[root], required=True, many=False, depth=0)


class _Reader:
    """Reads one root element, and counts what it meets: a type that holds itself would never end."""

    def __init__(self) -> None:
        self._met = count(1)

    def element(self, element: Any, *, required: bool, many: bool, depth: int) -> Node:
        """Return what is said of an element, with all below it."""
        self._count(depth)
        kind = element.type
        complex_content = kind.is_complex() and kind.has_complex_content()
        attributes = tuple(self._attributes(element, depth)) if kind.is_complex() else ()
        return Node(
            name=element.local_name,
            required=required,
            many=many,
            facets=None if complex_content or kind.is_empty() else _facets(kind),
            below=attributes + (self._children(kind.content, depth + 1) if complex_content else ()),
            unusual=tuple(_unusual(element)),
        )

    def _attributes(self, element: Any, depth: int) -> Iterator[Node]:
        for name, attribute in element.attributes.items():
            if name is None:  # any attribute at all: told by `_unusual`
                continue
            self._count(depth)
            yield Node(
                f"@{attribute.local_name}",
                required=attribute.use == "required",
                facets=_facets(attribute.type),
                default=None if attribute.use == "required" else attribute.default or attribute.fixed,
                unusual=(WITH_NAMESPACE,) if attribute.qualified else (),
            )

    def _children(self, content: Any, depth: int) -> tuple[Node, ...]:
        found: dict[str, Node] = {}
        for element, required, many in _particles(content, required=True, many=False):
            node = self.element(element, required=required, many=many, depth=depth)
            known = found.get(node.name)
            found[node.name] = node if known is None else _joined(known, node)
        return tuple(found.values())

    def _count(self, depth: int) -> None:
        if depth > _DEEPEST or next(self._met) > _MOST:
            raise InvalidConfiguration("the schema is too large, or has an element that holds itself")


def _unusual(element: Any) -> Iterator[str]:
    """Yield what our schemas never have, and what cannot be read because of it."""
    kind = element.type
    if not element.qualified or not element.target_namespace:
        yield WITHOUT_NAMESPACE
    if kind.is_complex():
        if kind.mixed:
            yield MIXED
        if None in element.attributes or (kind.has_complex_content() and _has_wildcard(kind.content)):
            yield OPEN
    if element.nillable:
        yield NILLABLE
    if element.name in element.maps.substitution_groups:
        yield SUBSTITUTED


def _has_wildcard(group: Any) -> bool:
    return any(
        _has_wildcard(particle) if isinstance(particle, XsdGroup) else not isinstance(particle, XsdElement)
        for particle in group
    )


def _joined(one: Node, other: Node) -> Node:
    """Join what two branches of a choice say of elements of one name."""
    below = {node.name: node for node in other.below} | {node.name: node for node in one.below}
    unusual = tuple(dict.fromkeys(one.unusual + other.unusual))
    return Node(
        one.name,
        required=False,
        many=one.many or other.many,
        facets=one.facets,
        below=tuple(below.values()),
        unusual=unusual,
    )


def _particles(group: Any, *, required: bool, many: bool) -> Iterator[tuple[Any, bool, bool]]:
    """Yield every element of a content model, whether it must be there, and whether it may be repeated."""
    required = required and group.min_occurs > 0 and group.model != "choice"
    many = many or group.max_occurs is None or group.max_occurs > 1
    for particle in group:
        if isinstance(particle, XsdGroup):
            yield from _particles(particle, required=required, many=many)
        elif isinstance(particle, XsdElement):
            repeats = many or particle.max_occurs is None or particle.max_occurs > 1
            yield particle, required and particle.min_occurs > 0, repeats


def _facets(simple: Any) -> Facets:
    if simple.is_complex():
        simple = simple.content
    if not hasattr(simple, "primitive_type") and not hasattr(simple, "base_type"):
        return Facets("anything")
    base = getattr(simple, "primitive_type", None) or simple
    return Facets(
        primitive=base.local_name or "text",
        codes=tuple(map(str, _inherited(simple, "enumeration") or ())),
        shortest=_inherited(simple, "min_length"),
        longest=_inherited(simple, "max_length"),
    )


def _inherited(simple: Any, facet: str) -> Any:
    """Return a facet of a type, or of the nearest type above it that has one."""
    while simple is not None:
        value = getattr(simple, facet, None)
        if value is not None:
            return value
        simple = simple.base_type
    return None
