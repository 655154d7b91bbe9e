"""How the log of `movehub serve` looks: one line for each record, as text or as a JSON object.

Each line has the time (UTC, RFC 3339), the level, the logger and the text. What does not print is escaped, so
that a peer can neither begin a line nor colour a terminal. Of an exception you see the type and the place,
never its text: that may quote a person.
"""

from __future__ import annotations

import errno
import json
import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from traceback import extract_tb
from types import TracebackType
from typing import Any, Final

from movehub.log_limit import Limit
from movehub.printable import printable

_LOG = logging.getLogger(__name__)

#: The loggers of libraries that a peer or an outage can make log, by the first part of their names.
_LIBRARIES: Final = frozenset({"cheroot", "psycopg", "py", "requests", "sqlalchemy", "urllib3"})


class LogFormat(StrEnum):
    """The forms of a line."""

    TEXT = "text"
    JSON = "json"


class LogLevel(StrEnum):
    """The lowest level that is logged. There is no DEBUG: libraries could show data there."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class _Text(logging.Formatter):
    """Formats a record as text."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line: `time level logger: message (exception)`."""
        parts = parts_of(record)
        ending = f" ({parts['exception']})" if "exception" in parts else ""
        head = f"{parts['time']} {parts['level']:<8} {parts['logger']}: "
        return printable(f"{head}{parts['message']}{ending}")


class _Json(logging.Formatter):
    """Formats a record as a JSON object. JSON's escapes keep the text as it is."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line of ASCII."""
        return json.dumps(parts_of(record))


_FORMATTERS: Final[dict[LogFormat, type[logging.Formatter]]] = {
    LogFormat.TEXT: _Text,
    LogFormat.JSON: _Json,
}


class _StandardError(logging.StreamHandler[Any]):
    """Writes lines. Python would answer an error in it with the arguments of the line, unescaped."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Ignore it: standard error cannot be written, and there is no other place to say so."""


class _LimitOfLibraries(Limit):
    """Limits the lines of libraries. Those of `movehub` have been limited, and your register's are yours."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to log a line."""
        return record.name.partition(".")[0] not in _LIBRARIES or super().filter(record)


@contextmanager
def logging_to_stderr(level: LogLevel, form: LogFormat) -> Iterator[None]:
    """Log everything from a level on to standard error, in a form, until the block ends.

    Warnings of Python and errors that end a thread are lines of the log, too: Python would print their text.
    """
    handler = _StandardError(sys.stderr)
    handler.setFormatter(_FORMATTERS[form]())
    handler.setLevel(level.upper())
    handler.addFilter(_LimitOfLibraries())
    root = logging.getLogger()
    before, hooks = root.level, (threading.excepthook, sys.unraisablehook)
    root.addHandler(handler)
    root.setLevel(level.upper())
    logging.captureWarnings(True)
    threading.excepthook, sys.unraisablehook = _thread_ended, _not_raised
    try:
        yield
    finally:
        threading.excepthook, sys.unraisablehook = hooks
        logging.captureWarnings(False)
        root.setLevel(before)
        root.removeHandler(handler)


def parts_of(record: logging.LogRecord) -> dict[str, str]:
    """Return the parts of a line by their names."""
    parts = {
        "time": _instant(record.created),
        "level": record.levelname,
        "logger": record.name,
        "message": _message(record),
    }
    if record.exc_info and record.exc_info[0] is not None:
        parts["exception"] = _place(*record.exc_info)
    return parts


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001 - a mistake in a line of a library must not lose the line
        return str(record.msg)


def _thread_ended(raised: threading.ExceptHookArgs) -> None:
    """Log that a thread has ended with an error."""
    name = "a thread" if raised.thread is None else raised.thread.name
    _LOG.critical("%s ended: %s", name, _place(raised.exc_type, raised.exc_value, raised.exc_traceback))


def _not_raised(raised: sys.UnraisableHookArgs) -> None:
    """Log an error that Python cannot raise, as of an object that is being deleted."""
    _LOG.error("an error was ignored: %s", _place(raised.exc_type, raised.exc_value, raised.exc_traceback))


def _instant(created: float) -> str:
    """Return a time such as `2026-11-23T10:00:00.123Z`."""
    return datetime.fromtimestamp(created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _place(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> str:
    """Return the kind of an error, the name of its number, and the line that raised it."""
    name = kind.__name__
    if isinstance(error, OSError):
        name = f"{name} {errno.errorcode.get(error.errno or 0, '')}".rstrip()
    frames = extract_tb(trace, -1) if trace is not None else ()
    return f"{name} in {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else name
