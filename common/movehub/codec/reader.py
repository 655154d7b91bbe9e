"""From a valid element to a record: one reader a plan and namespace, written for it and compiled.

A reader trusts the schema that went before it: what is required is there, and in order. It asks for the
attributes of an element once, and fills a draft of the record (`compiling.draft_of`). That of
`FoundCertificate` in ERRU is, shortened:

    def read(element, cut):
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

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any, Final

from lxml import etree

from movehub.codec.parser import line_of
from movehub.errors import InvalidIncoming, Where
from movehub.records.codegen import compiled, draft_of
from movehub.records.record import Attribute, Plan
from movehub.records.values import read_text

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
#: What a document may say about schemas; it changes nothing.
HINTS = {f"{_XSI}schemaLocation", f"{_XSI}noNamespaceSchemaLocation"}

#: Text that needs no cleaning, as nearly all does, is taken without a call.
_TEXT = "text if text.isascii() and text.isprintable() and ' ' not in text else {}(text)"

#: The lists that were cut out of the document, and the attribute that stands for one (`lists`).
Cut = Sequence[tuple[Any, ...]]
CUT: Final = "cut"

Reader = Callable[[etree._Element, Cut], Any]


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
    return compiled("read(element, cut)", lines, given)


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
            given[reader] = read if child.around is None else _list_reader(read)
            listed = child.many and child.around is None
            take = f"{child.field}.append({{}})" if listed else f"record.{child.field} = {{}}"
            yield f"{{{namespace}}}{child.around or name}", take.format(f"{reader}(below, cut)")
    given["content"] = _text
    for value in plan.texts:
        yield f"{{{namespace}}}{value.name}", f"record.{value.field} = content(below)"


def _text(element: etree._Element) -> str:
    for name in map(str, element.keys()):
        _refuse_unless_a_hint(element, name)
    return element.text or ""


def _list_reader(read: Reader) -> Reader:
    """Return what reads the element around a list."""

    def read_list(element: etree._Element, cut: Cut) -> tuple[Any, ...]:
        if cut and (place := element.get(CUT)):
            return cut[int(place)]
        for name in map(str, element.keys()):
            _refuse_unless_a_hint(element, name)
        return tuple([read(row, cut) for row in element])

    return read_list


def _chooser(plans: tuple[Plan, ...], namespace: str) -> Reader:
    """Return the reader of one plan, or one that chooses by the element that opens the content."""
    if len(plans) == 1:
        return reader_of(plans[0], namespace)
    by_opening = {f"{{{namespace}}}{plan.first_child()}": reader_of(plan, namespace) for plan in plans}
    return lambda element, cut: by_opening[element[0].tag](element, cut)


def chosen(element: etree._Element, plans: tuple[Plan, ...]) -> Plan:
    """Return the plan that an element follows: the element that opens its content tells."""
    opening = etree.QName(element[0]).localname if len(element) else None
    return next((plan for plan in plans if plan.first_child() == opening), plans[0])


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
