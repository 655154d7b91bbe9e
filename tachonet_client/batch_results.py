"""The results of a batch: a CSV file that is only ever appended to, so any end leaves one to resume from.

Each row is on the disk (`fsync`) before the next step. If a kill tore the last row, it has no line break, and
the next opening removes it. The file holds personal data: only its owner may read it (mode 0600). See
`batch_rows` for the rows.
"""

from __future__ import annotations

import os
import stat
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from movehub.errors import ErrorNotified, InvalidConfiguration, MovehubError, OutcomeUnknown
from movehub.protocol.reply import missing_states

from .batch_applications import Line
from .batch_rows import ASKED, BATCH, HEADINGS, Closing, Row, damaged, encoded, inert, of_state, read_rows
from .cic import CheckIssuedCardsResponse


class Results:
    """The results file of one batch, open for one run. Make it with `open`, use it as a context manager."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._attempts: dict[int, int] = defaultdict(int)
        self._closed: dict[int, Closing] = {}
        self._under_way: dict[int, Row] = {}

    @classmethod
    def open(cls, path: str | Path, signature: str) -> Results:
        """Open the file of a batch, or make it. `signature` says which batch it is.

        Attempts that an earlier run left open are closed as `unknown`. Raises InvalidConfiguration if the
        file is damaged, in use, or from another batch or program. Then it does not change the file.
        """
        try:
            descriptor = os.open(
                path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o600
            )
        except (OSError, ValueError):
            raise InvalidConfiguration(f"the results file {path} cannot be opened") from None
        made = cls(descriptor)
        try:
            made._resume(signature)
        except BaseException:
            os.close(descriptor)
            raise
        return made

    def __enter__(self) -> Results:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)

    def is_complete(self, number: int) -> bool:
        """Whether every state has answered about a line."""
        return self._closed.get(number) is Closing.COMPLETE

    def asked(self, line: Line) -> None:
        """Note, before a request leaves, that it does."""
        number = line.number
        row = Row(
            line=str(number),
            attempt=str(self._attempts[number] + 1),
            business_case_id=line.request.business_case_id,
            outcome=ASKED,
            member_state=line.to,
        )
        self._append(row)
        self._note(row)

    def answered(self, line: Line, answer: CheckIssuedCardsResponse, expected: Iterable[str] = ()) -> Closing:
        """Record an answer. It is incomplete if an expected state has not answered."""
        asked = self._under_way[line.number]
        rows = [row for state in answer.member_states for row in of_state(asked, state)]
        missing = missing_states(answer, expected)
        closing = Closing.INCOMPLETE if missing else Closing.COMPLETE
        return self._close(asked, closing, f"no answer of {', '.join(missing)}" if missing else "", rows)

    def failed(self, line: Line, error: MovehubError) -> Closing:
        """Note that no answer came that could be used, and why."""
        closing = Closing.UNKNOWN if isinstance(error, OutcomeUnknown) else Closing.FAILED
        said = f"{type(error).__name__}: {error}"
        if isinstance(error, ErrorNotified) and error.notification.status_message:
            said += f" It says: {error.notification.status_message}"
        return self._close(self._under_way[line.number], closing, said)

    def _close(self, asked: Row, closing: Closing, said: str, rows: Iterable[Row] = ()) -> Closing:
        end = Row(
            line=asked.line,
            attempt=asked.attempt,
            business_case_id=asked.business_case_id,
            outcome=closing,
            said=said,
        )
        self._append(*rows, end)
        self._note(end)
        return closing

    def _resume(self, signature: str) -> None:
        if not stat.S_ISREG(os.fstat(self._descriptor).st_mode):
            raise InvalidConfiguration("the results must be written to a file, and this is none")
        _lock(self._descriptor)
        content = _content(self._descriptor)
        if not content.startswith(HEADINGS) and not HEADINGS.startswith(content):
            raise InvalidConfiguration("the results file is none that a batch has written; name another one")
        whole = content[: content.rfind(b"\n") + 1]
        rows = list(read_rows(whole))
        if rows and (rows[0].outcome, rows[0].said) != (BATCH, inert(signature)):
            raise InvalidConfiguration(
                "the results file is of another batch: the applications, the authority, the state, the hub, "
                "the edition or the states expected have changed; name another one"
            )
        for row in rows[1:]:
            self._note(row)
        _protect(self._descriptor)
        os.ftruncate(self._descriptor, len(whole))
        if not whole:
            self._write(HEADINGS)
        if not rows:
            self._append(Row(line="0", attempt="0", outcome=BATCH, said=signature))
        for asked in list(self._under_way.values()):
            self._close(asked, Closing.UNKNOWN, "the run ended before an answer was recorded")

    def _note(self, row: Row) -> None:
        """Take up where a line stands from one of its rows. Raises InvalidConfiguration."""
        if not all(
            text.isascii() and text.isdecimal() and len(text) < 10 for text in (row.line, row.attempt)
        ):
            raise damaged()
        number, attempt = int(row.line), int(row.attempt)
        self._attempts[number] = max(self._attempts[number], attempt)
        if row.outcome == ASKED:
            self._under_way[number] = row
        elif row.outcome in set(Closing):
            self._under_way.pop(number, None)
            self._closed[number] = Closing(row.outcome)

    def _append(self, *rows: Row) -> None:
        self._write(b"".join(map(encoded, rows)))

    def _write(self, data: bytes) -> None:
        try:
            while data:
                data = data[os.write(self._descriptor, data) :]
            os.fsync(self._descriptor)
        except OSError:
            raise InvalidConfiguration(
                "the results file cannot be written to; run the batch again when there is room for it"
            ) from None


def _content(descriptor: int) -> bytes:
    os.lseek(descriptor, 0, os.SEEK_SET)
    with os.fdopen(os.dup(descriptor), "rb") as file:
        return file.read()


def _protect(descriptor: int) -> None:
    """Let only the owner read the file, whatever its permissions were before."""
    if sys.platform == "win32":
        return
    try:
        os.fchmod(descriptor, 0o600)
    except OSError:
        raise InvalidConfiguration(
            "the results file is not yours, so it cannot be made yours alone"
        ) from None


def _lock(descriptor: int) -> None:
    """Keep a second run out: together they would be too fast for the law, and write across each other."""
    if sys.platform != "win32":
        import fcntl

        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise InvalidConfiguration("another run is writing to this results file") from None
