"""Invented holders of driver cards: as many as you need, and the same in every run.

A name joins a beginning and an ending that are usual in a language: `languages.csv` has one row for each
language, in its own script. If a real person has that name, it is by
chance. Birth dates are between 1950 and 2004. No data comes from a register.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Final

from movehub.names.custom_search import Holder
from movehub.sandbox.registers.rows import rows

_FIRST_DAY: Final = date(1950, 1, 1)
_DAYS: Final = (date(2005, 1, 1) - _FIRST_DAY).days
#: One in 12 has a double name, with a hyphen or a blank. One in 5 has a second first name.
_DOUBLE: Final = 12
_SECOND: Final = 5


def holders(count: int, seed: int = 2016) -> Iterator[Holder]:
    """Yield invented holders, numbered from 1."""
    random = Random(seed)  # noqa: S311 - invented names, no secrets
    languages = [[parts.split() for parts in row.values()] for row in rows("languages")]
    for number in range(1, count + 1):
        beginnings, endings, first_names = random.choice(languages)
        family = random.choice(beginnings) + random.choice(endings)
        if not random.randrange(_DOUBLE):
            family += random.choice("- ") + random.choice(beginnings) + random.choice(endings)
        first = random.choice(first_names)
        if not random.randrange(_SECOND):
            first += " " + random.choice(first_names)
        yield Holder(
            number=number,
            family_name=family,
            first_name=first,
            date_of_birth=_FIRST_DAY + timedelta(days=random.randrange(_DAYS)),
            certificate=f"CPC-{number:09d}",
        )
