"""The node's process as the harness sees it: started, asked, killed."""

from __future__ import annotations

from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

from . import served
from .points import Point

#: Seconds after which a process is stuck, which is a breach like any other.
PATIENCE: Final = 20.0


class Died(Exception):
    """The node's process has ended."""


class Stuck(Exception):
    """The node lives, and does not do what it must."""


class Process:
    """The node's process, and the pipe to it."""

    def __init__(self, context: Any, config: Path, at: Point | None, seed: int, broken: str | None) -> None:
        self._pipe, theirs = context.Pipe()
        arguments = (theirs, config, at, seed, broken)
        self._process = context.Process(target=served.serve, args=arguments, daemon=True)
        self._process.start()
        theirs.close()

    def port(self) -> int:
        """Return where it listens. Raises Died."""
        return int(self._received())

    def ask(self, command: str, argument: Any = None) -> Any:
        """Have the process do something, and return what it says. Raises Died."""
        try:
            self._pipe.send((command, argument))
        except OSError:
            raise Died from None
        return self._received()

    def is_dead(self) -> bool:
        """Whether it has been killed, or is about to."""
        self._process.join(PATIENCE)
        return not self._process.is_alive()

    def end(self) -> None:
        """Kill it, if it is not dead."""
        self._process.kill()
        self._process.join()
        self._process.close()
        self._pipe.close()

    def _received(self) -> Any:
        pipe: Connection = self._pipe
        try:
            if not pipe.poll(PATIENCE):
                raise Stuck("the process does not answer")
            return pipe.recv()
        except (EOFError, OSError):
            raise Died from None
