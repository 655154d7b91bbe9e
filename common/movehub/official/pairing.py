"""Which of the names in another schema stands for which of ours.

Certain is only what has the same letters, upper and lower case and separators aside. Everything else is a
guess, from names that look alike, types, and order, and a guess is for a person to confirm: to take one name
for another would be to invent data.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from jellyfish import jaro_winkler_similarity

from movehub.official.node import Node

#: From which likeness on two names speak for a pair; below it, likeness is chance.
_ALIKE: Final = 0.85
#: What a pair must have in common in its types, if not in its names.
_LEAST_SHAPE: Final = 0.5


@dataclass(frozen=True, slots=True)
class Pair:
    """One of ours and one of theirs, and whether there is no doubt."""

    ours: Node
    theirs: Node
    certain: bool


def paired(ours: Sequence[Node], theirs: Sequence[Node], told: Mapping[str, str]) -> Iterator[Pair]:
    """Yield pairs; whatever is in none is missing there, or extra.

    `told` says for each of ours what it is called there as far as that is known.
    """
    by_name = {(node.is_attribute, node.name.lstrip("@")): node for node in theirs}
    by_letters = {_letters(node): node for node in reversed(theirs)}
    left, taken = [], set[str]()
    for node in ours:
        same = by_name.get((node.is_attribute, told[node.name])) or by_letters.get(_letters(node))
        if same is None or same.name in taken:
            left.append(node)
            continue
        taken.add(same.name)
        yield Pair(node, same, certain=True)
    yield from _guessed(left, [node for node in theirs if node.name not in taken])


def _guessed(ours: list[Node], theirs: list[Node]) -> Iterator[Pair]:
    scored = [
        (_score(one, other, i / len(ours), j / len(theirs)), i, j)
        for i, one in enumerate(ours)
        for j, other in enumerate(theirs)
        if _comparable(one, other)
    ]
    rows, columns = set[int](), set[int]()
    for _, i, j in sorted(scored, key=lambda entry: (-entry[0], entry[1:])):
        if i in rows or j in columns:
            continue
        rows.add(i)
        columns.add(j)
        yield Pair(ours[i], theirs[j], certain=False)


def _score(one: Node, other: Node, place: float, other_place: float) -> float:
    alike = _likeness(one, other)
    nearness = 1 - abs(place - other_place)
    return (2 * alike if alike >= _ALIKE else 0) + _same_shape(one, other) + nearness / 2


def _comparable(one: Node, other: Node) -> bool:
    if one.is_attribute is not other.is_attribute:
        return False
    return _same_shape(one, other) >= _LEAST_SHAPE or _likeness(one, other) >= _ALIKE


def _letters(node: Node) -> tuple[bool, str]:
    return node.is_attribute, "".join(filter(str.isalnum, node.name)).casefold()


def _likeness(one: Node, other: Node) -> float:
    return jaro_winkler_similarity(_letters(one)[1], _letters(other)[1])


def _same_shape(one: Node, other: Node) -> float:
    """Return how much of what is below two nodes is of the same types, from 0 to 1."""
    if one.facets is not None and other.facets is not None:
        same_primitive = one.facets.primitive == other.facets.primitive
        return 1 if one.facets == other.facets else same_primitive / 2
    every = (one.shape | other.shape).total()
    return (one.shape & other.shape).total() / every
