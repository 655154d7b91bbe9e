"""The person or undertaking found, beside the one asked about: each field with a word for the difference.

A register finds by search keys: a name that sounds alike, with the same date of birth (Regulation (EU)
2016/68 and (EU) 2016/480, Annex IV). So a record can be that of a namesake. A person decides that by the
other data. Only this screen compares: the words mean no more than what they say.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final
from unicodedata import normalize

from movehub.cli.console import escape, out, table
from movehub.names.transliteration import UntransliterableCharacter, to_ascii


class Likeness(Enum):
    """How a field of a record relates to what was asked. The words show on any terminal, without colour."""

    SAME = "same"
    #: The same letters in the hub's ASCII capitals: `Jürgen` and `Juergen` (Annex IV; inferred tables).
    SPELLING = "other spelling"
    DIFFERENT = "≠ different"
    NOT_ASKED = "not in the request"
    NOT_SAID = "not in the answer"


_COLOURS: Final = {Likeness.SAME: "green", Likeness.SPELLING: "yellow", Likeness.DIFFERENT: "bold red"}

#: What the cell of a missing value shows.
_ABSENT: Final = "–"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of both sides. If `asked_for` is False, it is of the record alone, and is not compared."""

    name: str
    found: str
    asked: str = ""
    asked_for: bool = True
    #: What is compared of `found`, if the request has only a part of it. By default all.
    part: str = ""

    @property
    def likeness(self) -> Likeness | None:
        """How both sides relate; None for a field that is not compared, or is empty on both sides."""
        if not self.asked_for or not (self.asked or self.found):
            return None
        if not self.asked or not self.found:
            return Likeness.NOT_SAID if self.asked else Likeness.NOT_ASKED
        found = self.part or self.found
        if self.asked == found:
            return Likeness.SAME
        plain = _plain(self.asked)
        return Likeness.SPELLING if plain and plain == _plain(found) else Likeness.DIFFERENT


def text(value: object) -> str:
    """Return a value as a cell: empty for None."""
    return "" if value is None else str(value)


def numbered(number: str | None, country: str | None) -> str:
    """Return a number with the country that issued it, as far as both are known."""
    return " of ".join(each for each in (number, country) if each)


def compared(fields: Iterable[Field]) -> list[dict[str, Any]]:
    """Return the compared fields as plain data, for JSON."""
    return [
        {"field": each.name, "asked": each.asked, "found": each.found, "likeness": each.likeness.value}
        for each in fields
        if each.likeness is not None
    ]


def print_comparison(title: str, asked: str, fields: Iterable[Field]) -> None:
    """Print one record field by field. `asked` is the heading of what the request says."""
    shown = table(escape(title), "", asked, "Found", "", folding=(asked, "Found"))
    for each in fields:
        if each.asked or each.found:
            likeness = each.likeness
            word = f"[{_COLOURS.get(likeness, 'default')}]{likeness.value}[/]" if likeness else ""
            mine = escape(each.asked) or (_ABSENT if each.asked_for else "")
            shown.add_row(each.name, mine, escape(each.found) or _ABSENT, word)
    out.print(shown)


def _plain(value: str) -> str:
    """Return a text in the hub's capitals, without blanks and punctuation."""
    letters = "".join(letter for letter in normalize("NFC", value) if letter.isalnum())
    try:
        return to_ascii(letters)
    except UntransliterableCharacter:
        return letters.casefold()
