"""How the rows of a list are written, learned from a list that was read, and found again in other documents.

A system writes its rows in the same way each time. So where a list begins, and its last row ends, is found
by what stands between the values, and that all rows in between are alike by comparing it. Part of `lists`,
which says of which documents that is sound.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Written:
    """One way of writing rows: what stands before each value of the first row, and of the others."""

    names: list[str]
    first: list[str]
    others: list[str]
    #: From the list's tag to its first value; from one row to the next; and from the last value to the end.
    opening: bytes
    joint: bytes
    closing: bytes

    @classmethod
    def of(cls, names: list[str], around: str, markup: list[str]) -> Written:
        """Return how rows with these values are written, of which this is the markup: two rows at least."""
        first, next_row, last = markup[: len(names)], markup[len(names)], markup[-1]
        opening, joint, closing = f'<{around}>{first[0]}"', f'"{next_row}"', f'"{last}</{around}>'
        return cls(names, first, [next_row, *first[1:]], opening.encode(), joint.encode(), closing.encode())

    def markup(self, rows: int) -> list[str]:
        """Return what stands before the values of so many rows."""
        return self.first + self.others * (rows - 1)

    def found(self, data: bytes) -> tuple[bytes, list[str]] | None:
        """Return a document with the last row alone of its one list, and the values of all rows.

        None where there is no such list, or something else in it. Raises UnicodeDecodeError.
        """
        opens = data.find(self.opening)
        joint = data.rfind(self.joint, opens + 1)
        if opens < 0 or joint < 0:
            return None
        first, last = opens + len(self.opening), joint + len(self.joint)
        ends = data.find(self.closing, last)
        if ends < 0:
            return None
        pieces = data[first:ends].decode().split('"')
        width = len(self.names)
        if pieces[1::2] != self.markup(len(pieces) // (2 * width) + 1)[1:]:
            return None
        return data[:first] + data[last:], pieces[::2]
