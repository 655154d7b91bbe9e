"""The file that a batch asks about or notifies: CSV in UTF-8, one request a line. `Kind` has the columns.

Columns may be separated by semicolons, and a column that is not required may be left out. The whole file is
checked before the first request is sent.

If a line is misread, that person is never checked. So a line must have as many cells as there are columns, no
cell may have a line break, and a last line without a line break must show that it is whole.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from movehub.errors import InvalidConfiguration, InvalidOutgoing, OurFault
from movehub.names.name_rule import is_readable
from movehub.protocol.message import Request
from movehub.protocol.workflow import BROADCAST
from movehub.records.personal import decoded

from .cells import doubtful_cell, wrong_cell
from .kinds import TO, Cells, Kind

#: How many faulty lines a complaint tells in full.
_FAULTS_TOLD: Final = 10
_CONFIRM: Final = "Correct it, or use --as-written if it is meant"

#: Says whether a request can be sent, by raising what speaks against it.
Check = Callable[[Request[Any], str], object]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the file, by its number (from 2 on): the request and its receiver."""

    number: int
    request: Any
    to: str

    @property
    def case(self) -> str:
        """Your case number."""
        return str(self.request.business_case_id)


@dataclass(frozen=True, slots=True)
class Lines:
    """What a batch sends. `digest` is the file's SHA-256: another file is another batch."""

    kind: Kind
    lines: tuple[Line, ...]
    digest: str

    @classmethod
    def read(
        cls,
        kind: Kind,
        path: str | Path,
        originating_authority: str,
        check: Check,
        *,
        as_written: bool = False,
    ) -> Lines:
        """Read a file, and call `check` for each line. `originating_authority` asks or notifies.

        `as_written` confirms what is doubtful: words such as NULL, names that the hub cannot write, and
        notifications that differ in their business case alone.

        Raises InvalidConfiguration if the file or its headings cannot be read. Raises InvalidOutgoing if
        lines are wrong: it names each of them, and shows no value.
        """
        try:
            content = Path(path).read_bytes()
        except OSError:
            raise InvalidConfiguration(f"the file {path} cannot be opened") from None
        text = decoded(content, "utf-8-sig")
        if text is None:
            raise InvalidConfiguration(f"the file of {kind.items} is not in UTF-8")
        lines: list[Line] = []
        faults: list[str] = []
        for number, row in _rows(kind, text):
            try:
                _refuse_wrong_cells(row)
                line = _line(kind, number, row, originating_authority)
                check(line.request, line.to)
                if not as_written:
                    _refuse_doubtful_cells(kind, row)
                lines.append(line)
            except (TypeError, ValueError) as error:
                faults.append(f"line {number}: {error}")
            except OurFault as error:
                faults.append(f"line {number}: {error.where} {error.reason}")
        faults += _twice(kind, lines, as_written=as_written)
        if faults:
            raise InvalidOutgoing(told(faults), workflow=kind.name)
        return cls(kind, tuple(lines), sha256(content).hexdigest())


def told(faults: list[str]) -> str:
    """Return the faults of lines as one text, which names the first of them."""
    more = len(faults) - _FAULTS_TOLD
    return "; ".join(faults[:_FAULTS_TOLD]) + (f"; and {more} more faulty lines" if more > 0 else "")


def _rows(kind: Kind, text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the number of each line and its cells by their headings. Raises InvalidConfiguration."""
    separator = ";" if ";" in text.partition("\n")[0] else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    cells: list[str] = []
    try:
        headings = [heading.strip() for heading in next(reader, [])]
        _check_headings(kind, headings)
        for cells in reader:
            if any(cell.strip() for cell in cells):
                _check_shape(cells, headings, reader.line_num)
                yield reader.line_num, dict(zip(headings, cells, strict=True))
    except csv.Error:
        raise InvalidConfiguration(f"line {reader.line_num} cannot be read as CSV") from None
    whole = text.endswith(("\n", "\r")) or not any(cell.strip() for cell in cells)
    if not whole and not (headings[-1] in kind.of_one_form and cells[-1].strip()):
        raise InvalidConfiguration(
            f"line {reader.line_num}, the last, has no line break at its end, so it may be cut off; add one"
        )


def _check_headings(kind: Kind, headings: list[str]) -> None:
    missing = [name for name in kind.required if name not in headings]
    if missing:
        raise InvalidConfiguration(f"the file of {kind.items} lacks the column {', '.join(missing)}")
    known = (*kind.required, *kind.optional)
    if len(set(headings)) < len(headings) or not set(headings) <= set(known):
        raise InvalidConfiguration(
            f"the columns of the file of {kind.items} are {', '.join(known)}, each once"
        )


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


def _refuse_doubtful_cells(kind: Kind, row: dict[str, str]) -> None:
    for name, cell in row.items():
        doubt = doubtful_cell(cell.strip())
        if name in kind.names and not doubt and not is_readable(cell):
            doubt = "has a character that the hub cannot write in ASCII, so that it makes no search keys"
        if doubt:
            raise ValueError(f"{name} {doubt}. {_CONFIRM}")


def _line(kind: Kind, number: int, row: dict[str, str], authority: str) -> Line:
    cells = Cells(row, authority)
    if TO in kind.required and not cells.text(TO):
        raise ValueError(f"{TO} is empty: {kind.name} goes to one state, never to all")
    return Line(number, kind.request(cells), cells.text(TO) or BROADCAST)


def _twice(kind: Kind, lines: Iterable[Line], *, as_written: bool) -> Iterator[str]:
    """Yield the lines that notify what an earlier one notifies. A search may be repeated."""
    if not kind.notifies:
        return
    cases: dict[str, int] = {}
    same: dict[object, int] = {}
    for line in lines:
        first = cases.setdefault(line.case, line.number)
        if first != line.number:
            yield f"line {line.number}: business_case_id is that of line {first}: each line is sent once"
        elif kind.same is not None and not as_written:
            first = same.setdefault(kind.same(line.request, line.to), line.number)
            if first != line.number:
                yield f"line {line.number}: is like line {first}, but for its business case. {_CONFIRM}"
