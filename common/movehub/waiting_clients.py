"""Clients between two requests: a thread that is free waits for all of them, and takes the one that speaks.

cheroot has one thread that waits for the clients and puts those that speak into a queue, from which others
take them. Two threads have to wake for each request then, where one is enough. Linux can have many wait for
the same clients, and wakes one of them; where `AT_HAND` is False it is left to cheroot.
"""

from __future__ import annotations

import os
import select
from collections import deque
from typing import Any, Final

#: Whether the system can do it.
AT_HAND: Final = hasattr(select, "epoll") and hasattr(os, "eventfd")


class WaitingClients:
    """In the place of cheroot's queue, from which threads take what there is, and of its selector.

    Raises OSError where the system refuses it.
    """

    def __init__(self) -> None:
        self._poll = select.epoll()
        #: Counts what was given and not yet taken.
        self._count = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK | os.EFD_SEMAPHORE)
        self._arm(self._count)
        self._given: deque[Any] = deque()
        self._waiting: dict[int, Any] = {}

    @property
    def all(self) -> list[tuple[int, Any]]:
        """Those who wait, by the numbers of their sockets."""
        return list(self._waiting.items())

    def put(self, given: Any, **_: object) -> None:
        """Give something to a thread. The words are those of a queue, and mean nothing here."""
        self._given.append(given)
        os.eventfd_write(self._count, 1)

    def get(self) -> Any:
        """Return what was given, or a client that has something to say. One of many threads gets it."""
        while True:
            for number, _ in self._poll.poll(maxevents=1):
                found = self._next() if number == self._count else self._waiting.pop(number, None)
                if found is not None:
                    return found

    def wait_for(self, conn: Any) -> None:
        """Have a client wait until it says something. Who cannot is hung up on."""
        number = conn.socket.fileno()
        self._waiting[number] = conn
        try:
            self._arm(number)
        except (OSError, ValueError):  # it was closed meanwhile, or there is no room
            if self.leave(number, conn):
                conn.close()

    def leave(self, number: int, conn: Any) -> bool:
        """Have a client wait no more, unless a thread has taken it meanwhile."""
        found = self._waiting.pop(number, None)
        if found is not None and found is not conn:  # who came after it, and has its number
            self.wait_for(found)
        return found is conn

    def close(self) -> None:
        """Hang up on everybody. There must be no thread any more."""
        for number, conn in self.all:
            if self.leave(number, conn):
                conn.close()
        for given in self._given:
            if hasattr(given, "close"):
                given.close()
        self._poll.close()
        count, self._count = self._count, -1  # the number may soon be another file's
        os.close(count)

    def _arm(self, number: int) -> None:
        """Have one thread woken when there is something to read: one, and once."""
        once = select.EPOLLIN | select.EPOLLONESHOT
        try:
            self._poll.modify(number, once)
        except FileNotFoundError:
            try:
                self._poll.register(number, once)
            except FileExistsError:  # another thread was faster
                self._poll.modify(number, once)

    def _next(self) -> Any:
        try:
            os.eventfd_read(self._count)
            return self._given.popleft()
        except BlockingIOError:  # there was nothing left
            return None
        finally:
            self._arm(self._count)
