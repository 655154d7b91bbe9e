"""The threads of a node: each repeats one step until the node ends, whatever a step raises.

A register that never returns blocks one thread and nothing else. A node that ends waits for its threads for a
limited time; their work is stored, and another process goes on with it. Errors are logged once a minute,
however often they come up.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event, Thread, current_thread
from typing import Final, Self

from movehub.errors import MovehubError
from movehub.log_limit import alike, limited
from movehub.store.wakeups import WakeUp

_LOG = limited(__name__)

#: Seconds between two polls without a wake-up: for retries, and for the work of other processes. The first
#: thread of a kind polls often, the others only in case that it is blocked.
_POLL: Final = 0.1
_POLL_OF_OTHERS: Final = 1.0
#: Seconds to wait after a step that failed, for example while the database is down.
_AFTER_FAILURE: Final = 1.0
#: Seconds that a step has to finish at the end: a delivery takes up to 20 (Annex VI), and is then stored.
_PATIENCE: Final = 25.0


class ErrorLog:
    """Logs the errors of all threads of a node, each kind of error at most once a minute."""

    def __init__(self) -> None:
        self._failing: set[str] = set()

    def failed(self, error: BaseException) -> None:
        """Log that the current thread has failed, unless the same was logged within a minute."""
        # The text of a foreign error may quote a message.
        what = str(error) if isinstance(error, MovehubError) else type(error).__name__
        kind = alike(f"{type(error).__name__} {getattr(error, 'cause', '')}", most=1)
        self._failing.add(current_thread().name)
        _LOG.error("%s: a step failed with %s", current_thread().name, what, extra=kind)

    def recovered(self) -> None:
        """Log that all threads work again, unless the same was logged within a minute."""
        self._failing.discard(current_thread().name)
        if not self._failing:
            once = alike("works again", most=1)
            _LOG.warning("%s: works again, and so do all others", current_thread().name, extra=once)


class Threads:
    """A set of threads that run from `with` to its end. Then a step has `patience` seconds to finish."""

    def __init__(self, *, patience: float = _PATIENCE) -> None:
        self._patience = patience
        self._wakeups: list[WakeUp] = []
        self._ending = Event()
        self._threads: list[Thread] = []
        self._errors = ErrorLog()

    def add(
        self, name: str, step: Callable[[], bool], wakeup: WakeUp, *, times: int = 1, every: float = _POLL
    ) -> None:
        """Repeat a step in so many threads. The step returns whether there was anything to do."""
        self._wakeups.append(wakeup)
        for number in range(times):
            arguments = step, wakeup, max(every, _POLL_OF_OTHERS) if number else every
            thread = Thread(target=self._run, args=arguments, name=f"{name}-{number}", daemon=True)
            self._threads.append(thread)

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        for wakeup in self._wakeups:
            wakeup.notify(everybody=True)
        until = time.monotonic() + self._patience
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        left = [thread.name for thread in self._threads if thread.is_alive()]
        if left:
            _LOG.error("these threads did not finish in time and are left behind: %s", ", ".join(left))

    @property
    def dead(self) -> tuple[str, ...]:
        """The threads that have ended before the end."""
        if self._ending.is_set():
            return ()
        return tuple(each.name for each in self._threads if each.ident is not None and not each.is_alive())

    def _run(self, step: Callable[[], bool], wakeup: WakeUp, every: float) -> None:
        failed = False
        while not self._ending.is_set():
            count = wakeup.count
            try:
                if not step() and not self._ending.is_set():
                    wakeup.wait(count, every)
            # SystemExit and CancelledError too: if the thread died, its work would stop in silence.
            except BaseException as error:  # noqa: BLE001
                failed = True
                self._errors.failed(error)
                self._ending.wait(_AFTER_FAILURE)
            else:
                if failed:
                    self._errors.recovered()
                    failed = False


def in_time(what: Callable[[], object], *, patience: float = _PATIENCE) -> None:
    """Call a function in a thread, and leave it behind if it takes too long. Raises the function's error."""
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
        _LOG.error("a step at the end of the node takes too long and is left behind")
    if raised:
        raise raised[0]
