"""The plan of a record without the fields that an official schema lacks.

Only fields that may be None can be absent: a schema without a field that our classes need is refused as a
whole (`movehub.official.edition`).
"""

from __future__ import annotations

from dataclasses import replace

from movehub.official.tree import Node
from movehub.protocol.vocabulary import Vocabulary
from movehub.records import Attribute, Child, Plan


def present_plan(plan: Plan, node: Node, path: str, vocabulary: Vocabulary) -> Plan:
    """Return the plan of the record at a path of ours, with the fields that their node has, in our words."""
    attributes = [
        value for value in plan.attributes if _has(node, f"{path}/@{value.name}", value, vocabulary)
    ]
    texts = [value for value in plan.texts if _has(node, f"{path}/{value.name}", value, vocabulary)]
    children = [
        child for each in plan.children if (child := _child(each, node, path, vocabulary)) is not None
    ]
    known = {value.field for value in (*attributes, *texts)} | {child.field for child in children}
    fields: tuple[Attribute | Child, ...] = (*plan.attributes, *plan.children, *plan.texts)
    absent = tuple(field for field in fields if field.field not in known)
    return Plan(plan.cls, tuple(attributes), tuple(children), tuple(texts), absent)


def _has(node: Node, path: str, value: Attribute, vocabulary: Vocabulary) -> bool:
    name = ("" if value.is_element else "@") + vocabulary.name(path)
    return not value.optional or node.child(name) is not None


def _child(child: Child, node: Node, path: str, vocabulary: Vocabulary) -> Child | None:
    """Return a child with the alternatives that are there, or None if none is."""
    if child.around is not None:
        path = f"{path}/{child.around}"
        around = node.child(vocabulary.name(path))
        if around is None:
            return None if child.optional else child
        node = around
    alternatives = []
    for name, plans in child.alternatives:
        below = node.child(vocabulary.name(f"{path}/{name}"))
        if below is not None:
            found = (present_plan(plan, below, f"{path}/{name}", vocabulary) for plan in plans)
            alternatives.append((name, tuple(found)))
    if not alternatives:
        return None if child.optional else child
    return replace(child, alternatives=tuple(alternatives))
