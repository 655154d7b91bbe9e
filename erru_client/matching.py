"""Numbers that are the same however they are written.

Regulation (EU) 2016/480, Annex VIII, 3.4: when a state looks for a licence number or a registration plate, it
adapts the format, and ignores blanks and "special characters such as hyphens or slashes".
This is only for the search: the answer repeats the request exactly.
"""

from __future__ import annotations

from unicodedata import normalize


def matching_form(number: str) -> str:
    """Return what of a licence number or plate counts: its letters and digits, without regard to case.

    Letters keep their script: whether a Latin A and a Greek Α on a plate are the same is not said in law,
    and is left to the register (see `docs/reconstructed.md`).
    """
    return "".join(letter for letter in normalize("NFKC", number).casefold() if letter.isalnum())


def same_number(left: str, right: str) -> bool:
    """Whether two licence numbers, or two plates, are the same. Two without a letter or digit never are."""
    form = matching_form(left)
    return form != "" and form == matching_form(right)
