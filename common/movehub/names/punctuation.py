"""The punctuation of names as registers and word processors have it, made plain before a name is searched.

The Commission's package supports U+0000-04FF and U+1E00-1EFF, so it refuses O’Neil with the apostrophe that
word processors set. Your own keys and the custom search must find O'Neil under both, whichever side has
which. Inferred: no source says how the hub reads these characters.

A message keeps the name as your register has it. The rule of `name_rule` tells you before you send it.
"""

from __future__ import annotations

from typing import Final

#: What is written in place of each of these characters. Names and numbers are those of Unicode.
PLAIN_PUNCTUATION: Final = {
    # Quotation marks, low, high and reversed; primes; the full-width apostrophe.
    "'": "\u2018\u2019\u201a\u201b\u2032\u2035\uff07",
    # Hyphen, non-breaking hyphen, figure dash, dashes, minus sign, small and full-width hyphens.
    "-": "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d",
    # Blanks of every width; slashes and brackets, which part names; double quotation marks.
    " ": (
        "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
        "/\\\u2044\u2215\uff0f()[]{}<>\u2039\u203a\uff08\uff09\u300c\u300d"
        '"\u201c\u201d\u201e\u201f\u00ab\u00bb'
    ),
    # Characters of no width: space, joiners, word joiner, byte order mark, directions.
    "": (
        "\u200b\u200c\u200d\u2060\ufeff\u200e\u200f\u061c"
        "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    ),
}
_TABLE: Final = {ord(char): plain for plain, chars in PLAIN_PUNCTUATION.items() for char in chars}


def with_plain_punctuation(name: str) -> str:
    """Return a name with plain apostrophes, hyphens and blanks. Its letters stay."""
    return name if name.isalpha() else name.translate(_TABLE)
