"""Custom search: find the same person under another spelling, in addition to the NYSIIS keys.

A responding state searches by the NYSIIS keys first. It may add the results of its own algorithm, and each
result says which search found it. Regulation (EU) 2016/68, Annex IV, 2 to 4; Regulation (EU) 2016/480,
Annex IV, 2 to 4.

The hits by certificate and by keys come first. Then this module compares the names of all holders who were
born on the day asked for, or on that day with day and month swapped. It compares family names and first
names, as they are and swapped, by Jaro-Winkler similarity of the transliterated names: 1 for equal letters,
less for each letter that is missing, different or misplaced. Names that begin alike score higher.

Registers spell names differently, so a name has several spellings here. Müller is MUELLER by ICAO and MULLER
on many forms. Sofia, Kyiv and Belgrade read some Cyrillic letters differently.

A hit is always an unchanged record of the register, and its reasons contain no name. **The thresholds are a
choice of this library.** A list of invented misspellings measures them (`python -m benchmarks.search`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import product
from typing import Final, Protocol

from jellyfish import jaro_winkler_similarity

from movehub.names.nysiis import encode
from movehub.names.punctuation import with_plain_punctuation
from movehub.names.search_keys import BuiltinSearchKeys, SearchKeyProvider, SearchKeys
from movehub.names.transliteration import UntransliterableCharacter, to_ascii
from movehub.records.personal import PersonalDate, PersonalText

#: The least likeness of each name, and of both on average.
WEAKEST: Final = 0.75
AVERAGE: Final = 0.86
#: The least likeness of a family name if one side has no first name.
FAMILY_ALONE: Final = 0.93
#: The score factor for a guess: names swapped, or day and month swapped.
SWAPPED: Final = 0.98

#: ICAO's letters for Ä, Å, Ö, Ø, Ü, and the letter that remains if a form drops the marks.
WITHOUT_MARKS: Final = (("AE", "A"), ("AA", "A"), ("OE", "O"), ("UE", "U"))
#: States with different readings of Cyrillic. None is ICAO's reading.
CYRILLIC_READINGS: Final = (None, "BG", "RS", "UA", "MK", "BY")
#: The score factor if only one of several names, or half of a double name, is compared.
ONE_OF_SEVERAL: Final = 0.97
#: The least likeness of two names with the same key: BROWN and BRAUN.
SOUNDS_ALIKE: Final = 0.9
#: A part of a name is compared alone if it has at least 3 letters and is not one of these particles.
SHORTEST_PART: Final = 3
PARTICLES: Final = frozenset(
    "ABU BEN BIN DAL DAS DEL DEN DER DES DOS LAS LES LOS MAC TEN TER VAN VOM VON ZUM ZUR".split()  # noqa: SIM905
)

_CYRILLIC: Final = re.compile("[\u0400-\u04ff]")
_BREAK: Final = re.compile("[^A-Z']+")


class FoundBy(StrEnum):
    """How a record was found. For CUSTOM, TACHOnet writes "Custom" and ERRU's schema "Local"."""

    NYSIIS = "NYSIIS"
    CPC = "CPC"
    CUSTOM = "Custom"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The person asked for: names, birth date, the hub's keys if it sent them, and in ERRU a certificate."""

    family_name: PersonalText = field(repr=False)
    first_name: PersonalText | None = field(default=None, repr=False)
    date_of_birth: PersonalDate = field(repr=False)
    keys: SearchKeys | None = None
    certificate: PersonalText | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A person in a register. Use `number` to find the whole record."""

    number: int = field(repr=False)
    family_name: PersonalText = field(repr=False)
    first_name: PersonalText = field(repr=False)
    date_of_birth: PersonalDate = field(repr=False)
    certificate: PersonalText | None = field(default=None, repr=False)


class Register(Protocol):
    """The three look-ups that a register must have. Each needs an index."""

    def by_keys(self, keys: SearchKeys, born: date) -> Iterable[Holder]:
        """Yield the holders with both keys and this birth date."""
        ...

    def by_birth(self, born: date) -> Iterable[Holder]:
        """Yield the holders born on this day."""
        ...

    def by_certificate(self, certificate: str) -> Iterable[Holder]:
        """Yield the holders of this certificate of professional competence."""
        ...


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that may be the person, how it was found, and why. The reasons have no name and no date."""

    holder: Holder
    found_by: FoundBy
    score: float
    reasons: tuple[str, ...]

    def explain(self) -> str:
        """One line that is safe to log."""
        return f"{self.found_by.value}, {self.score:.2f}: {'; '.join(self.reasons)}"


def search(register: Register, wanted: Wanted, provider: SearchKeyProvider | None = None) -> tuple[Hit, ...]:
    """Return the possible holders: by certificate, by keys, then by likeness, best first.

    `provider` makes the keys if `wanted` has none. Raises UntransliterableCharacter.
    """
    keys = wanted.keys or (provider or BuiltinSearchKeys()).keys(wanted.family_name, wanted.first_name)
    hits: dict[int, Hit] = {}
    for hit in (*_by_certificate(register, wanted), *_by_keys(register, wanted, keys)):
        hits.setdefault(hit.holder.number, hit)
    for hit in _by_likeness(register, wanted):
        hits.setdefault(hit.holder.number, hit)
    return tuple(hits.values())


def swapped_day_and_month(born: date) -> date | None:
    """Return the date with day and month swapped; None if that is no other date."""
    if born.day > 12 or born.day == born.month:
        return None
    return born.replace(month=born.day, day=born.month)


def _by_certificate(register: Register, wanted: Wanted) -> Iterator[Hit]:
    if wanted.certificate:
        for holder in register.by_certificate(wanted.certificate):
            yield Hit(holder, FoundBy.CPC, 1.0, ("the certificate has this number",))


def _by_keys(register: Register, wanted: Wanted, keys: SearchKeys) -> Iterator[Hit]:
    which = "both keys are equal" if keys.first_name else "the key of the family name is equal"
    for holder in register.by_keys(keys, wanted.date_of_birth):
        yield Hit(holder, FoundBy.NYSIIS, 1.0, (which, "born on this day"))


def _by_likeness(register: Register, wanted: Wanted) -> list[Hit]:
    """Compare with all holders born on the day, or on the swapped day. The best come first."""
    asked = spellings(wanted.family_name), spellings(wanted.first_name or "")
    swapped = swapped_day_and_month(wanted.date_of_birth)
    days = [(wanted.date_of_birth, 1.0, "born on this day")]
    days += [(swapped, SWAPPED, "born on this day with day and month swapped")] if swapped else []
    found = [
        hit
        for born, weight, reason in days
        for holder in register.by_birth(born)
        if (hit := _compared(asked, holder, weight, reason)) is not None
    ]
    return sorted(found, key=lambda hit: (-hit.score, hit.holder.number))


def _compared(asked: tuple[Spellings, Spellings], holder: Holder, weight: float, reason: str) -> Hit | None:
    """Compare names as they are and swapped; None if both scores are too low."""
    family, first = _readable(holder.family_name), _readable(holder.first_name)
    straight = _score(asked, (family, first))
    crossed = _score(asked, (first, family)) * SWAPPED if asked[1] and first else 0.0
    score = max(straight, crossed) * weight
    if not score:
        return None
    if crossed > straight:
        names = f"family and first name swapped, {crossed / SWAPPED:.2f} alike"
    elif asked[1] and first:
        alike = likeness(asked[0], family), likeness(asked[1], first)
        names = f"family names {alike[0]:.2f} alike, first names {alike[1]:.2f} alike"
    else:
        names = f"family names {straight:.2f} alike, a first name is missing"
    return Hit(holder, FoundBy.CUSTOM, score, (names, reason))


def _readable(name: str) -> Spellings:
    """Return the spellings of a name in the register. A name without a reading must not end the search."""
    try:
        return spellings(name)
    except UntransliterableCharacter:
        return ()


def _score(asked: tuple[Spellings, Spellings], known: tuple[Spellings, Spellings]) -> float:
    """Return the likeness of two pairs of names, or 0 if it is too low."""
    family = likeness(asked[0], known[0])
    if not (asked[1] and known[1]):
        return family if family >= FAMILY_ALONE else 0.0
    if family < WEAKEST:
        return 0.0
    first = likeness(asked[1], known[1])
    average = (family + first) / 2
    return average if first >= WEAKEST and average >= AVERAGE else 0.0


@dataclass(frozen=True, slots=True)
class Spelling:
    """One way to write a name: its letters without breaks, its parts if it has several, and its key."""

    letters: PersonalText = field(repr=False)
    parts: tuple[PersonalText, ...] = field(repr=False)
    key: PersonalText = field(repr=False)


Spellings = tuple[Spelling, ...]


def spellings(name: str) -> Spellings:
    """Return every spelling of a name that a register may have. Raises UntransliterableCharacter."""
    states = CYRILLIC_READINGS if _CYRILLIC.search(name) else (None,)
    plain = with_plain_punctuation(name)
    written = [to_ascii(plain, state) for state in states]
    every = dict.fromkeys(written + [_without_marks(each) for each in written])
    return tuple(_spelling(each) for each in every if any(map(str.isalpha, each)))


def likeness(one: Spellings, other: Spellings) -> float:
    """Return the likeness of two names, from 0 to 1, in their closest spellings."""
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
