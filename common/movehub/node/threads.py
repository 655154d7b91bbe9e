"""Threads that do one step after the other until they are told to stop, whatever a step raises.

A thread that waits for ever, as for a register that does not come back, ends nothing but itself: whoever ends
a node waits for so long and no longer, and what was in hand is on the disk.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from threading import Event, Thread
from typing import Final, Self

from movehub.node.complaints import Complaints
from movehub.store.wakeups import Bell

_LOG = logging.getLogger(__name__)

#: Seconds between two looks where no bell rings: what is due later, and what other processes wrote. One of
#: the threads looks often, the others in case that it is held up.
_LOOK: Final = 0.1
_LOOK_OF_OTHERS: Final = 1.0
#: Seconds to wait after a step that failed, such as when the database is away.
_AFTER_FAILURE: Final = 1.0
#: Seconds that a step under way has to end: a delivery takes 20 at most (Annex VI), and is noted then.
_PATIENCE: Final = 25.0


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
