"""The words of an edition: other names for the same elements, attributes and codes.

The record classes use the names of our own schemas. If an official schema uses other names, a vocabulary
turns the plan of a class into one with those names, and the codec compiles its readers and writers from that
plan. Neither the classes nor the code that uses them notice.

Paths are ours: `CheckIssuedCards_Request/Body/SearchedDriver/@familyName`. `*` in place of the root stands
for every message.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from movehub.records.record import Attribute, Child, Plan
from movehub.records.values import Kind

_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Names that differ, by our path; codes that differ, by the path of their value: ours to theirs."""

    names: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def name(self, path: str) -> str:
        """Return the name of the element or attribute at a path."""
        ours = path.rpartition("/")[2].lstrip("@")
        return self.names.get(path) or self.names.get(anywhere(path)) or ours

    def recoded(self, path: str) -> Mapping[str, str]:
        """Return the codes of the value at a path that differ."""
        return self.codes.get(path) or self.codes.get(anywhere(path)) or _NOTHING

    def plan(self, plan: Plan, path: str) -> Plan:
        """Return the plan of the record at a path, in the words of this vocabulary."""
        if not self.names and not self.codes:
            return plan
        return Plan(
            cls=plan.cls,
            attributes=tuple(self._value(value, f"{path}/@{value.name}") for value in plan.attributes),
            children=tuple(self._child(child, path) for child in plan.children),
            texts=tuple(self._value(value, f"{path}/{value.name}") for value in plan.texts),
            absent=plan.absent,
        )

    def _value(self, value: Attribute, path: str) -> Attribute:
        codes = self.recoded(path)
        return replace(value, name=self.name(path), kind=_recoded(value.kind, codes) if codes else value.kind)

    def _child(self, child: Child, path: str) -> Child:
        around = None
        if child.around is not None:
            path = f"{path}/{child.around}"
            around = self.name(path)
        alternatives = tuple(
            (self.name(f"{path}/{name}"), tuple(self.plan(plan, f"{path}/{name}") for plan in plans))
            for name, plans in child.alternatives
        )
        return replace(child, alternatives=alternatives, around=around)


#: The words of our own schemas.
OURS = Vocabulary()


def anywhere(path: str) -> str:
    """Return a path with `*` in place of its root."""
    return "/".join(("*", *path.split("/")[1:]))


def among(path: str, given: Collection[str]) -> bool:
    """Return whether a path is among given paths, which may have `*` as their root."""
    return path in given or anywhere(path) in given


def _recoded(kind: Kind, codes: Mapping[str, str]) -> Kind:
    """Return a kind that writes other codes and reads them back."""
    ours = {theirs: ours for ours, theirs in codes.items()}

    def read(text: str) -> object:
        code = text.strip()
        if code in codes and code not in ours:
            raise ValueError("one of our codes, which that schema replaces by another")
        return kind.read(ours.get(code, code))

    def write(value: object) -> str:
        text = kind.write(value)
        return codes.get(text, text)

    return replace(kind, read=read, write=write)
