"""How Latin letters beyond A to Z, and the punctuation of names, are written in ASCII.

Tables only, for `movehub.names.transliteration`. Each key is the ASCII text, and its value lists the letters
that become it. A letter that Unicode composes of a base and marks (Ș, Ő, Ẽ) needs a row only if it is written
differently from its base. A small letter is written as its capital, and needs a row only if it has no
capital.
"""

from __future__ import annotations

from typing import Final

#: ICAO Doc 9303, part 3 (eighth edition), section 6, table A: transliteration of multinational Latin-based
#: characters. If ICAO offers a choice, the first form applies in every state: Ä AE (or A), Å AA (or A), Ñ N
#: (or NXX), Ö OE (or O), Ü UE (or UXX, U). The passports of DE, AT, DK and SE print these forms.
ICAO_LATIN: Final = {
    "A": "À Á Â Ã Ā Ă Ą",
    "AA": "Å",
    "AE": "Ä Æ",
    "C": "Ç Ć Ĉ Ċ Č",
    "D": "Ð Ď Đ",
    "E": "È É Ê Ë Ē Ĕ Ė Ę Ě",
    "G": "Ĝ Ğ Ġ Ģ",
    "H": "Ĥ Ħ",
    "I": "Ì Í Î Ï Ĩ Ī Ĭ Į İ ı",
    "IJ": "Ĳ",
    "J": "Ĵ",
    "K": "Ķ",
    "L": "Ĺ Ļ Ľ Ŀ Ł",
    "N": "Ñ Ń Ņ Ň Ŋ",
    "O": "Ò Ó Ô Õ Ō Ŏ Ő",
    "OE": "Ö Ø Œ",
    "R": "Ŕ Ŗ Ř",
    "S": "Ś Ŝ Ş Š",
    "SS": "ẞ",
    "T": "Ţ Ť Ŧ",
    "TH": "Þ",
    "U": "Ù Ú Û Ũ Ū Ŭ Ů Ű Ų",
    "UE": "Ü",
    "W": "Ŵ",
    "Y": "Ý Ŷ Ÿ",
    "Z": "Ź Ż Ž",
}

#: Not in ICAO's table, so inferred from the shape or the sound: letters of living African, Caucasian, Sámi
#: and Greenlandic spellings, ordinals as in the Spanish Mª, the digraphs of Croatian, and old spellings with
#: a plain reading. Purely phonetic letters (IPA, clicks, tone letters) have no row and are refused.
OTHER_LATIN: Final = {
    "A": "ª Ⱥ ɑ",
    "B": "Ɓ Ƃ Ƀ",
    "C": "Ƈ Ȼ",
    "D": "Ɖ Ɗ Ƌ ẟ",
    "DZ": "Ǆ Ǳ",
    "E": "Ǝ Ə Ɛ Ɇ",
    "F": "Ƒ",
    "G": "Ɠ Ɣ Ǥ ɡ",
    "GH": "Ƣ",
    "HV": "Ƕ",
    "I": "Ɩ Ɨ",
    "J": "Ɉ ȷ",
    "K": "Ƙ",
    "L": "Ƚ",
    "LJ": "Ǉ",
    "LL": "Ỻ",
    "N": "Ɲ Ƞ",
    "NJ": "Ǌ",
    "O": "º Ɔ Ɵ",
    "OU": "Ȣ",
    "P": "Ƥ",
    "Q": "ĸ Ɋ",
    "R": "Ɍ Ʀ",
    "S": "ẜ ẝ",
    "SH": "Ʃ",
    "T": "Ƭ Ʈ Ⱦ ƫ",
    "U": "Ʉ Ʊ",
    "V": "Ʋ Ỽ",
    "W": "Ƿ",
    "Y": "Ƴ Ɏ Ỿ Ȝ",
    "Z": "Ƶ Ȥ",
    "ZH": "Ʒ Ƹ",
}

#: Characters that stay as they are.
PLAIN: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -'.,"

#: Typographic variants of an apostrophe, to Unicode letters ("modifier letters"): the Ukrainian apostrophe
#: U+02BC, and the signs of romanised Arabic and Hawaiian. They are accepted only beside a letter.
APOSTROPHE_LETTERS: Final = "ʻʼʽʾʿ"

#: Typographic variants inside the range, by the text that replaces them. The no-break space is a blank. A
#: separate acute or grave accent is a mistyped apostrophe. The soft hyphen only marks a possible line break.
#: The middle dot of the Catalan L·L is dropped, as ICAO drops it in Ŀ.
VARIANTS: Final = {
    " ": "\u00a0",
    "'": "`´" + APOSTROPHE_LETTERS,
    "": "\u00ad·",
}
