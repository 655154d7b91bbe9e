"""How threads of one process tell each other that there is something to do.

What other processes write is found by looking now and then: a bell that was not heard costs a moment, never
a message.
"""

from __future__ import annotations

from threading import Condition


class Bell:
    """Rung by whoever wrote; waited for by whoever looks for work."""

    def __init__(self) -> None:
        self._rung = Condition()
        self._times = 0

    @property
    def times(self) -> int:
        """How often it was rung. Read it before you look for work, and wait from there."""
        return self._times

    def ring(self) -> None:
        """Wake everybody who waits."""
        with self._rung:
            self._times += 1
            self._rung.notify_all()

    def wait(self, since: int, seconds: float) -> None:
        """Wait until it was rung more than `since` times, or the seconds are over."""
        with self._rung:
            self._rung.wait_for(lambda: self._times > since, seconds)
