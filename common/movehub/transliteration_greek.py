"""How Greek letters are written in ASCII.

Tables only; `movehub.transliteration` reads them. The standard is ELOT 743 (1982 and 2001), which is ISO
843:1997 type 2 ("transcription") and United Nations resolution V/19 of 1987, without its accents. Greece
and Cyprus print it in passports, identity cards and driving licences. ISO 843 type 1 is reversible, but it
is not how a holder's name is spelled outside Greece, so it would not find them.
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

#: ELOT 743, table 1: the consonants before which the Υ of ΑΥ, ΕΥ and ΗΥ is voiceless.
VOICELESS: Final = "ΘΚΞΠΣϹΤΦΧΨ"

#: A letter of any script, and the edges of a word.
LETTER: Final = r"[^\W\d_]"
WORD_START: Final = rf"(?<!{LETTER})"
WORD_END: Final = rf"(?!{LETTER})"

#: ELOT 743, table 1 and its notes, combinations of letters; tried in this order, case aside.
#:
#: * ΑΥ, ΕΥ, ΗΥ: F before a voiceless consonant and at the end of a word, otherwise V. Two letters, not one
#:   sound, where the first has the accent (ΆΥ) or the second a diaeresis (ΑΫ): then AY.
#: * ΟΥ is OU.
#: * ΓΓ, ΓΞ and ΓΧ are NG, NX and NCH, but ΓΚ stays GK.
#: * ΜΠ is B where a word begins or ends, and MP inside.
#: * ΝΤ, ΤΣ, ΤΖ and the vowels ΑΙ, ΕΙ, ΟΙ, ΥΙ are written letter by letter, so they have no row.
ELOT_COMBINATIONS: Final = (
    (rf"(?<=[ΑΕΗ])[ΥΎ](?=[{VOICELESS}]|{WORD_END})", "F"),
    (r"(?<=[ΑΕΗ])[ΥΎ]", "V"),
    (r"(?<=Ο)[ΥΎ]", "U"),
    (r"Γ(?=[ΓΞΧ])", "N"),
    (rf"{WORD_START}ΜΠ|ΜΠ{WORD_END}", "B"),
)

#: No combination begins with another letter than these, or goes on with another than those: a quick look.
FIRST_OF_TWO: Final = "ΑΕΗΟΓΜ"
SECOND_OF_TWO: Final = "ΥΎΓΞΧΠ"
