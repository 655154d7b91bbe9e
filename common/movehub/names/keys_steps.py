"""How a name becomes its key, step by step; and whether two names meet.

What `movehub keys` prints, without the printing. Everything here is personal data.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import Final

from movehub.names.nysiis import encode, explain
from movehub.names.transliteration import to_ascii
from movehub.records.personal import PersonalText

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
