"""The rows of the sandbox's data files, and the records that they become."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from importlib.resources import files
from typing import TypeVar

from movehub.records import plan_of

Row = dict[str, str]
T = TypeVar("T")


def rows(name: str) -> Iterator[Row]:
    """Yield the rows of one data file, such as `drivers`."""
    text = (files("movehub.sandbox.registers") / f"{name}.csv").read_text("utf-8")
    yield from csv.DictReader(text.splitlines())


def rows_of(name: str, member_state: str) -> list[Row]:
    """Return the rows of one data file that belong to the register of a state."""
    return [row for row in rows(name) if row["state"] == member_state]


def record_of(cls: type[T], row: Row, **given: object) -> T:
    """Make a record of the fields given, and of the columns that have the names of its other values.

    An empty column is an absent value.
    """
    record: type = cls
    found = {
        value.field: value.kind.read(row[value.field])
        for value in plan_of(record).values
        if row.get(value.field) and value.field not in given
    }
    return cls(**found, **given)
