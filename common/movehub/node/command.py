"""`movehub serve`: a node until a signal ends it."""

from __future__ import annotations

import logging
import signal
import sys
from pathlib import Path
from threading import Event
from typing import Final

import typer

from ..errors import MovehubError
from .serving import Node
from .settings import Settings

_LOG = logging.getLogger(__name__)

#: Seconds between two looks whether all threads are at work.
_WATCH: Final = 1.0
#: Seconds after which a thread that computes lets others go on. The one that commits lets go at each row, and
#: with Python's 5 ms it waits for its turn longer than for the disk.
_TURN: Final = 0.001


def serve(config: Path) -> None:
    """Run a node. SIGTERM and SIGINT end it once what is under way is done.

    What is not done then is on the disk, and goes on when the node is started again. Where a thread has died
    the node ends too, with exit code 1, as one that says 202 and works on nothing would be taken for healthy.
    """
    sys.setswitchinterval(_TURN)
    ending = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    try:
        with Node(Settings.read(config)) as node:
            typer.echo(f"serving on port {node.port}")
            while not ending.wait(_WATCH) and not node.dead:
                pass
            dead = node.dead
    except MovehubError as error:
        raise SystemExit(str(error)) from None
    except OSError as error:
        raise SystemExit(f"the address cannot be listened on: {type(error).__name__}") from None
    if dead:
        _LOG.critical("ended, as a thread has died: %s", ", ".join(dead))
        raise SystemExit(f"a thread of the node has died: {', '.join(dead)}. Start it again")
