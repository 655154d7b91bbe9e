"""How Greek letters are written in ASCII.

Tables only, for `movehub.names.transliteration`. The standard is ELOT 743 (1982 and 2001), which is
ISO 843:1997 type 2 ("transcription") and United Nations resolution V/19 of 1987, without its accents. Greece
and Cyprus print it in passports, identity cards and driving licences. ISO 843 type 1 is reversible, but names
are not spelled so outside Greece, so it would not find their holders.
"""

from __future__ import annotations

from typing import Final

#: ELOT 743, table 1, single letters. Accented letters follow from their base.
ELOT_LETTERS: Final = {
    "A": "Α",
    "V": "Β",
    "G": "Γ",
    "D": "Δ",
    "E": "Ε",
    "Z": "Ζ",
    "I": "Η Ι",
    "TH": "Θ ϴ",
    "K": "Κ",
    "L": "Λ",
    "M": "Μ",
    "N": "Ν",
    "X": "Ξ",
    "O": "Ο Ω",
    "P": "Π",
    "R": "Ρ",
    "S": "Σ Ϲ",
    "T": "Τ",
    "Y": "Υ ϒ",
    "F": "Φ",
    "CH": "Χ",
    "PS": "Ψ",
}

#: ISO 843:1997, table 2, letters of older Greek. Other letters of inscriptions, and Coptic, are refused.
ISO_843_LETTERS: Final = {
    "J": "Ϳ",
    "W": "Ϝ",
}

#: Letters whose reading depends on a neighbour, each with a small letter as placeholder: ΟΥ is first `oy` and
#: then OU, while a Latin OY stays. With an accent on the first letter (ΆΥ) or a diaeresis on the second (ΑΫ)
#: the two letters are two sounds, so those are not here.
PROVISIONAL: Final = {
    "a": "Α",
    "e": "Ε",
    "g": "Γ",
    "i": "Η",
    "m": "Μ",
    "o": "Ο",
    "p": "Π",
    "y": "Υ Ύ",
}

#: A letter in ASCII, provisional or not, and the edges of a word.
_WRITTEN: Final = "[A-Za-z]"
_START: Final = f"(?<!{_WRITTEN})"
_END: Final = f"(?!{_WRITTEN})"

#: ELOT 743, table 1: the first letters of Θ Κ Ξ Π Σ Τ Φ Χ Ψ. Before them the Υ of ΑΥ, ΕΥ and ΗΥ is voiceless.
_VOICELESS: Final = "[CFKPSTXp]"

#: ELOT 743, table 1 and its notes, combinations of letters. ΝΤ, ΤΣ, ΤΖ and the vowels ΑΙ, ΕΙ, ΟΙ, ΥΙ are
#: written letter by letter, so they have no row.
#:
#: ΟΥ is OU. ΑΥ, ΕΥ, ΗΥ: F before a voiceless consonant and at the end of a word, otherwise V; in this order.
#: ΓΓ, ΓΞ and ΓΧ are NG, NX and NCH, but ΓΚ stays GK. ΜΠ is B at the beginning or the end of a word, and MP
#: inside.
ELOT_COMBINATIONS: Final = (
    ("oy", "OU"),
    (f"y(?<=[aei]y)(?={_VOICELESS}|{_END})", "F"),
    ("y(?<=[aei]y)", "V"),
    ("gg", "NG"),
    ("gX", "NX"),
    ("gC", "NC"),
    (f"{_START}mp|mp{_END}", "B"),
)
