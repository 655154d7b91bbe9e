"""NYSIIS: the phonetic key of a name.

CIC in TACHOnet and CGR in ERRU search a register first by the NYSIIS keys of the names, so that Catherine
finds Katherine, and Brown finds Braun: Regulation (EU) 2016/68, Annex IV; Regulation (EU) 2016/480, Annex IV.
The regulations name the algorithm but do not print it. These are the original rules of the New York State
Identification and Intelligence System (R. L. Taft, *Name Search Techniques*, Special Report No 1, 1970), over
the whole name. The key is not cut after six letters: the Commission's test data have a key of ten.

**That the hub follows these rules is inferred from four pairs of that data.** Its library is not public. The
keys of a national register are made by the hub's algorithm (Annex IV, 1 of both regulations), and this module
is no substitute for it.

If implementations of NYSIIS differ, this module follows the rules literally, as a pointer that moves through
the name:

* The name is rewritten in place. "Previous" is the letter already written, for example A in place of an O.
  "Next" is the letter still to be read. At the end of the name there is no next letter: "not a vowel".
* H and W that become the previous letter then repeat it, so they add no letter: BROWN is BRAN.
* Only one row of step 1 and one of step 2 applies, once. GILMOURDT ends in DT and keeps its R.
* The key never repeats a letter side by side, not even the first: KNUTH is NAT, not NNAT.
* Steps 5, 6 and 7 follow each other (RASCH is RAS, RA, R) but never remove the first letter, which belongs to
  the key since step 3. So AS is A, AY is AY, and a name with a letter never has an empty key.
* Blank, hyphen, apostrophe and digits are removed before any rule: VAN DER BERG is one word. NYSIIS has no
  rule for JR, SR or III.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from movehub.records.personal import PersonalText

VOWELS: Final = "AEIOU"

#: Step 1: the first letters of the name. The first row that matches applies.
FIRST_LETTERS: Final = (
    ("MAC", "MCC"),
    ("KN", "NN"),
    ("K", "C"),
    ("PH", "FF"),
    ("PF", "FF"),
    ("SCH", "SSS"),
)

#: Step 2: the last two letters of the name.
LAST_LETTERS: Final[dict[str, str]] = {
    **dict.fromkeys(("EE", "IE"), "Y"),
    **dict.fromkeys(("DT", "RT", "RD", "NT", "ND"), "D"),
}

#: Step 4: strings of letters, from the second letter on. They go before the single letters.
STRINGS: Final = (
    ("EV", "AF"),
    ("KN", "NN"),
    ("SCH", "SSS"),
    ("PH", "FF"),
)

#: Step 4: single letters, from the second letter on. H and W have rules of their own.
LETTERS: Final = dict.fromkeys(VOWELS, "A") | {"Q": "G", "Z": "S", "M": "N", "K": "C"}


@dataclass(frozen=True, slots=True)
class Step:
    """One rule that applied, with the text before and after it. Both texts are personal data."""

    step: int
    rule: str
    before: PersonalText = field(repr=False)
    after: PersonalText = field(repr=False)


#: `LETTERS` by code point, which `str.translate` reads four times as fast as a dictionary.
_LETTER_TABLE: Final = "".join(LETTERS.get(chr(code), chr(code)) for code in range(128))
_NO_LETTER: Final = re.compile("[^A-Z]+")
_REPETITION: Final = re.compile(r"(?<=(.))\1")
#: W after a vowel becomes the vowel, and so does an H before it or one that no vowel follows.
#: The lookbehind follows the first letter, so that the search jumps from one H or W to the next.
_LOST_AFTER_VOWEL: Final = re.compile(rf"[HW](?<=[{VOWELS}].)(?:[HW]*(?![{VOWELS}HW])|[HW]*W|(?<=W))")
#: H after another letter becomes that letter.
_LOST_H: Final = re.compile(f"H(?<=[^{VOWELS}]H)H*")


def encode(ascii_name: str) -> str:
    """Make the key of a name in ASCII, in either case. A name without a letter has an empty key.

    This is the fast form of `explain`: it applies each rule to the whole name at once.
    """
    word = _letters(ascii_name)
    for before, after in FIRST_LETTERS:
        if word.startswith(before):
            word = after + word[len(before) :]
            break
    if ending := LAST_LETTERS.get(word[-2:]):
        word = word[:-2] + ending
    tail = word[1:]
    for before, after in STRINGS:
        tail = tail.replace(before, after)
    while "SCH" in tail:  # in SCHCH the first replacement makes a second SCH
        tail = tail.replace("SCH", "SSS")
    key = word[:1] + tail.translate(_LETTER_TABLE)
    if "W" in tail or "H" in tail:
        key = _LOST_H.sub("", _LOST_AFTER_VOWEL.sub("", key))
    return _finish("".join(letter for letter, _ in groupby(key)))


def explain(ascii_name: str) -> tuple[Step, ...]:
    """List the rules that make the key of a name, in the order in which they apply.

    Each step starts from the result of the step before. The last result is `encode(ascii_name)`. Step 3
    changes no letter and is never listed: it only says that step 4 starts at the second letter.
    """
    word = _letters(ascii_name)
    steps: list[Step] = []

    def note(step: int, rule: str, after: str) -> str:
        if after != word:
            steps.append(Step(step, rule, word, after))
        return after

    for before, written in FIRST_LETTERS:
        if word.startswith(before):
            word = note(1, f"first letters {before} become {written}", written + word[len(before) :])
            break
    if ending := LAST_LETTERS.get(word[-2:]):
        word = note(2, f"last letters {word[-2:]} become {ending}", word[:-2] + ending)
    for place in range(1, len(word)):
        rule, written = _rule_at(word, place)
        word = note(4, rule, word[:place] + written + word[place + len(written) :])
    word = note(4, "a letter is added if it differs from the last one", _REPETITION.sub("", word))
    if len(word) > 1 and word.endswith("S"):
        word = note(5, "last letter S is dropped", word[:-1])
    if len(word) > 2 and word.endswith("AY"):
        word = note(6, "last letters AY become Y", word[:-2] + "Y")
    if len(word) > 1 and word.endswith("A"):
        word = note(7, "last letter A is dropped", word[:-1])
    return tuple(steps)


def _letters(ascii_name: str) -> str:
    if not ascii_name.isascii():
        raise ValueError("NYSIIS needs a name in A to Z: call movehub.names.to_ascii(name) first")
    word = ascii_name.upper()
    return word if word.isalpha() else _NO_LETTER.sub("", word)


def _finish(key: str) -> str:
    """Apply steps 5, 6 and 7 to a key without repetitions."""
    if len(key) < 2:
        return key
    if key[-1] == "S":
        key = key[:-1]
    if key[-2:] == "AY" and len(key) > 2:
        return key[:-2] + "Y"
    return key[:-1] if key[-1] == "A" and len(key) > 1 else key


def _rule_at(word: str, place: int) -> tuple[str, str]:
    """Return the rule of step 4 for the letter at `place`, and the letters that it writes there."""
    letter, previous, following = word[place], word[place - 1], word[place + 1 : place + 2]
    for before, written in STRINGS:
        if word.startswith(before, place):
            return f"{before} becomes {written}", written
    if letter in LETTERS:
        return f"{letter} becomes {LETTERS[letter]}", LETTERS[letter]
    if letter == "H" and not (_is_vowel(previous) and _is_vowel(following)):
        return "H becomes the previous letter, as the previous or the next is not a vowel", previous
    if letter == "W" and _is_vowel(previous):
        return "W becomes the previous letter, as it is a vowel", previous
    return "any other letter stays", letter


def _is_vowel(letter: str) -> bool:
    return letter != "" and letter in VOWELS
