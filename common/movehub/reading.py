"""From a valid element to a record: one reader a plan and namespace, written for it and compiled.

A reader trusts the schema that went before it: what is required is there, and in order. It asks for the
attributes of an element once, and fills a draft of the record (`compiling.draft_of`). That of `Certificate`
in ERRU is, shortened:

    def read(element):
        record = Draft()
        record.certificate_validity = None
        for name, text in element.items():
            if name == 'certificateNumber': record.certificate_number = read_0(text)
            elif name == 'certificateIssueDate': record.certificate_issue_date = read_1(text)
            else: refuse(element, name)
        record.__class__ = Record
        return record
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from lxml import etree

from .binding import Attribute, Plan
from .columns import LONG_LIST, rows_reader
from .compiling import compiled, draft_of
from .errors import InvalidIncoming, Where
from .gate import line_of
from .values import read_text

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
#: What a document may say about schemas; it changes nothing.
HINTS = {f"{_XSI}schemaLocation", f"{_XSI}noNamespaceSchemaLocation"}

#: Text that needs no cleaning, as nearly all does, is taken without a call.
_TEXT = "text if text.isascii() and text.isprintable() and ' ' not in text else {}(text)"

Reader = Callable[[etree._Element], Any]


@cache
def reader_of(plan: Plan, namespace: str) -> Reader:
    """Compile the reader of a plan for the elements of one namespace.

    The reader raises InvalidIncoming where a value that the schema let pass has no meaning in Python, such
    as the year 0.
    """
    given = {
        "Draft": draft_of(plan.cls),
        "Record": plan.cls,
        "refuse": _refuse_unless_a_hint,
        "senseless": _senseless,
        "misplaced": _misplaced,
    }
    lines = [
        "record = Draft()",
        *_blanks(plan),
        *_attributes(plan.attributes, given),
        *_content(plan, namespace, given),
        "record.__class__ = Record",
        "return record",
    ]
    return compiled("read(element)", lines, given)


def _blanks(plan: Plan) -> Iterator[str]:
    """Lines that fill what may be absent."""
    absent = [f"record.{value.field} = " for value in plan.values if value.optional]
    absent += [f"record.{child.field} = " for child in plan.children if not child.many]
    if absent:
        yield f"{''.join(absent)}None"
    yield from (f"record.{child.field} = ()" for child in plan.children if child.many)


def _attributes(values: tuple[Attribute, ...], given: dict[str, Any]) -> Iterator[str]:
    """Lines that read the attributes of an element."""
    if not values:
        yield "for name in element.keys(): refuse(element, name)"
        return
    yield "try:"
    yield "    for name, text in element.items():"
    for number, value in enumerate(values):
        reader = f"read_{number}"
        given[reader] = value.kind.read
        read = (_TEXT if value.kind.read is read_text else "{}(text)").format(reader)
        test = "elif" if number else "if"
        yield f"        {test} name == {value.name!r}: record.{value.field} = {read}"
    yield "        else: refuse(element, name)"
    yield "except (ValueError, KeyError):"
    yield "    raise senseless(element, name) from None"


def _content(plan: Plan, namespace: str, given: dict[str, Any]) -> Iterator[str]:
    """Lines that read the elements below; where there is one field only, its name need not be looked at."""
    takes = list(_takes(plan, namespace, given))
    lists = [child.field for child in plan.children if child.many and child.around is None]
    yield from (f"{field} = []" for field in lists)
    if len(takes) == 1 and not lists:
        [(_, take)] = takes
        yield f"for below in element[:1]: {take}"
    elif takes:
        yield "for below in element[:]:"
        yield "    tag = below.tag"
        for number, (name, take) in enumerate(takes):
            yield f"    {'elif' if number else 'if'} tag == {name!r}: {take}"
        yield "    else: misplaced(below)"
    yield from (f"record.{field} = tuple({field})" for field in lists)


def _takes(plan: Plan, namespace: str, given: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Return the name of each element that may stand below, and the statement that takes it."""
    for child in plan.children:
        for name, plans in child.alternatives:
            reader = f"below_{len(given)}"
            read = _chooser(plans, namespace)
            given[reader] = read if child.around is None else _list_reader(plans, read)
            listed = child.many and child.around is None
            take = f"{child.field}.append({{}})" if listed else f"record.{child.field} = {{}}"
            yield f"{{{namespace}}}{child.around or name}", take.format(f"{reader}(below)")
    given["content"] = _text
    for value in plan.texts:
        yield f"{{{namespace}}}{value.name}", f"record.{value.field} = content(below)"


def _text(element: etree._Element) -> str:
    for name in map(str, element.keys()):
        _refuse_unless_a_hint(element, name)
    return element.text or ""


def _list_reader(plans: tuple[Plan, ...], read: Reader) -> Reader:
    """Return what reads the element around a list."""
    read_rows = rows_reader(plans[0]) if len(plans) == 1 else None

    def read_list(element: etree._Element) -> tuple[Any, ...]:
        for name in map(str, element.keys()):
            _refuse_unless_a_hint(element, name)
        rows = read_rows(element) if read_rows is not None and len(element) >= LONG_LIST else None
        return tuple(map(read, element)) if rows is None else rows

    return read_list


def _chooser(plans: tuple[Plan, ...], namespace: str) -> Reader:
    """Return the reader of one plan, or one that chooses by the element that opens the content."""
    if len(plans) == 1:
        return reader_of(plans[0], namespace)
    by_opening = {f"{{{namespace}}}{plan.first_child()}": reader_of(plan, namespace) for plan in plans}
    return lambda element: by_opening[element[0].tag](element)


def _refuse_unless_a_hint(element: etree._Element, attribute: str) -> None:
    """Let `xsi:schemaLocation` pass, and nothing else that no schema can forbid.

    `xsi:type` would let a document choose another type of the schema than the one that stands for the
    element, with attributes that nobody here reads.
    """
    if attribute not in HINTS:
        raise InvalidIncoming("an xsi attribute that no message uses", where=_where(element, "@xsi"))


def _senseless(element: etree._Element, attribute: str) -> InvalidIncoming:
    where = _where(element, f"@{attribute}")
    return InvalidIncoming("the value is outside what can be represented", where=where)


def _misplaced(element: etree._Element) -> None:
    raise InvalidIncoming("an element that no record here has", where=_where(element))


def _where(element: etree._Element, *last: str) -> Where:
    names = [etree.QName(part).localname for part in (*reversed(list(element.iterancestors())), element)]
    return Where("/".join([*names, *last]), line_of(element))
