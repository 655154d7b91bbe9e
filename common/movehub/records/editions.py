"""The plan of a record in one edition: without the fields that the edition lacks.

Editions of one system share their classes. A field that only some of them have says so
(`wire(editions=...)`), and here the plan of each edition is made from that, once.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TypeVar

from movehub.records.record import Attribute, Child, Plan

FieldT = TypeVar("FieldT", Attribute, Child)


@cache
def plan_in(plan: Plan, version: str) -> Plan:
    """Return the plan of a record in the edition of a version.

    It is the given plan if the edition has all of its fields: so the editions share what is compiled from it.
    """
    attributes, texts = _present(plan.attributes, version), _present(plan.texts, version)
    children = tuple(_child(child, version) for child in _present(plan.children, version))
    fields: tuple[Attribute | Child, ...] = (*plan.attributes, *plan.children, *plan.texts)
    absent = tuple(field for field in fields if not _exists(field, version))
    if not absent and children == plan.children:
        return plan
    return Plan(plan.cls, attributes, children, texts, absent)


def _present(fields: tuple[FieldT, ...], version: str) -> tuple[FieldT, ...]:
    return tuple(field for field in fields if _exists(field, version))


def _exists(field: Attribute | Child, version: str) -> bool:
    return not field.editions or version in field.editions


def _child(child: Child, version: str) -> Child:
    alternatives = tuple(
        (name, tuple(plan_in(plan, version) for plan in plans)) for name, plans in child.alternatives
    )
    return child if alternatives == child.alternatives else replace(child, alternatives=alternatives)
