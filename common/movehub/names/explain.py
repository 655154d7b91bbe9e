"""Where this library's keys differ from those of a service, such as the Commission's.

A list of names is CSV with the columns `family_name` and `first_name`, of which one may be missing.

How a name becomes its key, step by step; and whether two names meet.

What `movehub keys` prints, without the printing. Everything here is personal data.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from movehub.errors import IllegalCharacter, InvalidConfiguration
from movehub.names.key_service import SearchKeyService
from movehub.names.nysiis import encode, explain
from movehub.names.search_keys import family_name_key, first_name_key
from movehub.names.transliteration import UntransliterableCharacter, to_ascii
from movehub.records.personal import PersonalText

#: The columns of a list, and whether the key is of the full name.
COLUMNS: Final = {"family_name": True, "first_name": False}


class Verdict(StrEnum):
    """What a name shows."""

    SAME = "same"
    DIFFERENT = "different"
    REFUSED_BY_BOTH = "refused by both"
    REFUSED_HERE = "refused here"
    REFUSED_THERE = "refused there"

    @property
    def agrees(self) -> bool:
        """Whether both sides do the same."""
        return self in {Verdict.SAME, Verdict.REFUSED_BY_BOTH}


@dataclass(frozen=True, slots=True)
class Compared:
    """One name of a list: where it stands, and both keys; None where a side refuses it."""

    line: int
    column: str
    name: PersonalText = field(repr=False)
    ours: PersonalText | None = field(repr=False)
    theirs: PersonalText | None = field(repr=False)

    @property
    def verdict(self) -> Verdict:
        """What the two keys say."""
        if self.ours is None:
            return Verdict.REFUSED_BY_BOTH if self.theirs is None else Verdict.REFUSED_HERE
        if self.theirs is None:
            return Verdict.REFUSED_THERE
        return Verdict.SAME if self.ours == self.theirs else Verdict.DIFFERENT


def names(path: Path) -> Iterator[tuple[int, str, str]]:
    """Yield line, column and name. Raises InvalidConfiguration where the file is no such list."""
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
    # Outside: the decoder's own error carries what it read of the names.
    raise InvalidConfiguration("the list of names cannot be read as CSV in UTF-8")


def compare(path: Path, service: SearchKeyService) -> Iterator[Compared]:
    """Compare every name of a list. Raises SearchKeyServiceFailed where the service gives no answer."""
    for line, column, name in names(path):
        yield Compared(line, column, name, _ours(column, name), _theirs(column, name, service))


def _ours(column: str, name: str) -> str | None:
    try:
        return family_name_key(name) if COLUMNS[column] else first_name_key(name)
    except UntransliterableCharacter:
        return None


def _theirs(column: str, name: str, service: SearchKeyService) -> str | None:
    try:
        return service.key(name, use_full_name=COLUMNS[column])
    except IllegalCharacter:
        return None


#: The rules of 1970, as `movehub.names.nysiis` numbers them; step 3 changes no letter.
STEPS: Final = {
    1: "first letters",
    2: "last letters",
    4: "from the second letter on",
    5: "last S",
    6: "last AY",
    7: "last A",
}


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage on the way to a key, and the name as it leaves it."""

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
        """The first stage from which on both are the same; None if the keys differ."""
        met = None
        for first, second in reversed(self.stages):
            if first.text != second.text:
                break
            met = first.title
        return met

    @property
    def in_common(self) -> str:
        """The letters with which both keys begin."""
        first, second = self.keys
        length = next(
            (at for at, pair in enumerate(zip(first, second, strict=False)) if len({*pair}) > 1), None
        )
        return first[:length] if length is not None else min(first, second, key=len)


def preparation(name: str, *, first: bool = False, state: str | None = None) -> tuple[Stage, ...]:
    """Bring a name as far as NYSIIS: the input, composed, in ASCII, the part that counts, its letters.

    Raises UntransliterableCharacter.
    """
    ascii_name = to_ascii(name, state)
    part = ascii_name.strip().partition(" ")[0] if first else ascii_name
    return (
        Stage("input", name),
        Stage("composed (NFC)", unicodedata.normalize("NFC", name)),
        Stage("transliterated", ascii_name),
        *([Stage("first first name", part)] if first else []),
        Stage("letters only", "".join(filter(str.isalpha, part))),
    )


def rules(letters: str) -> tuple[Stage, ...]:
    """List each rule that fired, with what it left."""
    return tuple(Stage(f"step {step.step}: {step.rule}", step.after) for step in explain(letters))


def meeting(one: str, other: str, *, first: bool = False, state: str | None = None) -> Meeting:
    """Put two names side by side. Raises UntransliterableCharacter."""
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
    """Tell what each numbered step left, whether or not it changed anything."""
    stages, text, done = [], letters, explain(letters)
    for number, title in STEPS.items():
        text = next((step.after for step in reversed(done) if step.step == number), text)
        stages.append(Stage(f"step {number}: {title}", text))
    return stages
