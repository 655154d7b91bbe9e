"""Where each line of a batch stands, as the rows of its results say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from .kinds import Closing
from .rows import ASKED, Row, damaged

_CLOSINGS: Final = frozenset(Closing)


@dataclass(slots=True)
class Attempt:
    """The last attempt at one line. `closing` is None while the answer is awaited."""

    #: The row `asked`.
    asked: Row
    closing: Closing | None = None
    said: str = ""

    @property
    def may_have_arrived(self) -> bool:
        """Whether the message left, as far as it is known. A notification must then not be sent again."""
        return self.closing is not Closing.FAILED


class History:
    """The last attempt at each line, by the number of the line."""

    def __init__(self, rows: Iterable[Row] = ()) -> None:
        self.last: dict[int, Attempt] = {}
        #: The line of each message that was sent.
        self.line_of: dict[str, int] = {}
        for row in rows:
            self.note(row)

    def note(self, row: Row) -> None:
        """Take up one row. Raises InvalidConfiguration for a row that no batch has written."""
        if not all(
            text.isascii() and text.isdecimal() and len(text) < 10 for text in (row.line, row.attempt)
        ):
            raise damaged()
        number = int(row.line)
        if row.outcome == ASKED:
            self.last[number] = Attempt(row)
            self.line_of[row.technical_id] = number
        elif row.outcome in _CLOSINGS:
            if number not in self.last:
                raise damaged()
            self.last[number].closing = Closing(row.outcome)
            self.last[number].said = row.said

    @property
    def open(self) -> list[Attempt]:
        """The attempts without an end: the run was killed while they waited for their answers."""
        return [attempt for attempt in self.last.values() if attempt.closing is None]

    def next_attempt(self, number: int) -> int:
        """Return the number of the next attempt at a line."""
        return int(self.last[number].asked.attempt) + 1 if number in self.last else 1
