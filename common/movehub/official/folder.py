"""The schemas in a folder, as an authority receives them: one file for each message, and included type files.

Such files can rarely be joined into one schema, since two may define a type of the same name. So each message
is validated by the file that defines its root element, directly or by an include.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from lxml import etree

from movehub.codec.parser import parse, root_name
from movehub.codec.schema import Schema
from movehub.codec.schema_files import XS, SchemaDocuments, SchemaFile, documents_of, parsed, read_files, real
from movehub.errors import InvalidConfiguration, Where
from movehub.official.limits import MOST_BYTES, MOST_FILES, too_large
from movehub.official.tree import Node, read_trees
from movehub.printable import printable
from movehub.protocol.edition import Violation


class SchemaFolder:
    """All schema files in one folder and its subfolders. No file outside the folder is ever opened."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[type[SchemaFolder], tuple[Path]]:
        return SchemaFolder, (self.path,)

    @cached_property
    def files(self) -> Mapping[str, Path]:
        """The file of every possible root element. Files that another file includes do not count.

        Raises InvalidConfiguration if there is no such file, a file is not a schema, a file refers to one
        outside the folder, the schemas are too large, or two files define the same element.
        """
        included = {target for file in self._read.values() for target in file.included}
        found: dict[str, Path] = {}
        seen: set[Path] = set()
        tops = [path for path in self._read if path not in included]
        for top in (*tops, *(path for path in self._read if path in included)):
            if top in seen and top not in tops:  # if files include each other, the first one counts
                continue
            parts = self._with_included(top)
            seen |= parts.keys()
            for root in parts.values():
                for element in root.iterfind(f"{XS}element"):
                    name = element.get("name", "")
                    if found.setdefault(name, top) != top:
                        raise InvalidConfiguration(f"{top} and {found[name]} both define {printable(name)}")
        if not found:
            raise InvalidConfiguration(f"there is no schema with a root element in {self.path}")
        return found

    @cached_property
    def namespaces(self) -> frozenset[str]:
        """The target namespaces of those files. The messages of one system have one."""
        return frozenset(self._read[path].root.get("targetNamespace", "") for path in self.files.values())

    @cached_property
    def _read(self) -> Mapping[Path, SchemaFile]:
        """Every schema file, by its real path."""
        if not self.path.is_dir():
            raise InvalidConfiguration(f"there is no folder {self.path}")
        paths: list[Path] = []
        for path in self.path.rglob("*.xsd"):
            paths.append(path)
            if len(paths) > MOST_FILES:
                raise InvalidConfiguration(f"{self.path} has more than {MOST_FILES} schema files")
        return read_files(sorted(paths), _Folder(self.path).opened)

    def _with_included(self, top: Path) -> Mapping[Path, etree._Element]:
        found: dict[Path, etree._Element] = {}
        todo = [top]
        while todo:
            path = todo.pop()
            found[path] = self._read[path].root
            todo += [target for target in self._read[path].included if target not in found]
        return found

    @cached_property
    def _schemas(self) -> Mapping[str, Schema]:
        documents = documents_of(self._read)
        schemas = {
            path: Schema(path, SchemaDocuments(self._read[path].name, documents))
            for path in set(self.files.values())
        }
        return {root: schemas[path] for root, path in self.files.items()}

    @cached_property
    def trees(self) -> list[Node]:
        """The tree of each root element. Compiles the schemas first. Raises InvalidConfiguration."""
        self.compile()
        return read_trees(self._schemas)

    def read(self, data: bytes) -> etree._Element | Violation:
        """Return the root of an admitted document, or its violation. Raises Malformed or NotUtf8."""
        schema = self._schemas.get(root_name(data))
        return _unknown(data) if schema is None else schema.read(data)

    def judge(self, data: bytes) -> Violation | None:
        """Return the violation of an admitted document, if any. Raises Malformed or NotUtf8."""
        schema = self._schemas.get(root_name(data))
        return _unknown(data) if schema is None else schema.judge(data)

    def compile(self) -> None:
        """Compile the schemas now. Raises InvalidConfiguration if one cannot be compiled, or is too large."""
        for schema in dict.fromkeys(self._schemas.values()):
            name = too_large(self._with_included(schema.path).values())
            if name is not None:
                raise InvalidConfiguration(f"{schema.path} is too large: look at {printable(name)}")
            try:
                schema.compile()
            except etree.LxmlError:
                raise InvalidConfiguration(f"{schema.path} cannot be compiled") from None


class _Folder:
    """Opens the files of one folder, up to a limit, and no other."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._files, self._bytes = 0, 0

    def opened(self, path: Path, referring: tuple[Path, str] | None) -> etree._Element:
        """Return the root of a schema file. Raises InvalidConfiguration."""
        if not path.is_relative_to(real(self._path)) or not path.is_file():
            raise InvalidConfiguration(self._refusal(path, referring))
        self._files += 1
        try:
            self._bytes += path.stat().st_size
            self._refuse_too_much()
            root = parsed(path.read_bytes())
        except OSError:
            raise InvalidConfiguration(f"{path} cannot be opened") from None
        except etree.XMLSyntaxError:
            raise InvalidConfiguration(f"{path} is not XML") from None
        if root.getroottree().docinfo.internalDTD is not None:
            raise InvalidConfiguration(f"{path} has a document type declaration: remove it")
        if root.tag != f"{XS}schema":
            raise InvalidConfiguration(f"{path} is not an XML Schema")
        return root

    def _refuse_too_much(self) -> None:
        if self._files > MOST_FILES or self._bytes > MOST_BYTES:
            most = f"{MOST_FILES} files of {MOST_BYTES // 1_000_000} MB"
            raise InvalidConfiguration(f"the schemas in {self._path} are larger than {most}")

    def _refusal(self, path: Path, referring: tuple[Path, str] | None) -> str:
        if referring is None:
            return f"{path} is not a file in {self._path}: put the file itself there, not a link"
        by, location = referring
        return (
            f"{by} refers to {printable(location)}, which is not a file in {self._path}: "
            "put a copy there, and refer to the copy"
        )


def _unknown(data: bytes) -> Violation:
    parse(data, len(data))
    return Violation(Where(), "no message has this root element")
