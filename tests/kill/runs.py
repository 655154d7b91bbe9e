"""One run: a node is started, killed at one point while the hub and it talk, started again, and drained."""

from __future__ import annotations

import multiprocessing
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

from movehub.errors import HttpRefused, TransportError
from movehub.http.server import HttpsServer
from movehub.http.transport import HttpsTransport
from movehub.protocol.exchange import utc_now
from movehub.sandbox.pki import Authority
from movehub.store.tables import INBOX, OUTBOX
from movehub.tls.credentials import Credentials
from sqlalchemy import create_engine, inspect, text, update
from sqlalchemy.engine import Engine, make_url

from .hub import Arrival, Hub
from .points import Point
from .process import PATIENCE, Died, Process, Stuck
from .registers import TABLE
from .traffic import Document, Post, Response, Traffic

_DRIVERS: Final = {"sqlite": "sqlite+pysqlite", "postgresql": "postgresql+psycopg"}


@dataclass
class Evidence:
    """What a run leaves: who was told what, and where to look for the rest."""

    address: str
    synchronous: bool
    #: How many of the points were come to.
    kills: int = 0
    #: Documents that got the status that they must get, in order, each as often as it was sent.
    accepted: list[Document] = field(default_factory=list)
    #: The tickets that an application has in hand, by the name of what was posted.
    tickets: dict[str, str] = field(default_factory=dict)
    arrivals: list[Arrival] = field(default_factory=list)
    #: What came back on the hub's own connections, by the message that was sent, each time.
    replies: defaultdict[str, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    points: list[Point] = field(default_factory=list)
    #: What went wrong on the way.
    troubles: list[str] = field(default_factory=list)


class Stage:
    """What all runs share: certificates, the hub, and the process that nodes are forked from."""

    def __init__(self, folder: Path) -> None:
        authority = Authority.create(folder / "pki")
        self._folder = folder
        self._state: Credentials = authority.issue("FI")
        self._as_hub: Credentials = authority.issue("hub")
        self._context: Any = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["tests.kill.warmed"])
        self._hub = Hub()
        self._listener = HttpsServer(self._hub, self._as_hub, threads=6)
        self._listener._server.expiration_interval = 0.005

    def __enter__(self) -> Self:
        self._listener.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.__exit__()

    def run(
        self,
        address: str,
        *at: Point,
        seed: int = 0,
        broken: str | None = None,
        synchronous: bool = False,
    ) -> Evidence:
        """Have everything exchanged on an empty database, and return what is left.

        The first process is killed at the first point, the one that is started after it at the second, and
        so on.
        """
        evidence = Evidence(address, synchronous)
        engine = _engine(address)
        with engine.begin() as connection:
            connection.execute(text(TABLE))
        self._hub.begin()
        try:
            self._until_drained(evidence, engine, [*at, None], seed, broken)
        except Stuck as error:
            evidence.troubles.append(str(error))
        finally:
            engine.dispose()
        evidence.arrivals = list(self._hub.arrivals)
        return evidence

    def _until_drained(
        self, evidence: Evidence, engine: Engine, at: list[Point | None], *arguments: Any
    ) -> None:
        steps = Traffic(utc_now, synchronous=evidence.synchronous).steps()
        for point in at:
            config = self._config(evidence)
            with self._running(config, point, *arguments) as process:
                try:
                    self._exchange(process, evidence, steps)
                    evidence.points = process.ask("points")
                    return
                except Died:
                    evidence.kills += 1
            _let_leases_end(engine)
        raise Stuck("a process has ended by itself")

    @contextmanager
    def _running(self, config: Path, *arguments: Any) -> Iterator[Process]:
        process = Process(self._context, config, *arguments)
        try:
            yield process
        finally:
            process.end()

    def _exchange(self, process: Process, evidence: Evidence, steps: list[Any]) -> None:
        """Do what is left of the steps, until nothing is open on either side. Raises Died, Stuck."""
        port = process.port()
        roads = {
            system: HttpsTransport(f"https://localhost:{port}/{system}", self._as_hub)
            for system in ("erru", "tachonet")
        }
        try:
            while not self._is_over(process, steps):
                step = steps[0]
                if isinstance(step, Post | Response):
                    steps.pop(0)  # whoever posts and gets no ticket does not know, and does not repeat
                    evidence.tickets[step.name] = (
                        process.ask("post", step.name)
                        if isinstance(step, Post)
                        else process.ask("respond", (step.received.system, step.received.data))
                    )
                else:
                    reply = _send(process, roads[step.system], step)
                    evidence.replies[step.technical_id].append(reply)
                    evidence.accepted.append(steps.pop(0))
        finally:
            for road in roads.values():
                road.close()

    def _is_over(self, process: Process, steps: list[Any]) -> bool:
        """Put what the hub has to say before the other steps, and return whether there is none any more."""
        for settled in ("", "settled", "ended"):
            if settled and not process.ask(settled, PATIENCE / 2):
                raise Stuck("something stays open")
            while not self._hub.to_send.empty():
                steps.insert(0, self._hub.to_send.get())
            if steps:
                return False
        return True

    def _config(self, evidence: Evidence) -> Path:
        path, mine, url = self._folder / "node.toml", self._state, f"https://localhost:{self._listener.port}"
        interface = "synchronous" if evidence.synchronous else "asynchronous"
        undertakings = "undertakings" if evidence.kills else "failing_undertakings"
        sections = [
            f'member_state = "FI"\ncertificate = "{mine.certificate}"',
            f'key = "{mine.key}"\nauthority = "{mine.authority}"',
            f'[erru]\nurl = "{url}/erru"\n[tachonet]\nurl = "{url}/tachonet"',
            f'[node]\ndatabase = "{evidence.address}"\nlisten = "127.0.0.1:0"\nallowed_subjects = ["CN=hub"]',
            f'interface = "{interface}"',
            "threads = 4\nquery_workers = 2\nnotification_workers = 2\ncouriers = 2\nrequest_couriers = 2",
        ]
        for name, register in (("erru", undertakings), ("tachonet", "cards")):
            sections.append(f'[node.{name}]\nauthority = "Traficom"\nregister = "{_HERE}:{register}"')
            sections.append(f'on_answer = "{_HERE}:told"')
        path.write_text("\n".join(sections), "utf-8")
        return path


_HERE: Final = "tests.kill.registers"


def _send(process: Process, road: HttpsTransport, step: Document) -> bytes:
    """Send a document of the hub's, and return what came back. Raises Died, and Stuck for a wrong status."""
    reply = b""
    try:
        reply = road.deliver(step.data)
        status = 202
    except HttpRefused as refused:
        status = refused.status
    except TransportError as error:
        if process.is_dead():
            raise Died from None
        raise Stuck(f"{step.name}: {error}") from None
    if status != step.status:
        raise Stuck(f"{step.name} got {status} in place of {step.status}")
    return reply


def _let_leases_end(engine: Engine) -> None:
    """Let the time pass that a dead process's leases last. On SQLite a start does so by itself."""
    if engine.dialect.name == "sqlite" or not inspect(engine).has_table(INBOX.name):
        return
    _let_the_dead_be_over(engine)
    now = utc_now()
    with engine.begin() as connection:
        for table in (INBOX, OUTBOX):
            leased = table.c.lease_owner.is_not(None)
            connection.execute(update(table).where(leased).values(next_attempt_at=now, lease_until=now))


def _let_the_dead_be_over(engine: Engine) -> None:
    """Wait until the server has ended what a dead process began: a commit on its way leases a row anew."""
    until = time.monotonic() + PATIENCE
    while _under_way(engine):
        if time.monotonic() > until:
            raise Stuck("the database does not end what a dead process began")
        time.sleep(0.01)


def _under_way(engine: Engine) -> bool:
    with engine.connect() as connection:  # a new one each time: a transaction sees one state of the server
        return bool(connection.execute(_UNDER_WAY).scalar_one())


_UNDER_WAY: Final = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
    "AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND state <> 'idle'"
)


def _engine(address: str) -> Engine:
    url = make_url(address)
    if url.get_backend_name() == "sqlite":
        Path(url.database or "").touch(mode=0o600)  # a node refuses a file that everybody may open
    return create_engine(url.set(drivername=_DRIVERS[url.get_backend_name()]))
