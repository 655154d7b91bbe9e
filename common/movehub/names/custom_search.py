"""Search beside the keys: finding the same person where NYSIIS does not.

A responding state searches by the NYSIIS keys first and may add what an algorithm of its own finds; each
result says which of them found it. Regulation (EU) 2016/68, Annex IV, 2 to 4; Regulation (EU) 2016/480,
Annex IV, 2 to 4.

First come those with both keys and the birth date. Then everybody born on that day, or on the day that is
left when day and month are swapped, is compared: family names and first names, as they are and swapped, by
Jaro-Winkler over the transliterated names. A hit is always a record of the register, unchanged, and
explains itself without a name in it. **The thresholds are a choice of this library**; a list of invented
misspellings measures them (`python -m benchmarks.search`).

How much alike two names are, whatever the script and the habits of spelling.

Jaro-Winkler over transliterated names: 1 for equal letters, less for each that is missing, wrong or out of
its place, and kinder to names that begin alike. A name has several spellings where registers differ: Müller
is MUELLER by ICAO and MULLER on many a form; Cyrillic letters read otherwise in Sofia, Kyiv and Belgrade.
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
from movehub.names.search_keys import BuiltinSearchKeys, SearchKeyProvider, SearchKeys
from movehub.names.transliteration import UntransliterableCharacter, to_ascii
from movehub.records.personal import PersonalDate, PersonalText

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


#: How much alike the weaker of both names has to be, and both on average.
WEAKEST: Final = 0.75
AVERAGE: Final = 0.86
#: How much alike a family name has to be where one side has no first name.
FAMILY_ALONE: Final = 0.93
#: What a guess costs: names swapped, day and month swapped.
SWAPPED: Final = 0.98


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


class FoundBy(StrEnum):
    """How a record was found. For CUSTOM TACHOnet writes "Custom" and ERRU's schema "Local"."""

    NYSIIS = "NYSIIS"
    CPC = "CPC"
    CUSTOM = "Custom"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Who is looked for: names, birth date, the keys if the hub has sent them, a certificate in ERRU."""

    family_name: PersonalText = field(repr=False)
    first_name: PersonalText | None = field(default=None, repr=False)
    date_of_birth: PersonalDate = field(repr=False)
    keys: SearchKeys | None = None
    certificate: PersonalText | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Somebody in a register. `number` is how the register finds the whole record again."""

    number: int = field(repr=False)
    family_name: PersonalText = field(repr=False)
    first_name: PersonalText = field(repr=False)
    date_of_birth: PersonalDate = field(repr=False)
    certificate: PersonalText | None = field(default=None, repr=False)


class Register(Protocol):
    """What a register has to be able to look up; each needs an index."""

    def by_keys(self, keys: SearchKeys, born: date) -> Iterable[Holder]:
        """Yield who has both keys and this birth date."""
        ...

    def by_birth(self, born: date) -> Iterable[Holder]:
        """Yield who was born on this day."""
        ...

    def by_certificate(self, certificate: str) -> Iterable[Holder]:
        """Yield who has this certificate of professional competence."""
        ...


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that may be the person, how it was found, and why. No reason holds a name or a date."""

    holder: Holder
    found_by: FoundBy
    score: float
    reasons: tuple[str, ...]

    def explain(self) -> str:
        """One line that is safe to log."""
        return f"{self.found_by.value}, {self.score:.2f}: {'; '.join(self.reasons)}"


def search(register: Register, wanted: Wanted, provider: SearchKeyProvider | None = None) -> tuple[Hit, ...]:
    """Return everybody who may be meant: by certificate, by keys, then what was found beside, best first.

    `provider` makes the keys that `wanted` does not bring. Raises UntransliterableCharacter.
    """
    keys = wanted.keys or (provider or BuiltinSearchKeys()).keys(wanted.family_name, wanted.first_name)
    hits: dict[int, Hit] = {}
    for hit in (*_by_certificate(register, wanted), *_by_keys(register, wanted, keys)):
        hits.setdefault(hit.holder.number, hit)
    for hit in _beside(register, wanted):
        hits.setdefault(hit.holder.number, hit)
    return tuple(hits.values())


def swapped_day_and_month(born: date) -> date | None:
    """Return the date that is meant when day and month were swapped; None if there is no other."""
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


def _beside(register: Register, wanted: Wanted) -> list[Hit]:
    """Compare with everybody born on the day, or on the day swapped; the best first."""
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
    """Compare names as they are and swapped; None where neither is enough."""
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
    """Write a name of the register; one that has no reading is like no other, and must not end the search."""
    try:
        return spellings(name)
    except UntransliterableCharacter:
        return ()


def _score(asked: tuple[Spellings, Spellings], known: tuple[Spellings, Spellings]) -> float:
    """Return how much alike two pairs of names are, or 0 where that is not enough."""
    family = likeness(asked[0], known[0])
    if not (asked[1] and known[1]):
        return family if family >= FAMILY_ALONE else 0.0
    if family < WEAKEST:
        return 0.0
    first = likeness(asked[1], known[1])
    average = (family + first) / 2
    return average if first >= WEAKEST and average >= AVERAGE else 0.0
