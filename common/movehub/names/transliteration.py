"""Names in plain ASCII capitals.

Every register of a network must find a person under one spelling, in whatever script the name was written.
The central system therefore writes names in ASCII before it makes their search keys: Regulation (EU) 2016/68,
Annex IV, and Regulation (EU) 2016/480, Annex IV, "transliteration and NYSIIS services". Annex III, 1.3 of
both obliges every national system to accept Greek and Cyrillic letters.

The Commission's package converts a name to upper case and replaces its characters from tables. It supports
U+0000-04FF and U+1E00-1EFF. Any other character is an error. **Its tables are not public. Every row used here
is inferred** from the standard that its table names: ICAO Doc 9303 for Latin and Cyrillic, ELOT 743 / ISO 843
for Greek, and a state's own law if it has one. So a key made here may differ from the hub's.

The rules for a character:

* A letter becomes one or more of A to Z, or is refused. No letter is dropped silently.
* Blank, hyphen, apostrophe, full stop, comma and digits stay. `VARIANTS` become one of these or are dropped.
* NFC comes first, so a name gives the same result in NFC and NFD. A combining mark that NFC does not compose
  is dropped, and its letter stays.
* A softening sign (Ь) after a letter is dropped. An apostrophe that Unicode counts as a letter (U+02BC)
  becomes an apostrophe if it is beside a letter. Without a letter beside them, both are refused.
* Every other character is refused: control characters, symbols, other punctuation, other scripts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Final

from movehub.names.cyrillic import ICAO_CYRILLIC, OTHER_CYRILLIC, SOFTENING, STATES, StateReading
from movehub.names.greek import ELOT_COMBINATIONS, ELOT_LETTERS, ISO_843_LETTERS, PROVISIONAL
from movehub.names.latin import APOSTROPHE_LETTERS, ICAO_LATIN, OTHER_LATIN, PLAIN, VARIANTS

#: The range that the Commission's package supports. Characters outside it are refused.
SUPPORTED: Final = (range(0x0500), range(0x1E00, 0x1F00))

_MARKS: Final = re.compile("[\u0300-\u036f\u0483-\u0489]")

#: Placeholders for a softening sign and for an apostrophe that is a letter, until their neighbours are known.
_SOFT: Final = "s"
_QUOTE: Final = "q"
_SIGNS: Final = frozenset({_SOFT, _QUOTE})
#: Replaces a character that has no reading in ASCII.
_REFUSED: Final = "\ufffd"
_WRITTEN_LETTER: Final = f"[A-Z{''.join(PROVISIONAL)}]"
_ALONE: Final = re.compile(f"(?<!{_WRITTEN_LETTER})(?:{_SOFT}|{_QUOTE}(?!{_WRITTEN_LETTER}))")
_COMBINATIONS: Final = tuple((re.compile(pattern), written) for pattern, written in ELOT_COMBINATIONS)
_ASCII_NAME: Final = re.compile(r"[A-Z0-9 '.,-]*")


class UntransliterableCharacter(ValueError):
    """A character that has no reading in ASCII.

    `position` counts from 0 in the name's NFC form. A name is personal data, so the text of the error has
    only this one code point.
    """

    def __init__(self, code_point: int, position: int) -> None:
        super().__init__(code_point, position)
        self.code_point = code_point
        self.position = position

    def __str__(self) -> str:
        """One line that is safe to log."""
        return f"U+{self.code_point:04X} at position {self.position} has no reading in ASCII"


def to_ascii(name: str, state: str | None = None) -> str:
    """Write a name in ASCII capitals.

    `state` is the ISO alpha-2 code of the state that issued the name. It matters only for Cyrillic: Sofia,
    Kyiv and Belgrade read some letters differently. The hub does not receive a state, so leave it out if your
    keys must equal the hub's.

    Raises `UntransliterableCharacter` if a character has no reading.
    """
    if name.isascii():
        upper = name.upper()
        if upper.isalpha() or _ASCII_NAME.fullmatch(upper):
            return upper
    reading = reading_of(state if state in STATES else None)
    text = unicodedata.normalize("NFC", name)
    written = reading.write(text)
    if written is None:
        position = reading.refused(text)
        raise UntransliterableCharacter(ord(text[position]), position)
    return written


@dataclass(frozen=True, slots=True)
class Reading:
    """The tables of one state, compiled.

    `combinations` are replaced first, each by its text in `combined`. `characters` then replaces every single
    character. A small letter in the result is provisional, and a character outside ASCII is refused.
    """

    characters: dict[int, str]
    combinations: re.Pattern[str] | None
    combined: tuple[str, ...]

    def combine(self, text: str) -> str:
        """Replace the combinations, without the marks that NFC did not compose."""
        if self.combinations is None:
            return text
        return self.combinations.sub(lambda found: self.combined[found.lastindex or 0], _MARKS.sub("", text))

    def write(self, text: str) -> str | None:
        """Write a text that is in NFC; None if a character has no reading."""
        written = (self.combine(text) if self.combinations else text).translate(self.characters)
        if not written.isascii():
            return None
        if written.isupper():
            return written
        if _SOFT in written or _QUOTE in written:
            if _ALONE.search(written):
                return None
            written = written.replace(_SOFT, "").replace(_QUOTE, "'")
        return _settle(written)

    def refused(self, text: str) -> int:
        """Return the position of the first character without a reading, after `write` returned None."""
        read = [self.characters.get(ord(char), _REFUSED) for char in text]
        if _REFUSED in read:
            return read.index(_REFUSED)
        written = self.combine(text).translate(self.characters)
        alone = _ALONE.search(written)
        before = written[: alone.start()] if alone else ""
        signs = [place for place, char in enumerate(read) if char in _SIGNS]
        return signs[sum(char in _SIGNS for char in before)]


def _settle(written: str) -> str:
    """Replace provisional letters, now that every letter's neighbours are known."""
    for pattern, instead in _COMBINATIONS:
        written = pattern.sub(instead, written)
    return written.upper()


@cache
def reading_of(state: str | None) -> Reading:
    """Compile the tables of a state in `STATES`, or ICAO's for None."""
    own = STATES[state] if state else StateReading()
    rows = dict(_rows(ICAO_LATIN, OTHER_LATIN, ELOT_LETTERS, ISO_843_LETTERS, ICAO_CYRILLIC, OTHER_CYRILLIC))
    rows |= dict.fromkeys(SOFTENING, "") | dict(_rows(own.letters))
    rows |= {char: written for written, chars in VARIANTS.items() for char in chars}
    rows |= {char: char for char in PLAIN}
    characters = _characters(rows)
    signs = " ".join(char for char in SOFTENING if not rows[char])
    for provisional, letters in (
        *PROVISIONAL.items(),
        (_SOFT, signs),
        (_QUOTE, " ".join(APOSTROPHE_LETTERS)),
    ):
        characters |= dict.fromkeys(map(ord, _in_either_case(letters.split())), provisional)
    patterns, combined = zip(*own.combinations, strict=True) if own.combinations else ((), ())
    one_of = "|".join(f"({pattern})" for pattern in patterns)
    return Reading(
        characters=characters,
        combinations=re.compile(one_of, re.IGNORECASE) if one_of else None,
        combined=("", *combined),
    )


def _in_either_case(capitals: Collection[str]) -> str:
    """Add every supported letter with one of these capitals: for Μ both μ and the micro sign."""
    return "".join(char for char in map(chr, chain(*SUPPORTED)) if char.upper() in capitals)


def _rows(*tables: dict[str, str]) -> Iterable[tuple[str, str]]:
    """Turn `written: letters` into pairs of a letter and its ASCII text."""
    for table in tables:
        for written, letters in table.items():
            for letter in letters.split():
                yield letter, written


def _characters(rows: dict[str, str]) -> dict[int, str]:
    """Compute the reading of every supported code point."""
    read = {code: _read(chr(code), rows) for code in chain(*SUPPORTED)}
    return {code: _REFUSED if written is None else written for code, written in read.items()}


def _read(char: str, rows: dict[str, str]) -> str | None:
    """Read a character by its row, its capital or its base letter, in this order; None if all fail.

    The capital goes before the base: й must follow the row of Й, not the row of И.
    """
    if char in rows:
        return rows[char]
    if _MARKS.match(char):
        return ""
    others = char.upper()
    if others == char:
        others = _base_and_marks(char)
    read = [_read(other, rows) for other in others]
    return "".join(filter(None, read)) if read and None not in read else None


def _base_and_marks(char: str) -> str:
    """Split a composed letter into base and marks; an empty text if it is not composed."""
    parts = unicodedata.decomposition(char)
    return "" if parts.startswith("<") else "".join(chr(int(part, 16)) for part in parts.split())
