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
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import Final

from movehub.many_names import joined, parted
from movehub.names.cyrillic import STATES
from movehub.names.transliteration_reading import Reading, reading_of

_ASCII_NAME: Final = re.compile(r"[A-Z0-9 '.,-]*")


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
    """Write many names in ASCII capitals, several times as fast as one by one.

    Gives `to_ascii` of each, in their order. Raises `UntransliterableCharacter` for the first that cannot be
    written; a note of the error says which of them it is, counted from 0.
    """
    text = joined(names)
    if text is not None:
        written = _reading_of_many(state).write(unicodedata.normalize("NFC", text))
        if written is not None:
            return parted(written)
    return [_to_ascii_at(place, name, state) for place, name in enumerate(names)]


def _to_ascii_at(place: int, name: str, state: str | None) -> str:
    try:
        return to_ascii(name, state)
    except UntransliterableCharacter as error:
        error.add_note(f"in name {place} of those given")
        raise


@cache
def _reading_of_many(state: str | None) -> Reading:
    return reading_of(state if state in STATES else None).with_marks()


#: The reading when no state is given, which is nearly always.
_ICAO: Final = reading_of(None)
