"""The rows of the results of a batch: one for each card, or state without cards, and two for each attempt.

| outcome | |
|---|---|
| `asked` | the request is about to be sent. If no end follows, it is waiting, or the run was killed |
| `found`, `not found`, `no answer` | the answer of a state, or that it gave none |
| `complete`, `incomplete` | end: every state has answered, or not. Only `complete` is never asked again |
| `failed` | end: no usable answer, and why. This does not mean "not found" |
| `unknown` | end: the request may have been processed, and no answer is recorded |

Half of the cells are words of other states, and a spreadsheet takes some words for formulas and runs them. So
an apostrophe stands in each place where a formula could begin, and `read_rows` leaves it there. Characters
without a shape are shown by their number.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Final

from movehub.errors import InvalidConfiguration
from movehub.printable import printable
from movehub.records.personal import decoded

from .cic import CardsInState

#: Marks the first row below the headings: of which file and authority these are the results.
BATCH: Final = "batch"
ASKED: Final = "asked"


class Closing(StrEnum):
    """How an attempt ended."""

    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the file, as text. `line` is that of the application in its file, 0 for the batch itself."""

    line: str
    attempt: str
    business_case_id: str = ""
    outcome: str
    member_state: str = ""
    card_number: str = ""
    card_status: str = ""
    valid_for_driving: str = ""
    card_issuing_authority: str = ""
    start_of_validity_date: str = ""
    expiry_date: str = ""
    family_name: str = ""
    first_name: str = ""
    date_of_birth: str = ""
    place_of_birth: str = ""
    driving_licence_number: str = ""
    driving_licence_issuing_country: str = ""
    workshop_name: str = ""
    workshop_address: str = ""
    search_mechanism: str = ""
    #: What the state or the hub adds, or why the attempt failed.
    said: str = ""

    def __repr__(self) -> str:
        """Show which row it is. The rest is personal data."""
        return f"Row(line={self.line}, attempt={self.attempt}, outcome={self.outcome})"


#: None is only possible in the edition 2016.
_YES_OR_NO: Final = {True: "yes", False: "no", None: ""}
_NO_BREAKS: Final = str.maketrans("\r\n", "  ")

#: Where a formula could begin: at the start of a cell, and after a quotation mark or a sign at which a
#: program splits lines, whatever its settings. Full-width signs begin one too. Source: OWASP, "CSV
#: Injection". Also behind apostrophes, so that the first one of them can be removed again.
_FORMULA: Final = re.compile("(^|[,;|\"])(?=[ ']*[-=+@\N{FULLWIDTH HYPHEN-MINUS}＝＋＠])")

COLUMNS: Final = tuple(field.name for field in fields(Row))


def _line(cells: Iterable[str]) -> bytes:
    """Return one physical line, whatever the cells hold. A line without a line break is torn."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(map(inert, cells))
    return text.getvalue().encode()


def inert(cell: str) -> str:
    """Return a text as it stands in a cell: it begins no formula, whichever program reads the file."""
    return _FORMULA.sub(r"\1'", printable(cell.translate(_NO_BREAKS)))


def encoded(row: Row) -> bytes:
    """Return a row as it stands in the file."""
    return _line(getattr(row, name) for name in COLUMNS)


HEADINGS: Final = _line(COLUMNS)


def read_rows(whole: bytes) -> Iterator[Row]:
    """Yield the rows below the headings. Raises InvalidConfiguration for what no batch has written."""
    text = decoded(whole)
    if text is None:
        raise damaged()
    # A cell may be longer than the default limit of `csv`. The limit is that of the whole process.
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))
    try:
        for cells in list(csv.reader(io.StringIO(text, newline="\n"), strict=True))[1:]:
            yield Row(**dict(zip(COLUMNS, cells, strict=True)))
    except (csv.Error, ValueError):
        raise damaged() from None


def damaged() -> InvalidConfiguration:
    """Return the error for a row that no batch has written."""
    return InvalidConfiguration("the results file is damaged: a row is not as a batch writes it")


def of_state(asked: Row, state: CardsInState) -> Iterator[Row]:
    """Yield one row for each card, or one row if there are none."""
    common = {
        "line": asked.line,
        "attempt": asked.attempt,
        "business_case_id": asked.business_case_id,
        "outcome": state.outcome.value,
        "member_state": state.member_state_code,
        "said": state.status_message or "",
    }
    if not state.found:
        yield Row(**common)
    for driver in state.found:
        card, licence, workshop = driver.card, driver.driving_licence, driver.workshop
        yield Row(
            **common,
            card_number=card.card_number,
            card_status=card.card_status.value,
            valid_for_driving=_YES_OR_NO[card.valid_for_driving],
            card_issuing_authority=card.card_issuing_authority,
            start_of_validity_date=card.start_of_validity_date.isoformat(),
            expiry_date=card.expiry_date.isoformat(),
            family_name=driver.family_name,
            first_name=driver.first_name or "",
            date_of_birth=driver.date_of_birth.isoformat(),
            place_of_birth=driver.place_of_birth or "",
            driving_licence_number=licence.driving_licence_number if licence else "",
            driving_licence_issuing_country=licence.driving_licence_issuing_country if licence else "",
            workshop_name=workshop.workshop_name if workshop else "",
            workshop_address=workshop.workshop_address if workshop else "",
            search_mechanism=driver.search_mechanism.value,
        )
