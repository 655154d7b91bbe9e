"""What is learned of a document's markup: a function that takes its values, written for it and compiled.

It is written along the tree of a document that was valid, its plans, and what the schema says of each value.
That of an answer is, shortened:

    def take(values, cut):
        [v0, v1, v2] = values
        v0 = read_0(v0)
        if not 1 <= len(v1) <= 50: return None
        v2 = read_2(v2)
        if cut is None: return True
        r0 = Draft_0()
        r0.version = v0
        r0.timeout_value = None
        r0.__class__ = Record_0
        ...

None in the place of the lists that were cut out asks for a verdict alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from lxml import etree

from movehub.codec.reader import CUT, Cut, chosen
from movehub.protocol.message import Message
from movehub.records.codegen import compiled, draft_of
from movehub.records.record import Attribute, Plan
from movehub.schema_types import ElementType, SimpleType, Unlike
from movehub.sure_values import sure_value

Take = Callable[[Sequence[str], Cut | None], Any]
#: Header and body: the name of the element, and the plan of what is in it.
Parts = tuple[tuple[str, Plan], tuple[str, Plan]]


class Lesson:
    """The function for one markup, while it is written."""

    def __init__(self, values: int) -> None:
        self._values = [f"[{', '.join(f'v{number}' for number in range(values))}] = values"]
        self._lines: list[str] = []
        self._given: dict[str, Any] = {}
        self._value = 0
        self._records = 0

    def taught(self, root: etree._Element, parts: Parts, said: ElementType) -> Take:
        """Return the function."""
        made = [
            self._record(element, plan, said.elements[name])
            for element, (name, plan) in zip(root, parts, strict=True)
        ]
        message = self._fill(Message, dict(zip(("header", "body"), made, strict=True)))
        self._lines.append(f"return {message}")
        lines = [*self._values, "if cut is None: return True", *self._lines]
        return compiled("take(values, cut)", lines, self._given, shown=False)

    def _record(self, element: etree._Element, plan: Plan, said: ElementType) -> str:
        fields = {value.field: "None" for value in plan.values}
        fields |= {child.field: "()" if child.many else "None" for child in plan.children}
        attributes = {value.name: value for value in plan.attributes}
        for name in map(str, element.keys()):
            value = attributes[name]
            fields[value.field] = self._value_of(value, said.attributes[name])
        by_name = {
            child.around or name: (child, plans)
            for child in plan.children
            for name, plans in child.alternatives
        }
        rows: defaultdict[str, list[str]] = defaultdict(list)
        for below in element:
            name = etree.QName(below).localname
            if name not in by_name:
                raise Unlike("an element of text")
            child, plans = by_name[name]
            if child.around is not None:
                fields[child.field] = self._list(below, plans, said.elements[name])
                continue
            made = self._record(below, chosen(below, plans), said.elements[name])
            rows[child.field].append(made)
            fields[child.field] = _tuple(rows[child.field]) if child.many else made
        return self._fill(plan.cls, fields)

    def _list(self, around: etree._Element, plans: tuple[Plan, ...], said: ElementType) -> str:
        if (place := around.get(CUT)) is not None:
            self._value += sum(len(row.keys()) for row in around)
            return f"cut[{place}]"
        return _tuple(
            [
                self._record(row, chosen(row, plans), said.elements[etree.QName(row).localname])
                for row in around
            ]
        )

    def _value_of(self, value: Attribute, said: SimpleType) -> str:
        text = f"v{self._value}"
        sure = sure_value(value.kind, said)
        self._value += 1
        if sure.lengths is None:
            self._values.append(f"{text} = {self._named('read', sure.read)}({text})")
        else:
            shortest, longest = sure.lengths
            self._values.append(f"if not {shortest} <= len({text}) <= {longest}: return None")
        return text

    def _fill(self, cls: type, fields: dict[str, str]) -> str:
        record = f"r{self._records}"
        self._records += 1
        self._lines.append(f"{record} = {self._named('Draft', draft_of(cls))}()")
        self._lines += (f"{record}.{field} = {value}" for field, value in fields.items())
        self._lines.append(f"{record}.__class__ = {self._named('Record', cls)}")
        return record

    def _named(self, name: str, given: Any) -> str:
        for known, value in self._given.items():
            if value is given:
                return known
        name = f"{name}_{len(self._given)}"
        self._given[name] = given
        return name


def _tuple(items: list[str]) -> str:
    return f"({''.join(f'{item}, ' for item in items)})"
