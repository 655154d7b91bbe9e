"""NYSIIS of many names at once.

`encode_all` applies each rule of `movehub.names.nysiis` to all names in one text, several times as fast as name by
name. The rules are the same tables; `movehub.names.nysiis.explain` says what they do to one name.

A small letter is one that later rules have to leave alone: the first of a name, or what step 2 has written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from string import ascii_uppercase
from typing import Final

from movehub.many_names import END, MARKS, START, joined, parted
from movehub.names.nysiis import FIRST_LETTERS, LAST_LETTERS, LETTERS, STRINGS, VOWELS, encode

_NO_LETTER: Final = {code: None for code in range(128) if chr(code) not in MARKS and not chr(code).isalpha()}
_STEP_1: Final = tuple((START + before, START + written) for before, written in FIRST_LETTERS)
_STEP_2: Final = tuple((before + END, written.lower() + END) for before, written in LAST_LETTERS.items())
#: Step 4 starts at the second letter: E is the first of a string, the others are single letters of their own.
_FIRST_STAYS: Final = tuple(
    (START + letter, START + letter.lower())
    for letter in ascii_uppercase
    if LETTERS.get(letter, letter) != letter
)
#: By code point; what step 2 has written is no longer at the end of its rules.
_STEP_4: Final = {ord(before): written for before, written in LETTERS.items()} | {
    ord(written.lower()): written for written in LAST_LETTERS.values()
}
_ANY_VOWEL: Final = VOWELS + VOWELS.lower()
#: As in `movehub.names.nysiis`, with a mark in the place of the edge of a name.
_LOST_AFTER_VOWEL: Final = re.compile(rf"[HW](?<=[{_ANY_VOWEL}].)(?:[HW]*(?![{_ANY_VOWEL}HW])|[HW]*W|(?<=W))")
_LOST_H: Final = re.compile(rf"H(?<=[^{_ANY_VOWEL}{START}]H)H*")
_REPETITIONS: Final = tuple((letter * 2, letter) for letter in ascii_uppercase)
#: Steps 5, 6 and 7, each after the row that keeps the first letter out of it.
_LAST_STEPS: Final = (
    (f"{START}S{END}", f"{START}s{END}"),
    (f"S{END}", END),
    (f"{START}AY{END}", f"{START}aY{END}"),
    (f"AY{END}", f"Y{END}"),
    (f"{START}A{END}", f"{START}a{END}"),
    (f"A{END}", END),
)


def encode_all(ascii_names: Sequence[str]) -> list[str]:
    """Make the keys of many names in ASCII, of either case: `movehub.names.nysiis.encode` of each, in their order.

    Raises ValueError where a name is not ASCII.
    """
    text = joined(ascii_names)
    if text is None or not text.isascii():
        return [encode(name) for name in ascii_names]
    text = _rewrite(text.upper().translate(_NO_LETTER), (*_STEP_1, *_STEP_2, *_FIRST_STAYS, *STRINGS))
    while "SCH" in text:  # in SCHCH, as in `encode`
        text = text.replace("SCH", "SSS")
    text = _LOST_AFTER_VOWEL.sub("", text.translate(_STEP_4))
    text = _LOST_H.sub("", text).upper()
    for twice, once in _REPETITIONS:
        while twice in text:
            text = text.replace(twice, once)
    return parted(_rewrite(text, _LAST_STEPS).upper())


def _rewrite(text: str, rows: Iterable[tuple[str, str]]) -> str:
    for before, written in rows:
        text = text.replace(before, written)
    return text
