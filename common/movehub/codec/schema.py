"""The schema of an edition: compiled at its first use, asked about every document, and able to say why not.

The reasons are put in words here, by the kind of the error, since the validator's own texts quote the
document and so could carry a person's name into a log.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lxml import etree

from movehub.codec.parsers import strict_parser
from movehub.errors import Where

if TYPE_CHECKING:
    from movehub.schema_types import SchemaTypes

_XS = "{http://www.w3.org/2001/XMLSchema}"
#: What names things in a schema file, or leads to another one.
_NAMING = tuple(_XS + name for name in ("element", "attribute", "include", "redefine", "override"))
_ATTRIBUTE = re.compile(r"attribute '(?:\{[^}]*\})?([\w.-]+)'")
_FACET = re.compile(r"(?:minimum|maximum|allowed)? ?length of '(\d+)'\.?$")
_SET = "is not an element of the set {"
#: How many codes of a list an error shows.
_LONGEST_LIST = 20

#: How many steps the search for the places of errors may take on a tree: about half a second of them.
_STEPS = 10**8
#: How many errors are too many to look for the place of one.
_MANY = 50

#: Reasons by the validator's error types; `{allowed}` is what the schema, not the document, says.
_REASONS = {
    "SCHEMAV_CVC_ENUMERATION_VALID": "not one of {allowed}",
    "SCHEMAV_CVC_PATTERN_VALID": "not of the form that the schema asks for",
    "SCHEMAV_CVC_MAXLENGTH_VALID": "longer than {allowed} characters",
    "SCHEMAV_CVC_MINLENGTH_VALID": "shorter than {allowed} character(s)",
    "SCHEMAV_CVC_LENGTH_VALID": "not exactly {allowed} characters",
    "SCHEMAV_CVC_MININCLUSIVE_VALID": "before the earliest value allowed",
    "SCHEMAV_CVC_DATATYPE_VALID_1_2_1": "not a value of its type",
    "SCHEMAV_CVC_COMPLEX_TYPE_3_1": "an attribute that is not allowed here",
    "SCHEMAV_CVC_COMPLEX_TYPE_3_2_1": "an attribute that is not allowed here",
    "SCHEMAV_CVC_COMPLEX_TYPE_3_2_2": "an attribute that is not allowed here",
    "SCHEMAV_CVC_COMPLEX_TYPE_4": "a required attribute is missing",
    "SCHEMAV_CVC_COMPLEX_TYPE_2_1": "must be empty",
    "SCHEMAV_CVC_COMPLEX_TYPE_2_2": "holds elements where text is asked for",
    "SCHEMAV_CVC_COMPLEX_TYPE_2_3": "holds text between its elements",
    "SCHEMAV_ELEMENT_CONTENT": "an element is missing, out of place or repeated",
    "SCHEMAV_CVC_ELT_1": "no message begins with this element",
}


@dataclass(frozen=True, slots=True)
class Violation:
    """The first thing that is wrong with a document."""

    where: Where
    reason: str


class _Nothing:
    """What a parser builds that only judges."""

    def close(self) -> None:
        """End."""


class _Parsers(threading.local):
    """The parsers of one thread; shared ones would make threads wait for each other."""

    made: tuple[etree.XMLParser, etree.XMLParser] | None = None

    def of(self, schema: etree.XMLSchema) -> tuple[etree.XMLParser, etree.XMLParser]:
        """Return one that makes a tree, and one that only judges; made at their first use."""
        if self.made is None:
            self.made = strict_parser(schema), strict_parser(schema, _Nothing())
        return self.made


class Schema:
    """One schema file with all that it includes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._parsers = _Parsers()

    @classmethod
    def shipped(cls, name: str) -> Schema:
        """Return a schema of this distribution, such as `erru/3.5/erru.xsd`."""
        folder: str = import_module("movehub_xsd").__path__[0]
        return cls(Path(folder) / name)

    def compile(self) -> None:
        """Compile it now, and not at its first use. Raises etree.LxmlError."""
        _ = self._compiled

    @cached_property
    def _compiled(self) -> etree.XMLSchema:
        return etree.XMLSchema(etree.parse(self.path))

    @cached_property
    def _explaining(self) -> etree.XMLSchema:
        """A second copy, used under the lock: an error log is shared by all who validate with its schema."""
        return etree.XMLSchema(etree.parse(self.path))

    @cached_property
    def types(self) -> SchemaTypes:
        """What it says of each value, as far as that is plain."""
        from movehub.schema_types import SchemaTypes

        return SchemaTypes(self.path)

    @cached_property
    def names(self) -> frozenset[str]:
        """Every element and attribute name that the schema knows, and that may therefore be shown."""
        found: set[str] = set()
        todo, seen = [self.path.resolve()], set[Path]()
        while todo:
            path = todo.pop()
            seen.add(path)
            for element in etree.parse(path).iter(*_NAMING):
                found.add(element.get("name", ""))
                included = element.get("schemaLocation")
                target = (path.parent / included).resolve() if included else path
                todo += [] if target in seen else [target]
        return frozenset(found - {""})

    def admits(self, data: bytes) -> bool:
        """Whether a document that has passed the gate is valid beyond doubt.

        It is judged while it is read, and no tree is made of it: the memory it takes does not grow with the
        document, and the time no faster than the document does. `violation` says what is wrong.
        """
        _, judge = self._parsers.of(self._compiled)
        try:
            etree.fromstring(data, judge)
        except etree.XMLSyntaxError:
            return False
        return not judge.error_log

    def valid_root(self, data: bytes) -> etree._Element | None:
        """Return the root of a document that has passed the gate; None where it is not valid beyond doubt."""
        reader, _ = self._parsers.of(self._compiled)
        try:
            return etree.fromstring(data, reader)
        except etree.XMLSyntaxError:
            return None

    def violation(self, root: etree._Element, data: bytes) -> Violation | None:
        """Return what is wrong with a document, or None where it is valid.

        `root` is what was parsed from `data`. On a tree the validator works out a path for every single
        error, and counts the elements before it: one document of 2 MB could hold up a thread for minutes.
        Where that could take too many steps the document is judged while it is read once more, which stops
        at a hundred errors; and only where they are few is the place of the first looked for.
        """
        if _is_long(data):
            log: Any = self._streamed(data)
            if not log:
                return None
            if len(log) >= _MANY:
                return Violation(Where(), f"{_reason(log[0])}, one of very many errors")
        elif self._compiled(root):
            return None
        with self._lock:
            self._explaining.validate(root)
            log = self._explaining.error_log
            return Violation(self._where(root, log[0]), _reason(log[0]))

    def _streamed(self, data: bytes) -> Any:
        """Return the errors met while reading, at most a hundred of them."""
        parser = strict_parser(self._compiled)
        try:
            etree.fromstring(data, parser)
        except etree.XMLSyntaxError:
            return parser.error_log
        return ()

    def _where(self, root: etree._Element, entry: Any) -> Where:
        element = _found(root, entry.path)
        parts = [self._shown(part) for part in (*reversed(list(element.iterancestors())), element)]
        attribute = _ATTRIBUTE.search(entry.message)
        if attribute is not None:
            parts.append(f"@{attribute[1]}" if attribute[1] in self.names else "@?")
        return Where("/".join(parts), entry.line)

    def _shown(self, element: etree._Element) -> str:
        name = etree.QName(element).localname
        return name if name in self.names else "?"


def _is_long(data: bytes) -> bool:
    """Whether the places of errors could take too many steps: so many tags, for each tag and attribute."""
    tags = data.count(b"<")
    return tags * (tags + data.count(b"=")) > _STEPS


def _found(root: etree._Element, path: str | None) -> etree._Element:
    prefixes = {prefix: uri for prefix, uri in root.nsmap.items() if prefix}
    try:
        found: Any = root.getroottree().xpath(path or "/*", namespaces=prefixes)
    except etree.XPathError:
        return root
    return found[0] if found else root


def _reason(entry: Any) -> str:
    reason = _REASONS.get(entry.type_name, "not as the schema asks")
    text: str = entry.message
    if entry.type_name == "SCHEMAV_CVC_ENUMERATION_VALID" and _SET in text:
        return reason.format(allowed=_abridged(text.rpartition(_SET)[2].rstrip("}.")))
    facet = _FACET.search(text)
    return reason.format(allowed=facet[1] if facet else "the allowed number of")


def _abridged(codes: str) -> str:
    """Shorten a code list that nobody reads in a log: the longest has 476 codes."""
    each = codes.split("', '")
    if len(each) <= _LONGEST_LIST:
        return codes
    return f"{each[0]}', '{each[1]}', … '{each[-1]} ({len(each)} codes)"
