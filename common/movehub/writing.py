"""From a record to the text of its element: one writer a plan, compiled from it.

The text is written straight from the record, without a tree in between; what is written is parsed and
validated before it leaves (`codec`), so a writer never decides what is right.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from operator import attrgetter
from typing import Any

from .binding import Child, Plan

Out = list[str]
Writer = Callable[[Any, str, Out], None]

#: White space other than a blank must be escaped, or the parser on the other side folds it into a blank.
_ATTRIBUTE = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
)
_CONTENT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})


@cache
def writer_of(plan: Plan) -> Writer:
    """Compile the writer of a plan: `write(record, element name, out)`."""
    attributes = [
        (attrgetter(value.field), f' {value.name}="', value.kind.write) for value in plan.attributes
    ]
    texts = [(attrgetter(value.field), value.name) for value in plan.texts]
    children = [(attrgetter(child.field), child.many, _children_writer(child)) for child in plan.children]

    def write(record: Any, name: str, out: Out) -> None:
        out.append(f"<{name}")
        for get, opening, convert in attributes:
            value = get(record)
            if value is not None:
                out.append(f'{opening}{convert(value).translate(_ATTRIBUTE)}"')
        if not children and not texts:
            out.append("/>")
            return
        out.append(">")
        for get, many, write_below in children:
            below = get(record)
            write_below(below if many else () if below is None else (below,), out)
        for get, element in texts:
            text = get(record)
            if text is not None:
                out.append(f"<{element}>{text.translate(_CONTENT)}</{element}>")
        out.append(f"</{name}>")

    return write


def _children_writer(child: Child) -> Callable[[tuple[Any, ...], Out], None]:
    """Return what writes the records of one field, with the element around them where it has one."""
    writers = {plan.cls: (writer_of(plan), name) for name, plans in child.alternatives for plan in plans}
    opening, closing = (f"<{child.around}>", f"</{child.around}>") if child.around else ("", "")

    def write_children(records: tuple[Any, ...], out: Out) -> None:
        if not records:
            return
        out.append(opening)
        for record in records:
            write, name = writers[type(record)]
            write(record, name, out)
        out.append(closing)

    return write_children
