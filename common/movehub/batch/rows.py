"""The rows of the results of a batch: two for each attempt, and between them those of the answer.

| outcome | |
|---|---|
| `asked` | the request is about to be sent. If no end follows, it is waiting, or the run was killed |
| `found`, `not found`, `no answer` | the answer of a state to a search, or that it gave none |
| `delivered`, `not delivered` | the receipt of a state for a notification |
| another word | an item of a list in the record above, such as a licence of an undertaking |
| `complete` | end: every state has answered, or the notification was delivered. It is never sent again |
| `incomplete` | end: some state has not answered, or the notification was not delivered |
| `failed` | end: no usable answer, and why. This does not mean "not found". A notification was not sent |
| `unknown` | end: the request may have been processed, and no answer is recorded |

Half of the cells are words of other states, and a spreadsheet takes some words for formulas and runs them. So
an apostrophe stands in each place where a formula could begin, and `read_rows` leaves it there. Characters
without a shape are shown by their number.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from movehub.errors import InvalidConfiguration
from movehub.printable import printable
from movehub.protocol.outcome import Outcome
from movehub.records.personal import decoded

from .kinds import Kind
from .record_cells import EXTRA, cells_of, items_of

#: Marks the first row below the headings: of which file and authority these are the results.
BATCH: Final = "batch"
ASKED: Final = "asked"
DELIVERED: Final = "delivered"
NOT_DELIVERED: Final = "not delivered"

#: The columns that each kind has, before and behind its own.
BEFORE: Final = (
    *("line", "attempt", "business_case_id", "technical_id", "workflow_id"),
    *("outcome", "member_state", "status_code", "record"),
)
BEHIND: Final = (EXTRA, "said")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the file, as text. `line` is that of the item in its file, 0 for the batch itself."""

    line: str
    attempt: str
    business_case_id: str = ""
    #: The identifiers of the message, in the row `asked`.
    technical_id: str = ""
    workflow_id: str = ""
    outcome: str
    member_state: str = ""
    status_code: str = ""
    #: Counts the records of an answer from 1 on. The items of its lists have the number of their record.
    record: str = ""
    #: The cells of the columns that only some kinds have.
    cells: dict[str, str] = field(default_factory=dict)
    #: What the state or the hub adds, or why the attempt failed.
    said: str = ""

    def __repr__(self) -> str:
        """Show which row it is. The rest is personal data."""
        return f"Row(line={self.line}, attempt={self.attempt}, outcome={self.outcome})"


_NO_BREAKS: Final = str.maketrans("\r\n", "  ")

#: Where a formula could begin: at the start of a cell, and after a quotation mark or a sign at which a
#: program splits lines, whatever its settings. Full-width signs begin one too. Source: OWASP, "CSV
#: Injection". Also behind apostrophes, so that the first one of them can be removed again.
_FORMULA: Final = re.compile("(^|[,;|\"])(?=[ ']*[-=+@\N{FULLWIDTH HYPHEN-MINUS}＝＋＠])")


def columns(kind: Kind) -> tuple[str, ...]:
    """Return the columns of the results of a kind of batch."""
    return (*BEFORE, *kind.columns, *BEHIND)


def headings(kind: Kind) -> bytes:
    """Return the first line of the results of a kind of batch."""
    return encoded_line(columns(kind))


def encoded_line(cells: Iterable[str]) -> bytes:
    """Return one physical line, whatever the cells hold. A line without a line break is torn."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(map(inert, cells))
    return text.getvalue().encode()


def inert(cell: str) -> str:
    """Return a text as it stands in a cell: it begins no formula, whichever program reads the file."""
    return _FORMULA.sub(r"\1'", printable(cell.translate(_NO_BREAKS)))


def encoded(kind: Kind, row: Row) -> bytes:
    """Return a row as it stands in the file."""
    return encoded_line(
        (
            *(getattr(row, name) for name in BEFORE),
            *(row.cells.get(name, "") for name in (*kind.columns, EXTRA)),
            row.said,
        )
    )


def read_rows(kind: Kind, whole: bytes) -> Iterator[Row]:
    """Yield the rows below the headings. Raises InvalidConfiguration for what no batch has written."""
    text = decoded(whole)
    if text is None:
        raise damaged()
    # A cell may be longer than the default limit of `csv`. The limit is that of the whole process.
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))
    names = columns(kind)
    try:
        for cells in list(csv.reader(io.StringIO(text, newline="\n"), strict=True))[1:]:
            found = dict(zip(names, cells, strict=True))
            own = {name: found.pop(name) for name in (*kind.columns, EXTRA)}
            yield Row(**found, cells={name: cell for name, cell in own.items() if cell})
    except (csv.Error, ValueError):
        raise damaged() from None


def damaged() -> InvalidConfiguration:
    """Return the error for a row that no batch has written."""
    return InvalidConfiguration("the results file is damaged: a row is not as a batch writes it")


def rows_of(kind: Kind, asked: Row, state: str, answer: Any) -> Iterator[Row]:
    """Yield a row for each record that a state has found, and its lists, or one row if it has found none.

    `answer` is the row of the state in the answer of the hub, or an answer without rows.
    """
    said = cells_of(answer)
    own = {name: said[name] for name in kind.of_a_state if name in said}
    common = Row(
        line=asked.line,
        attempt=asked.attempt,
        business_case_id=asked.business_case_id,
        outcome=outcome_of(answer),
        member_state=state,
        status_code=answer.status_code.value,
        cells=own | _extra(said),
        said=answer.status_message or "",
    )
    found = getattr(answer, kind.found, ())
    if not found:
        yield common
    for number, record in enumerate(found, 1):
        row = replace(
            common, record=str(number), cells={**common.cells, **kind.adds(record), **cells_of(record)}
        )
        yield row
        for name, item in items_of(record):
            yield replace(row, outcome=kind.lists[name], status_code="", cells=cells_of(item), said="")


def outcome_of(answer: Any) -> str:
    """Return what an answer of a state means, in a word."""
    delivered: bool | None = getattr(answer, "delivered", None)
    if delivered is None:
        outcome: Outcome = answer.outcome
        return outcome.value
    return DELIVERED if delivered else NOT_DELIVERED


def _extra(cells: Mapping[str, str]) -> dict[str, str]:
    return {EXTRA: cells[EXTRA]} if EXTRA in cells else {}
