"""Parse XML strictly: no DOCTYPE, no entity, no network, no repair, UTF-8 whatever a document declares.

`admit` looks at a document before anything is parsed: size first, then encoding, then the prolog, the only
place where the grammar of XML 1.0 (production 22) allows a DOCTYPE. So no entity is ever declared, and none
can expand. No switch leaves any of this out.
Regulation (EU) 2016/68 and (EU) 2016/480, Annex III, 1.2: UTF-8.
"""

from __future__ import annotations

import re
import threading
from typing import Any, Final

from lxml import etree

from movehub.errors import ForbiddenDoctype, Malformed, NotUtf8, TooLarge, Where
from movehub.protocol.message import DEFAULT_LIMIT

_BOM = b"\xef\xbb\xbf"
_OTHER_ENCODINGS = (b"\xff\xfe", b"\xfe\xff", b"\x00", b"<\x00")
_DECLARATION = re.compile(rb"<\?xml\s[^>]*?\?>")
_ENCODING = re.compile(rb"""\sencoding\s*=\s*["']([A-Za-z0-9._-]*)["']""")
#: How nearly every document begins: at most a plain declaration stands before the root.
_PLAIN = re.compile(
    rb"""(?:<\?xml version=["']1\.0["'] encoding=["'](?:UTF|utf)-8["']\?>[\r\n]*)?<[A-Za-z_]"""
).match
#: What may stand before the root: a mark, blanks, comments, instructions. Each begins in its own way, so a
#: match never goes back, and its time grows with the prolog alone.
_PROLOG = re.compile(rb"(?:\xef\xbb\xbf)?(?:[ \t\r\n]+|<!--.*?-->|<\?.*?\?>)*", re.DOTALL)
#: How many bytes without a `<` are looked at more closely. Our longest tags have 4 KB.
_WINDOW: Final = 32_768
#: A tag with so many attributes that each of them, refused on its own, would keep other documents waiting.
_ENDLESS_TAG = re.compile(rb"""<[^<>"'=]*+(?:=[ \t\r\n]*+(?:"[^<"]*+"|'[^<']*+')[^<>"'=]*+){1000}""").match
_NAME = re.compile(rb"<(?:[^ \t\r\n/>:]*:)?([^ \t\r\n/>]+)")


def strict_parser(schema: etree.XMLSchema | None = None, target: Any = None) -> etree.XMLParser:
    """Return a new parser. With a schema it also validates, with a target it builds no tree."""
    return etree.XMLParser(
        encoding="utf-8",
        schema=schema,
        target=target,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        recover=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )


def admit(data: bytes, limit: int = DEFAULT_LIMIT) -> None:
    """Check a document before it is parsed. Raises TooLarge, NotUtf8 or ForbiddenDoctype."""
    if len(data) > limit:
        raise TooLarge(f"{len(data)} bytes, and the limit is {limit}")
    if len(data) > 2 * _WINDOW:
        _refuse_endless_tags(data)
    if _PLAIN(data) is None:
        _refuse_other_encodings(data)
        _refuse_doctype(data)


def parse(data: bytes, limit: int = DEFAULT_LIMIT) -> etree._Element:
    """Return the root of a document, admitted and parsed but not validated.

    Raises TooLarge, NotUtf8, ForbiddenDoctype or Malformed, each with the line if it is known.
    """
    admit(data, limit)
    try:
        return etree.fromstring(data, _PARSERS.strict)
    except etree.XMLSyntaxError as error:
        explained = _explained(error)
    raise explained  # outside: the parser's own error quotes the document and must not become its context


class _Parsers(threading.local):
    """One parser a thread: a shared one would make threads wait for each other."""

    def __init__(self) -> None:
        self.strict = strict_parser()


_PARSERS = _Parsers()


def _refuse_endless_tags(data: bytes) -> None:
    """Look for long stretches without a `<`, and refuse a tag of very many attributes or namespaces there."""
    start = 0
    while 0 <= start < len(data):
        if data.find(b"<", start, start + _WINDOW) >= 0:
            start += _WINDOW
            continue
        tag = data.rfind(b"<", 0, start)
        if _ENDLESS_TAG(data, tag):
            line = data.count(b"\n", 0, tag) + 1
            raise TooLarge("an element with a thousand attributes or more", where=Where(line=line))
        start = data.find(b"<", start)


def _refuse_other_encodings(data: bytes) -> None:
    if data.startswith(_OTHER_ENCODINGS):
        raise NotUtf8("the document is not in UTF-8", where=Where(line=1))
    declaration = _DECLARATION.match(data, len(_BOM) if data.startswith(_BOM) else 0)
    named = _ENCODING.search(declaration[0]) if declaration else None
    if named is not None and named[1].lower() != b"utf-8":
        raise NotUtf8("the document declares another encoding than UTF-8", where=Where(line=1))


def _refuse_doctype(data: bytes) -> None:
    """Look at the prolog alone, never at the rest of the document."""
    prolog = _PROLOG.match(data)
    root_at = prolog.end() if prolog else 0
    if data.startswith(b"<!DOCTYPE", root_at):
        line = data.count(b"\n", 0, root_at) + 1
        raise ForbiddenDoctype("a document type declaration is never accepted", where=Where(line=line))


def root_name(data: bytes) -> str:
    """Return the local name of the root of an admitted document, without parsing it; "?" if there is none."""
    prolog = _PROLOG.match(data)
    found = _NAME.match(data, prolog.end() if prolog else 0)
    return found[1].decode(errors="replace") if found else "?"


def line_of(element: etree._Element) -> int:
    """Return the line on which an element begins, 0 if it is not known."""
    line: Any = element.sourceline
    return line or 0


def _explained(error: Any) -> Malformed | NotUtf8:
    """Say what the parser met, in our words: its own text may quote the document."""
    where = Where(line=error.lineno or 0)
    if error.code in {etree.ErrorTypes.ERR_INVALID_ENCODING, etree.ErrorTypes.ERR_INVALID_CHAR}:
        return NotUtf8("bytes that are not UTF-8, or a character that XML does not allow", where=where)
    if error.code in {etree.ErrorTypes.ERR_DOCUMENT_EMPTY}:
        return Malformed("there is no document", where=where)
    if error.code in {etree.ErrorTypes.ERR_DOCUMENT_END}:
        return Malformed("something stands after the end of the document", where=where)
    return Malformed("not well-formed XML", where=where)
