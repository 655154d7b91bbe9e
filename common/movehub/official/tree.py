"""What a schema says, as a tree of elements and values: read with `xmlschema`, to be compared and shown.

It explains and never decides: whether a message is valid is for the compiled schema to say (`schemas`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import xmlschema

from ..errors import InvalidConfiguration

#: How deep a schema is read. Ours are six deep; a type that holds itself would never end.
_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class Facets:
    """The type of a value: its primitive type of XML Schema, its codes if it is a list, its lengths."""

    primitive: str
    codes: tuple[str, ...] = ()
    shortest: int | None = None
    longest: int | None = None

    def __str__(self) -> str:
        """Say it in a few words."""
        lengths = f" of {self.shortest or 0} to {self.longest} characters" if self.longest else ""
        return f"one of {len(self.codes)} codes" if self.codes else f"{self.primitive}{lengths}"


@dataclass(frozen=True)
class Node:
    """An element, with what is below it, or an attribute, whose name begins with `@`.

    `facets` is None for an element that holds no text.
    """

    name: str
    required: bool
    many: bool = False
    facets: Facets | None = None
    below: tuple[Node, ...] = ()
    qualified: bool = True

    @property
    def is_attribute(self) -> bool:
        """Whether it is an attribute."""
        return self.name.startswith("@")

    @cached_property
    def shape(self) -> Counter[tuple[int, str]]:
        """What is below, without names: how deep, and of which type."""
        return Counter(self._shapes(0))

    def descendants(self) -> Iterator[Node]:
        """Yield all that is below, down to the last attribute."""
        for node in self.below:
            yield node
            yield from node.descendants()

    def _shapes(self, depth: int) -> Iterator[tuple[int, str]]:
        yield depth, f"{self.is_attribute} {self.facets}"
        for node in self.below:
            yield from node._shapes(depth + 1)


def read_trees(files: Mapping[str, Path]) -> list[Node]:
    """Return what schemas say of root elements, each in its file. Raises InvalidConfiguration."""
    schemas = {path: _schema(path) for path in files.values()}
    return [_root(schemas[path], path, root) for root, path in files.items()]


def _schema(path: Path) -> xmlschema.XMLSchema11:
    """Read a file and what it includes: as 1.1, since some of the Commission's files ask for that."""
    try:
        return xmlschema.XMLSchema11(str(path), allow="local", defuse="always")
    except xmlschema.XMLSchemaException:
        raise InvalidConfiguration(f"{path} cannot be read as a schema") from None


def _root(schema: xmlschema.XMLSchema11, path: Path, root: str) -> Node:
    if root not in schema.elements:
        raise InvalidConfiguration(f"{path} has no element {root}")
    return _element(schema.elements[root], required=True, many=False, depth=0)


def _element(element: Any, *, required: bool, many: bool, depth: int) -> Node:
    if depth > _DEEPEST:
        raise InvalidConfiguration("the schema has an element that holds itself")
    attributes = tuple(
        Node(f"@{attribute.local_name}", required=attribute.use == "required", facets=_facets(attribute.type))
        for name, attribute in element.attributes.items()
        if name is not None
    )
    complex_content = element.type.is_complex() and element.type.has_complex_content()
    return Node(
        name=element.local_name,
        required=required,
        many=many,
        facets=None if complex_content or element.type.is_empty() else _facets(element.type),
        below=attributes + (_children(element.type.content, depth) if complex_content else ()),
        qualified=bool(element.target_namespace) and element.qualified,
    )


def _children(content: Any, depth: int) -> tuple[Node, ...]:
    found: dict[str, Node] = {}
    for element, required, many in _particles(content, required=True, many=False):
        node = _element(element, required=required, many=many, depth=depth + 1)
        known = found.get(node.name)
        found[node.name] = node if known is None else _joined(known, node)
    return tuple(found.values())


def _joined(one: Node, other: Node) -> Node:
    """Join what two branches of a choice say of elements of one name."""
    below = {node.name: node for node in other.below} | {node.name: node for node in one.below}
    many = one.many or other.many
    return Node(one.name, required=False, many=many, facets=one.facets, below=tuple(below.values()))


def _particles(group: Any, *, required: bool, many: bool) -> Iterator[tuple[Any, bool, bool]]:
    """Yield every element of a content model, whether it must be there, and whether it may be repeated."""
    required = required and group.min_occurs > 0 and group.model != "choice"
    many = many or group.max_occurs is None or group.max_occurs > 1
    for particle in group:
        if hasattr(particle, "model"):
            yield from _particles(particle, required=required, many=many)
        elif hasattr(particle, "attributes"):
            repeats = many or particle.max_occurs is None or particle.max_occurs > 1
            yield particle, required and particle.min_occurs > 0, repeats


def _facets(simple: Any) -> Facets:
    if simple.is_complex():
        simple = simple.content
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
