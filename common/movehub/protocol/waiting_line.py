"""The waiting line of one process for its next request to a hub: first come, first served.

The law's rate holds for a national system, so all clients and couriers of a process that send to one system
for one state wait in one line. Regulation (EU) 2016/68, Annex VI, 1.7; Regulation (EU) 2016/480, Annex VI,
1.6.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from threading import Event, Lock
from typing import Final
from weakref import WeakSet


class WaitingLine:
    """The threads that wait, in the order in which they came, and when the first of them may leave.

    Only the first thread looks at the clock. The others sleep until it leaves, so no crowd wakes up.
    """

    def __init__(self) -> None:
        #: The instant when the next request may leave, by the clock of the process.
        self.next_at = -inf
        self._begin()
        _LINES.add(self)

    def _begin(self) -> None:
        self._lock = Lock()
        self._waiting: deque[Event] = deque()

    @contextmanager
    def first(self, seconds: float, *, urgent: bool = False) -> Iterator[None]:
        """Wait to be the first, and stay it for the block. Raises TimeoutError after so many seconds.

        With `urgent`, wait only for the thread that is the first now.
        """
        mine = Event()
        with self._lock:
            self._waiting.insert(1 if urgent else len(self._waiting), mine)
            self._waiting[0].set()
        try:
            if not mine.wait(None if seconds == inf else max(0.0, seconds)):
                raise TimeoutError
            yield
        finally:
            self._leave(mine)

    def _leave(self, mine: Event) -> None:
        with self._lock:
            if mine in self._waiting:  # it is missing in a child that was forked meanwhile
                self._waiting.remove(mine)
            if self._waiting:
                self._waiting[0].set()


_LINES: Final[WeakSet[WaitingLine]] = WeakSet()
_BY_NAME: Final[dict[tuple[str, str, float], WaitingLine]] = {}


def line_of(system: str, member_state: str, per_second: float) -> WaitingLine:
    """Return the line of this process for a system, a state and a rate. It is the same one every time."""
    return _BY_NAME.setdefault((system, member_state, per_second), WaitingLine())


def _forget_the_threads_of_the_parent() -> None:
    """Let the child begin with empty lines: the threads that wait exist only in the parent."""
    for line in list(_LINES):
        line._begin()


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_forget_the_threads_of_the_parent)
