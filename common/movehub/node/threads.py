"""Threads that do one step after the other until they are told to stop, whatever a step raises.

A thread that waits for ever, as for a register that does not come back, ends nothing but itself: whoever ends
a node waits for so long and no longer, and what was in hand is on the disk.

What a node's threads fail with, said once a minute however many fail: nobody reads a thousand lines.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable
from threading import Event, Lock, Thread, current_thread
from typing import Final, Self

from movehub.errors import MovehubError
from movehub.store.wakeups import Bell

_MINUTE: Final = 60.0


_LOG = logging.getLogger(__name__)

#: Seconds between two looks where no bell rings: what is due later, and what other processes wrote. One of
#: the threads looks often, the others in case that it is held up.
_LOOK: Final = 0.1
_LOOK_OF_OTHERS: Final = 1.0
#: Seconds to wait after a step that failed, such as when the database is away.
_AFTER_FAILURE: Final = 1.0
#: Seconds that a step under way has to end: a delivery takes 20 at most (Annex VI), and is noted then.
_PATIENCE: Final = 25.0


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


class Loops:
    """A set of threads, from `with` to its end. A step that is under way has `patience` seconds to finish."""

    def __init__(self, *, patience: float = _PATIENCE) -> None:
        self._patience = patience
        self._bells: list[Bell] = []
        self._ending = Event()
        self._threads: list[Thread] = []
        self._complaints = Complaints()

    def add(
        self, name: str, step: Callable[[], bool], bell: Bell, *, times: int = 1, every: float = _LOOK
    ) -> None:
        """Have a step repeated in threads of its own; it says whether there was anything to do."""
        self._bells.append(bell)
        for number in range(times):
            arguments = step, bell, max(every, _LOOK_OF_OTHERS) if number else every
            thread = Thread(target=self._run, args=arguments, name=f"{name}-{number}", daemon=True)
            self._threads.append(thread)

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        for bell in self._bells:
            bell.ring(everybody=True)
        until = time.monotonic() + self._patience
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        left = [thread.name for thread in self._threads if thread.is_alive()]
        if left:
            _LOG.error("did not come to an end and is left behind: %s", ", ".join(left))

    @property
    def dead(self) -> tuple[str, ...]:
        """The threads that have ended though nobody told them to."""
        if self._ending.is_set():
            return ()
        return tuple(each.name for each in self._threads if each.ident is not None and not each.is_alive())

    def _run(self, step: Callable[[], bool], bell: Bell, every: float) -> None:
        failed = False
        while not self._ending.is_set():
            heard = bell.times
            try:
                if not step() and not self._ending.is_set():
                    bell.wait(heard, every)
            # SystemExit and CancelledError too: a thread that dies would stop the work in silence.
            except BaseException as error:  # noqa: BLE001
                failed = True
                self._complaints.failed(error)
                self._ending.wait(_AFTER_FAILURE)
            else:
                if failed:
                    self._complaints.over()
                    failed = False


def in_time(what: Callable[[], object], *, patience: float = _PATIENCE) -> None:
    """Do something in a thread, and leave it behind where it takes longer. Raises what it raised."""
    raised: list[BaseException] = []

    def done() -> None:
        try:
            what()
        except BaseException as error:  # noqa: BLE001 - it is raised below
            raised.append(error)

    thread = Thread(target=done, name="ending", daemon=True)
    thread.start()
    thread.join(patience)
    if thread.is_alive():
        _LOG.error("what is to be done at the end takes too long and is left")
    if raised:
        raise raised[0]
