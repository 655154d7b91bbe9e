"""A node in one process: it receives, processes, delivers and sends messages until it is stopped.

    Node(Settings.read("node.toml"))   as a context manager, or `movehub serve --config node.toml`

Several processes may share one PostgreSQL. An SQLite file has one process that serves it; a lock ensures it.
Regulation (EU) 2016/68 and (EU) 2016/480, Annex I, 1.2 and Annex VI.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from typing import Any, Final, Self

from movehub.errors import InvalidConfiguration
from movehub.http.endpoint import at_paths
from movehub.http.server import FAREWELL, HttpsServer, PlainServer
from movehub.http.transport import HttpsTransport
from movehub.log_limit import limited, tell_left_out
from movehub.node.access import AccessControl
from movehub.node.banner import log_banner
from movehub.node.correlator import Correlator, OnAnswer
from movehub.node.couriers import AnswerCourier, RequestCourier, Route
from movehub.node.plugins import load_function, responder_of
from movehub.node.preflight import look_at_certificates, refuse_addresses
from movehub.node.reaper import Reaper
from movehub.node.receiver import Receiver, SynchronousReceiver
from movehub.node.settings import WHEN_STORED, Served, Settings
from movehub.node.threads import Threads, in_time
from movehub.node.work_queue import WorkQueues
from movehub.node.worker import Worker
from movehub.protocol.rate_limit import MOST_PER_SECOND, RateLimit
from movehub.responder import Responder
from movehub.store import Store
from movehub.store.anchors import AnchorWatch
from movehub.store.clock_skew import check_database_clock, watch_database_clock
from movehub.store.databases import single_process_lock
from movehub.store.late_responses import escalate_late_responses
from movehub.store.leases import release_all
from movehub.store.metrics import MetricsApp
from movehub.store.rate_limit import shared_rate_limit_of
from movehub.store.retention import prune_daily
from movehub.store.wakeups import Topic, WakeUp
from movehub.tls.expiry import expiries_of

_LOG = limited(__name__)

#: Seconds between two looks for overdue messages, and for leases to renew.
_REAP: Final = 1.0
#: Seconds between two looks whether personal data are due to be removed.
_PRUNE: Final = 600.0
#: Requests for metrics that are served at a time.
_METRICS_THREADS: Final = 3
#: Seconds that the database has at the end: a register that hangs may hold it.
_LAST_WRITES: Final = 5.0


class Node:
    """One process of a national system. Use it as a context manager; `port` is where it listens."""

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
        """The port that it listens on."""
        return self._listener.port

    @property
    def metrics_port(self) -> int | None:
        """The port of `GET /metrics`, None without metrics."""
        return None if self._metrics is None else self._metrics.port

    @property
    def dead(self) -> tuple[str, ...]:
        """The threads that have ended though the node runs. End the node: it does half of its work."""
        return self._threads.dead

    def _start(self, starting: ExitStack) -> None:
        settings = self._settings
        starting.callback(tell_left_out, ending=True)
        refuse_addresses(settings)
        look_at_certificates(settings)
        self.store = self._opened(starting)
        self._queues = WorkQueues.of(self.store, settings.numbers)
        starting.callback(in_time, self._leave, patience=_LAST_WRITES)
        responders = {served.system: responder_of(served) for served in settings.systems}
        receivers = {
            served.system: Receiver(
                self.store,
                responders[served.system].codec,
                synchronous=settings.synchronous,
                receipts=responders[served.system] if served.acknowledge == WHEN_STORED else None,
            )
            for served in settings.systems
        }
        answers = self._routes(starting, receivers, lambda served: served.answers_url)
        requests = self._routes(starting, receivers, lambda served: served.config.url)
        self._threads = starting.enter_context(self._added(Threads(), responders, answers, requests))
        # The listener starts last and ends first, so that accepted messages are still processed.
        listener: PlainServer | HttpsServer = self._listening(responders, receivers)
        starting.enter_context(listener)
        self._listener = listener
        if settings.metrics is not None:
            self._metrics = starting.enter_context(
                _metrics_at(settings.metrics, self.store, settings.systems)
            )
        log_banner(settings, responders, listener.port)

    def _opened(self, starting: ExitStack) -> Store:
        store = self._settings.records.open()
        starting.callback(in_time, store.close, patience=_LAST_WRITES)
        if not store.shared:
            starting.enter_context(single_process_lock(store.engine))
            store.write(lambda connection: release_all(connection, store.now()))
        check_database_clock(store)
        return store

    def _added(
        self,
        threads: Threads,
        responders: dict[str, Responder],
        answer_routes: dict[str, Route],
        request_routes: dict[str, Route],
    ) -> Threads:
        """Add the threads of the node, each kind with its step and its wake-up."""
        store, queues, numbers = self.store, self._queues, self._settings.numbers
        wakeups, on_answer = store.wakeups, _on_answer(self._settings.systems)
        query = Worker(store, responders, queues.queries, waits=False)
        notification = Worker(store, responders, queues.notifications, waits=False)
        correlator = Correlator(store, responders, queues.correlation, on_answer=on_answer)
        courier = AnswerCourier(store, answer_routes, queues.delivery, waits=False)
        sender = RequestCourier(store, request_routes, self._rate_limits())
        for name, part, topic, times in (
            ("query", query, Topic.QUERY, numbers["query_workers"]),
            ("notification", notification, Topic.NOTIFICATION, numbers["notification_workers"]),
            ("answer", correlator, Topic.ANSWER, 1),
            ("courier", courier, Topic.TO_DELIVER, numbers["couriers"]),
            ("request", sender, Topic.TO_SEND, numbers["request_couriers"]),
        ):
            threads.add(name, part.step, wakeups[topic], times=times)
        threads.add("reaper", Reaper(store).step, WakeUp(), every=_REAP)
        threads.add("leases", queues.renew, WakeUp(), every=_REAP)
        threads.add("log", _log_left_out, WakeUp(), every=_REAP)
        threads.add("prune", self._prune, WakeUp(), every=_PRUNE)
        anchors = AnchorWatch(store, self._settings.records.journal)
        threads.add("anchors", anchors.step, WakeUp(), every=_PRUNE)
        return threads

    def _rate_limits(self) -> dict[str, RateLimit]:
        """Return the limit of each system over all processes, the same one as that of clients."""
        return {
            each.system: shared_rate_limit_of(
                self.store,
                each.system,
                each.config.member_state,
                each.config.requests_per_second or MOST_PER_SECOND,
            )
            for each in self._settings.systems
        }

    def _leave(self) -> None:
        """Leave claimed messages to other processes, so that they need not wait for the leases to end."""
        self.store.flush()
        self._queues.release_all()

    def _prune(self) -> bool:
        watch_database_clock(self.store)
        escalate_late_responses(self.store)
        kept = self._settings.records
        prune_daily(self.store, self.store.journal, kept.periods, heartbeat_every=kept.heartbeat_every)
        return False

    def _routes(
        self, starting: ExitStack, receivers: dict[str, Receiver], url: Callable[[Served], str]
    ) -> dict[str, Route]:
        """Return a route for each system, with a transport of its own."""

        def route(served: Served) -> Route:
            transport = HttpsTransport(
                url(served), served.config.credentials, timeouts=served.config.timeouts
            )
            return Route(starting.enter_context(transport), receivers[served.system])

        return {each.system: route(each) for each in self._settings.systems}

    def _listening(
        self, responders: dict[str, Responder], receivers: dict[str, Receiver]
    ) -> PlainServer | HttpsServer:
        settings = self._settings
        worker = Worker(self.store, responders, self._queues.synchronous, synchronous=True)
        applications: dict[str, AccessControl] = {}
        for served in settings.systems:
            receiver = receivers[served.system]
            accept = receiver.accept
            if settings.synchronous:
                accept = SynchronousReceiver(receiver, self.store, worker.work_on).accept
            applications[served.path] = AccessControl(accept, settings.allowed_subjects, proxy=settings.proxy)
        host, port, threads = settings.host, settings.port, settings.numbers["threads"]
        application = at_paths(applications)
        if settings.proxy:
            return PlainServer(application, host=host, port=port, threads=threads, proxy=settings.proxy)
        credentials = settings.systems[0].config.credentials
        return HttpsServer(application, credentials, host=host, port=port, threads=threads, farewell=FAREWELL)


def _log_left_out() -> bool:
    tell_left_out()
    return False


def _metrics_at(address: tuple[str, int], store: Store, systems: tuple[Served, ...]) -> PlainServer:
    """Return the server of `GET /metrics`. It has no access control, and shows no personal data."""
    credentials = dict.fromkeys(served.config.credentials for served in systems)

    def certificates() -> list[tuple[str, datetime]]:
        try:
            ends = [(ending.ends, ending.name) for each in credentials for ending in expiries_of(each)]
        except InvalidConfiguration as error:  # while they are renewed; the other metrics are good
            _LOG.warning("the metrics lack the certificates: %s", error)
            return []
        # Prometheus refuses a page that has one label twice, and an authority may have two certificates.
        return list({name: when for when, name in sorted(ends, reverse=True)}.items())

    host, port = address
    return PlainServer(MetricsApp(store, certificates), host=host, port=port, threads=_METRICS_THREADS)


def _on_answer(systems: tuple[Served, ...]) -> OnAnswer | None:
    functions = {
        each.system: load_function(each.on_answer, f"node.{each.name}.on_answer")
        for each in systems
        if each.on_answer
    }

    def on_answer(system: str, request: Any, answer: Any) -> None:
        if system in functions:
            functions[system](system, request, answer)

    return on_answer if functions else None
