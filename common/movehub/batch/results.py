"""The results of a batch: a CSV file that is only ever appended to, so any end leaves one to resume from.

Each row is on the disk (`fsync`) before the next step. If a kill tore the last row, it has no line break, and
the next opening removes it. See `rows` for the rows.

A search that is not complete is asked again. A notification is sent once: the row that it is about to leave,
with its technical identifier, is on the disk before it does. If no end follows, it may have arrived. Then
only a person may have it sent again, who has asked the receiver.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

from movehub.errors import (
    ErrorNotified,
    HttpRefused,
    InvalidConfiguration,
    InvalidOutgoing,
    MovehubError,
    NotSent,
    OurFault,
    OutcomeUnknown,
    TooManyRequests,
)
from movehub.protocol.message import Message
from movehub.protocol.reply import Reply

from . import disk
from .history import Attempt, History
from .kinds import Closing, Kind
from .lines import Line, Lines, told
from .rows import ASKED, BATCH, Row, encoded, headings, inert, read_rows, rows_of

#: Errors after which a notification has not arrived, and the next run may send it.
_NOT_SENT = NotSent, TooManyRequests, OurFault
#: Errors by which the other side refused it. It will again, until somebody has corrected something.
_REFUSED = HttpRefused, ErrorNotified


class Results:
    """The results file of one batch, open for one run. Make it with `open`, use it as a context manager."""

    def __init__(self, lines: Lines, descriptor: int, history: History) -> None:
        self.lines = lines
        self.history = history
        self._descriptor = descriptor
        self._closing = ExitStack()

    @property
    def kind(self) -> Kind:
        """The kind of the batch."""
        return self.lines.kind

    @classmethod
    def open(cls, path: str | Path, lines: Lines, signature: str) -> Self:
        """Open the results of a batch, or make the file. `signature` says which batch it is.

        Attempts that an earlier run left open are closed as `unknown`.

        Raises InvalidConfiguration if the file is damaged, in use, or from another batch or program, and
        InvalidOutgoing if a line was notified before, as other results in the same folder say. Then it does
        not change the file.
        """
        path = Path(path)
        with ExitStack() as closing:
            descriptor = disk.opened(path)
            closing.callback(os.close, descriptor)
            disk.lock(descriptor, "another run is writing to this results file")
            folder = disk.opened_folder(path)
            if folder is not None:
                closing.callback(os.close, folder)
            if lines.kind.notifies:
                if folder is not None:
                    disk.lock(folder, "another run notifies with results in the same folder")
                _refuse_sent_before(path, lines)
            made = cls(lines, descriptor, History())
            made._resume(signature)
            if folder is not None:
                os.fsync(folder)  # or a power cut takes the new file away, and with it what was sent
            made._closing = closing.pop_all()
        return made

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    def is_done(self, line: Line) -> bool:
        """Whether a line is complete: answered by every state, or delivered."""
        last = self.history.last.get(line.number)
        return last is not None and last.closing is Closing.COMPLETE

    def to_do(self, again: Collection[str] = ()) -> list[Line]:
        """Return the lines that a run sends.

        `again` are the technical identifiers of notifications about which a person has found out that they
        did not arrive. Each works once: if the line was sent again since, it stays as it is.

        Raises InvalidConfiguration for an identifier that these results do not have, or of a notification
        that was delivered.
        """
        confirmed = {self._not_arrived(identifier) for identifier in again}
        return [line for line in self.lines.lines if line.number in confirmed or self._is_to_do(line)]

    def _is_to_do(self, line: Line) -> bool:
        last = self.history.last.get(line.number)
        if last is None:
            return True
        return not (last.may_have_arrived if self.kind.notifies else last.closing is Closing.COMPLETE)

    def _not_arrived(self, identifier: str) -> int | None:
        number = self.history.line_of.get(identifier)
        if number is None or not self.kind.notifies:
            raise InvalidConfiguration(
                f"--again: no notification in these results has the technical identifier {identifier}"
            )
        last = self.history.last[number]
        if last.asked.technical_id != identifier:
            return None  # the same command was called before
        if last.closing is Closing.COMPLETE:
            raise InvalidConfiguration(
                f"--again: line {number} was delivered, as its receipt says, and is not sent again"
            )
        return number

    def asked(self, line: Line, message: Message[Any]) -> None:
        """Note, before a request leaves, that it does."""
        row = Row(
            line=str(line.number),
            attempt=str(self.history.next_attempt(line.number)),
            business_case_id=line.case,
            technical_id=str(message.header.technical_id),
            workflow_id=str(message.header.workflow_id),
            outcome=ASKED,
            member_state=line.to,
        )
        self._append(row)

    def answered(self, line: Line, reply: Reply[Any]) -> Closing:
        """Record an answer. It is incomplete if a state that was asked has not answered."""
        last = self.history.last[line.number]
        rows = [row for code, answer in reply.rows for row in rows_of(self.kind, last.asked, code, answer)]
        if reply.complete:
            return self._close(last, Closing.COMPLETE, "", rows)
        said = f"no answer of {', '.join(reply.missing)}"
        if self.kind.notifies:
            said = "; ".join(
                f"{row.status_code}: {row.said}" if row.said else row.status_code for row in rows
            )
        return self._close(last, Closing.INCOMPLETE, said, rows)

    def failed(self, line: Line, error: MovehubError) -> Closing:
        """Note that no answer came that could be used, and why."""
        said = f"{type(error).__name__}: {error}"
        if isinstance(error, ErrorNotified) and error.notification.status_message:
            said += f" It says: {error.notification.status_message}"
        return self._close(self.history.last[line.number], self._closing_of(error), said)

    def _closing_of(self, error: MovehubError) -> Closing:
        if not self.kind.notifies:
            return Closing.UNKNOWN if isinstance(error, OutcomeUnknown) else Closing.FAILED
        if isinstance(error, _NOT_SENT):
            return Closing.FAILED
        return Closing.INCOMPLETE if isinstance(error, _REFUSED) else Closing.UNKNOWN

    def _close(self, last: Attempt, closing: Closing, said: str, rows: Iterable[Row] = ()) -> Closing:
        end = Row(
            line=last.asked.line,
            attempt=last.asked.attempt,
            business_case_id=last.asked.business_case_id,
            outcome=closing,
            said=said,
        )
        self._append(*rows, end)
        return closing

    def _resume(self, signature: str) -> None:
        content = disk.content(self._descriptor)
        first = headings(self.kind)
        if not content.startswith(first) and not first.startswith(content):
            raise InvalidConfiguration(
                f"the results file is none that a batch of {self.kind.items} has written; name another one"
            )
        whole = content[: content.rfind(b"\n") + 1]
        rows = list(read_rows(self.kind, whole))
        if rows and (rows[0].outcome, rows[0].said) != (BATCH, inert(signature)):
            raise InvalidConfiguration(
                f"the results file is of another batch: the {self.kind.items}, the authority, the state, the "
                "hub, the edition or the states expected have changed; name another one"
            )
        self.history = History(rows[1:])
        disk.protect(self._descriptor)
        os.ftruncate(self._descriptor, len(whole))
        if not whole:
            disk.append(self._descriptor, first)
        if not rows:
            self._append(Row(line="0", attempt="0", outcome=BATCH, said=signature))
        for attempt in self.history.open:
            self._close(attempt, Closing.UNKNOWN, "the run ended before an answer was recorded")

    def _append(self, *rows: Row) -> None:
        disk.append(self._descriptor, b"".join(encoded(self.kind, row) for row in rows))
        for row in rows:
            self.history.note(row)


def _refuse_sent_before(path: Path, lines: Lines) -> None:
    """Refuse lines that other results in the folder have notified. Raises InvalidOutgoing."""
    sent = {
        case: other.name
        for other in sorted(path.absolute().parent.iterdir())
        if other.is_file() and not other.samefile(path)
        for case in _cases_sent(lines.kind, other)
    }
    faults = [
        f"line {line.number}: was sent before, see {sent[line.case]}"
        for line in lines.lines
        if line.case in sent
    ]
    if faults:
        raise InvalidOutgoing(
            f"{told(faults)}. Take these lines out of the file: each is notified once",
            workflow=lines.kind.name,
        )


def _cases_sent(kind: Kind, path: Path) -> Iterable[str]:
    """Return the cases that other results have notified, or may have. Raises InvalidConfiguration."""
    first = headings(kind)
    try:
        with path.open("rb") as file:
            content = file.read(len(first))
            content += file.read() if content == first else b""
    except OSError:
        raise InvalidConfiguration(
            f"{path} cannot be read, and may say what was sent; give the results a folder of their own"
        ) from None
    if not content.startswith(first):
        return ()
    rows = list(read_rows(kind, content[: content.rfind(b"\n") + 1]))
    return {
        attempt.asked.business_case_id
        for attempt in History(rows[1:]).last.values()
        if attempt.may_have_arrived
    }
