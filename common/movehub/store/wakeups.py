"""How threads of one process tell each other that there is something to do.

What other processes write is found by looking now and then: a bell that was not heard costs a moment, never
a message.
"""

from __future__ import annotations

from enum import Enum, auto
from threading import Condition


class Topic(Enum):
    """What a bell is rung for."""

    QUERY = auto()
    NOTIFICATION = auto()
    #: An answer or ErrorNotification came in.
    ANSWER = auto()
    TO_DELIVER = auto()
    TO_SEND = auto()
    #: Something became of a request of ours.
    TICKET = auto()


class Bell:
    """Rung by whoever wrote; waited for by whoever looks for work."""

    def __init__(self) -> None:
        self._rung = Condition()
        self._times = 0

    @property
    def times(self) -> int:
        """How often it was rung. Read it before you look for work, and wait from there."""
        return self._times

    def ring(self, *, everybody: bool = False) -> None:
        """Wake one of those who wait, or everybody. Who is at work looks again before waiting."""
        with self._rung:
            self._times += 1
            if everybody:
                self._rung.notify_all()
            else:
                self._rung.notify()

    def wait(self, since: int, seconds: float) -> None:
        """Wait until it was rung after `times` was `since`, or the seconds are over."""
        with self._rung:
            if self._times == since:
                self._rung.wait(seconds)
