"""The instants at which a process can be killed: around each commit and each socket write, seen from within.

A point is named by what a thread does there, what kind of thread it is, and how often such a thread has been
there. That is the same from run to run, as far as threads can be; the number of the instant in the whole run
would not be.
"""

from __future__ import annotations

import os
import random
import re
import signal
import ssl
import threading
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any, Final, Self

from movehub.store import changes as driver
from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect

#: How long a commit may have been under way when the process is killed "during" it, at most, in seconds.
_DURING: Final = 0.002
_CHANGES: Final = re.compile(r"\s*(INSERT|UPDATE|DELETE|CREATE|ALTER)\b", re.IGNORECASE)
#: What a socket's side does: the node answers the hub's connections, and opens its own.
_SIDES: Final = {True: "reply", False: "delivery"}


@dataclass(frozen=True, slots=True, order=True)
class Point:
    """The `nth` time (from 1) that a thread of a role comes to a place."""

    place: str
    role: str
    nth: int

    @classmethod
    def of(cls, text: str) -> Self:
        """Read what `str` writes. Raises ValueError."""
        place, _, rest = text.rpartition("@")
        role, _, nth = rest.rpartition("#")
        return cls(place, role, int(nth))

    def __str__(self) -> str:
        return f"{self.place}@{self.role}#{self.nth}"


class Points:
    """Counts the points that this process passes, and kills it at one of them."""

    def __init__(self, at: Point | None = None, seed: int = 0) -> None:
        self._at = at
        self._random = random.Random(f"{seed} {at}")
        self._passed: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()

    def passed(self) -> list[Point]:
        """Every point that was passed until now."""
        with self._lock:
            counted = sorted(self._passed.items())
        return [Point(place, role, nth) for (place, role), most in counted for nth in range(1, most + 1)]

    def reached(self, place: str) -> bool:
        """Count a point, and return whether it is the one to die at."""
        with self._lock:
            key = place, _role()
            self._passed[key] += 1
            return Point(*key, self._passed[key]) == self._at

    def at(self, place: str) -> None:
        """Count a point, and die if it is the one."""
        if self.reached(place):
            die()

    def install(self) -> None:
        """Have commits, writes and reads of this process counted."""
        self._install_statements()
        self._install_commits()
        self._install_writes()
        self._install_reads()

    def _install_statements(self) -> None:
        @event.listens_for(Engine, "after_cursor_execute")
        def _executed(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
            self._changed(connection, statement, cursor.rowcount)

        execute = driver._in_transaction

        def executed(connection: Any, how: str, words: str, values: Any, *result: Any) -> Any:
            found = execute(connection, how, words, values, *result)
            self._changed(connection, words, found if isinstance(found, int) else len(found or ()))
            return found

        driver._in_transaction = executed

    def _changed(self, connection: Any, statement: str, count: int) -> None:
        if _CHANGES.match(statement) and (connection.dialect.name == "sqlite" or count != 0):
            connection.connection.info["changed"] = True
            self.at("statement: after")

    def _install_commits(self) -> None:
        commit = DefaultDialect.do_commit

        def counted(dialect: Any, connection: Any) -> None:
            if not connection.info.pop("changed", False):
                commit(dialect, connection)  # it has only read
                return
            self.at("commit: before")
            during = self.reached("commit: during")
            if during:
                threading.Thread(target=self._die_soon).start()
            commit(dialect, connection)
            if during:
                time.sleep(1)
            self.at("commit: after")

        DefaultDialect.do_commit = counted  # type: ignore[method-assign]

    def _die_soon(self) -> None:
        time.sleep(self._random.uniform(0, _DURING))
        die()

    def _install_writes(self) -> None:
        send, shake_hands = ssl.SSLSocket.send, ssl.SSLSocket.do_handshake

        def counted(sock: Any, data: Any, flags: int = 0) -> int:
            side = _SIDES[sock.server_side]
            self.at(f"{side}: before")
            if self.reached(f"{side}: half"):
                send(sock, bytes(data)[: len(data) // 2], flags)
                die()
            sent = send(sock, data, flags)
            self.at(f"{side}: after")
            return sent

        def counted_handshake(sock: Any, block: bool = False) -> None:
            self.at(f"{_SIDES[sock.server_side]}: handshake")
            shake_hands(sock, block)

        ssl.SSLSocket.send = counted  # type: ignore[assignment]
        ssl.SSLSocket.do_handshake = counted_handshake  # type: ignore[method-assign]

    def _install_reads(self) -> None:
        receive = ssl.SSLSocket.recv_into

        def counted(sock: Any, *arguments: Any) -> int:
            received = receive(sock, *arguments)
            if received:
                self.at(f"{_SIDES[sock.server_side]}: read")
            return received

        ssl.SSLSocket.recv_into = counted  # type: ignore[method-assign]


def die() -> None:
    """End this process as a power cut would: nothing is flushed, no `finally` runs."""
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)  # never: this thread is gone, too


def _role() -> str:
    name = threading.current_thread().name
    if name.startswith("CP Server"):
        return "server"
    return "listener" if name.startswith("Thread-") else name.partition("-")[0]
