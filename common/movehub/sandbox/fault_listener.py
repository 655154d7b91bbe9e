"""What both players have in common: a port on loopback, and a thread for each connection to it."""

from __future__ import annotations

import socket
import struct
from collections.abc import Collection
from contextlib import suppress
from threading import Event, Lock, Thread
from typing import Final, Self

from movehub.sandbox.faults import Fault, Kind, Player, Script

#: SO_LINGER of no time at all: the connection is reset and not closed.
_RESET: Final = struct.pack("ii", 1, 0)


class FaultListener:
    """Accepts connections on loopback and plays to each the next fault of a script, while `with` lasts."""

    #: The kinds of faults that are played here.
    plays: Collection[Kind] = ()

    def __init__(self, script: Script) -> None:
        self.script = script.only(self.plays)
        self._player = Player(self.script)
        self._ending = Event()
        self._lock = Lock()
        self._open: set[socket.socket] = set()
        self._threads: list[Thread] = []

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._accepting = Thread(target=self._accept, daemon=True)
        self._accepting.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        _shut(self._listener)
        self._accepting.join()
        self._listener.close()
        with self._lock:
            left = list(self._open)
        for connection in left:
            _shut(connection)
        for thread in self._threads:
            thread.join()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._listener.getsockname()[1])

    def url(self, path: str = "/") -> str:
        """Return the address at which it is reached."""
        return f"https://localhost:{self.port}{path}"

    def pause(self, seconds: float) -> None:
        """Wait, but no longer than until the end."""
        self._ending.wait(seconds)

    def serve(self, connection: socket.socket, turn: int, fault: Fault) -> None:
        """Play one fault to one connection, and return when it is over. OSErrors are nobody's concern."""
        raise NotImplementedError

    def _accept(self) -> None:
        with suppress(OSError):
            while not self._ending.is_set():
                connection, _ = self._listener.accept()
                turn, fault = self._player.next()
                thread = Thread(target=self._run, args=(connection, turn, fault), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _run(self, connection: socket.socket, turn: int, fault: Fault) -> None:
        self.keep(connection)
        try:
            with suppress(OSError):
                self.serve(connection, turn, fault)
        finally:
            self.let_go(connection)

    def keep(self, connection: socket.socket) -> None:
        """Remember a connection, so that the end shuts it; at once where that has come already."""
        with self._lock:
            self._open.add(connection)
            if self._ending.is_set():
                _shut(connection)

    def let_go(self, connection: socket.socket) -> None:
        """Close a connection that was kept."""
        with self._lock:
            self._open.discard(connection)
        connection.close()


def _shut(connection: socket.socket) -> None:
    """Wake up whoever waits at a socket, and leave it to him to close it."""
    with suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)


def reset(connection: socket.socket) -> None:
    """Close a connection with a reset, whatever is still on its way."""
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    connection.close()
