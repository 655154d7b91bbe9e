"""A schema as a tree of elements and attributes: to compare it, to show it, and to check a mapping.

The tree never judges a message. Only the compiled schema does that (`movehub.codec.schema`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from email.message import Message
from functools import cached_property
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any, Final
from urllib.request import BaseHandler, OpenerDirector, Request
from urllib.response import addinfourl

import xmlschema
from lxml import etree
from xmlschema.validators import XsdElement, XsdGroup

from movehub.codec.schema import Schema
from movehub.codec.schema_files import SchemaDocuments
from movehub.errors import InvalidConfiguration
from movehub.printable import printable

#: The most elements and attributes of all messages, counted at every place, and the deepest level. Those of
#: ERRU have 464, on six levels.
_MOST: Final = 20_000
_DEEPEST: Final = 30

WITHOUT_NAMESPACE: Final = "it has no namespace"
WITH_NAMESPACE: Final = "the attribute has a namespace"
MIXED: Final = "it can have text between its elements"
OPEN: Final = "it accepts any element or attribute"
SUBSTITUTED: Final = "other elements can replace it"
NILLABLE: Final = "it can be nil"


@dataclass(frozen=True, slots=True)
class Facets:
    """The type of a value: its primitive type in XML Schema, its codes if it has a list, its lengths."""

    primitive: str
    codes: tuple[str, ...] = ()
    shortest: int | None = None
    longest: int | None = None

    def __str__(self) -> str:
        """Return the type in a few words."""
        lengths = f" of {self.shortest or 0} to {self.longest} characters" if self.longest else ""
        return f"one of {len(self.codes)} codes" if self.codes else f"{self.primitive}{lengths}"


@dataclass(frozen=True)
class Node:
    """An element with everything below it, or an attribute, with a name that begins with `@`.

    `facets` is None for an element without text. `unusual` lists features that our schemas never have.
    """

    name: str
    required: bool
    many: bool = False
    facets: Facets | None = None
    below: tuple[Node, ...] = ()
    #: The value of an absent attribute, if the schema has a default.
    default: str | None = None
    unusual: tuple[str, ...] = ()

    @property
    def is_attribute(self) -> bool:
        """Whether it is an attribute."""
        return self.name.startswith("@")

    def child(self, name: str) -> Node | None:
        """Return the child of that name. An attribute has its `@`."""
        return self._by_name.get(name)

    @cached_property
    def _by_name(self) -> dict[str, Node]:
        return {node.name: node for node in self.below}

    @cached_property
    def shape(self) -> Counter[tuple[int, str]]:
        """The depth and type of everything below, without names."""
        return Counter(self._shapes(0))

    def _shapes(self, depth: int) -> Iterator[tuple[int, str]]:
        yield depth, f"{self.is_attribute} {self.facets}"
        for node in self.below:
            yield from node._shapes(depth + 1)

    def defaults(self, above: str = "") -> Iterator[tuple[str, str]]:
        """Yield the path of every value that has a default, with it."""
        path = above + self.name
        if self.default is not None:
            yield path, self.default
        for node in self.below:
            yield from node.defaults(f"{path}/")


@dataclass(frozen=True, slots=True)
class Official:
    """The parts of official schemas that are needed to read their documents into our classes."""

    trees: Mapping[str, Node]
    #: Paths of theirs that are accepted and not read.
    ignored: frozenset[str] = frozenset()
    #: The default values of absent attributes, by their path.
    defaults: Mapping[str, str] = field(default_factory=dict)
    #: The names of extra fields, by their path there.
    extra: Mapping[str, str] = field(default_factory=dict)
    #: Paths of ours that have no place there, although our classes ask for them.
    missing: frozenset[str] = frozenset()


def read_trees(schemas: Mapping[str, Schema]) -> list[Node]:
    """Return the trees of root elements, each read from its schema. Raises InvalidConfiguration."""
    read = {schema: _schema(schema) for schema in schemas.values()}
    reader = _Reader()
    return [_root(reader, read[schema], schema.path, root) for root, schema in schemas.items()]


def _schema(schema: Schema) -> xmlschema.XMLSchema11:
    """Read a schema as XML Schema 1.1: some of the Commission's files need that.

    It is compiled first, to check that it is a schema: `xmlschema` needs a hundred times as long for that.
    """
    try:
        schema.compile()
        return _understood(schema.documents)
    except (etree.LxmlError, xmlschema.XMLSchemaException, RecursionError, OSError):
        raise InvalidConfiguration(f"{schema.path} cannot be read as a schema") from None


def _understood(documents: SchemaDocuments) -> xmlschema.XMLSchema11:
    """Let `xmlschema` read documents. It opens nothing but what its opener gives it."""
    opener = OpenerDirector()
    opener.add_handler(_Documents(documents.documents))
    return xmlschema.XMLSchema11(
        documents.top, allow="remote", defuse="always", validation="skip", use_fallback=False, opener=opener
    )


class _Documents(BaseHandler):
    """Gives `xmlschema` the documents, and no file."""

    def __init__(self, documents: Mapping[str, bytes]) -> None:
        self._documents = documents

    def movehub_open(self, request: Request) -> addinfourl:
        """Return a document. Raises OSError for an unknown name."""
        document = self._documents.get(request.full_url)
        if document is None:
            raise OSError("there is no such document")
        return addinfourl(BytesIO(document), Message(), request.full_url)


def _root(reader: _Reader, schema: xmlschema.XMLSchema11, path: Path, root: str) -> Node:
    if root not in schema.elements:
        raise InvalidConfiguration(f"{path} has no element {printable(root)}")
    try:
        return reader.element(schema.elements[root], required=True, many=False, depth=0)
    except (xmlschema.XMLSchemaException, RecursionError):
        raise InvalidConfiguration(f"{path}: {printable(root)} has groups inside too many groups") from None


class _Reader:
    """Reads root elements, and counts their nodes: a type that contains itself would never end."""

    def __init__(self) -> None:
        self._met = count(1)

    def element(self, element: Any, *, required: bool, many: bool, depth: int) -> Node:
        """Return the node of an element, with everything below it."""
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
            if name is None or attribute.use == "prohibited":  # a wildcard: `_unusual` reports it
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
            raise InvalidConfiguration("the schema is too large, or has an element that contains itself")


def _unusual(element: Any) -> Iterator[str]:
    """Yield the features of an element that our schemas never have."""
    kind = element.type
    if not element.qualified or not element.target_namespace:
        yield WITHOUT_NAMESPACE
    if kind.is_complex():
        if kind.mixed:
            yield MIXED
        content = kind.content.iter_elements() if kind.has_complex_content() else ()
        if None in element.attributes or not all(isinstance(each, XsdElement) for each in content):
            yield OPEN
    if element.nillable:
        yield NILLABLE
    if element.name in element.maps.substitution_groups:
        yield SUBSTITUTED


def _joined(one: Node, other: Node) -> Node:
    """Join two elements of one name from different branches of a choice."""
    below = {node.name: node for node in (*other.below, *one.below)}
    unusual = tuple(dict.fromkeys(one.unusual + other.unusual))
    many = one.many or other.many
    return replace(one, required=False, many=many, below=tuple(below.values()), unusual=unusual)


def _particles(group: Any, *, required: bool, many: bool) -> Iterator[tuple[Any, bool, bool]]:
    """Yield every element of a content model, whether it is required, and whether it may repeat."""
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
    """Return a facet of a type, or of its nearest base type that has it."""
    while simple is not None:
        value = getattr(simple, facet, None)
        if value is not None:
            return value
        simple = simple.base_type
    return None
