"""What a node's threads fail with, said once a minute however many fail: nobody reads a thousand lines."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable
from threading import Lock, current_thread
from typing import Final

from movehub.errors import MovehubError

_LOG = logging.getLogger(__name__)

_MINUTE: Final = 60.0


class Complaints:
    """Those of one node, while the database is away, say. Threads share it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._failing: set[str] = set()
        self._said: dict[str, float] = {}
        self._unsaid: Counter[str] = Counter()

    def failed(self, error: BaseException) -> None:
        """Say that the thread at hand has failed, unless that was said within a minute."""
        # Only the kind of what is not ours: its text can quote what was read.
        what = str(error) if isinstance(error, MovehubError) else type(error).__name__
        self._failing.add(current_thread().name)
        if self._is_due(what):
            more = self._unsaid.pop(what, 0)
            again = f"; {more} times since that was last said" if more else ""
            _LOG.error("%s: a step failed with %s%s", current_thread().name, what, again)

    def over(self) -> None:
        """Say that all threads that had failed work again, unless that was said within a minute."""
        self._failing.discard(current_thread().name)
        if not self._failing and self._is_due("works again"):
            _LOG.warning("%s: works again, and so do all others", current_thread().name)

    def _is_due(self, what: str) -> bool:
        with self._lock:
            now = self._clock()
            if now - self._said.get(what, -_MINUTE) < _MINUTE:
                self._unsaid[what] += 1
                return False
            self._said[what] = now
            return True
