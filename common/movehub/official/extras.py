"""Extra fields: find the record and the place of each, and check that it can stand there.

An extra field is an attribute of an element of ours, an element of their schema with nothing but text and
attributes, or an attribute of such an element. What is repeated, or contains elements, has no place here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields, replace
from keyword import iskeyword
from typing import Final
from unicodedata import normalize

from movehub.official.tree import Node
from movehub.printable import printable
from movehub.records import Child, Extra, Plan

_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def field_name(name: str, taken: Collection[str]) -> str:
    """Return a name here for a name there: `authorityAddress` → `authority_address`."""
    ascii_name = normalize("NFKD", name).encode("ascii", "ignore").decode()
    words = "_".join(_WORDS.findall(ascii_name)).lower()
    base = words if words.isidentifier() and not iskeyword(words) else f"extra_{words}".rstrip("_")
    numbered = (base if number == 1 else f"{base}_{number}" for number in range(1, len(taken) + 2))
    return next(each for each in numbered if each not in taken)


def values_of(node: Node, path: str) -> Iterator[tuple[str, Node]]:
    """Yield the path and node of each value of what only they have. There is none if it has no place here."""
    attributes = [below for below in node.below if below.is_attribute]
    if node.many or len(attributes) < len(node.below):
        return
    if node.facets is not None or not attributes:
        yield path, node
    yield from ((f"{path}/{below.name}", below) for below in attributes)


def extended(plan: Plan, node: Node, path: str, names: Mapping[str, str], ours: Collection[str] = ()) -> Plan:
    """Return a plan, in their words, with the extra fields at its place in their schema and below.

    `ours` are the names of what other records have that can stand in its place.
    """
    children = tuple(_child(child, node, path, names) for child in plan.children)
    extras = tuple(_extras(plan, ours, node, path, names))
    return replace(plan, children=children, extras=extras) if extras or children != plan.children else plan


def _child(child: Child, node: Node, path: str, names: Mapping[str, str]) -> Child:
    around = node if child.around is None else node.child(child.around)
    if around is None:
        return child
    above = path if child.around is None else f"{path}/{child.around}"
    alternatives = tuple(
        (name, _below(plans, around.child(name), f"{above}/{name}", names))
        for name, plans in child.alternatives
    )
    return child if alternatives == child.alternatives else replace(child, alternatives=alternatives)


def _below(
    plans: tuple[Plan, ...], node: Node | None, path: str, names: Mapping[str, str]
) -> tuple[Plan, ...]:
    if node is None:
        return plans
    ours = set[str]().union(*map(own_names, plans))
    return tuple(extended(plan, node, path, names, ours) for plan in plans)


def _extras(
    plan: Plan, ours: Collection[str], node: Node, path: str, names: Mapping[str, str]
) -> Iterator[Extra]:
    """Yield the extra fields of one record, in the order of their schema."""
    own = own_names(plan)
    for index, below in enumerate(node.below):
        if below.name in own or below.name in ours:
            continue
        after = (each.name for each in node.below[index:] if each.name in own)
        before = next(after, None)
        for there, value in values_of(below, f"{path}/{below.name}"):
            if there in names:
                element = None if below.is_attribute else below.name
                attribute = value.name.lstrip("@") if value.is_attribute else None
                yield Extra(names[there], element, attribute, before)


def own_names(plan: Plan) -> set[str]:
    """Return the names of what a record has. An attribute has its `@`."""
    names = {child.around or name for child in plan.children for name, _ in child.alternatives}
    names |= {f"@{value.name}" for value in plan.attributes}
    return names | {value.name for value in plan.texts}


def extra_faults(parts: Collection[tuple[Plan, str]], names: Mapping[str, str]) -> Iterator[str]:
    """Yield what is wrong with extra fields. `parts` are extended plans, with their paths there."""
    placed: set[str] = set()
    for plan, path in parts:
        yield from _faults(plan, path, alone=True, placed=placed)
    for path, name in names.items():
        if not name.isidentifier() or iskeyword(name) or name.startswith("_"):
            yield f"gives {printable(path)} the name {printable(name)}, which is no name of a field"
        if path not in placed:
            yield f"has an extra field for {printable(path)}, which has no place in a record of ours"


def _faults(plan: Plan, path: str, *, alone: bool, placed: set[str]) -> Iterator[str]:
    taken = {field.name for field in fields(plan.cls)}
    for extra in plan.extras:
        parts = (path, extra.element, None if extra.attribute is None else f"@{extra.attribute}")
        there = "/".join(part for part in parts if part is not None)
        placed.add(there)
        if extra.field in taken:
            yield f"gives {printable(there)} the name of another field: {printable(extra.field)}"
        if not alone and extra.element is not None and extra.before == plan.first_child():
            yield f"has an extra field for {printable(there)}, which stands where records are told apart"
        taken.add(extra.field)
    for child in plan.children:
        above = path if child.around is None else f"{path}/{child.around}"
        for name, plans in child.alternatives:
            for below in plans:
                yield from _faults(below, f"{above}/{name}", alone=len(plans) == 1, placed=placed)
