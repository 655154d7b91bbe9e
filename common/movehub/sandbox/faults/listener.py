"""The base of the proxy and the relay: a port on loopback, and a thread for each connection."""

from __future__ import annotations

import socket
import struct
from collections.abc import Collection
from contextlib import suppress
from itertools import count
from threading import Event, Lock, Thread
from typing import Final, Self

from movehub.sandbox.faults.script import Fault, Kind, Script

#: SO_LINGER of zero seconds: `close` resets the connection.
_RESET: Final = struct.pack("ii", 1, 0)


class FaultListener:
    """Accepts connections on loopback and plays the next fault of a script to each. Use it with `with`."""

    #: The kinds of faults that this class can play.
    plays: Collection[Kind] = ()

    def __init__(self, script: Script) -> None:
        self.script = script.only(self.plays)
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
        """The port that it listens on."""
        return int(self._listener.getsockname()[1])

    def url(self, path: str = "/") -> str:
        """Return its address."""
        return f"https://localhost:{self.port}{path}"

    def pause(self, seconds: float) -> None:
        """Wait, or return early if the listener stops."""
        self._ending.wait(seconds)

    def serve(self, connection: socket.socket, turn: int, fault: Fault) -> None:
        """Play one fault to one connection, and return when it is over. An OSError ends it silently."""
        raise NotImplementedError

    def _accept(self) -> None:
        with suppress(OSError):
            for turn in count():
                connection, _ = self._listener.accept()
                arguments = connection, turn, self.script.fault(turn)
                thread = Thread(target=self._run, args=arguments, daemon=True)
                self._threads.append(thread)
                thread.start()

    def _run(self, connection: socket.socket, turn: int, fault: Fault) -> None:
        self.track(connection)
        try:
            with suppress(OSError):
                self.serve(connection, turn, fault)
        finally:
            self.release(connection)

    def track(self, connection: socket.socket) -> None:
        """Remember a connection, so that it is shut when the listener stops."""
        with self._lock:
            self._open.add(connection)
            if self._ending.is_set():
                _shut(connection)

    def release(self, connection: socket.socket) -> None:
        """Close a tracked connection."""
        with self._lock:
            self._open.discard(connection)
        connection.close()


def _shut(connection: socket.socket) -> None:
    """Wake the thread that waits at a socket. That thread closes it."""
    with suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)


def reset(connection: socket.socket) -> None:
    """Close a connection with a reset, even if bytes are still on their way."""
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    connection.close()
