"""The paths of a schema and of a document, found by walking it, to hold against those of the classes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree
from movehub.protocol.edition import Edition

from .building import read_schema


def schema_paths(edition: Edition, root: str) -> set[str]:
    """Return the path of every element and attribute below one root."""
    return set(_below(read_schema(edition).elements[root], root))


def document_paths(document: bytes) -> set[str]:
    """Return the path of every element and attribute that stands in a document."""
    return set(_in(etree.fromstring(document), ""))


def _in(element: etree._Element, above: str) -> Iterator[str]:
    path = f"{above}/{etree.QName(element).localname}".removeprefix("/")
    yield path
    yield from (f"{path}/@{name}" for name in element.attrib if not name.startswith("{"))
    for child in element.iterchildren("*"):
        yield from _in(child, path)


def _below(element: Any, path: str) -> Iterator[str]:
    yield path
    yield from (f"{path}/@{name}" for name in element.attributes)
    if element.type.has_complex_content() or element.type.is_element_only():
        for child in element.type.content.iter_elements():
            yield from _below(child, f"{path}/{child.local_name}")
