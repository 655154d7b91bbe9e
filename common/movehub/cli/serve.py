"""`movehub serve`: a node until a signal ends it."""

from __future__ import annotations

import gc
import logging
import signal
import sys
from pathlib import Path
from threading import Event
from typing import Final

import typer
from rich.markup import escape

from movehub.cli.console import FAILED, err
from movehub.errors import MovehubError
from movehub.node.node import Node
from movehub.node.settings import Settings

_LOG = logging.getLogger(__name__)

#: Seconds between two looks whether all threads are at work.
_WATCH: Final = 1.0
#: Seconds after which a thread that computes lets others go on. The one that commits lets go at each row, and
#: with Python's 5 ms it waits for its turn longer than for the disk.
_TURN: Final = 0.001


def serve(config: Path) -> None:
    """Run a node. SIGTERM and SIGINT end it once what is under way is done.

    What is not done then is on the disk, and goes on when the node is started again. Where it cannot start, a
    line says why, and the exit code is 4, as of `movehub node`. Where a thread has died the node ends with
    exit code 1, as one that says 202 and works on nothing would be taken for healthy.
    """
    try:
        _serve(Settings.read(config))
    except MovehubError as error:
        said = f"[red]{type(error).__name__}[/] {escape(str(error))}"
    except OSError as error:
        said = f"[red]The node ended[/] with {type(error).__name__}"
    else:
        return
    err.print(said, soft_wrap=True)
    raise typer.Exit(FAILED)


def _serve(settings: Settings) -> None:
    sys.setswitchinterval(_TURN)
    ending = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    with Node(settings) as node:
        gc.freeze()  # what is here stays: to look through it again and again would hold up everybody
        typer.echo(f"serving on port {node.port}")
        while not ending.wait(_WATCH) and not node.dead:
            pass
        dead = node.dead
    if dead:
        _LOG.critical("ended, as a thread has died: %s", ", ".join(dead))
        raise SystemExit(f"a thread of the node has died: {', '.join(dead)}. Start it again")
