"""A limit for log lines: each text at most once a minute, with how often it was left out since."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from threading import Lock
from typing import Final

_MINUTE: Final = 60.0


class LogLimit:
    """Decides whether a line is due. Several threads may share it. `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._logged: dict[str, float] = {}
        self._more: Counter[str] = Counter()

    def due(self, what: str) -> str | None:
        """Return the end of the line if it is due now: empty, or how often it was left out. Else None."""
        with self._lock:
            now = self._clock()
            if 0 <= now - self._logged.get(what, -_MINUTE) < _MINUTE:
                self._more[what] += 1
                return None
            self._logged[what] = now
            more = self._more.pop(what, 0)
            return f" (and {more} times since this was last logged)" if more else ""
