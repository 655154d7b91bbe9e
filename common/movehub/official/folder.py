"""The schemas in a folder, as an authority receives them: one file for each message, and included type files.

Such files can rarely be joined into one schema, since two may define a type of the same name. So each message
is validated by the file that defines its root element, directly or by an include.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

from lxml import etree

from movehub.codec.parser import parse, root_name
from movehub.codec.schema import Schema
from movehub.errors import InvalidConfiguration, Where
from movehub.official.tree import Node, read_trees
from movehub.protocol.edition import Violation

_XS = "{http://www.w3.org/2001/XMLSchema}"


class SchemaFolder:
    """All schema files in one folder and its subfolders. No file is fetched from elsewhere."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[type[SchemaFolder], tuple[Path]]:
        return SchemaFolder, (self.path,)

    @cached_property
    def files(self) -> Mapping[str, Path]:
        """The file of every possible root element. Files that another file includes do not count.

        Raises InvalidConfiguration if there is no such file, a file is not a schema, or two files define the
        same element.
        """
        if not self.path.is_dir():
            raise InvalidConfiguration(f"there is no folder {self.path}")
        parsed = {path.resolve(): _parsed(path) for path in sorted(self.path.rglob("*.xsd"))}
        included = {target for path, root in parsed.items() for target in _included(path, root)}
        found: dict[str, Path] = {}
        seen: set[Path] = set()
        tops = [path for path in parsed if path not in included]
        for top in (*tops, *(path for path in parsed if path in included)):
            if top in seen and top not in tops:  # if files include each other, the first one counts
                continue
            parts = _with_included(top, {})
            seen |= parts.keys()
            for root in parts.values():
                for element in root.iterfind(f"{_XS}element"):
                    name = element.get("name", "")
                    if found.setdefault(name, top) != top:
                        raise InvalidConfiguration(f"{top} and {found[name]} both define {name}")
        if not found:
            raise InvalidConfiguration(f"there is no schema with a root element in {self.path}")
        return found

    @cached_property
    def namespaces(self) -> frozenset[str]:
        """The target namespaces of those files. The messages of one system have one."""
        return frozenset(_parsed(path).get("targetNamespace", "") for path in self.files.values())

    @cached_property
    def _schemas(self) -> Mapping[str, Schema]:
        schemas = {path: Schema(path) for path in self.files.values()}
        return {root: schemas[path] for root, path in self.files.items()}

    @cached_property
    def trees(self) -> list[Node]:
        """The tree of each root element. Compiles the schemas first. Raises InvalidConfiguration."""
        self.compile()
        return read_trees(self.files)

    def read(self, data: bytes) -> etree._Element | Violation:
        """Return the root of an admitted document, or its violation. Raises Malformed or NotUtf8."""
        schema = self._schemas.get(root_name(data))
        return _unknown(data) if schema is None else schema.read(data)

    def judge(self, data: bytes) -> Violation | None:
        """Return the violation of an admitted document, if any. Raises Malformed or NotUtf8."""
        schema = self._schemas.get(root_name(data))
        return _unknown(data) if schema is None else schema.judge(data)

    def compile(self) -> None:
        """Compile the schemas now. Raises InvalidConfiguration if one cannot be compiled."""
        for schema in self._schemas.values():
            try:
                schema.compile()
            except etree.LxmlError:
                raise InvalidConfiguration(f"{schema.path} cannot be compiled") from None


def _unknown(data: bytes) -> Violation:
    parse(data, len(data))
    return Violation(Where(), "no message has this root element")


def _parsed(path: Path) -> etree._Element:
    try:
        root = etree.parse(path).getroot()
    except OSError:
        raise InvalidConfiguration(f"{path} cannot be opened") from None
    except etree.XMLSyntaxError:
        raise InvalidConfiguration(f"{path} is not XML") from None
    if root.tag != f"{_XS}schema":
        raise InvalidConfiguration(f"{path} is not an XML Schema")
    return root


def _included(path: Path, root: etree._Element) -> Iterator[Path]:
    for way in ("include", "redefine", "override"):
        for element in root.iterfind(f"{_XS}{way}"):
            yield (path.parent / element.get("schemaLocation", "")).resolve()


def _with_included(path: Path, seen: dict[Path, etree._Element]) -> dict[Path, etree._Element]:
    seen[path] = _parsed(path)
    for target in _included(path, seen[path]):
        if target not in seen:
            _with_included(target, seen)
    return seen
