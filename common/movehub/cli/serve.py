"""The command `movehub serve`: run a node until a signal ends it."""

from __future__ import annotations

import gc
import logging
import signal
import sys
from pathlib import Path
from threading import Event
from typing import Final

import typer

from movehub.cli.console import FAILED, err, escape
from movehub.errors import MovehubError
from movehub.node import Node, Settings

_LOG = logging.getLogger(__name__)

#: Seconds between two checks that all threads are alive.
_WATCH: Final = 1.0
#: Seconds after which a computing thread lets other threads run. The thread that commits gives up its turn
#: at each row. With Python's default of 5 ms it would wait longer for its next turn than for the disk.
_TURN: Final = 0.001


def serve(config: Path) -> None:
    """Run a node. SIGTERM and SIGINT end it after the current work.

    Unfinished work is stored, and continues when you start the node again. If the node cannot start, it
    prints one line and exits with 4, as `movehub node` does. If a thread dies, it exits with 1: otherwise
    it would look healthy and accept messages, but never answer them.
    """
    try:
        _serve(Settings.read(config))
    except MovehubError as error:
        reason = f"[red]{type(error).__name__}[/] {escape(str(error))}"
    except OSError as error:
        reason = f"[red]The node ended[/] with {type(error).__name__}"
    else:
        return
    err.print(reason, soft_wrap=True)
    raise typer.Exit(FAILED)


def _serve(settings: Settings) -> None:
    sys.setswitchinterval(_TURN)
    ending = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    with Node(settings) as node:
        gc.freeze()  # these objects stay: searching them again and again would stop all threads
        typer.echo(f"serving on port {node.port}")
        while not ending.wait(_WATCH) and not node.dead:
            pass
        dead = node.dead
    if dead:
        _LOG.critical("ended, as a thread has died: %s", ", ".join(dead))
        raise SystemExit(f"a thread of the node has died: {', '.join(dead)}. Start it again")
