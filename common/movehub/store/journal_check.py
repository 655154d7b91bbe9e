"""Whether the journal is whole: the first line that is missing, changed or put in.

Without a key, whoever can write to the database and knows this program can make the chain anew from any
line on; an anchor from before that shows it. Nor does it help to remove all lines up to there: an anchor says
until when its line has to be there. With a key, only the key's holder can make a chain, or its beginning.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from hmac import compare_digest
from typing import Any

from sqlalchemy import Connection, select

from movehub.store.journal import Anchor, Journal, start_of
from movehub.store.periods import BY_LAW, Period
from movehub.store.tables import JOURNAL


class Fault(StrEnum):
    """What is wrong with a line."""

    MISSING = "missing"
    CHANGED = "changed"
    INSERTED = "inserted"
    #: The record of where the journal begins is not one that this program made, or not with this key.
    START = "the record of the beginning was changed"
    #: The journal ends before the line of the anchor.
    CUT = "cut off"
    #: The line of the anchor is gone, and those who remove lines by their period would have kept it.
    REMOVED = "removed before its period was over"


@dataclass(frozen=True, slots=True)
class Finding:
    """The first line at fault."""

    seq: int
    fault: Fault

    def __str__(self) -> str:
        """Return it in words."""
        return f"line {self.seq}: {self.fault.value}"


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check has found. `anchored` says whether the anchor given could still be compared."""

    lines: int
    last: Anchor
    finding: Finding | None
    anchored: bool = False

    @property
    def whole(self) -> bool:
        """Whether nothing is missing, changed or put in, as far as this can show."""
        return self.finding is None


def check(
    journal: Journal,
    connection: Connection,
    anchor: Anchor | None = None,
    period: Period = BY_LAW.journal,
) -> Checked:
    """Read the journal from its beginning, and stop at the first line at fault.

    An anchor of a line that was removed since, as its `period` was over, can no longer be compared.
    """
    start, row = start_of(connection)
    if row is not None and not compare_digest(row["seal"], journal.seal_of(row)):
        return Checked(0, start, Finding(start.seq, Fault.START))
    last, lines, anchored = start, 0, anchor == start
    in_order = select(JOURNAL).order_by(JOURNAL.c.seq).execution_options(yield_per=1000)
    with connection.execute(in_order) as rows:
        for line in rows.mappings():
            found = _fault(journal, line, last, start)
            if found is not None:
                return Checked(lines, last, found, anchored)
            last, lines = Anchor(line["seq"], line["digest"]), lines + 1
            if anchor is not None and last.seq == anchor.seq:
                anchored = True
                if last.digest != anchor.digest:
                    return Checked(lines, last, Finding(last.seq, Fault.CHANGED), anchored)
    return Checked(lines, last, _against(anchor, start, last, journal, period), anchored)


def _fault(journal: Journal, line: Any, last: Anchor, start: Anchor) -> Finding | None:
    seq = line["seq"]
    if seq <= start.seq:
        return Finding(seq, Fault.INSERTED)
    if seq != last.seq + 1:
        return Finding(last.seq + 1, Fault.MISSING)
    if not compare_digest(line["digest"], journal.digest_of(line)):
        return Finding(seq, Fault.CHANGED)
    if line["previous"] != last.digest:
        # This line is as it was written, so it is the one before that was made anew.
        return Finding(last.seq, Fault.CHANGED)
    return None


def _against(
    anchor: Anchor | None, start: Anchor, last: Anchor, journal: Journal, period: Period
) -> Finding | None:
    if anchor is None:
        return None
    if anchor.seq > last.seq:
        return Finding(last.seq + 1, Fault.CUT)
    if anchor.seq == start.seq and anchor.digest != start.digest:
        return Finding(start.seq, Fault.CHANGED)
    now = journal.now()
    if 0 < anchor.seq <= start.seq and anchor.at is not None and period.before(now) <= anchor.at <= now:
        return Finding(anchor.seq, Fault.REMOVED)
    return None
