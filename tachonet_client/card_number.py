"""Card numbers: 16 characters, of which the last two count replacements and renewals.

Regulation (EU) 2016/799, Annex IC, definitions (g) to (j), and appendix 1, 2.14, 2.26, 2.30 and 2.31.

::

    driver      IS100045285620 0 0      identification (14), replacement, renewal
    workshop    HU0000000W301 a 1 0     identification (13), consecutive, replacement, renewal

A number is unique only within the state that issued it. No check digit is defined. Each state decides what
the identification holds. So a number that arrives is compared as it is, with its letter case, and a fault
(`faults`) is a warning, never a reason to refuse it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from string import ascii_lowercase, ascii_uppercase, digits
from typing import Final

from movehub.records.personal import PersonalText

#: Appendix 1, 2.26: the length of a card number, in either form.
LENGTH: Final = 16
#: Appendix 1, 2.30 and 2.31: replacement and renewal go from 0 to 9, then from A to Z. 0 is the first card.
INDEX_ORDER: Final = digits + ascii_uppercase
#: Appendix 1, 2.14: the consecutive index goes on to a to z.
CONSECUTIVE_ORDER: Final = digits + ascii_uppercase + ascii_lowercase

_CONSECUTIVE, _REPLACEMENT, _RENEWAL = 13, 14, 15


class CardForm(Enum):
    """How the first 14 characters are read. A number does not show its form: the kind of card tells it."""

    #: `driverIdentification`, 14 characters.
    DRIVER = "driver"
    #: `ownerIdentification`, 13 characters, and a consecutive index: workshop, company and control cards.
    OWNER = "owner"


@dataclass(frozen=True, slots=True)
class CardNumber:
    """A card number as it stands. Two are equal where every character is, whatever form they are read in."""

    text: PersonalText = field(repr=False)
    form: CardForm = field(default=CardForm.DRIVER, compare=False)

    def __str__(self) -> str:
        """Return the number as it stands, which is personal."""
        return self.text

    @property
    def identification(self) -> str:
        """Whose card it is: the part that stays through replacement and renewal, consecutive index aside."""
        return self.text[: _REPLACEMENT if self.form is CardForm.DRIVER else _CONSECUTIVE]

    @property
    def consecutive_index(self) -> str | None:
        """The index among several cards of one owner. A driver has one card, without this index."""
        return self.text[_CONSECUTIVE:_REPLACEMENT] if self.form is CardForm.OWNER else None

    @property
    def replacement_index(self) -> str:
        """How often it was replaced after loss, theft or malfunction."""
        return self.text[_REPLACEMENT:_RENEWAL]

    @property
    def renewal_index(self) -> str:
        """How often it was renewed at the end of its validity, or for new data."""
        return self.text[_RENEWAL:LENGTH]

    def faults(self) -> tuple[str, ...]:
        """Return what is unusual about the number, without showing it. Empty for a regular number."""
        if len(self.text) != LENGTH:
            return (f"the card number has {len(self.text)} characters instead of {LENGTH}",)
        found = []
        if not (self.text.isascii() and self.text[:_REPLACEMENT].isalnum()):
            found.append("the card number holds a character that is neither a letter A to Z nor a digit")
        if self.consecutive_index is not None and self.consecutive_index not in CONSECUTIVE_ORDER:
            found.append("the consecutive index is none of 0-9, A-Z, a-z")
        if self.replacement_index not in INDEX_ORDER:
            found.append("the replacement index is none of 0-9, A-Z")
        if self.renewal_index not in INDEX_ORDER:
            found.append("the renewal index is none of 0-9, A-Z")
        return tuple(found)

    def next_replacement(self) -> CardNumber:
        """Return the number of the card that replaces this one: the 15th character goes up by one.

        Annex II, appendix, "Replaced". Raises ValueError for an irregular number and after the index Z.
        """
        return self._with_next(_REPLACEMENT)

    def next_renewal(self) -> CardNumber:
        """Return the number of the card that renews this one: the 16th character goes up by one.

        Annex II, appendix, "Renewed": all else stays, so the replacement index is not set back to 0
        (inferred, since no source was found that says whether it is). Raises ValueError for an irregular
        number and after the index Z.
        """
        return self._with_next(_RENEWAL)

    def supersedes(self, other: CardNumber) -> bool:
        """Whether this card takes the place of another one of the same state.

        It does if both have the same owner, and this one has the higher renewal index, or the same renewal
        index and the higher replacement index (Annex IC, rule of card validity). Irregular numbers never
        supersede others: that would be a guess.
        """
        if self.faults() or other.faults() or self.text[:_REPLACEMENT] != other.text[:_REPLACEMENT]:
            return False
        return self._age() > other._age()

    def _age(self) -> tuple[int, int]:
        return INDEX_ORDER.index(self.renewal_index), INDEX_ORDER.index(self.replacement_index)

    def _with_next(self, place: int) -> CardNumber:
        if self.faults():
            raise ValueError("a card number with faults has no next one")
        after = INDEX_ORDER.index(self.text[place]) + 1
        if after == len(INDEX_ORDER):
            raise ValueError("no index comes after Z")
        return replace(self, text=self.text[:place] + INDEX_ORDER[after] + self.text[place + 1 :])
