"""Names in plain ASCII capitals.

Every register of a network has to find a person under one spelling, whatever script the name was written
in. The central system therefore writes names in ASCII before it makes their search keys: Regulation (EU)
2016/68, Annex IV, and Regulation (EU) 2016/480, Annex IV, "transliteration and NYSIIS services"; Annex III,
1.3 of both obliges every national system to take Greek and Cyrillic letters.

Known of the Commission's package: the name is put in upper case and its characters replaced from tables;
U+0000-04FF and U+1E00-1EFF are supported; anything else is an error. **Its tables are not public. Every row
used here is inferred** from the standard that its table names: ICAO Doc 9303 for Latin and Cyrillic, ELOT
743 / ISO 843 for Greek, a state's own law where it has one. So a key made here may differ from the hub's.

What is done with a character:

* A letter becomes one or more of A to Z, or is refused. None is ever lost in silence.
* Blank, hyphen, apostrophe, full stop, comma and digits stay; `VARIANTS` are written as one of them or fall
  away.
* A combining mark that NFC does not compose falls away and leaves its letter. NFC goes first, so a name
  gives the same in NFC and NFD.
* A softening sign (Ь) falls away after a letter; an apostrophe that Unicode counts as a letter (U+02BC)
  becomes an apostrophe beside one. Alone, both are refused.
* Everything else is refused: control characters, symbols, other punctuation, other scripts.

The tables of transliteration of one state, compiled, and a text written with them.

Part of `movehub.names.transliteration`, which says where the tables come from.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Final

from movehub.names.cyrillic import ICAO_CYRILLIC, OTHER_CYRILLIC, SOFTENING, STATES, StateReading
from movehub.names.greek import (
    ELOT_GAMMA,
    ELOT_LETTERS,
    ELOT_MU_PI,
    ELOT_OU,
    ELOT_UPSILON,
    ISO_843_LETTERS,
    PROVISIONAL,
)
from movehub.names.latin import APOSTROPHE_LETTERS, ICAO_LATIN, OTHER_LATIN, PLAIN, VARIANTS

#: The range that the Commission's package supports; nothing outside it is ever read.
SUPPORTED: Final = (range(0x0500), range(0x1E00, 0x1F00))

_MARKS: Final = re.compile("[\u0300-\u036f\u0483-\u0489]")

#: What stands for a softening sign, and for an apostrophe that is a letter, until their neighbours are known.
_SOFT: Final = "s"
_QUOTE: Final = "q"
_SIGNS: Final = frozenset({_SOFT, _QUOTE})
#: What stands for an ASCII character that is no part of a name. Any other without a reading stays as it is.
_REFUSED: Final = "\ufffd"
_WRITTEN_LETTER: Final = f"[A-Z{''.join(PROVISIONAL)}]"
_ALONE: Final = re.compile(f"(?<!{_WRITTEN_LETTER})(?:{_SOFT}|{_QUOTE}(?!{_WRITTEN_LETTER}))")
_OY, _OU = ELOT_OU
_UPSILON: Final = tuple((re.compile(pattern), written) for pattern, written in ELOT_UPSILON)
_MU_PI: Final = re.compile(ELOT_MU_PI[0])


_ASCII_NAME: Final = re.compile(r"[A-Z0-9 '.,-]*")


@dataclass(frozen=True, slots=True)
class Reading:
    """The tables of one state, compiled.

    `characters` writes each character; a small letter in what it writes is provisional, and what is not ASCII
    is refused. `combinations` go before it, on the name itself; `combined` is what each of them writes.
    """

    characters: dict[int, str]
    combinations: re.Pattern[str] | None
    combined: tuple[str, ...]

    def combine(self, text: str) -> str:
        """Write the combinations; a mark that NFC has left apart may stand inside one."""
        if self.combinations is None:
            return text
        return self.combinations.sub(lambda found: self.combined[found.lastindex or 0], _MARKS.sub("", text))

    def write(self, text: str) -> str | None:
        """Write a text that is in NFC; None where something in it has no reading."""
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
        """Find the first character for which `write` gave None, as a place in the text."""
        read = [self.characters.get(ord(char), _REFUSED) for char in text]
        if _REFUSED in read:
            return read.index(_REFUSED)
        written = self.combine(text).translate(self.characters)
        alone = _ALONE.search(written)
        before = written[: alone.start()] if alone else ""
        signs = [place for place, char in enumerate(read) if char in _SIGNS]
        return signs[sum(char in _SIGNS for char in before)]


def _settle(written: str) -> str:
    """Replace what is provisional, now that every letter's neighbours are known."""
    written = written.replace(_OY, _OU)
    if "y" in written:
        for pattern, instead in _UPSILON:
            written = pattern.sub(instead, written)
    if "g" in written:
        for pair, instead in ELOT_GAMMA:
            written = written.replace(pair, instead)
    if "mp" in written:
        written = _MU_PI.sub(ELOT_MU_PI[1], written)
    return written.upper()


@cache
def reading_of(state: str | None) -> Reading:
    """Compile the tables for a state of `STATES`, or ICAO's reading for None."""
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
    """Add every supported letter with such a capital: to Μ not only μ, but the micro sign too."""
    return "".join(char for char in map(chr, chain(*SUPPORTED)) if char.upper() in capitals)


def _rows(*tables: dict[str, str]) -> Iterable[tuple[str, str]]:
    """Turn `written: letters` into pairs of a letter and what is written."""
    for table in tables:
        for written, letters in table.items():
            for letter in letters.split():
                yield letter, written


def _characters(rows: dict[str, str]) -> dict[int, str]:
    """Look up every supported code point once."""
    read = {code: _read(chr(code), rows) for code in chain(*SUPPORTED)}
    return {code: _REFUSED if written is None else written for code, written in read.items()}


def _read(char: str, rows: dict[str, str]) -> str | None:
    """Read a character by its row, else by its capital, else by its base letter; None if there is no way.

    The capital goes before the base: й has to follow the row of Й, not that of И.
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
    """Take a letter apart as Unicode composes it; an empty text if it is not composed."""
    parts = unicodedata.decomposition(char)
    return "" if parts.startswith("<") else "".join(chr(int(part, 16)) for part in parts.split())


class UntransliterableCharacter(ValueError):
    """A character that has no reading in ASCII.

    `position` counts from 0 in the name's NFC form. A name is personal data, so the text holds this one
    code point and nothing else of it.
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

    `state` is the ISO alpha-2 code of the state that issued the name, and matters for Cyrillic alone: one
    letter is read otherwise in Sofia, Kyiv or Belgrade. The hub is not told a state, so keys that have to
    equal the hub's are made without one.

    Raises `UntransliterableCharacter` for what cannot be written.
    """
    if name.isascii():
        upper = name.upper()
        if upper.isalpha() or _ASCII_NAME.fullmatch(upper):
            return upper
    reading = reading_of(state) if state in STATES else _ICAO
    text = unicodedata.normalize("NFC", name)
    written = reading.write(text)
    if written is None:
        position = reading.refused(text)
        raise UntransliterableCharacter(ord(text[position]), position)
    return written


def to_ascii_all(names: Sequence[str], state: str | None = None) -> list[str]:
    """Write many names in ASCII capitals, in their order.

    Raises `UntransliterableCharacter` for the first name that cannot be written. A note of the error says
    which name it is, counted from 0.
    """
    return [_to_ascii_at(place, name, state) for place, name in enumerate(names)]


def _to_ascii_at(place: int, name: str, state: str | None) -> str:
    try:
        return to_ascii(name, state)
    except UntransliterableCharacter as error:
        error.add_note(f"in name {place} of those given")
        raise


#: The reading when no state is given, which is nearly always.
_ICAO: Final = reading_of(None)
