"""Explain keys: how a name becomes its key, whether two names have one key, and where a service differs.

`movehub keys` prints these results. All of them are personal data.

A list of names to compare with a service, such as the Commission's, is CSV with the columns `family_name` and
`first_name`. One of the two may be missing.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import takewhile
from pathlib import Path
from typing import Final

from movehub.errors import IllegalCharacter, InvalidConfiguration
from movehub.names.key_service import SearchKeyService
from movehub.names.nysiis import encode, explain
from movehub.names.punctuation import with_plain_punctuation
from movehub.names.search_keys import family_name_key, first_name_key
from movehub.names.transliteration import UntransliterableCharacter, to_ascii
from movehub.records.personal import PersonalText

#: The rules of 1970, as `movehub.names.nysiis` numbers them. Step 3 changes no letter.
STEPS: Final = {
    1: "first letters",
    2: "last letters",
    4: "from the second letter on",
    5: "last S",
    6: "last AY",
    7: "last A",
}
#: The columns of a list of names, and whether the key is of the whole name.
COLUMNS: Final = {"family_name": True, "first_name": False}


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage on the way to a key, and the name after it."""

    title: str
    text: PersonalText = field(repr=False)


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two names side by side, stage by stage."""

    stages: tuple[tuple[Stage, Stage], ...]
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]

    @property
    def keys(self) -> tuple[str, str]:
        """Both keys."""
        first, second = self.stages[-1]
        return first.text, second.text

    @property
    def met_at(self) -> str | None:
        """The first stage after which both are the same; None if the keys differ."""
        met = None
        for first, second in reversed(self.stages):
            if first.text != second.text:
                break
            met = first.title
        return met

    @property
    def in_common(self) -> str:
        """The letters with which both keys begin."""
        equal = takewhile(lambda pair: pair[0] == pair[1], zip(*self.keys, strict=False))
        return "".join(letter for letter, _ in equal)


def preparation(name: str, *, first: bool = False, state: str | None = None) -> tuple[Stage, ...]:
    """List the stages before NYSIIS: the input, composed, in plain ASCII, the part that counts, its letters.

    Raises UntransliterableCharacter.
    """
    ascii_name = to_ascii(with_plain_punctuation(name), state)
    part = ascii_name.strip().partition(" ")[0] if first else ascii_name
    return (
        Stage("input", name),
        Stage("composed (NFC)", unicodedata.normalize("NFC", name)),
        Stage("transliterated", ascii_name),
        *([Stage("first first name", part)] if first else []),
        Stage("letters only", "".join(filter(str.isalpha, part))),
    )


def rules(letters: str) -> tuple[Stage, ...]:
    """List each rule that applied, with its result."""
    return tuple(Stage(f"step {step.step}: {step.rule}", step.after) for step in explain(letters))


def meeting(one: str, other: str, *, first: bool = False, state: str | None = None) -> Meeting:
    """Compare two names stage by stage. Raises UntransliterableCharacter."""
    sides = [preparation(name, first=first, state=state) for name in (one, other)]
    letters = [side[-1].text for side in sides]
    fired = [tuple(stage.title for stage in rules(each)) for each in letters]
    rows = [_after_each_step(each) for each in letters]
    keys = [Stage("key", encode(each)) for each in letters]
    return Meeting(
        stages=(*zip(*sides, strict=True), *zip(*rows, strict=True), (keys[0], keys[1])),
        only_first=tuple(title for title in fired[0] if title not in fired[1]),
        only_second=tuple(title for title in fired[1] if title not in fired[0]),
    )


def _after_each_step(letters: str) -> list[Stage]:
    """List the result of each numbered step, even if it changed no letter."""
    stages, text, done = [], letters, explain(letters)
    for number, title in STEPS.items():
        text = next((step.after for step in reversed(done) if step.step == number), text)
        stages.append(Stage(f"step {number}: {title}", text))
    return stages


class Verdict(StrEnum):
    """The result of one comparison."""

    SAME = "same"
    DIFFERENT = "different"
    REFUSED_BY_BOTH = "refused by both"
    REFUSED_HERE = "refused here"
    REFUSED_THERE = "refused there"

    @property
    def agrees(self) -> bool:
        """Whether both sides give the same key, or both refuse the name."""
        return self in {Verdict.SAME, Verdict.REFUSED_BY_BOTH}


@dataclass(frozen=True, slots=True)
class Compared:
    """One name of a list: its place, and both keys. A key is None if that side refuses the name."""

    line: int
    column: str
    name: PersonalText = field(repr=False)
    ours: PersonalText | None = field(repr=False)
    theirs: PersonalText | None = field(repr=False)

    @property
    def verdict(self) -> Verdict:
        """The result of comparing the two keys."""
        if self.ours is None:
            return Verdict.REFUSED_BY_BOTH if self.theirs is None else Verdict.REFUSED_HERE
        if self.theirs is None:
            return Verdict.REFUSED_THERE
        return Verdict.SAME if self.ours == self.theirs else Verdict.DIFFERENT


def names(path: Path) -> Iterator[tuple[int, str, str]]:
    """Yield line, column and name. Raises InvalidConfiguration if the file is not such a list."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if not COLUMNS.keys() & set(reader.fieldnames or ()):
                raise InvalidConfiguration("the list of names needs a column family_name or first_name")
            for row in reader:
                yield from ((reader.line_num, column, row[column]) for column in COLUMNS if row.get(column))
        return
    except (OSError, UnicodeDecodeError, csv.Error):
        pass
    # Raised outside `except`: the other error carries part of the names.
    raise InvalidConfiguration("the list of names cannot be read as CSV in UTF-8")


def compare(path: Path, service: SearchKeyService) -> Iterator[Compared]:
    """Compare every name of a list. Raises SearchKeyServiceFailed if the service gives no answer."""
    for line, column, name in names(path):
        ours = theirs = None
        with suppress(UntransliterableCharacter):
            ours = family_name_key(name) if COLUMNS[column] else first_name_key(name)
        with suppress(IllegalCharacter):
            theirs = service.key(name, use_full_name=COLUMNS[column])
        yield Compared(line, column, name, ours, theirs)
