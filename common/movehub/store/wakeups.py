"""Wake-ups: a thread that has stored work wakes a thread of the same process that waits for it.

Other processes find the work by polling the database. A lost wake-up costs a moment, never a message.
"""

from __future__ import annotations

from enum import Enum, auto
from threading import Condition


class Topic(Enum):
    """The kinds of work that threads wait for."""

    QUERY = auto()
    NOTIFICATION = auto()
    #: An answer or ErrorNotification came in.
    ANSWER = auto()
    TO_DELIVER = auto()
    TO_SEND = auto()
    #: The state of one of our requests has changed.
    TICKET = auto()


class WakeUp:
    """A condition that counts its notifications."""

    def __init__(self) -> None:
        self._condition = Condition()
        self._count = 0

    @property
    def count(self) -> int:
        """How often `notify` was called. Read it before you look for work, and wait from there."""
        return self._count

    def notify(self, *, everybody: bool = False) -> None:
        """Wake one of the waiting threads, or all of them. A thread at work looks again before it waits."""
        with self._condition:
            self._count += 1
            if everybody:
                self._condition.notify_all()
            else:
                self._condition.notify()

    def wait(self, since: int, seconds: float) -> None:
        """Return at the first notification after `count` was `since`, or when the seconds are over."""
        with self._condition:
            if self._count == since:
                self._condition.wait(seconds)
