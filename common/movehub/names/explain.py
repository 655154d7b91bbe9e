"""Where this library's keys differ from those of a service, such as the Commission's.

A list of names is CSV with the columns `family_name` and `first_name`, of which one may be missing.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from movehub.errors import IllegalCharacter, InvalidConfiguration
from movehub.names.key_service import SearchKeyService
from movehub.names.search_keys import family_name_key, first_name_key
from movehub.names.transliteration import UntransliterableCharacter
from movehub.records.personal import PersonalText

#: The columns of a list, and whether the key is of the full name.
COLUMNS: Final = {"family_name": True, "first_name": False}


class Verdict(StrEnum):
    """What a name shows."""

    SAME = "same"
    DIFFERENT = "different"
    REFUSED_BY_BOTH = "refused by both"
    REFUSED_HERE = "refused here"
    REFUSED_THERE = "refused there"

    @property
    def agrees(self) -> bool:
        """Whether both sides do the same."""
        return self in {Verdict.SAME, Verdict.REFUSED_BY_BOTH}


@dataclass(frozen=True, slots=True)
class Compared:
    """One name of a list: where it stands, and both keys; None where a side refuses it."""

    line: int
    column: str
    name: PersonalText = field(repr=False)
    ours: PersonalText | None = field(repr=False)
    theirs: PersonalText | None = field(repr=False)

    @property
    def verdict(self) -> Verdict:
        """What the two keys say."""
        if self.ours is None:
            return Verdict.REFUSED_BY_BOTH if self.theirs is None else Verdict.REFUSED_HERE
        if self.theirs is None:
            return Verdict.REFUSED_THERE
        return Verdict.SAME if self.ours == self.theirs else Verdict.DIFFERENT


def names(path: Path) -> Iterator[tuple[int, str, str]]:
    """Yield line, column and name. Raises InvalidConfiguration where the file is no such list."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if not COLUMNS.keys() & set(reader.fieldnames or ()):
                raise InvalidConfiguration("the list of names needs a column family_name or first_name")
            for row in reader:
                yield from ((reader.line_num, column, row[column]) for column in COLUMNS if row.get(column))
        return
    except (OSError, UnicodeDecodeError, csv.Error):
        pass
    # Outside: the decoder's own error carries what it read of the names.
    raise InvalidConfiguration("the list of names cannot be read as CSV in UTF-8")


def compare(path: Path, service: SearchKeyService) -> Iterator[Compared]:
    """Compare every name of a list. Raises SearchKeyServiceFailed where the service gives no answer."""
    for line, column, name in names(path):
        yield Compared(line, column, name, _ours(column, name), _theirs(column, name, service))


def _ours(column: str, name: str) -> str | None:
    try:
        return family_name_key(name) if COLUMNS[column] else first_name_key(name)
    except UntransliterableCharacter:
        return None


def _theirs(column: str, name: str, service: SearchKeyService) -> str | None:
    try:
        return service.key(name, use_full_name=COLUMNS[column])
    except IllegalCharacter:
        return None
