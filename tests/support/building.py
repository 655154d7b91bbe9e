"""Hypothesis strategies for our records, with the facets read from our own schema.

The classes say what there is, the schema how long it may be; so nothing about a message is written twice.

A message has up to hundreds of values and thousands of messages are built, so a message is one draw and not
hundreds: a number, whose first bits say how rich the message is and which is the seed of all that is in it.
A smaller number is a poorer message, so Hypothesis shrinks a failure by leaving out what is optional.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import product
from random import Random
from typing import Any, get_type_hints
from unicodedata import normalize
from uuid import UUID

import xmlschema
from hypothesis import strategies as st
from movehub.codec.codec import Codec
from movehub.protocol.edition import Edition
from movehub.protocol.message import Body, Header, Message
from movehub.records import Child, Plan, plan_in, plan_of
from movehub.records.record import _unfold
from movehub.records.values import Uuid, collapse

#: Makes a value, from chance and from the share of optional things that it should have.
Maker = Callable[[Random, float], Any]
#: Elements that may stand together: of each name how often at least, and at most (None: without end).
Branch = dict[str, tuple[int, int | None]]

#: Letters of every alphabet in use, what XML escapes, and what Unicode makes difficult.
_LETTERS = [
    chr(code)
    for code in (*range(0x20, 0x7F), *range(0xA1, 0x250), *range(0x386, 0x500))
    if chr(code).isprintable()
] + [
    "&",
    "<",
    ">",
    '"',
    "'",
    " ",
    "ß",
    "ẞ",
    "ς",
    "Ѣ",
    "李",
    "😀",
    "\u00a0",
    "\u2003",
    "e\u0301",
    "\u0323",
] * 8


@cache
def texts(shortest: int, longest: int) -> tuple[str, ...]:
    """Return texts that stay as they are when they are cleaned: NFC, blanks folded, not empty."""
    random = Random(f"{shortest}-{longest}")
    lengths = [
        shortest,
        shortest,
        longest,
        longest,
        *(random.randint(shortest, min(longest, 30)) for _ in range(400)),
    ]
    made = ["".join(random.choices(_LETTERS, k=length)) for length in lengths]
    cleaned = {collapse(normalize("NFC", text)) for text in made} | {"ñ" * longest, "x" * max(shortest, 1)}
    return tuple(sorted(text for text in cleaned if shortest <= len(text) <= longest))


@cache
def read_schema(edition: Edition) -> xmlschema.XMLSchema10:
    """Return an edition's schema as `xmlschema` understands it."""
    return xmlschema.XMLSchema10(str(edition.schema.path))


def messages(codec: Codec, edition: Edition, body: type[Body]) -> st.SearchStrategy[Message[Any]]:
    """Return messages of one kind, all of them valid."""
    root = read_schema(edition).elements[body.root]
    header, content = (
        _records(plan_in(plan_of(cls), edition.version), element)
        for cls, element in zip((Header, body), root.type.content.iter_elements(), strict=True)
    )

    def made(number: int) -> Message[Any]:
        random, share = Random(number), (number >> 60) / 8
        return Message(header=header(random, share), body=content(random, share))

    return st.integers(0, 9 * 2**60 - 1).map(made)


def _records(plan: Plan, element: Any) -> Maker:
    hints = get_type_hints(plan.cls, include_extras=True)
    makers: list[tuple[str, Maker]] = []
    for value in plan.attributes:
        given = element.attributes[value.name]
        make = _values(_unfold(hints[value.field])[0][0], given.type)
        makers.append((value.field, make if given.use == "required" else _optional(make)))
    makers += [(value.field, _one_of((*texts(0, 200), ""))) for value in plan.texts]
    absent = {field.field: None for field in plan.absent}
    branches = _branches_of(plan, element)
    children = [(child, _items(child, element)) for child in plan.children]

    def made(random: Random, share: float) -> Any:
        branch = random.choice(branches)
        return plan.cls(
            **absent,
            **{field: make(random, share) for field, make in makers},
            **{child.field: _drawn(child, items, branch, random, share) for child, items in children},
        )

    return made


def _items(child: Child, element: Any) -> dict[str, list[Maker]]:
    """Return the makers of a child's records by the name of the element that tells that it is there."""
    inside = _below(element) if child.around is None else _below(_below(element)[child.around])
    items: dict[str, list[Maker]] = {}
    for name, plans in child.alternatives:
        items.setdefault(child.around or name, []).extend(_records(plan, inside[name]) for plan in plans)
    return items


def _drawn(child: Child, items: dict[str, list[Maker]], branch: Branch, random: Random, share: float) -> Any:
    """Return the value of one field: what the branch asks for, and some of what it allows."""
    made = []
    for name in items.keys() & branch.keys():
        least, most = branch[name]
        most = 2 if most is None or child.around else min(most, 2)
        extra = sum(random.random() < share for _ in range(most - least))
        made += [random.choice(items[name])(random, share) for _ in range(least + extra)]
    if child.many:
        return tuple(made)
    return made[0] if made else None


def _branches_of(plan: Plan, element: Any) -> list[Branch]:
    """Return the ways in which the content of an element can be that of a record."""
    names = [
        {child.around} if child.around else {n for n, _ in child.alternatives} for child in plan.children
    ]
    needed = [each for each, child in zip(names, plan.children, strict=True) if not child.optional]
    known = set[Any]().union(*names, (value.name for value in plan.texts))
    content = element.type.content
    branches = _branches(content) if hasattr(content, "iter_elements") else [{}]
    return [
        branch
        for branch in branches
        if branch.keys() <= known and all(each & branch.keys() for each in needed)
    ]


def _branches(group: Any) -> list[Branch]:
    """Return each set of elements that a group lets stand together."""
    parts: list[list[Branch]] = [
        _branches(part) if hasattr(part, "model") else [{part.local_name: (part.min_occurs, part.max_occurs)}]
        for part in group
    ]
    if group.model == "choice":
        found = [branch for part in parts for branch in part]
    else:
        found = [
            {name: often for part in parts_ for name, often in part.items()} for parts_ in product(*parts)
        ]
    return found if group.min_occurs else [*found, {}]


def _optional(make: Maker) -> Maker:
    return lambda random, share: make(random, share) if random.random() < share else None


def _one_of(values: Any) -> Maker:
    return lambda random, _: random.choice(values)


def _below(element: Any) -> dict[str, Any]:
    return {child.local_name: child for child in element.type.content.iter_elements()}


def _values(python_type: type, given: Any) -> Maker:
    if issubclass(python_type, str) and hasattr(python_type, "__members__"):
        return _one_of(list(python_type))  # type: ignore[call-overload]
    if python_type is str and given.local_name == "VehicleIdentificationNumber":
        return lambda random, _: "".join(random.choices(_VIN, k=17))
    if python_type is str:
        return _one_of(given.enumeration or texts(given.min_length or 1, given.max_length or 50))
    return _SIMPLE[python_type](given)  # type: ignore[no-any-return]


_VIN = "0123456789ABCDEFGHJKLMNPRSTUVWXYZabcdefghjklmnprstuvwxyz"
_FIRST_INSTANT = datetime(1753, 1, 1, tzinfo=UTC)
_LAST_SECOND = int((datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC) - _FIRST_INSTANT).total_seconds())

_SIMPLE: dict[type, Any] = {
    bool: lambda _: lambda random, _: random.random() < 0.5,
    int: lambda given: lambda random, _: random.choice((0, 7, 10**10, 10**30)) + (given.min_value or 0),
    date: lambda _: lambda random, _: date.fromordinal(random.randint(1, date.max.toordinal())),
    datetime: lambda _: lambda random, _: _FIRST_INSTANT + timedelta(seconds=random.randint(0, _LAST_SECOND)),
    Uuid: lambda _: lambda random, _: _uuid(random.getrandbits(129)),
}


def _uuid(number: int) -> Uuid:
    text = str(UUID(int=number >> 1))
    return Uuid(text.upper() if number & 1 else text)
