"""Hypothesis strategies for our records, with the facets read from our own schema.

The classes say what there is, the schema how long it may be; so nothing about a message is written twice.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from random import Random
from typing import Any, get_type_hints
from unicodedata import normalize
from uuid import UUID

import xmlschema
from hypothesis import strategies as st
from movehub.binding import _unfold, plan_of
from movehub.codec import Codec
from movehub.edition import Edition
from movehub.message import Body, Header, Message
from movehub.values import Uuid, collapse

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
def texts(shortest: int, longest: int) -> st.SearchStrategy[str]:
    """Text that stays as it is when it is cleaned: NFC, blanks folded, not empty.

    One draw a text, from many made beforehand: a message has up to hundreds of them, and thousands of
    messages are built.
    """
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
    return st.sampled_from(sorted(text for text in cleaned if shortest <= len(text) <= longest))


@cache
def read_schema(edition: Edition) -> xmlschema.XMLSchema10:
    """Return an edition's schema as `xmlschema` understands it."""
    return xmlschema.XMLSchema10(str(edition.schema.path))


def messages(codec: Codec, edition: Edition, body: type[Body]) -> st.SearchStrategy[Message[Any]]:
    """Return messages of one kind, all of them valid."""
    root = read_schema(edition).elements[body.root]
    header, content = list(root.type.content.iter_elements())
    return st.builds(Message, header=_records(Header, header), body=_records(body, content))


def _records(cls: type, element: Any) -> st.SearchStrategy[Any]:
    plan = plan_of(cls)
    hints = get_type_hints(cls, include_extras=True)
    below = {child.local_name: child for child in element.type.content.iter_elements()}
    fields: dict[str, st.SearchStrategy[Any]] = {}
    for value in plan.attributes:
        given = element.attributes[value.name]
        python_type = _unfold(hints[value.field])[0][0]
        strategy = _values(python_type, given.type)
        fields[value.field] = strategy if given.use == "required" else st.none() | strategy
    for value in plan.texts:
        fields[value.field] = texts(0, 200)
    for child in plan.children:
        options = [
            _records(option, below[name]) for name, classes in child.alternatives for option in classes
        ]
        one = st.one_of(options)
        name = child.alternatives[0][0]
        if child.many:
            most = min(below[name].max_occurs or 2, 2)
            fields[child.field] = st.lists(one, min_size=below[name].min_occurs, max_size=most).map(tuple)
        else:
            fields[child.field] = st.none() | one if child.optional else one
    return st.builds(cls, **fields)


def _values(python_type: type, given: Any) -> st.SearchStrategy[Any]:
    if issubclass(python_type, str) and hasattr(python_type, "__members__"):
        return st.sampled_from(list(python_type))  # type: ignore[call-overload]
    if python_type is str:
        if given.enumeration:
            return st.sampled_from(given.enumeration)
        return texts(given.min_length or 1, given.max_length or 50)
    return _SIMPLE[python_type](given)


_FIRST_INSTANT = datetime(1753, 1, 1, tzinfo=UTC)
_LAST_SECOND = int((datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC) - _FIRST_INSTANT).total_seconds())

_SIMPLE: dict[type, Any] = {
    bool: lambda _: st.booleans(),
    int: lambda given: st.integers(min_value=given.min_value or 0, max_value=10**20),
    date: lambda _: st.integers(1, date.max.toordinal()).map(date.fromordinal),
    datetime: lambda _: st.integers(0, _LAST_SECOND).map(lambda s: _FIRST_INSTANT + timedelta(seconds=s)),
    Uuid: lambda _: st.integers(0, 2**129 - 1).map(_uuid),
}


def _uuid(number: int) -> Uuid:
    text = str(UUID(int=number >> 1))
    return Uuid(text.upper() if number & 1 else text)
