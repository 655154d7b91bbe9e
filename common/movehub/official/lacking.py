"""The plan of a record without the fields that an official schema lacks.

Only fields that may be None or empty can be absent: a schema without a field that our classes need is refused
as a whole (`movehub.official.edition`). Of these fields, some are mandatory in the default edition: they have
no default in the class. Such a field can have another name there, so it is absent only if the mapping says so
(`missing`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
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


def must_be_named(field: Attribute | Child, version: str, ours: Collection[str]) -> bool:
    """Return whether a schema of a version must have a field, unless the mapping lists it as missing.

    `ours` are the versions of our own editions: they say which fields they lack.
    """
    lacks = field.editions and version in ours and version not in field.editions
    return field.optional and not field.has_default and not lacks


def paths_to_name(plan: Plan, path: str, version: str, ours: Collection[str]) -> Iterator[str]:
    """Yield our path of each field, from a record on, that `must_be_named`."""
    for value in plan.attributes + plan.texts:
        if must_be_named(value, version, ours):
            yield f"{path}/{value.name}" if value.is_element else f"{path}/@{value.name}"
    for child in plan.children:
        above, named = path, must_be_named(child, version, ours)
        if child.around is not None:
            above = f"{path}/{child.around}"
        for name, plans in child.alternatives:
            if named:
                yield above if child.around is not None else f"{above}/{name}"
            for below in plans:
                yield from paths_to_name(below, f"{above}/{name}", version, ours)


def _has(node: Node, path: str, value: Attribute, vocabulary: Vocabulary) -> bool:
    name = ("" if value.is_element else "@") + vocabulary.name(path)
    return not value.optional or node.child(name) is not None


def _child(child: Child, node: Node, path: str, vocabulary: Vocabulary) -> Child | None:
    """Return a child with the alternatives that the schema has. None if it has no alternative."""
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
