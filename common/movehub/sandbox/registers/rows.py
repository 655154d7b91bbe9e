"""The rows of the sandbox's data files."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from importlib.resources import files

Row = dict[str, str]


def rows(name: str) -> Iterator[Row]:
    """Yield the rows of one data file, such as `drivers`."""
    text = (files("movehub.sandbox.registers") / f"{name}.csv").read_text("utf-8")
    yield from csv.DictReader(text.splitlines())


def rows_of(name: str, member_state: str) -> list[Row]:
    """Return the rows of one data file that belong to the register of a state."""
    return [row for row in rows(name) if row["state"] == member_state]
