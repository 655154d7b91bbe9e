"""How much alike two names are, whatever the script and the habits of spelling.

Jaro-Winkler over transliterated names: 1 for equal letters, less for each that is missing, wrong or out of
its place, and kinder to names that begin alike. A name has several spellings where registers differ: Müller
is MUELLER by ICAO and MULLER on many a form; Cyrillic letters read otherwise in Sofia, Kyiv and Belgrade.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import product
from typing import Final

from jellyfish import jaro_winkler_similarity

from movehub.names.nysiis import encode
from movehub.names.transliteration import to_ascii
from movehub.records.personal import PersonalText

#: What ICAO writes for Ä, Å, Ö, Ø, Ü, and what stands in a form where the marks were dropped.
WITHOUT_MARKS: Final = (("AE", "A"), ("AA", "A"), ("OE", "O"), ("UE", "U"))
#: States whose readings of Cyrillic differ from one another.
CYRILLIC_READINGS: Final = (None, "BG", "RS", "UA", "MK", "BY")
#: One of several names, or half of a double name, is as good as this.
ONE_OF_SEVERAL: Final = 0.97
#: Names with one key sound so much alike, however they are spelled: BROWN and BRAUN.
SOUNDS_ALIKE: Final = 0.9
#: A part of a name that is compared alone has at least so many letters, and is none of these.
SHORTEST_PART: Final = 3
PARTICLES: Final = frozenset(
    "ABU BEN BIN DAL DAS DEL DEN DER DES DOS LAS LES LOS MAC TEN TER VAN VOM VON ZUM ZUR".split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Spelling:
    """One way to write a name: its letters without a break, its parts if it has several, its key."""

    letters: PersonalText = field(repr=False)
    parts: tuple[PersonalText, ...] = field(repr=False)
    key: PersonalText = field(repr=False)


Spellings = tuple[Spelling, ...]

_CYRILLIC: Final = re.compile("[\u0400-\u04ff]")
_BREAK: Final = re.compile("[^A-Z']+")


def spellings(name: str) -> Spellings:
    """Write a name in every way that a register may have it. Raises UntransliterableCharacter."""
    states = CYRILLIC_READINGS if _CYRILLIC.search(name) else (None,)
    written = [to_ascii(name, state) for state in states]
    every = dict.fromkeys(written + [_without_marks(each) for each in written])
    return tuple(_spelling(each) for each in every if any(map(str.isalpha, each)))


def likeness(one: Spellings, other: Spellings) -> float:
    """Return how much alike two names are, from 0 to 1, in the spellings that come closest."""
    best = 0.0
    for mine, theirs in product(one, other):
        if mine.letters == theirs.letters:
            return 1.0
        best = max(best, jaro_winkler_similarity(mine.letters, theirs.letters))
        if mine.key == theirs.key:
            best = max(best, SOUNDS_ALIKE)
        if mine.parts or theirs.parts:
            pairs = product(mine.parts or (mine.letters,), theirs.parts or (theirs.letters,))
            best = max(best, *(ONE_OF_SEVERAL * jaro_winkler_similarity(*pair) for pair in pairs))
    return best


def _without_marks(written: str) -> str:
    for digraph, letter in WITHOUT_MARKS:
        written = written.replace(digraph, letter)
    return written


def _spelling(written: str) -> Spelling:
    parts = [part.replace("'", "") for part in _BREAK.split(written)]
    letters = "".join(parts)
    several = [part for part in parts if len(part) >= SHORTEST_PART and part not in PARTICLES]
    return Spelling(letters, tuple(several) if len(parts) > 1 else (), encode(letters))
