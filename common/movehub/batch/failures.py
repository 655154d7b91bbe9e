"""The list of failures: each line that was sent and is not complete, with what to do about it.

It is written anew at the end of each run, beside the results, which stay the only record: run the batch
again, and you have the list again. It holds personal data, as the results do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

from . import disk
from .history import History
from .kinds import Closing, Kind
from .rows import encoded_line

_ASK: Final = "Ask {to} whether it has the message. Only if it does not, run the batch with --again {id}."

#: What to do about a notification, by how its attempt ended.
_OF_A_NOTIFICATION: Final = {
    Closing.INCOMPLETE: f"Read what was said. {_ASK}",
    Closing.FAILED: "It was not sent. Run the same command again.",
    Closing.UNKNOWN: f"It may have arrived. {_ASK}",
}
_OF_A_SEARCH: Final = "It clears nobody where an answer is missing. Run the same command again."


@dataclass(frozen=True, slots=True)
class Failure:
    """One line that is not complete."""

    line: int
    business_case_id: str
    to: str
    technical_id: str
    outcome: str
    said: str
    what_to_do: str

    def __repr__(self) -> str:
        """Show which line it is. What a state says is personal data."""
        return f"Failure(line={self.line}, outcome={self.outcome})"


def failures(kind: Kind, history: History) -> Iterator[Failure]:
    """Yield each line that was sent and is not complete, in the order of the file."""
    for number, last in sorted(history.last.items()):
        closing = last.closing or Closing.UNKNOWN
        if closing is not Closing.COMPLETE:
            to, identifier = last.asked.member_state, last.asked.technical_id
            todo = _OF_A_NOTIFICATION[closing] if kind.notifies else _OF_A_SEARCH
            yield Failure(
                line=number,
                business_case_id=last.asked.business_case_id,
                to=to,
                technical_id=identifier,
                outcome=kind.words[closing],
                said=last.said,
                what_to_do=todo.format(to=to, id=identifier),
            )


def list_of(results: Path) -> Path:
    """Return the file of the list beside the results: `night.failures.csv` for `night.csv`."""
    return results.with_suffix(".failures.csv")


def write_failures(results: Path, kind: Kind, history: History) -> int:
    """Write the list beside the results, and return how many lines it has. Raises InvalidConfiguration."""
    names = [field.name for field in fields(Failure)]
    found = list(failures(kind, history))
    lines = [
        encoded_line(names),
        *(encoded_line(str(getattr(each, name)) for name in names) for each in found),
    ]
    disk.replaced(list_of(results), b"".join(lines))
    return len(found)
