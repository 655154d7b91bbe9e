"""From a valid element to a record: one reader for each plan and namespace, written for it and compiled.

A reader trusts the schema that judged the document before it: everything required is there, in order, and
has its form. It asks an element for its attributes once, and fills a draft of the record (`draft_of`). The
reader of `FoundCertificate` in ERRU is, shortened:

    def read(element):
        record = Draft()
        record.certificate_validity = None
        try:
            for name, text in element.items():
                if name == 'certificateNumber': record.certificate_number = text if text.isascii() and ...
                elif name == 'certificateIssueDate': record.certificate_issue_date = read_issue_date(text)
                elif name == 'certificateValidity': record.certificate_validity = read_validity(text)
        except (ValueError, KeyError):
            raise senseless(element, name) from None
        record.__class__ = Record
        return record
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, Final

from lxml import etree

from movehub.codec.codegen import compiled
from movehub.codec.extras import taker
from movehub.codec.parser import line_of
from movehub.errors import InvalidIncoming, Where
from movehub.records import Attribute, Child, Plan, as_pairs, read_text, read_texts

_XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
#: What a document may say about schemas; it changes nothing.
HINTS: Final = {f"{{{_XSI}}}schemaLocation", f"{{{_XSI}}}noNamespaceSchemaLocation"}

#: Text that needs no cleaning, as nearly all does, is taken without a call.
_TEXT: Final = "text if text.isascii() and text.isprintable() and ' ' not in text else {}(text)"

#: From how many rows on a list is read an attribute at a time.
_MANY_ROWS: Final = 32

Reader = Callable[[etree._Element], Any]


@cache
def reader_of(plan: Plan, namespace: str) -> Reader:
    """Compile the reader of a plan for the elements of one namespace.

    The reader raises InvalidIncoming if the schema let a value pass that has no meaning in Python, such as
    the year 0.
    """
    given = {
        "Draft": draft_of(plan.cls),
        "Record": plan.cls,
        "senseless": _senseless,
        "misplaced": _misplaced,
        "undeclared": _undeclared,
        "hints": HINTS,
    }
    lines = [
        "record = Draft()",
        *_absent(plan),
        *_attributes(plan, given),
        *_content(plan, namespace, given),
        "record.__class__ = Record",
        "return record",
    ]
    if plan.extras:
        given |= {"take": taker(plan.extras, namespace), "as_pairs": as_pairs}
        lines.insert(0, "extra = take(element)")
        lines.insert(-1, "if extra: object.__setattr__(record, '_extra', as_pairs(extra))")
    return compiled("read(element)", lines, given)


@cache
def draft_of(cls: type) -> type:
    """Return a class with the slots of a frozen record that takes plain assignments.

    A reader fills a draft and then gives it the class of the record (`draft.__class__ = cls`), before any
    other code sees it. So it makes a frozen record at the price of a plain one: otherwise decoding would take
    a tenth longer.
    """
    names = {
        "__slots__": cls.__dict__["__slots__"],
        "__init__": object.__init__,
        "__setattr__": object.__setattr__,  # with `__delattr__`, or Python calls it instead of storing
        "__delattr__": object.__delattr__,
        "__orig_bases__": cls.__dict__.get("__orig_bases__", cls.__bases__),  # `Generic` asks for it
    }
    return type(f"{cls.__name__}Draft", cls.__bases__, names)


def _absent(plan: Plan) -> Iterator[str]:
    """Lines that leave the fields empty that the edition lacks."""
    for field in plan.absent:
        empty = "()" if isinstance(field, Child) and field.many else "None"
        yield f"record.{field.field} = {empty}"


def _attributes(plan: Plan, given: dict[str, Any]) -> Iterator[str]:
    """Lines that read the attributes of an element."""
    if not plan.attributes:
        return
    absent = [f"record.{value.field} = " for value in plan.attributes if value.optional]
    if absent:
        yield f"{''.join(absent)}None"
    yield "try:"
    yield "    for name, text in element.items():"
    for number, value in enumerate(plan.attributes):
        reader = f"read_{value.field}"
        given[reader] = value.kind.read
        read = (_TEXT if value.kind.read is read_text else "{}(text)").format(reader)
        yield f"        {'elif' if number else 'if'} name == {value.name!r}: record.{value.field} = {read}"
    yield "        elif name not in hints: raise undeclared(element)"
    yield "except (ValueError, KeyError):"
    yield "    raise senseless(element, name) from None"


def _content(plan: Plan, namespace: str, given: dict[str, Any]) -> Iterator[str]:
    """Lines that read the elements below; if only one can be there, its name need not be looked at."""
    fields = [*(child.field for child in plan.children), *(value.field for value in plan.texts)]
    if not fields:
        return
    absent = {child.field: "()" if child.around else "[]" for child in plan.children if child.many}
    yield from (f"found_{field} = {absent.get(field)}" for field in fields)
    takes = list(_takes(plan, namespace, given))
    if len(takes) == 1 and "[]" not in absent.values():
        yield f"for below in element[:1]: {takes[0][1]}"
    else:
        yield "for below in element[:]:"
        yield "    tag = below.tag"
        for number, (name, take) in enumerate(takes):
            yield f"    {'elif' if number else 'if'} tag == {name!r}: {take}"
        yield "    else: misplaced(below)"
    for field in fields:
        found = f"tuple(found_{field})" if absent.get(field) == "[]" else f"found_{field}"
        yield f"record.{field} = {found}"


def _takes(plan: Plan, namespace: str, given: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Return the name of each element that may stand below, and the statement that reads it."""
    for child in plan.children:
        for name, plans in child.alternatives:
            reader = f"below_{len(given)}"
            listed = child.many and child.around is None
            given[reader] = (_chooser if child.around is None else _rows_reader)(plans, namespace)
            take = f"found_{child.field}.append({{}})" if listed else f"found_{child.field} = {{}}"
            yield f"{{{namespace}}}{child.around or name}", take.format(f"{reader}(below)")
    for value in plan.texts:
        yield f"{{{namespace}}}{value.name}", f"found_{value.field} = below.text or ''"


def _rows_reader(plans: tuple[Plan, ...], namespace: str) -> Reader:
    """Return the reader of an element around a list. Long lists of flat rows take the fast loop."""
    read = _chooser(plans, namespace)
    plan = plans[0]
    flat = (
        len(plans) == 1
        and plan.attributes
        and not (plan.children or plan.texts or plan.absent or plan.extras)
    )
    new: Callable[[type], Any] = object.__new__
    slots = [(value, getattr(plan.cls, value.field).__set__) for value in plan.attributes]

    def read_rows(element: etree._Element) -> tuple[Any, ...]:
        if flat and len(element) >= _MANY_ROWS:
            rows = tuple([new(plan.cls) for _ in range(len(element))])
            found = 0
            try:
                for value, store in slots:
                    column = _column(element, value, len(rows))
                    found += len(rows) - column.count(None)
                    deque(map(store, rows, column), maxlen=0)
            except (ValueError, KeyError):
                found = -1  # read one by one, the row with that value says where it is
            if found == element.xpath("count(*/@*)"):  # or else a row has an attribute that no record has
                return rows
        return tuple([read(row) for row in element])

    return read_rows


def _column(element: etree._Element, value: Attribute, rows: int) -> list[Any]:
    """Return one value of every row, None if it is absent."""
    texts: Any = element.xpath(f"*/@{value.name}", smart_strings=False)
    read = value.kind.read
    if len(texts) == rows:
        return read_texts(texts) if read is read_text else list(map(read, texts))
    if not texts:
        return [None] * rows
    found = [row.get(value.name) for row in element]
    return [None if text is None else read(text) for text in found]


def _chooser(plans: tuple[Plan, ...], namespace: str) -> Reader:
    """Return the reader of one plan, or one that chooses by the element that opens the content."""
    if len(plans) == 1:
        return reader_of(plans[0], namespace)
    by_opening = {f"{{{namespace}}}{plan.first_child()}": reader_of(plan, namespace) for plan in plans}
    return lambda element: by_opening[element[0].tag](element)


def chosen(element: etree._Element, plans: tuple[Plan, ...]) -> Plan:
    """Return the plan that an element follows: the element that opens its content tells."""
    opening = etree.QName(element[0]).localname if len(element) else None
    return next((plan for plan in plans if plan.first_child() == opening), plans[0])


def refuse_xsi_attributes(root: etree._Element) -> None:
    """Let `xsi:schemaLocation` pass, and no other attribute that no schema can forbid.

    `xsi:type` would let a document choose another type of the schema than the element has, with attributes
    that no record here has.
    """
    attributes: Any = root.xpath("//@xsi:*", namespaces={"xsi": _XSI})
    for attribute in attributes:
        if attribute.attrname not in HINTS:
            # No path: the schema has not judged the names of the elements yet.
            where = Where(line=line_of(attribute.getparent()))
            raise InvalidIncoming("an xsi attribute that no message uses", where=where)


def _senseless(element: etree._Element, attribute: str) -> InvalidIncoming:
    where = _where(element, f"@{attribute}")
    return InvalidIncoming("the value is outside what can be represented", where=where)


def _undeclared(element: etree._Element) -> InvalidIncoming:
    """Return the error: a parser that validates takes `a:to` for `to`, although nothing declares `a`."""
    return InvalidIncoming("an attribute with a prefix that is not declared", where=_where(element, "@?"))


def _misplaced(element: etree._Element) -> None:
    raise InvalidIncoming("an element that no record here has", where=_where(element))


def _where(element: etree._Element, *last: str) -> Where:
    names = [etree.QName(part).localname for part in (*reversed(list(element.iterancestors())), element)]
    return Where("/".join([*names, *last]), line_of(element))
