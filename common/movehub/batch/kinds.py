"""A kind of batch: the columns of its file, the request of a line, and the columns of an answer.

All else is the same for each kind. A package of one system defines a `Kind` for each workflow that it sends
in batches, such as CIC.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Final, TypeVar

from movehub.input_files import read_day
from movehub.protocol.message import Request

from .record_cells import columns_of

Word = TypeVar("Word", bound=StrEnum)

#: The column of the receiver. If it is not required, a line without it asks all states.
TO: Final = "to"
#: The column of the authority, for the kinds that have one. Without it, it is the authority of the run.
AUTHORITY: Final = "originating_authority"

_YES_OR_NO: Final = {"yes": True, "no": False}


class Closing(StrEnum):
    """How an attempt ended. `Kind.words` says what it means for a kind."""

    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    FAILED = "failed"
    UNKNOWN = "unknown"


#: What the closings of a search mean. A search that is not complete is asked again by the next run.
OF_A_SEARCH: Final = {
    Closing.COMPLETE: "answered by every state",
    Closing.INCOMPLETE: "incomplete",
    Closing.FAILED: "failed",
    Closing.UNKNOWN: "of unknown outcome",
}
#: What the closings of a notification mean. Only a notification that was not sent is sent by the next run.
OF_A_NOTIFICATION: Final = {
    Closing.COMPLETE: "delivered",
    Closing.INCOMPLETE: "not delivered",
    Closing.FAILED: "not sent",
    Closing.UNKNOWN: "of unknown outcome",
}


class Cells:
    """The cells of one line, by their headings. They raise ValueError, which names the column alone."""

    def __init__(self, row: Mapping[str, str], authority: str) -> None:
        self._row = {name: cell.strip() for name, cell in row.items()}
        self.authority = self.text(AUTHORITY) or authority

    def text(self, name: str) -> str:
        """Return a cell, empty if there is no such column."""
        return self._row.get(name, "")

    def any(self, *names: str) -> bool:
        """Whether one of these cells has a value."""
        return any(map(self.text, names))

    def day(self, name: str) -> date:
        """Return the day of a cell. Python also reads "2026-W48-1", of which the end may be cut off."""
        try:
            return read_day(self.text(name))
        except ValueError:
            raise ValueError(f"{name} must be a day, YYYY-MM-DD") from None

    def word(self, name: str, otherwise: Word) -> Word:
        """Return the code of a cell, or another one if it is empty. The words of the hub are refused."""
        words = type(otherwise)
        known = [word for word in words if word not in WORDS_OF_THE_HUB]
        if self.text(name) and self.text(name) not in known:
            raise ValueError(f"{name} must be one of {', '.join(known)}")
        return words(self.text(name) or otherwise)

    def yes(self, name: str) -> bool:
        """Return whether a cell says `yes`. An empty one says `no`."""
        if (self.text(name) or "no") not in _YES_OR_NO:
            raise ValueError(f"{name} must be yes or no")
        return _YES_OR_NO[self.text(name) or "no"]


def _nothing(_: Any) -> Mapping[str, str]:
    return {}


#: Words of `request_purpose` and `request_source` that only the hub sends.
WORDS_OF_THE_HUB: Final = frozenset({"Heartbeat", "Hub"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of batch."""

    #: The system and the workflow, such as "TACHOnet CIC".
    name: str
    #: What the file lists, such as "applications".
    items: str
    #: The columns of the file. `TO` is required if the workflow has no broadcast.
    required: tuple[str, ...]
    optional: tuple[str, ...]
    #: The columns of which the hub makes search keys.
    names: frozenset[str] = frozenset()
    #: Columns whose cells show by their form that they are whole, unless they are empty.
    of_one_form: frozenset[str] = frozenset({TO})
    #: Make the request of a line. Raises TypeError, ValueError or OurFault.
    request: Callable[[Cells], Request[Any]]
    #: Where the row of a state, or an answer without rows, has the records that were found.
    found: str = "found"
    #: The class of these records, or None for a notification.
    found_class: type | None
    #: Cells that you add to each record, and their columns: the values of your own procedure.
    adds: Callable[[Any], Mapping[str, str]] = _nothing
    added: tuple[str, ...] = ()
    #: The columns for the answer of a state as a whole, beside its code, status and message.
    of_a_state: tuple[str, ...] = ()
    #: The lists in a record that was found, and the outcome of the row of each of their items.
    lists: Mapping[str, str] = field(default_factory=dict)
    #: Whether it notifies. A notification is sent once, and only a person may have it sent again.
    notifies: bool = False
    #: For a notification: what makes two lines the same one, apart from their business case.
    same: Callable[[Any, str], object] | None = None

    @property
    def words(self) -> Mapping[Closing, str]:
        """What each closing means."""
        return OF_A_NOTIFICATION if self.notifies else OF_A_SEARCH

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that only this kind has in its results: each field of a state's answer has one."""
        own = columns_of(self.found_class) if self.found_class else ()
        return (*self.of_a_state, *self.added, *own)
