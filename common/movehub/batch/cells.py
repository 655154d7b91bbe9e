"""What a spreadsheet or a program leaves in a cell in place of its value.

If such a cell is sent, every state answers "not found", and an applicant with a card is cleared. A wrong cell
stops the batch. A doubtful one, which may be meant, stops it unless you confirm that the file is as it should
be.
"""

from __future__ import annotations

import re
from typing import Final

#: The errors of spreadsheets, in any language: #N/A, #NV, #¡REF!, #NOM ?, #PUUTTUU!, ### for a narrow column,
#: and the numbered ones of LibreOffice, such as Err:502.
_ERROR: Final = re.compile(
    r"#(?:N/?[A-Z]|#+|GETTING_DATA|[¡¿]?[^\W\d_][\w/ ]*[!?])|Err:[0-9]{3}", re.IGNORECASE
)
#: A long number as a spreadsheet shortens it, with a decimal point or comma: its last digits are lost. Java
#: writes no sign. Without point and sign it may be a number with a letter, such as 12E34.
_SHORTENED: Final = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+E[+-]?|E[+-])[0-9]+", re.IGNORECASE)
#: A number that a program has read as one with decimals: 123456.0.
_WITH_DECIMALS: Final = re.compile(r"[0-9]+\.0")
#: What programs write for an empty cell. Some of these are names, too.
_EMPTY: Final = frozenset({"nan", "nat", "null", "(null)", "none", "n/a", "<na>", "nil", "undefined"})


def wrong_cell(cell: str) -> str:
    """Say why a cell cannot hold a value; empty if it can."""
    if _ERROR.fullmatch(cell):
        return "is an error of a spreadsheet, such as #N/A"
    if _SHORTENED.fullmatch(cell):
        return "is a number that a spreadsheet has shortened, such as 1.23457E+11: its last digits are lost"
    return ""


def doubtful_cell(cell: str) -> str:
    """Say why a cell is probably not meant; empty if it is not doubtful."""
    if cell.casefold() in _EMPTY:
        return "is a word that programs write for an empty cell, such as NULL or nan"
    if _WITH_DECIMALS.fullmatch(cell):
        return "is a number with decimals, such as 123456.0"
    return ""
