"""Documents with one long list that are written as one before: their markup is known from end to end.

A system writes its rows in the same way each time. So a document is taken apart at its quotes once: what
stands between its values must be the markup that is known, with that of a row as often as there are rows, and
the values are those of the list, by columns, and those of the rest, for what was learned of that
(`known_markup`). Without this a hundred vehicles would cost more each than a thousand. Part of `form`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from movehub.markup_lesson import Take
from movehub.sure_values import is_plain

#: How many ways of writing a document are remembered; beyond that, the oldest are forgotten.
_MOST_LEARNED: Final = 64

#: From the names of a row's values, in their order, to what makes rows of the values of all.
RowsOf = Callable[[Sequence[str]], Callable[[list[str]], list[Any]]]


@dataclass(frozen=True, slots=True)
class KnownList:
    """One way of writing: the markup to the end of the first row, of each row after it, and after the last.

    `take` was learned of such a document with one row, `rows` makes the rows. Both refuse what is not sure,
    of values that are plain.
    """

    head: list[str]
    row: list[str]
    tail: list[str]
    take: Take
    rows: Callable[[list[str]], list[Any]]

    @classmethod
    def of(cls, text: str, one_row: str, rows: int, take: Take, rows_of: RowsOf) -> KnownList | None:
        """Return how a document with several rows is written, of which this is left with the first alone.

        None where that is not seen.
        """
        markup, left = text.split('"')[::2], one_row.split('"')[::2]
        more = max(rows - 1, 1)
        width, odd = divmod(len(markup) - len(left), more)
        # After the first row comes a second in the one, and what ends the list in the other.
        pairs = enumerate(zip(markup, left, strict=False))
        end = next((place for place, (one, other) in pairs if one != other), 0)
        row = markup[end : end + width]
        if odd or not 0 < width <= end or markup != left[:end] + row * more + left[end:]:
            return None
        names = [piece[:-1].split()[-1] for piece in row]
        return cls(left[:end], row, left[end:], take, rows_of(names))

    @property
    def markup(self) -> tuple[list[str], ...]:
        """What tells it from other ways."""
        return self.head, self.row, self.tail

    def message(self, markup: list[str], values: list[str]) -> Any:
        """Return the message of which these are the markup and the values; None where that cannot be told.

        Raises ValueError or KeyError likewise.
        """
        end, width = len(self.head), len(self.row)
        more = (len(markup) - end - len(self.tail)) // width
        if more < 0 or markup[end - width] != self.head[-width]:
            return None  # as a look at the place where the list begins has shown
        if markup != self.head + self.row * more + self.tail:
            return None
        if not is_plain('"'.join(values)):
            return None
        first, last = end - width, len(markup) - len(self.tail)
        rows = tuple(self.rows(values[first:last]))
        return self.take(values[:first] + values[last - width :], (rows,))


class KnownLists:
    """The ways in which documents of one kind were written, each with one long list."""

    def __init__(self) -> None:
        self._known: tuple[KnownList, ...] = ()

    def take(self, text: str) -> Any:
        """Return the message in a document; None where it has to be looked at in another way."""
        pieces = text.split('"')
        markup, values = pieces[::2], pieces[1::2]
        try:
            for each in self._known:
                message = each.message(markup, values)
                if message is not None:
                    return message
        except (ValueError, KeyError):
            pass
        return None

    def learn(self, text: str, one_row: str, rows: int, take: Take, rows_of: RowsOf) -> None:
        """Learn how a document was written that was read: see `KnownList.of`."""
        known = KnownList.of(text, one_row, rows, take, rows_of)
        if known is not None:
            others = [each for each in self._known if each.markup != known.markup]
            self._known = (known, *others[: _MOST_LEARNED - 1])
