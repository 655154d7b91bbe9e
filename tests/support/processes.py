"""Several processes of one national system on one PostgreSQL, and the hub that they talk to.

What runs in them is a whole `Node`, or a courier of requests by itself. They are forked from a process that
has everything imported, so that a start takes a moment.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Condition
from typing import Any, Final

from movehub.node.couriers import RequestCourier, Route
from movehub.node.node import Node
from movehub.node.receiver import Receiver
from movehub.node.settings import Settings
from movehub.store import Store
from movehub.store.rate_limit import SharedRateLimit
from movehub.tls.credentials import Credentials

import erru_client as erru
from tests.kill.registers import Undertakings, effect

#: How many share the database.
PROCESSES: Final = 4
#: Seconds after which a process is stuck.
PATIENCE: Final = 30.0

_CONTEXT: Final[Any] = multiprocessing.get_context("forkserver")


def undertakings() -> Undertakings:
    """Return a register whose effects say which process had them. The configuration names it."""
    return Undertakings(lambda message, _: effect(message, str(os.getpid())))


class Hub:
    """What stands at the other end: it keeps each document that it is given, by its workflow."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._came: defaultdict[str, list[bytes]] = defaultdict(list)

    def handle(self, data: bytes) -> bytes:
        """Keep a document."""
        with self._changed:
            self._came[str(erru.decode(data).header.workflow_id)].append(data)
            self._changed.notify_all()
        return b""

    def has(self, workflows: set[str], seconds: float) -> bool:
        """Wait until something came in each of these workflows, and return whether it did."""
        with self._changed:
            return self._changed.wait_for(lambda: workflows <= self._came.keys(), seconds)

    def came(self) -> dict[str, list[bytes]]:
        """Return what came, by workflow."""
        with self._changed:
            return dict(self._came)


class Process:
    """One process, and the pipe to it."""

    def __init__(self, run: Any, *arguments: Any) -> None:
        self._pipe, theirs = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(target=run, args=(theirs, *arguments), daemon=True)
        self._process.start()
        theirs.close()

    def told(self) -> Any:
        """Return what the process says next."""
        assert self._pipe.poll(PATIENCE), "a process does not answer"
        return self._pipe.recv()

    def tell(self, what: object) -> None:
        """Tell the process something."""
        self._pipe.send(what)

    def kill(self) -> None:
        """End it by SIGKILL, in the middle of whatever it does."""
        self._process.kill()
        self._process.join(PATIENCE)

    def end(self) -> None:
        """Let it finish what is under way."""
        self._pipe.close()
        self._process.join(PATIENCE)
        self._process.kill()
        self._process.join()


@contextmanager
def processes(run: Any, *arguments: Any) -> Iterator[list[Process]]:
    """Start all of them together."""
    _CONTEXT.set_forkserver_preload(["tests.kill.warmed"])
    with ExitStack() as ending:
        started = []
        for _ in range(PROCESSES):
            started.append(Process(run, *arguments))
            ending.callback(started[-1].end)
        yield started


def serve(pipe: Connection, config: Path) -> None:
    """Be a node, until the pipe ends."""
    with Node(Settings.read(config)) as node:
        pipe.send(node.port)
        try:
            pipe.recv()
        except EOFError:
            return


def config(path: Path, database: str, state: Credentials, hub_port: int) -> Path:
    """Write what all of the processes are configured by."""
    path.write_text(
        f"""
member_state = "FI"
certificate = "{state.certificate}"
key = "{state.key}"
authority = "{state.authority}"
[erru]
url = "https://localhost:{hub_port}/"
[node]
database = "{database}"
listen = "127.0.0.1:0"
allowed_subjects = ["CN=hub"]
threads = 4
query_workers = 1
notification_workers = 2
couriers = 2
request_couriers = 2
[node.erru]
register = "{__name__}:undertakings"
authority = "Traficom"
""",
        "utf-8",
    )
    return path


class _Timed:
    """Carries nothing anywhere, and notes when. CLOCK_MONOTONIC is one for all processes of a machine."""

    def __init__(self) -> None:
        self.began: list[float] = []

    def deliver(self, data: bytes) -> bytes:
        self.began.append(time.monotonic())
        return b""


def send_as_fast_as_possible(pipe: Connection, database: str, seconds: float) -> None:
    """Be a courier of requests: send one after the other, and tell when each began."""
    carrier = _Timed()
    with Store.open(database) as store:
        routes = {"ERRU": Route(carrier, Receiver(store, erru.CODEC))}
        courier = RequestCourier(store, routes, {"ERRU": SharedRateLimit(store, "ERRU")})
        pipe.send("ready")
        pipe.recv()
        until = time.monotonic() + seconds
        while time.monotonic() < until and courier.step():
            pass
    pipe.send(carrier.began)
