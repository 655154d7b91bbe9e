"""A whole node in one process: it listens, works, delivers and sends until it is told to stop.

    Node(Settings.read("node.toml"))   as a context manager, or `movehub serve --config node.toml`

Several processes may share one PostgreSQL; an SQLite file belongs to one that serves, and a lock sees to it.
Regulation (EU) 2016/68 and (EU) 2016/480, Annex I, 1.2 and Annex VI.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import Any, Final, Self

from movehub.errors import InvalidConfiguration
from movehub.http.server import FAREWELL, HttpsServer, PlainServer
from movehub.http.transport import HttpsTransport
from movehub.node.access import Doors
from movehub.node.correlator import Correlator, OnAnswer
from movehub.node.couriers import AnswerCourier, RequestCourier, Route
from movehub.node.plugins import load_function, responder_of
from movehub.node.preflight import look_at_certificates, refuse_addresses
from movehub.node.reaper import Sweeper
from movehub.node.receiver import Answering, Receiver
from movehub.node.settings import Served, Settings
from movehub.node.threads import Loops, in_time
from movehub.node.work_queue import Desks
from movehub.node.worker import Worker
from movehub.responder import Responder
from movehub.store import Store, inbox, outbox
from movehub.store.clock_skew import check_database_clock, watch_database_clock
from movehub.store.databases import single_process_lock
from movehub.store.metrics import MetricsApp
from movehub.store.rate_limit import SharedRateLimit
from movehub.store.retention import prune_daily
from movehub.store.wakeups import Bell, Topic
from movehub.tls.checks import Expiry, expiries_of

_LOG = logging.getLogger(__name__)

#: Seconds between two looks for what is overdue.
_SWEEP: Final = 1.0
#: Seconds between two looks whether a day has passed since personal data were removed.
_PRUNE: Final = 600.0
#: Figures that are asked for at a time.
_METRICS_THREADS: Final = 3
#: Seconds that the database has at the end: a register that does not come back may hold it.
_LAST_WORDS: Final = 5.0


class Node:
    """One process of a national system. Use it as a context manager; `port` says where it listens."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._running = ExitStack()
        self._metrics: PlainServer | None = None

    def __enter__(self) -> Self:
        with ExitStack() as starting:
            self._start(starting)
            self._running = starting.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._listener.port

    @property
    def metrics_port(self) -> int | None:
        """Where it answers `GET /metrics`, if anywhere."""
        return None if self._metrics is None else self._metrics.port

    @property
    def dead(self) -> tuple[str, ...]:
        """The threads that have ended though the node goes on: it must not, as it does half of its work."""
        return self._threads.dead

    def _start(self, starting: ExitStack) -> None:
        settings = self._settings
        refuse_addresses(settings)
        look_at_certificates(settings)
        store = settings.records.open()
        starting.callback(in_time, store.close, patience=_LAST_WORDS)
        if not store.shared:
            starting.enter_context(single_process_lock(store.engine))
            store.write(lambda connection: inbox.take_back(connection, store.now()))
            store.write(lambda connection: outbox.take_back(connection, store.now()))
        check_database_clock(store)
        self.store = store
        self._desks = Desks.of(store, settings.numbers)
        starting.callback(in_time, self._left, patience=_LAST_WORDS)
        responders = {served.system: responder_of(served) for served in settings.systems}
        waiting_for = {} if settings.synchronous else self._desks.by_kind
        receivers = {
            name: Receiver(store, each.codec, on_the_spot=settings.synchronous, desks=waiting_for)
            for name, each in responders.items()
        }
        self._threads = starting.enter_context(self._loops(starting, responders, receivers))
        # What listens starts last and ends first: what was accepted is still worked on.
        listener: PlainServer | HttpsServer = self._listening(responders, receivers)
        starting.enter_context(listener)
        self._listener = listener
        if settings.metrics is not None:
            self._metrics = starting.enter_context(_metrics_at(settings.metrics, store, settings.systems))

    def _loops(
        self, starting: ExitStack, responders: dict[str, Responder], receivers: dict[str, Receiver]
    ) -> Loops:
        settings, store, numbers = self._settings, self.store, self._settings.numbers
        desks, loops, bells = self._desks, Loops(), store.bells
        to_answer, to_ask = self._routes(starting, receivers)
        rate_limits = {name: SharedRateLimit(store, name) for name in responders}
        worker = partial(Worker, store, responders, answers=desks.answers, soon=True)
        for name, desk, topic in (
            ("query", desks.queries, Topic.QUERY),
            ("notification", desks.notifications, Topic.NOTIFICATION),
        ):
            loops.add(name, worker(desk).step, bells[topic], times=numbers[f"{name}_workers"])
        correlator = Correlator(store, responders, desks.correlating, on_answer=_on_answer(settings.systems))
        loops.add("answer", correlator.step, bells[Topic.ANSWER])
        deliver = AnswerCourier(store, to_answer, desks.answers, soon=True).step
        loops.add("courier", deliver, bells[Topic.TO_DELIVER], times=numbers["couriers"])
        send = RequestCourier(store, to_ask, rate_limits).step
        loops.add("request", send, bells[Topic.TO_SEND], times=numbers["request_couriers"])
        loops.add("sweeper", Sweeper(store).step, Bell(), every=_SWEEP)
        loops.add("leases", desks.renew, Bell(), every=_SWEEP)
        loops.add("prune", self._prune, Bell(), every=_PRUNE)
        return loops

    def _left(self) -> None:
        """Let nothing behind that others would have to wait for."""
        self.store.keep()
        self._desks.leave()

    def _prune(self) -> bool:
        watch_database_clock(self.store)
        prune_daily(self.store, self.store.journal, self._settings.records.periods)
        return False

    def _routes(
        self, starting: ExitStack, receivers: dict[str, Receiver]
    ) -> tuple[dict[str, Route], dict[str, Route]]:
        """Return the ways by which answers, and those by which requests go out."""

        def route(served: Served, url: str) -> Route:
            config = served.config
            transport = HttpsTransport(url, config.credentials, timeouts=config.timeouts)
            return Route(starting.enter_context(transport), receivers[served.system])

        systems = self._settings.systems
        answers = {each.system: route(each, each.answers_url) for each in systems}
        return answers, {each.system: route(each, each.config.url) for each in systems}

    def _listening(
        self, responders: dict[str, Responder], receivers: dict[str, Receiver]
    ) -> PlainServer | HttpsServer:
        settings = self._settings
        accepting: dict[str, Callable[[bytes, str], bytes]] = {}
        on_the_spot = Worker(self.store, responders, self._desks.on_the_spot, on_the_spot=True)
        for served in settings.systems:
            receiver = receivers[served.system]
            answering = Answering(receiver, self.store, on_the_spot.work_on)
            accepting[served.path] = answering.accept if settings.synchronous else receiver.accept
        doors = {
            path: Doors(accept, settings.allowed_subjects, proxy=settings.proxy)
            for path, accept in accepting.items()
        }
        host, port, threads = settings.host, settings.port, settings.numbers["threads"]
        if settings.proxy:
            return PlainServer(_at(doors), host=host, port=port, threads=threads, proxy=settings.proxy)
        credentials = settings.systems[0].config.credentials
        return HttpsServer(_at(doors), credentials, host=host, port=port, threads=threads, farewell=FAREWELL)


def _metrics_at(address: tuple[str, int], store: Store, systems: tuple[Served, ...]) -> PlainServer:
    """Return what answers `GET /metrics` on a port of its own, which names no person and asks for no name."""
    credentials = dict.fromkeys(served.config.credentials for served in systems)

    def certificates() -> list[Expiry]:
        try:
            return [ending for each in credentials for ending in expiries_of(each)]
        except InvalidConfiguration as error:  # they are being renewed; the other figures are good
            _LOG.warning("the certificates are not in the metrics: %s", error)
            return []

    host, port = address
    return PlainServer(MetricsApp(store, certificates), host=host, port=port, threads=_METRICS_THREADS)


def _on_answer(systems: tuple[Served, ...]) -> OnAnswer | None:
    told = {
        each.system: load_function(each.on_answer, f"node.{each.name}.on_answer")
        for each in systems
        if each.on_answer
    }

    def on_answer(system: str, request: Any, answer: Any) -> None:
        if system in told:
            told[system](system, request, answer)

    return on_answer if told else None


def _at(doors: dict[str, Doors]) -> Callable[..., Any]:
    """Return one application that serves each system at its path, and 404 elsewhere."""

    def application(environ: dict[str, Any], start_response: Any) -> Any:
        chosen = doors.get(environ.get("PATH_INFO", ""))
        if chosen is not None:
            return chosen(environ, start_response)
        start_response("404 Not Found", [("Content-Length", "0")])
        return [b""]

    return application
