"""Threads that do one step after the other until they are told to stop."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Event, Thread
from typing import Final, Self

from ..store.bell import Bell

_LOG = logging.getLogger(__name__)

#: Seconds between two looks where no bell rings: what is due later, and what other processes wrote. One of
#: the threads looks often, the others in case that it is held up.
_LOOK: Final = 0.1
_LOOK_OF_OTHERS: Final = 1.0
#: Seconds to wait after a step that failed, such as when the database is away.
_AFTER_FAILURE: Final = 1.0


class Loops:
    """A set of threads, from `with` to its end. A step that is under way is finished."""

    def __init__(self) -> None:
        self._bells: list[Bell] = []
        self._ending = Event()
        self._threads: list[Thread] = []

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
        for thread in self._threads:
            thread.join()

    def _run(self, step: Callable[[], bool], bell: Bell, every: float) -> None:
        while not self._ending.is_set():
            heard = bell.times
            try:
                if not step() and not self._ending.is_set():
                    bell.wait(heard, every)
            except Exception as error:  # noqa: BLE001 - a thread that dies would stop the work in silence
                # Only the kind: a text that is not ours can quote what was read.
                _LOG.error("%s failed with %s", step.__qualname__, type(error).__name__)
                self._ending.wait(_AFTER_FAILURE)
