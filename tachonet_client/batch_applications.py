"""The file of applications that a batch asks about: CSV in UTF-8, one application a line.

    business_case_id,family_name,first_name,date_of_birth,driving_licence_number,driving_licence_issuing_country,to
    FI-2026-000125,Brückenthaler,Jürgen,1984-03-17,,,ZZ

You may leave `first_name`, the licence and `to` empty, or leave out their columns. There may be a column
`place_of_birth` too. Without `to`, all states are asked (`ZZ`). Columns may be separated by semicolons. The
whole file is checked before the first request is sent.

If a line is misread, that applicant is never checked. So a line must have as many cells as there are columns,
no cell may have a line break, and a last line without a line break must show that it is whole.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from movehub.errors import InvalidConfiguration, InvalidOutgoing, OurFault
from movehub.input_files import read_day
from movehub.names.name_rule import is_readable
from movehub.protocol.workflow import BROADCAST
from movehub.records.personal import decoded

from .batch_cells import doubtful_cell, wrong_cell
from .cic import CheckIssuedCardsRequest, SearchedDriver

#: The columns of which the hub makes search keys.
_NAMES: Final = ("family_name", "first_name")
REQUIRED: Final = ("business_case_id", "family_name", "date_of_birth")
_OF_THE_DRIVER: Final = (
    *("first_name", "place_of_birth"),
    *("driving_licence_number", "driving_licence_issuing_country"),
)
OPTIONAL: Final = (*_OF_THE_DRIVER, "to")

#: Columns whose cells show by their form that they are whole, unless they are empty.
_OF_ONE_LENGTH: Final = {"date_of_birth", "to"}

#: How many faulty lines a complaint tells in full.
_FAULTS_TOLD: Final = 10

#: Says whether a request can be sent, by raising what speaks against it.
Check = Callable[[CheckIssuedCardsRequest, str], object]


@dataclass(frozen=True, slots=True)
class Line:
    """One application: its line in the file (from 2 on), the request and its receiver."""

    number: int
    request: CheckIssuedCardsRequest
    to: str


@dataclass(frozen=True, slots=True)
class Applications:
    """What a batch asks about. `digest` is the file's SHA-256: another file is another batch."""

    lines: tuple[Line, ...]
    digest: str

    @classmethod
    def read(
        cls, path: str | Path, originating_authority: str, check: Check, *, as_written: bool = False
    ) -> Applications:
        """Read a file, and call `check` for each line.

        `as_written` confirms doubtful cells: words such as NULL, and names that the hub cannot write.

        Raises InvalidConfiguration if the file or its headings cannot be read. Raises InvalidOutgoing if
        lines are wrong: it names each of them, and shows no value.
        """
        try:
            content = Path(path).read_bytes()
        except OSError:
            raise InvalidConfiguration(f"the file {path} cannot be opened") from None
        text = decoded(content, "utf-8-sig")
        if text is None:
            raise InvalidConfiguration("the file of applications is not in UTF-8")
        lines: list[Line] = []
        faults: list[str] = []
        for number, row in _rows(text):
            try:
                _refuse_wrong_cells(row)
                line = _line(number, row, originating_authority)
                check(line.request, line.to)
                if not as_written:
                    _refuse_doubtful_cells(row)
                lines.append(line)
            except (TypeError, ValueError) as error:
                faults.append(f"line {number}: {error}")
            except OurFault as error:
                faults.append(f"line {number}: {error.where} {error.reason}")
        if faults:
            raise InvalidOutgoing(_told(faults), workflow="TACHOnet CIC")
        return cls(tuple(lines), sha256(content).hexdigest())


def _rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the number of each line and its cells by their headings. Raises InvalidConfiguration."""
    separator = ";" if ";" in text.partition("\n")[0] else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    cells: list[str] = []
    try:
        headings = [heading.strip() for heading in next(reader, [])]
        _check_headings(headings)
        for cells in reader:
            if any(cell.strip() for cell in cells):
                _check_shape(cells, headings, reader.line_num)
                yield reader.line_num, dict(zip(headings, cells, strict=True))
    except csv.Error:
        raise InvalidConfiguration(f"line {reader.line_num} cannot be read as CSV") from None
    whole = text.endswith(("\n", "\r")) or not any(cell.strip() for cell in cells)
    if not whole and not (headings[-1] in _OF_ONE_LENGTH and cells[-1].strip()):
        raise InvalidConfiguration(
            f"line {reader.line_num}, the last, has no line break at its end, so it may be cut off; add one"
        )


def _check_headings(headings: list[str]) -> None:
    missing = [name for name in REQUIRED if name not in headings]
    if missing:
        raise InvalidConfiguration(f"the file of applications lacks the column {', '.join(missing)}")
    if len(set(headings)) < len(headings) or not set(headings) <= {*REQUIRED, *OPTIONAL}:
        known = ", ".join((*REQUIRED, *OPTIONAL))
        raise InvalidConfiguration(f"the columns of the file of applications are {known}, each once")


def _check_shape(cells: list[str], headings: list[str], number: int) -> None:
    """Refuse a line that is not a line a cell a column. The cells of two people must never become one's."""
    if any("\n" in cell or "\r" in cell for cell in cells):
        raise InvalidConfiguration(
            f"a cell that ends in line {number} has a line break in it: look for a quotation mark too many"
        )
    if len(cells) > len(headings):
        raise InvalidConfiguration(f"line {number} has more cells than the file has columns")
    if len(cells) < len(headings):
        raise InvalidConfiguration(f"line {number} has fewer cells than the file has columns")


def _refuse_wrong_cells(row: dict[str, str]) -> None:
    for name, cell in row.items():
        wrong = wrong_cell(cell.strip())
        if wrong:
            raise ValueError(f"{name} {wrong}")


def _refuse_doubtful_cells(row: dict[str, str]) -> None:
    for name, cell in row.items():
        doubt = doubtful_cell(cell.strip())
        if name in _NAMES and not doubt and not is_readable(cell):
            doubt = "has a character that the hub cannot write in ASCII, so that it makes no search keys"
        if doubt:
            raise ValueError(f"{name} {doubt}. Correct it, or use --as-written if it is meant")


def _line(number: int, row: dict[str, str], authority: str) -> Line:
    def cell(name: str) -> str:
        return row.get(name, "").strip()

    driver: dict[str, Any] = {name: cell(name) for name in _OF_THE_DRIVER}
    request = CheckIssuedCardsRequest(
        business_case_id=cell("business_case_id"),
        originating_authority=authority,
        searched_driver=SearchedDriver(
            family_name=cell("family_name"), date_of_birth=_day(cell("date_of_birth")), **driver
        ),
    )
    return Line(number, request, cell("to") or BROADCAST)


def _day(text: str) -> date:
    try:
        return read_day(text)  # not "2026-W48-1", which is still a day if its end is cut off
    except ValueError:
        raise ValueError("date_of_birth must be a day, YYYY-MM-DD") from None


def _told(faults: list[str]) -> str:
    more = len(faults) - _FAULTS_TOLD
    return "; ".join(faults[:_FAULTS_TOLD]) + (f"; and {more} more faulty lines" if more > 0 else "")
