"""`movehub serve`: a node until a signal ends it."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from threading import Event
from typing import Final

import typer

from ..errors import MovehubError
from .serving import Node
from .settings import Settings

#: Seconds after which a thread that computes lets others go on. The one that commits lets go at each row, and
#: with Python's 5 ms it waits for its turn longer than for the disk.
_TURN: Final = 0.001


def serve(config: Path) -> None:
    """Run a node. SIGTERM and SIGINT end it once what is under way is done.

    What is not done then is on the disk, and goes on when the node is started again.
    """
    sys.setswitchinterval(_TURN)
    ending = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    try:
        with Node(Settings.read(config)) as node:
            typer.echo(f"serving on port {node.port}")
            ending.wait()
    except MovehubError as error:
        raise SystemExit(str(error)) from None
    except OSError as error:
        raise SystemExit(f"the node cannot start: {type(error).__name__}") from None
