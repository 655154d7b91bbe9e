"""The published list of invented misspellings: who stands in the register, and how somebody asks."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from movehub.names.custom_search import Holder, Wanted

PATH = Path(__file__).parent.parent / "vectors" / "misspellings.csv"


def misspellings(first_number: int = 1) -> Iterator[tuple[str, Holder, Wanted]]:
    """Yield the kind of the error, the holder in the register, and who is asked for."""
    with PATH.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), first_number):
            holder = Holder(
                number=number,
                family_name=row["family_name"],
                first_name=row["first_name"],
                date_of_birth=date.fromisoformat(row["date_of_birth"]),
            )
            wanted = Wanted(
                family_name=row["searched_family_name"],
                first_name=row["searched_first_name"] or None,
                date_of_birth=date.fromisoformat(row["searched_date_of_birth"]),
            )
            yield row["kind"], holder, wanted
