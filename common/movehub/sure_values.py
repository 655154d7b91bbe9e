"""Values that a schema is sure to allow, known as such without asking it, and read.

From the rule that a schema has for a value (`schema_types`) and the way that value is read, one function is
made. It takes a text and returns its value where the text is written plainly and keeps the rule, and raises
ValueError or KeyError where there is any doubt: then the schema is asked, and what it says holds. So the
function may refuse what the schema allows, and must never take what it refuses.

A text that comes here is `is_plain`: in it, nothing has to be folded, composed or unescaped.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Any, Final
from unicodedata import is_normalized

from movehub.records.values import UUID_FORM, Kind, Uuid, kind_of, read_text
from movehub.schema_types import SimpleType, Unlike

_TEXTS: Final = {"string", "normalizedString", "token"}
_BOOLEANS: Final = ("true", "false", "1", "0")
#: The least integer of each type.
_INTEGERS: Final = {"nonNegativeInteger": 0, "positiveInteger": 1}
#: The characters of ASCII that stand for themselves between two quotes.
_PLAIN: Final = bytes(set(range(0x20, 0x7F)) - set(b"&<"))
#: Longer integers are left to the schema.
_DIGITS: Final = 9
#: Longer than any document.
_UNLIMITED: Final = 2**31
#: The one form in which days and instants are written here, as a schema states it.
_FORMS: Final = {
    "date": (date, "[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    "dateTime": (datetime, "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"),
}
#: Hour 24, which is midnight of the next day, and may be beyond the last or before the first that is allowed.
_NEXT_DAY: Final = ".{11}24"
#: Patterns that mean the same in a schema and in Python: characters, ranges of them, groups and counts.
_SHARED: Final = re.compile(r"(?:[A-Za-z0-9 :-]|\[[A-Za-z0-9-]+\]|\((?!\?)|[){}|,])+")


@dataclass(frozen=True, slots=True)
class SureValue:
    """How one text is read, and how many; `lengths` is all there is to a text with no other rule."""

    read: Callable[[str], Any]
    read_all: Callable[[list[str]], list[Any]]
    lengths: tuple[int, int] | None = None


def is_plain(joined: str) -> bool:
    """Whether texts that are joined by quotes stand for themselves, each of them."""
    return (
        not joined.encode().translate(None, _PLAIN) if joined.isascii() else _is_plain_beyond_ascii(joined)
    ) and (" " not in joined or _blanks_are_single_and_inside(joined))


def _blanks_are_single_and_inside(joined: str) -> bool:
    return (
        "  " not in joined
        and ' "' not in joined
        and '" ' not in joined
        and joined[0] != " "
        and joined[-1] != " "
    )


def _is_plain_beyond_ascii(joined: str) -> bool:
    return joined.isprintable() and "&" not in joined and "<" not in joined and is_normalized("NFC", joined)


@cache
def sure_value(kind: Kind, said: SimpleType) -> SureValue:
    """Return how values of a kind are read where a schema says this of them. Raises Unlike."""
    if said.codes:
        _only(said)
        return _each(_codes(kind, said.codes).__getitem__)
    if said.primitive == "boolean":
        _only(said)
        return _each(_codes(kind, _BOOLEANS).__getitem__)
    if said.primitive in _TEXTS and said.least is None:
        return _text(kind, said)
    if said.primitive in _INTEGERS:
        _only(said)
        _of(kind, int)
        return _each(_as_written(kind, _INTEGERS[said.primitive]))
    if said.primitive in _FORMS:
        python_type, pattern = _FORMS[said.primitive]
        _only(replace(said, least=None), pattern)
        _of(kind, python_type)
        least = None if said.least is None else kind.read(said.least)
        return _each(_in_form(python_type, pattern, least))
    raise Unlike(said.primitive)


def _each(read: Callable[[str], Any]) -> SureValue:
    return SureValue(read, lambda texts: list(map(read, texts)))


def _only(said: SimpleType, *patterns: str) -> None:
    """Refuse a type with a rule that is not looked at."""
    others = said.shortest or said.longest is not None or said.least is not None
    if others or not set(said.patterns).issubset(patterns):
        raise Unlike("a facet that is not looked at")


def _of(kind: Kind, python_type: type) -> None:
    if kind is not kind_of(python_type):
        raise Unlike("a value that is read as something else")


def _codes(kind: Kind, codes: tuple[str, ...]) -> dict[str, Any]:
    """Return what codes mean; those that mean nothing in Python are left to the reader, which says so."""
    found = {}
    for code in codes:
        try:
            found[code] = kind.read(code)
        except (ValueError, KeyError):
            continue
    return found


def _as_written(kind: Kind, least: int) -> Callable[[str], int]:
    """Return a reader of integers that are written as they would be written here."""
    read, write = kind.read, kind.write

    def read_plainly(text: str) -> int:
        value: int = read(text)
        if write(value) != text or value < least or len(text) > _DIGITS:
            raise ValueError("left to the schema")
        return value

    return read_plainly


def _in_form(python_type: type[date], pattern: str, least: date | None) -> Callable[[str], date]:
    """Return a reader of days or instants in their one form; an earlier one than the `least` is left."""
    matches, read = re.compile(f"(?!{_NEXT_DAY}){pattern}").fullmatch, python_type.fromisoformat

    def read_in_form(text: str) -> date:
        if matches(text) is None:
            raise ValueError("left to the schema")
        value = read(text)
        if least is not None and value < least:
            raise ValueError("left to the schema")
        return value

    return read_in_form


def _text(kind: Kind, said: SimpleType) -> SureValue:
    shortest, longest = lengths = said.shortest, _UNLIMITED if said.longest is None else said.longest
    if kind.read is read_text and not said.patterns:

        def read_all(texts: list[str]) -> list[str]:
            found = set(map(len, texts))
            if found and not (shortest <= min(found) and max(found) <= longest):
                raise ValueError("left to the schema")
            return texts

        return SureValue(lambda text: read_all([text])[0], read_all, lengths)
    if kind is kind_of(Uuid) and said.patterns == (UUID_FORM,) and said.longest is None:
        return _each(kind.read)  # which takes that form and no other
    return _each(_of_a_form(kind, _form(said, shortest, longest)))


def _of_a_form(kind: Kind, form: re.Pattern[str]) -> Callable[[str], Any]:
    matches, read = form.fullmatch, kind.read

    def read_form(text: str) -> Any:
        if matches(text) is None:
            raise ValueError("left to the schema")
        return read(text)

    return read_form


def _form(said: SimpleType, shortest: int, longest: int) -> re.Pattern[str]:
    """Return one pattern for all that a type says of a text."""
    if not all(map(_SHARED.fullmatch, said.patterns)):
        raise Unlike("a pattern")
    ahead = "".join(rf"(?=(?:{pattern})\Z)" for pattern in said.patterns)
    return re.compile(f"{ahead}.{{{shortest},{min(longest, _UNLIMITED)}}}", re.ASCII | re.DOTALL)
