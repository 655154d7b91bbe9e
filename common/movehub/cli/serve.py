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

from movehub.cli.console import FAILED
from movehub.cli.log_lines import LogFormat, LogLevel, logging_to_stderr
from movehub.errors import MovehubError
from movehub.node import Node, Settings

_LOG = logging.getLogger(__name__)

#: The exit code if a thread has died.
DIED: Final = 1
#: Seconds between two checks that all threads are alive.
_WATCH: Final = 1.0
#: Seconds after which a computing thread lets other threads run. The thread that commits gives up its turn
#: at each row. With Python's default of 5 ms it would wait longer for its next turn than for the disk.
_TURN: Final = 0.001


def serve(config: Path, level: LogLevel, form: LogFormat) -> None:
    """Run a node. SIGTERM and SIGINT end it after the current work.

    Unfinished work is stored, and continues when you start the node again. Whatever happens is in the log, on
    standard error. If the node cannot start, it exits with 4, as `movehub node` does. If a thread dies, it
    exits with 1: otherwise it would look healthy and accept messages, but never answer them.
    """
    with logging_to_stderr(level, form):
        try:
            _serve(Settings.read(config), form)
        except typer.Exit:
            raise
        except MovehubError as error:
            _LOG.critical("%s: %s", type(error).__name__, error)
        except Exception:  # noqa: BLE001 - its text may quote a person: a line shows the kind and the place
            _LOG.critical("the node ended with an error", exc_info=True)
        else:
            return
    raise typer.Exit(FAILED)


def _serve(settings: Settings, form: LogFormat) -> None:
    sys.setswitchinterval(_TURN)
    ending = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    with Node(settings) as node:
        gc.freeze()  # these objects stay: searching them again and again would stop all threads
        if form is LogFormat.TEXT:  # for scripts; with JSON, a collector may read standard output too
            typer.echo(f"serving on port {node.port}")
        while not ending.wait(_WATCH) and not node.dead:
            pass
        dead = node.dead
        if not dead:
            _LOG.info("a signal came: the node finishes the current work and ends")
    if dead:
        _LOG.critical("ended, as a thread has died: %s. Start the node again", ", ".join(dead))
        raise typer.Exit(DIED)
    _LOG.info("ended; unfinished work is stored")
