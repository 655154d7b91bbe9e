"""How Cyrillic letters are written in ASCII, and the states that read them differently.

Tables only, for `movehub.names.transliteration`. Each key is the ASCII text, and its value lists the letters
that become it. `ICAO_CYRILLIC` applies if the state is not known. `STATES` has the changes of each state.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

#: A letter of any script, and the edges of a word.
_LETTER: Final = r"[^\W\d_]"
WORD_START: Final = rf"(?<!{_LETTER})"
WORD_END: Final = rf"(?!{_LETTER})"

#: ICAO Doc 9303, part 3 (eighth edition), section 6, table B: transliteration of Cyrillic characters,
#: without the exceptions by language. Copies of the table show the Serbian Ћ, which is C, with the code of
#: Һ. That letter has its row below.
ICAO_CYRILLIC: Final = {
    "A": "А",
    "B": "Б",
    "V": "В",
    "G": "Г Ѓ Ґ Ғ",
    "D": "Д Ђ",
    "E": "Е Ё Э",
    "ZH": "Ж",
    "Z": "З",
    "I": "И Й І Ї",
    "K": "К Ќ",
    "L": "Л",
    "M": "М",
    "N": "Н",
    "O": "О",
    "P": "П",
    "R": "Р",
    "S": "С",
    "T": "Т",
    "U": "У Ў Ѫ",
    "F": "Ф",
    "KH": "Х",
    "TS": "Ц",
    "CH": "Ч",
    "SH": "Ш",
    "SHCH": "Щ",
    "IE": "Ъ Є",
    "Y": "Ы Ѵ",
    "IU": "Ю",
    "IA": "Я",
    "DZ": "Ѕ Џ",
    "J": "Ј",
    "LJ": "Љ",
    "NJ": "Њ",
    "C": "Ћ",
}

#: Not in ICAO's table, so inferred from the base letter or the sound: letters of living languages of the
#: Caucasus, the Volga and Central Asia, and two old spellings. Church Slavonic letters have no row and are
#: refused.
OTHER_CYRILLIC: Final = {
    "A": "Ә",
    "AE": "Ӕ",
    "CH": "Ҷ Ҹ Ҽ Ҿ Ӌ",
    "DZ": "Ӡ",
    "F": "Ѳ",
    "G": "Ҕ Ӷ Ӻ",
    "H": "Һ",
    "I": "Ҋ Ӏ",
    "IE": "Ѣ",
    "K": "Қ Ҝ Ҟ Ҡ Ӄ",
    "KH": "Ҳ Ӽ Ӿ",
    "L": "Ӆ",
    "M": "Ӎ",
    "N": "Ң Ӈ Ӊ",
    "NG": "Ҥ",
    "O": "Ө",
    "P": "Ҧ",
    "R": "Ҏ",
    "S": "Ҫ",
    "T": "Ҭ",
    "TS": "Ҵ",
    "U": "Ү Ұ",
    "Z": "Ҙ",
    "ZH": "Җ",
}

#: Signs that soften the letter before them and have no sound of their own. ICAO's table has no row for Ь, and
#: the passports of RU, UA and BY leave it out (ОЛЬГА: OLGA). So it is treated as a combining mark: dropped
#: after a letter, and refused if no letter is before it, so that a name never becomes empty.
SOFTENING: Final = "ЬҌ"


@dataclass(frozen=True, slots=True)
class StateReading:
    """The changes of one state: single letters, and combinations. Combinations go first, in either case."""

    letters: dict[str, str] = field(default_factory=dict)
    combinations: tuple[tuple[str, str], ...] = ()


#: Bulgaria, Transliteration Act (State Gazette 19 of 13 March 2009), as in identity documents and licences.
_BULGARIAN: Final = StateReading(
    letters={
        "A": "Ъ",
        "H": "Х",
        "SHT": "Щ",
        "Y": "Й Ь",
        "YA": "Я",
        "YU": "Ю",
    },
    combinations=((rf"ИЯ{WORD_END}", "IA"),),
)

#: ICAO Doc 9303, part 3, table B, exceptions for Belarusian.
_BELARUSIAN: Final = StateReading(letters={"H": "Г", "IO": "Ё"})

#: ICAO Doc 9303, part 3, table B, exceptions for Macedonian.
_MACEDONIAN: Final = StateReading(letters={"C": "Ц", "DJ": "Џ", "GJ": "Ѓ", "H": "Х", "KJ": "Ќ"})

#: ICAO Doc 9303, part 3, table B, exceptions for Serbian. But Г stays G, although ICAO prints H: Serbian has
#: its own Latin alphabet, letter for letter, and a holder's two spellings must give one key (Ж is Ž is Z, and
#: Г is G).
_SERBIAN: Final = StateReading(letters={"C": "Ц Ч", "H": "Х", "S": "Ш", "Z": "Ж"})

#: Ukraine, Cabinet of Ministers, resolution 55 of 27 January 2010. Є, Ї, Й, Ю and Я differ at the beginning
#: of a word, and an apostrophe is inside the word. ЗГ is ZGH, since ZH is Ж. The resolution drops the
#: apostrophe itself, but it stays here as in every other name.
_UKRAINIAN: Final = StateReading(
    letters={"H": "Г", "Y": "И"},
    combinations=(
        (rf"{WORD_START}(?<!['`´])Є", "YE"),
        (rf"{WORD_START}(?<!['`´])Ї", "YI"),
        (rf"{WORD_START}(?<!['`´])Й", "Y"),
        (rf"{WORD_START}(?<!['`´])Ю", "YU"),
        (rf"{WORD_START}(?<!['`´])Я", "YA"),
        (r"(?<=З)Г", "GH"),
    ),
)

#: The readings by ISO 3166-1 alpha-2 code of the issuing state. Every other state, including RU, follows
#: ICAO.
STATES: Final = {
    "BA": _SERBIAN,
    "BG": _BULGARIAN,
    "BY": _BELARUSIAN,
    "ME": _SERBIAN,
    "MK": _MACEDONIAN,
    "RS": _SERBIAN,
    "UA": _UKRAINIAN,
}
