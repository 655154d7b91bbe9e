"""The files of a schema, read here and nowhere else.

libxml2 and xmlschema would each follow an include by rules of their own: into another folder, over the
network, or to `ERRU 3.5` in place of `ERRU%203.5`. So every file is read and parsed here. In its references,
names of documents stand in place of paths, and both libraries see these documents alone.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from lxml import etree

XS: Final = "{http://www.w3.org/2001/XMLSchema}"
#: The elements by which a schema file includes another one of its namespace.
_INCLUDING: Final = tuple(XS + name for name in ("include", "redefine", "override"))
_REFERRING: Final = (*_INCLUDING, f"{XS}import")
#: What names things in a schema file.
_NAMING: Final = (f"{XS}element", f"{XS}attribute")
#: The scheme of the names of documents. No file and no server has such a name.
_SCHEME: Final = "movehub"

#: Returns the root of a schema file. Raises for a file that may not be read. The second argument is the file
#: that refers to it, with the location in the words of that file.
Opener = Callable[[Path, tuple[Path, str] | None], etree._Element]


@dataclass(frozen=True, slots=True)
class SchemaFile:
    """One schema file: the name and the root of its document, and the files that it includes."""

    name: str
    root: etree._Element
    included: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class SchemaDocuments:
    """A schema without files: the document of its own, and every document by its name."""

    top: str
    documents: Mapping[str, bytes]

    def compiled(self) -> etree.XMLSchema:
        """Compile it with libxml2. Raises etree.LxmlError."""
        parser = etree.XMLParser(no_network=True, resolve_entities=False, load_dtd=False)
        parser.resolvers.add(_Documents(self.documents))
        return etree.XMLSchema(etree.fromstring(self.documents[self.top], parser, base_url=self.top))

    def names(self) -> frozenset[str]:
        """Return every element and attribute name in the documents."""
        roots = map(etree.fromstring, self.documents.values())
        return frozenset(element.get("name", "") for root in roots for element in root.iter(*_NAMING)) - {""}


class _Documents(etree.Resolver):
    """Gives libxml2 the documents, and no file."""

    def __init__(self, documents: Mapping[str, bytes]) -> None:
        self._documents = documents

    def resolve(self, system_url: str, public_id: str, context: Any = None) -> Any:  # noqa: ARG002
        """Return the document of a name. An unknown name gives an empty one, which cannot be compiled."""
        document = self._documents.get(system_url, b"")
        return self.resolve_string(document, context, base_url=system_url)


def parsed(data: bytes) -> etree._Element:
    """Parse the bytes of a schema file. Raises etree.XMLSyntaxError."""
    return etree.fromstring(data, etree.XMLParser(no_network=True, resolve_entities=False, load_dtd=False))


def read_files(tops: Iterable[Path], opened: Opener) -> dict[Path, SchemaFile]:
    """Read schema files and every file to which they refer, by their real paths. Raises as `opened` does."""
    found: dict[Path, SchemaFile] = {}
    references: list[tuple[etree._Element, Path]] = []
    todo: deque[tuple[Path, tuple[Path, str] | None]] = deque((real(top), None) for top in tops)
    while todo:
        path, referring = todo.popleft()
        if path in found:
            continue
        root = opened(path, referring)
        targets = list(_references(path, root))
        included = tuple(target for element, target in targets if element.tag in _INCLUDING)
        found[path] = SchemaFile(f"{_SCHEME}:{len(found)}.xsd", root, included)
        references += targets
        todo += [(target, (path, element.get("schemaLocation", ""))) for element, target in targets]
    for element, target in references:
        element.set("schemaLocation", found[target].name)
    return found


def documents_of(files: Mapping[Path, SchemaFile]) -> dict[str, bytes]:
    """Return the documents of files by their names."""
    return {file.name: etree.tostring(file.root) for file in files.values()}


def _references(path: Path, root: etree._Element) -> Iterator[tuple[etree._Element, Path]]:
    """Yield each element that refers to a file, and the real path of the file.

    A location is a URI, so `%20` in it is a blank. But if a file has exactly that name, it is the one.
    """
    for element in root.iterchildren(*_REFERRING):
        location = " ".join(element.get("schemaLocation", "").split())
        if location:
            exact = real(path.parent / location)
            is_uri = "%" in location and not os.path.exists(exact)
            yield element, real(path.parent / unquote(location)) if is_uri else exact


def real(path: Path) -> Path:
    """Return a path without symbolic links. Unlike `Path.resolve`, it accepts one that leads to itself."""
    return Path(os.path.realpath(path))
