"""The 153 codes of serious infringements that a Notify Check Result may name, with their official wording.

The codes, and the category of each by its first digit, are those of the messages and certain. No code list
with texts is official. The wording is that of the 153 rows of Annex I to Regulation (EU) 2016/403, as amended
by Regulation (EU) 2022/694. `infringements.csv` has the rows and pairs them with the codes. The `Grade` of
each pair says how sure it is, and on what ground. **101 to 104 are open**: each has all rows that it may be.
Show the wording to help a reader. Base no decision on a wording of grade D or E.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Final


class InfringementCategory(StrEnum):
    """How serious an infringement is."""

    #: Most serious: one is enough for the good repute to be examined. Regulation (EC) No 1071/2009, Article
    #: 6(2) and Annex IV.
    MOST_SERIOUS = "MSI"
    #: Very serious: three for a vehicle in a year. Regulation (EU) 2016/403, Annexes I and II.
    VERY_SERIOUS = "VSI"
    #: Serious: three for a vehicle in a year count as a very serious one. The same annexes.
    SERIOUS = "SI"


class Grade(StrEnum):
    """How sure it is that a wording belongs to a code. A to C are certain."""

    #: A public code list of a national register has the code with this text (the United Kingdom's).
    A = "A"
    #: The very serious rows of 2016 and the codes from 800 on have the same order. The two rows that the law
    #: deleted in 2022 fall on the two codes that the schema removed.
    B = "B"
    #: The serious rows of 2016 and the codes from 900 on have the same order, as those of grade B.
    C = "C"
    #: Very likely: the rows of 2022 and the new codes are as many, paired in the order of the law.
    D = "D"
    #: Open: the code has one of several rows.
    E = "E"

    @property
    def certain(self) -> bool:
        """Whether the wording certainly belongs to the code."""
        return self in {Grade.A, Grade.B, Grade.C}


@dataclass(frozen=True, slots=True)
class AnnexRow:
    """One row of Annex I to Regulation (EU) 2016/403, in its own words."""

    #: Group and number, such as `2/9`.
    row: str
    wording: str
    #: Which extent belongs to the category, such as `10h ≤ … < 11h`. Empty if it makes no difference.
    threshold: str
    #: The rule that is infringed.
    legal_basis: str

    @property
    def text(self) -> str:
        """The wording with its threshold."""
        return f"{self.wording} ({self.threshold})" if self.threshold else self.wording


@dataclass(frozen=True, slots=True)
class Infringement:
    """One code, with the row of the law that it stands for. A code of grade E has each row that it may be."""

    code: str
    category: InfringementCategory
    grade: Grade
    rows: tuple[AnnexRow, ...]


def category_of(code: str) -> InfringementCategory:
    """Return the category of a code, by its block. Raises KeyError for an unknown code."""
    return INFRINGEMENTS[code].category


def _by_block(code: str) -> InfringementCategory:
    blocks = {"8": InfringementCategory.VERY_SERIOUS, "9": InfringementCategory.SERIOUS}
    return blocks.get(code[0], InfringementCategory.MOST_SERIOUS)


def _read() -> Mapping[str, Infringement]:
    grades: dict[str, Grade] = {}
    rows: dict[str, list[AnnexRow]] = defaultdict(list)
    with Path(__file__).with_name("infringements.csv").open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            codes, grade = line.pop("codes").split(), Grade(line.pop("grade"))
            for code in codes:
                grades[code] = grade
                rows[code].append(AnnexRow(**line))
    return MappingProxyType(
        {code: Infringement(code, _by_block(code), grades[code], tuple(rows[code])) for code in sorted(rows)}
    )


#: Every code of the schema. 502, 830 and 831 do not exist.
INFRINGEMENTS: Final = _read()
