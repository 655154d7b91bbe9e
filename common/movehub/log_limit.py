"""The limit of log lines: a peer or an outage that repeats itself fills no disk with them.

Lines are alike if the same place in the program logs them, about the same thing. Of lines that are alike,
`limited` logs the first five in a minute and counts the others. When the minute is over, a node calls
`tell_left_out`, which logs the last one of these with their number. Else the next line that is alike has it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Final

_MINUTE = 60.0
#: How many lines that are alike are logged in a minute. The peer may differ from line to line.
_MOST: Final = 5
#: How many kinds of lines a limit remembers. It is more than a program has.
_KINDS: Final = 1000


def _seconds() -> float:
    return time.monotonic()


@dataclass(slots=True)
class _Minute:
    """What happened to the lines of one kind since the first one."""

    began: float
    logged: int = 0
    left_out: int = 0
    last: logging.LogRecord | None = None


class LogLimit:
    """Decides whether a line is due. Several threads may share it. `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float] = _seconds) -> None:
        self._clock = clock
        self._lock = Lock()
        self._minutes: dict[str, _Minute] = {}

    def due(self, what: str, most: int = 1, line: logging.LogRecord | None = None) -> int | None:
        """Return how many lines of a kind were left out before this one, None if this one is left out too.

        `most` of them are due in a minute.
        """
        with self._lock:
            minute, before = self._minutes.get(what), 0
            if minute is None or self._is_over(minute):
                before = 0 if minute is None else minute.left_out
                minute = self._begun(what)
            if minute.logged >= most:
                minute.left_out, minute.last = minute.left_out + 1, line
                return None
            minute.logged += 1
            return before

    def left_out(self, *, ending: bool = False) -> list[tuple[logging.LogRecord, int]]:
        """Return the last line that was left out of each kind whose minute is over, and how many there were.

        Each is returned once. `ending`: of all kinds, as there is no later call.
        """
        with self._lock:
            over = {what: each for what, each in self._minutes.items() if ending or self._is_over(each)}
            for what in over:
                del self._minutes[what]
        return [(minute.last, minute.left_out) for minute in over.values() if minute.last is not None]

    def _begun(self, what: str) -> _Minute:
        if len(self._minutes) >= _KINDS:
            self._minutes.clear()
        self._minutes[what] = _Minute(self._clock())
        return self._minutes[what]

    def _is_over(self, minute: _Minute) -> bool:
        return not 0 <= self._clock() - minute.began < _MINUTE  # also after a clock was set back


class Limit(logging.Filter):
    """Applies a limit to the lines of a logger or a handler."""

    def __init__(self) -> None:
        super().__init__()
        self._limit = LogLimit()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to log a line. If others were left out before it, add how many."""
        what = f"{record.pathname}:{record.lineno} {getattr(record, 'about', '')}"
        before = self._limit.due(what, getattr(record, "most", _MOST), record)
        if before:
            _tell(record, before)
        return before is not None

    def tell_left_out(self, *, ending: bool) -> None:
        """Log the last of the lines that were left out, and how many there were before it."""
        for record, count in self._limit.left_out(ending=ending):
            if count > 1:
                _tell(record, count - 1)
            logging.getLogger(record.name).callHandlers(record)


#: The limits of the loggers.
_LIMITS: Final[dict[str, Limit]] = {}


def limited(name: str) -> logging.Logger:
    """Return the logger of this name, and limit its lines."""
    logger = logging.getLogger(name)
    if name not in _LIMITS:
        _LIMITS[name] = Limit()
        logger.addFilter(_LIMITS[name])
    return logger


def alike(about: str, most: int = _MOST) -> dict[str, object]:
    """Return the `extra` of a line that is alike only to those about the same thing, and how often it is due.

    Take `about` from a small set, such as the kinds of errors, never from a peer, who could make each differ.
    """
    return {"about": about, "most": most}


def tell_left_out(*, ending: bool = False) -> None:
    """Log how many lines were left out, for each kind whose minute is over, or for all at the end."""
    for limit in list(_LIMITS.values()):
        limit.tell_left_out(ending=ending)


def _tell(record: logging.LogRecord, count: int) -> None:
    record.msg = f"{record.msg} ({count} more lines like this one were left out before it)"
