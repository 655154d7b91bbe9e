"""The tables of transliteration of one state, compiled, and a text written with them.

Part of `movehub.names.transliteration`, which says where the tables come from.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain
from typing import Final

from movehub.many_names import MARKS
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

    def with_marks(self) -> Reading:
        """Add the marks of many names in one text, which no single name may have."""
        return replace(self, characters=self.characters | {ord(mark): mark for mark in MARKS})


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
