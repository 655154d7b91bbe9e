"""The schema of an edition, compiled at its first use: the only judge of whether a document is valid.

A document is judged while it is read, with the compiled schema attached to the parser. Reading stops soon
after a hundred errors, so the time of a refusal is linear in the size of the document, like that of reading.
What is wrong, and where, is found out in a step of its own after a refusal. The reasons are in our words, by
the kind of error: the validator's own texts quote the document, and could carry a person's name into a log.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from lxml import etree

from movehub.codec.declared import Declared
from movehub.codec.parser import parse, strict_parser
from movehub.codec.schema_files import SchemaDocuments, documents_of, parsed, read_files, real
from movehub.errors import Where
from movehub.protocol.edition import Violation

#: How the validator's text begins, before it quotes a value.
_ATTRIBUTE = re.compile(r"Element '[^']*'(?:,|: The) attribute '(?:\{[^}']*\})?([\w.-]+)'").match
#: How many codes of a list an error shows.
_LONGEST_LIST = 20

#: How many errors stop the reading of a document.
_MOST_ERRORS: Final = 100
#: From how many errors on the place of the first is not looked for. The validator works out a place for every
#: single error of a tree, and counts the elements before it.
_MANY_ERRORS: Final = 50
#: A document of up to so many bytes is read at once. A longer one is read in pieces, each at least that long.
_PIECE: Final = 2048

#: Reasons by the validator's error types.
_REASONS: Final = {
    "SCHEMAV_CVC_ENUMERATION_VALID": "not one of the codes that are allowed here",
    "SCHEMAV_CVC_PATTERN_VALID": "not of the form that the schema asks for",
    "SCHEMAV_CVC_MAXLENGTH_VALID": "longer than the schema allows",
    "SCHEMAV_CVC_MINLENGTH_VALID": "shorter than the schema allows",
    "SCHEMAV_CVC_LENGTH_VALID": "not as long as the schema asks",
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
#: Reasons with what the schema says, by the facet that says it.
_WITH_FACET: Final = {
    "SCHEMAV_CVC_ENUMERATION_VALID": ("enumeration", "not one of {}"),
    "SCHEMAV_CVC_MAXLENGTH_VALID": ("maxLength", "longer than {} characters"),
    "SCHEMAV_CVC_MINLENGTH_VALID": ("minLength", "shorter than {} character(s)"),
    "SCHEMAV_CVC_LENGTH_VALID": ("length", "not exactly {} characters"),
}


class _NoTree:
    """A target for a parser that only judges."""

    def close(self) -> None:
        """End."""


class _Parsers(threading.local):
    """The parsers of one thread: shared ones would make threads wait for each other, and mix their errors."""

    def __init__(self, schema: etree.XMLSchema) -> None:
        self.reader = strict_parser(schema)
        self.judge = strict_parser(schema, _NoTree())


class _Pieces:
    """A long document as a file, which ends early once there are too many errors.

    The pieces grow with what has been read: so the work on errors stays a share of the work on the document.
    """

    def __init__(self, data: bytes, parser: etree.XMLParser) -> None:
        self._data, self._parser = data, parser
        self.read_so_far = 0

    def read(self, _: int) -> bytes:
        """Return the next piece, which may be longer than asked for: lxml serves itself from it."""
        start = self.read_so_far
        if start and len(self._parser.error_log) >= _MOST_ERRORS:
            return b""
        piece = self._data[start : start + _PIECE + start // 8]
        self.read_so_far += len(piece)
        return piece


def _read(data: bytes, parser: etree.XMLParser) -> Any:
    """Return what a parser makes of a document. Raises XMLSyntaxError, also for what is not valid."""
    if len(data) <= _PIECE:
        return etree.fromstring(data, parser)
    pieces: Any = _Pieces(data, parser)
    made: Any = etree.parse(pieces, parser)
    return None if made is None else made.getroot()


class Schema:
    """One schema file with all that it includes. `documents` are its files if they were read before."""

    def __init__(self, path: Path, documents: SchemaDocuments | None = None) -> None:
        self.path = path
        self._given = documents
        self._lock = threading.Lock()

    def __reduce__(self) -> tuple[type[Schema], tuple[Path, SchemaDocuments | None]]:
        return Schema, (self.path, self._given)

    @classmethod
    def shipped(cls, name: str) -> Schema:
        """Return a schema of this distribution, such as `erru/3.5/erru.xsd`."""
        folder: str = import_module("movehub_xsd").__path__[0]
        return cls(Path(folder) / name)

    def compile(self) -> None:
        """Compile it now, and not at its first use. Raises etree.LxmlError."""
        _ = self._compiled

    @cached_property
    def documents(self) -> SchemaDocuments:
        """The files, read and parsed. Raises OSError or etree.LxmlError."""
        if self._given is not None:
            return self._given
        files = read_files([self.path], lambda path, _: parsed(path.read_bytes()))
        return SchemaDocuments(files[real(self.path)].name, documents_of(files))

    @cached_property
    def _compiled(self) -> etree.XMLSchema:
        return self.documents.compiled()

    @cached_property
    def _parsers(self) -> _Parsers:
        return _Parsers(self._compiled)

    @cached_property
    def names(self) -> frozenset[str]:
        """Every element and attribute name that the schema knows, and that may therefore be shown."""
        return self.documents.names()

    @cached_property
    def _declared(self) -> Declared:
        return Declared(map(etree.fromstring, self.documents.documents.values()))

    def read(self, data: bytes) -> etree._Element | Violation:
        """Return the root of an admitted document, or what is wrong with it. Raises Malformed or NotUtf8.

        A parser that validates overlooks faulty declarations of namespaces: see `Codec`.
        """
        parser = self._parsers.reader
        try:
            root: etree._Element = _read(data, parser)
        except etree.XMLSyntaxError:
            pass
        else:
            return root
        return self._violation(data, parser.error_log)

    def judge(self, data: bytes) -> Violation | None:
        """Return what is wrong with an admitted document, if anything. Raises Malformed or NotUtf8.

        No tree is built, so the memory for a valid document does not grow with it.
        """
        parser = self._parsers.judge
        try:
            _read(data, parser)
        except etree.XMLSyntaxError:
            pass
        else:
            if not parser.error_log:
                return None
        return self._violation(data, parser.error_log)

    def _violation(self, data: bytes, errors: Any) -> Violation:
        """Explain a refusal, as a step of its own. Looks for the place only if the errors are few."""
        if len(errors) >= _MANY_ERRORS:
            return Violation(Where(), f"{_reason_of(errors[0])}, one of very many errors")
        root = parse(data, len(data))
        with self._lock:  # an error log is shared by all who validate a tree with its schema
            if self._compiled.validate(root):
                return Violation(Where(), "not as the schema asks")
            log: Any = self._compiled.error_log
            entry = log[0]
        element = _found(root, entry.path)
        path = [self._shown(part) for part in (*reversed(list(element.iterancestors())), element)]
        found = _ATTRIBUTE(entry.message)
        attribute = "" if found is None else found[1] if found[1] in self.names else "?"
        where = Where("/".join([*path, f"@{attribute}"] if attribute else path), entry.line)
        return Violation(where, self._reason(entry, path, attribute))

    def _reason(self, entry: Any, path: Sequence[str], attribute: str) -> str:
        facet, reason = _WITH_FACET.get(entry.type_name, ("", ""))
        allowed = self._declared.facet(path, attribute, facet) if facet else ()
        return reason.format(_abridged(allowed, facet)) if allowed else _reason_of(entry)

    def _shown(self, element: etree._Element) -> str:
        name = etree.QName(element).localname
        return name if name in self.names else "?"


def _found(root: etree._Element, path: str | None) -> etree._Element:
    prefixes = {prefix: uri for prefix, uri in root.nsmap.items() if prefix}
    try:
        found: Any = root.getroottree().xpath(path or "/*", namespaces=prefixes)
    except etree.XPathError:
        return root
    return found[0] if found else root


def _reason_of(entry: Any) -> str:
    return _REASONS.get(entry.type_name, "not as the schema asks")


def _abridged(allowed: Sequence[str], facet: str) -> str:
    """Shorten a code list that is too long for a log: the longest has 476 codes."""
    if facet != "enumeration":
        return allowed[0]
    codes = [f"'{code}'" for code in allowed]
    if len(codes) <= _LONGEST_LIST:
        return ", ".join(codes)
    return f"{codes[0]}, {codes[1]}, … {codes[-1]} ({len(codes)} codes)"
