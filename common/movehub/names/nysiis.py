"""NYSIIS: the phonetic key of a name.

CIC in TACHOnet and CGR in ERRU search a register first by the NYSIIS keys of the names, so that Catherine
and Katherine, Brown and Braun meet: Regulation (EU) 2016/68, Annex IV; Regulation (EU) 2016/480, Annex IV.
The regulations name the algorithm and do not write it out. These are the original rules of the New York
State Identification and Intelligence System (R. L. Taft, *Name Search Techniques*, Special Report No 1,
1970), over the whole name, with no cut after six letters: the Commission's test data hold a key of ten.

**That the hub follows these rules is inferred from four pairs of that data.** Its library is not public.
Where implementations of NYSIIS differ, the rules are read literally, as a pointer that moves through the
name:

* The name is rewritten in place. "Previous" is the letter already written (A, say, where an O was), "next"
  the one still to be read; at the end of the name there is no next letter, which counts as "not a vowel".
* H and W that become the previous letter are then a repetition of it, so they add nothing: BROWN is BRAN.
* Only one row of step 1 and one of step 2 is applied, once. GILMOURDT ends in DT and keeps its R.
* The key never repeats a letter side by side, the first not excepted: KNUTH is NAT, not NNAT.
* Steps 5, 6 and 7 follow each other (RASCH is RAS, RA, R) but never take the first letter, which step 3 has
  given to the key. So AS is A, AY is AY, and no name with a letter has an empty key.
* Blank, hyphen, apostrophe and digits go first, before any rule: VAN DER BERG is one word. Nothing is known
  to NYSIIS of JR, SR or III.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from movehub.records.personal import PersonalText

VOWELS: Final = "AEIOU"

#: Step 1: the first letters of the name; the first row that fits.
FIRST_LETTERS: Final = (
    ("MAC", "MCC"),
    ("KN", "NN"),
    ("K", "C"),
    ("PH", "FF"),
    ("PF", "FF"),
    ("SCH", "SSS"),
)

#: Step 2: the last two letters of the name.
LAST_LETTERS: Final = {
    "EE": "Y",
    "IE": "Y",
    "DT": "D",
    "RT": "D",
    "RD": "D",
    "NT": "D",
    "ND": "D",
}

#: Step 4: strings of letters, from the second letter on; they go before the single letters.
STRINGS: Final = (
    ("EV", "AF"),
    ("KN", "NN"),
    ("SCH", "SSS"),
    ("PH", "FF"),
)

#: Step 4: single letters, from the second letter on. H and W have rules of their own.
LETTERS: Final = {
    "A": "A",
    "E": "A",
    "I": "A",
    "O": "A",
    "U": "A",
    "Q": "G",
    "Z": "S",
    "M": "N",
    "K": "C",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One rule that fired: the text as it was, and as the rule left it. Both are personal data."""

    step: int
    rule: str
    before: PersonalText = field(repr=False)
    after: PersonalText = field(repr=False)


_BEGINNINGS: Final = tuple(before for before, _ in FIRST_LETTERS)
#: `LETTERS` by code point, which `str.translate` reads four times as fast as a dictionary.
_LETTER_TABLE: Final = "".join(LETTERS.get(chr(code), chr(code)) for code in range(128))
_NO_LETTER: Final = re.compile("[^A-Z]+")
_REPETITION: Final = re.compile(r"(?<=(.))\1")
#: W after a vowel becomes the vowel, and so does an H before it or one that no vowel follows.
#: The look back stands behind the first letter, so that the search jumps from one H or W to the next.
_LOST_AFTER_VOWEL: Final = re.compile(rf"[HW](?<=[{VOWELS}].)(?:[HW]*(?![{VOWELS}HW])|[HW]*W|(?<=W))")
#: H after another letter becomes that letter.
_LOST_H: Final = re.compile(f"H(?<=[^{VOWELS}]H)H*")


def encode(ascii_name: str) -> str:
    """Make the key of a name in ASCII, of either case; the key of a name without a letter is empty.

    The fast form of `explain`: it looks for a rule everywhere at once instead of moving a pointer, and
    drops what would only repeat the letter before.
    """
    word = _letters(ascii_name)
    if word.startswith(_BEGINNINGS):
        word = _rewrite_beginning(word)
    if ending := LAST_LETTERS.get(word[-2:]):
        word = word[:-2] + ending
    tail = word[1:]
    for before, after in STRINGS:
        if before in tail:
            tail = tail.replace(before, after)
    while "SCH" in tail:  # in SCHCH the pointer meets a second one, in what the first has written
        tail = tail.replace("SCH", "SSS")
    key = word[:1] + tail.translate(_LETTER_TABLE)
    if "W" in tail or "H" in tail:
        key = _LOST_H.sub("", _LOST_AFTER_VOWEL.sub("", key))
    kept = last = ""
    for letter in key:  # on a name, a plain loop beats a regular expression by far
        if letter != last:
            kept += letter
            last = letter
    return _finish(kept)


def explain(ascii_name: str) -> tuple[Step, ...]:
    """List the rules that make the key of a name, in the order in which they fire.

    Each step starts from what the one before it left; the last one leaves `encode(ascii_name)`. Step 3
    changes no letter and is never listed: it says that step 4 starts at the second letter.
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
        raise ValueError(
            "NYSIIS knows A to Z only: pass the name through movehub.names.transliteration.to_ascii first"
        )
    word = ascii_name.upper()
    return word if word.isalpha() else _NO_LETTER.sub("", word)


def _rewrite_beginning(word: str) -> str:
    before, after = next(row for row in FIRST_LETTERS if word.startswith(row[0]))
    return after + word[len(before) :]


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
    """Find the rule of step 4 for the letter at the pointer, and what it writes from there on."""
    letter, previous, following = word[place], word[place - 1], word[place + 1 : place + 2]
    for before, written in STRINGS:
        if word.startswith(before, place):
            return f"{before} becomes {written}", written
    if letter in LETTERS:
        return f"{letter} becomes {LETTERS[letter]}", LETTERS[letter]
    if letter == "H" and not (_is_vowel(previous) and _is_vowel(following)):
        return "H becomes the previous letter, as the previous or the next is no vowel", previous
    if letter == "W" and _is_vowel(previous):
        return "W becomes the previous letter, as it is a vowel", previous
    return "any other letter stays", letter


def _is_vowel(letter: str) -> bool:
    return letter != "" and letter in VOWELS
