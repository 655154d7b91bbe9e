"""From a record to the text of its element: one writer for each plan and element name, compiled.

The text is written straight from the record, without a tree in between. The schema judges the document
before it leaves (`codec`), so a writer never decides what is right. It adds pairs to a list: markup, and the
value that follows it, which may be empty. So one look over all values can tell that none needs escaping,
as is nearly always so. The writer of `FoundCertificate` in ERRU is, shortened:

    def write(record, out):
        out += '<Certificate certificateNumber="', record.certificate_number
        if (value := record.certificate_validity) is not None: out += '" certificateValidity="', value
        out += '">', ''

Everything that is always there is added at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from movehub.codec.codegen import compiled
from movehub.codec.extras import attribute_lines, element_lines
from movehub.records import Attribute, Child, Plan, write_code, write_text

Out = list[str]
Writer = Callable[[Any, Out], None]


class NotInEdition(Exception):
    """A record has a value in a field that the edition lacks. The text names the field, never the value."""


#: White space other than a blank must be escaped, or the parser on the other side folds it into a blank.
_ATTRIBUTE = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
)
_CONTENT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})


def text_of(out: Out) -> str:
    """Join what writers have written, and escape the values if one of them needs it."""
    values = "".join(out[1::2])
    if not values.isprintable() or "&" in values or "<" in values or ">" in values or '"' in values:
        out[1::2] = [value.translate(_ATTRIBUTE) for value in out[1::2]]
    return "".join(out)


@cache
def writer_of(plan: Plan, name: str) -> Writer:
    """Compile the writer of a plan for an element of this name: `write(record, out)`."""
    given: dict[str, Any] = {"content": lambda text: text.translate(_CONTENT)}
    below = list(_below(plan, given))
    lines = list(_refusing(plan, given))
    start = f"<{name}"
    if plan.extras:
        lines += ["extra = dict(record._extra)", f"out += {start!r}, ''", *attribute_lines(plan.extras)]
        start = ""
    lines += [*_opening(plan.attributes, start, ">" if below else "/>", given), *below]
    if below:
        lines.append(f"out += {f'</{name}>'!r}, ''")
    return compiled("write(record, out)", lines, given)


def _refusing(plan: Plan, given: dict[str, Any]) -> Iterator[str]:
    """Lines that refuse a value in a field that the edition lacks: it would be lost."""
    given["NotInEdition"] = NotInEdition
    for field in plan.absent:
        there = "" if isinstance(field, Child) and field.many else " is not None"
        yield f"if record.{field.field}{there}: raise NotInEdition({f'{plan.cls.__name__}.{field.field}'!r})"


def _opening(values: tuple[Attribute, ...], start: str, end: str, given: dict[str, Any]) -> Iterator[str]:
    """Lines that write the opening tag, from its `start` to its `end`.

    Before an attribute stands the start, or the quote of the attribute before. If the first attributes are
    optional, that is only known at run time, until a required one has been written.
    """
    known: str | None = start
    in_any_case: list[str] = []
    for number, value in enumerate(values):
        writer = f"write_{number}"
        given[writer] = value.kind.write
        named = f' {value.name}="'
        head = f"opening + {named!r}" if known is None else repr(known + named)
        if not value.optional:
            in_any_case += head, _written(value, writer)
            known = '"'
            continue
        if in_any_case:
            yield f"out += {', '.join(in_any_case)}"
            in_any_case.clear()
        if known == start:
            yield f"opening = {start!r}"
            known = None
        pair = f"{head}, {_written(value, writer)}"
        then = "; opening = '\"'" if known is None else ""
        yield f"if (value := record.{value.field}) is not None: out += {pair}{then}"
    in_any_case += f"opening + {end!r}" if known is None else repr(known + end), "''"
    yield f"out += {', '.join(in_any_case)}"


def _written(value: Attribute, writer: str) -> str:
    """Return what writes a value; one that is optional has been found already, and is called `value`."""
    found = "value" if value.optional else f"record.{value.field}"
    if value.kind.write is write_code:
        return found
    if value.kind.write is write_text:
        looked_at = found if value.optional else f"(value := {found})"
        return f"value if {looked_at}.__class__ is str else {writer}(value)"
    return f"{writer}({found})"


def _below(plan: Plan, given: dict[str, Any]) -> Iterator[str]:
    """Lines that write the content of an element."""
    for child in plan.children:
        names = [child.around] if child.around is not None else [name for name, _ in child.alternatives]
        yield from element_lines(plan.extras, names, given)
        yield from _child(child, given)
    for value in plan.texts:
        yield from element_lines(plan.extras, [value.name], given)
        yield from _text(value)
    yield from element_lines(plan.extras, [None], given)


def _child(child: Child, given: dict[str, Any]) -> Iterator[str]:
    """Lines that write the records of one field."""
    writers = {plan.cls: writer_of(plan, name) for name, plans in child.alternatives for plan in plans}
    write_below = f"below_{len(given)}"
    if len(writers) == 1:
        [given[write_below]] = writers.values()
        write = f"{write_below}(below, out)"
    else:
        given[write_below] = writers
        write = f"{write_below}[below.__class__](below, out)"
    if not child.many:
        yield f"below = record.{child.field}"
        yield f"if below is not None: {write}"
        return
    yield f"if record.{child.field}:"
    if child.around is not None:
        yield f"    out += {f'<{child.around}>'!r}, ''"
    yield f"    for below in record.{child.field}: {write}"
    if child.around is not None:
        yield f"    out += {f'</{child.around}>'!r}, ''"


def _text(value: Attribute) -> Iterator[str]:
    """Lines that write a text in an element of its own. It is escaped at once, and counts as markup."""
    opening, closing = f"<{value.name}>", f"</{value.name}>"
    yield f"value = record.{value.field}"
    yield f"if value is not None: out += {opening!r} + content(value) + {closing!r}, ''"
