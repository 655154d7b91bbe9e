"""Four processes of one national system on one PostgreSQL: nothing is done twice, and the pace holds."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any, Final

import pytest
from movehub.errors import TransportError
from movehub.http.endpoint import Endpoint
from movehub.http.server import HttpsServer
from movehub.http.transport import HttpsTransport
from movehub.node.tickets import Sender
from movehub.protocol.exchange import Exchange, utc_now
from movehub.store import Store, inbox, outbox
from movehub.store.tables import INBOX, OUTBOX, Received, Sending, Sent
from movehub.tls.credentials import Credentials
from sqlalchemy import func, select, text, update

import erru_client as erru
from tests.kill.registers import TABLE
from tests.support.erru_examples import nu_request, rsi_request
from tests.support.examples import cgr_request
from tests.support.nodes import from_denmark, written
from tests.support.processes import (
    PATIENCE,
    PROCESSES,
    Hub,
    Process,
    config,
    processes,
    send_as_fast_as_possible,
    serve,
)

_MESSAGES: Final = 80
#: Each so many-th document is sent once more, to another process.
_AGAIN: Final = 4
#: Seconds that everybody tries to send for.
_SENDING: Final = 3.5


@dataclass(frozen=True)
class Stage:
    """One database, the hub, and the four."""

    store: Store
    hub: Hub
    running: list[Process]
    as_hub: Credentials
    ports: list[int]


@pytest.fixture
def stage(
    tmp_path: Path, state: Credentials, hub: Credentials, postgres_server: Callable[[], str]
) -> Iterator[Stage]:
    database, there = postgres_server(), Hub()
    with ExitStack() as ending:
        store = ending.enter_context(Store.open(database))
        with store.writing() as connection:
            connection.execute(text(TABLE))
        listener = ending.enter_context(HttpsServer(Endpoint(there.handle), hub, threads=8))
        path = config(tmp_path / "node.toml", database, state, listener.port)
        running = ending.enter_context(processes(serve, path))
        yield Stage(store, there, running, hub, [each.told() for each in running])


def _documents() -> list[Any]:
    """Return some of each kind for each process, which works on what came to it as long as it has room."""
    bodies = (nu_request(), rsi_request(), cgr_request(), nu_request())
    now = utc_now()
    return [
        from_denmark(bodies[number // PROCESSES % len(bodies)], now, timeout=inbox.LEASE / 3)
        for number in range(_MESSAGES)
    ]


def _send(stage: Stage, messages: list[Any], half_way: Callable[[], None] = lambda: None) -> None:
    """Send all as a hub does: to each process its share, some to another one too, until each was accepted."""
    numbered = list(enumerate(messages))

    def share(first: int) -> None:
        with ExitStack() as closing:
            roads = [
                closing.enter_context(HttpsTransport(f"https://localhost:{port}/erru", stage.as_hub))
                for port in stage.ports
            ]
            for number, message in numbered[first::PROCESSES]:
                if number == _MESSAGES // 2:
                    half_way()
                document, to = written(message), first
                while not _accepted(roads[to % PROCESSES], document):
                    to += 1
                if number % _AGAIN == 0:
                    _accepted(roads[(to + 1) % PROCESSES], document)

    with ThreadPoolExecutor(PROCESSES) as threads:
        list(threads.map(share, range(PROCESSES)))


def _accepted(road: HttpsTransport, document: bytes) -> bool:
    try:
        return road.deliver(document) == b""
    except TransportError:
        return False


def _drained(stage: Stage, step: Callable[[], object] = lambda: None) -> None:
    """Wait until nothing is in hand any more."""
    came = INBOX.c.state.in_((Received.RECEIVED, Received.PROCESSING))
    goes = OUTBOX.c.state.in_((Sent.PREPARED, Sent.SENDING))
    counts = [select(func.count()).where(each) for each in (came, goes)]
    moment, until = Event(), time.monotonic() + PATIENCE
    while time.monotonic() < until:
        step()
        with stage.store.reading() as connection:
            if not any(connection.execute(each).scalar_one() for each in counts):
                return
        moment.wait(0.02)
    raise AssertionError("something stays in hand")


def _effects(store: Store) -> tuple[Counter[str], set[str]]:
    """Return how often each message had its effect, and the processes that had them."""
    with store.reading() as connection:
        rows = connection.execute(text("SELECT technical_id, what FROM effect")).all()
    return Counter(row[0] for row in rows), {row[1] for row in rows}


def _answers(store: Store) -> dict[str, str]:
    """Return how far the answer to each message has come."""
    found = select(OUTBOX.c.in_reply_to, OUTBOX.c.state).where(OUTBOX.c.kind == Sending.ANSWER)
    with store.reading() as connection:
        return {row.in_reply_to: row.state for row in connection.execute(found)}


def _identifier(message: Any) -> str:
    return str(message.header.technical_id).lower()


def _nothing_is_lost_or_doubled(stage: Stage, messages: list[Any]) -> None:
    recorded = {_identifier(each) for each in messages if not isinstance(each.body, _SEARCH)}
    assert _effects(stage.store)[0] == Counter(recorded)
    assert _answers(stage.store) == {_identifier(each): Sent.DELIVERED for each in messages}
    came = stage.hub.came()
    assert {str(each.header.workflow_id) for each in messages} <= came.keys()
    assert all(len(set(documents)) == 1 for documents in came.values()), "an answer came with other bytes"


_SEARCH: Final = erru.CheckGoodReputeRequest


def test_four_processes_on_one_postgresql_do_no_message_twice(stage: Stage) -> None:
    """They take what comes to any of them, and send what is posted, each of it once."""
    sender = Sender(stage.store, erru.CODEC, Exchange("FI", erru.ERRU_3_5))
    for _ in range(PROCESSES):
        sender.post(nu_request(), "DK")
    messages = _documents()
    _send(stage, messages)
    assert stage.hub.has({str(each.header.workflow_id) for each in messages}, PATIENCE)
    _drained(stage)
    _nothing_is_lost_or_doubled(stage, messages)
    came = stage.hub.came()
    assert len(came) == len(messages) + PROCESSES
    assert {len(documents) for documents in came.values()} == {1}
    assert len(_effects(stage.store)[1]) == PROCESSES, "somebody stood by"


@pytest.mark.slow
def test_what_a_killed_process_had_in_hand_on_postgresql_is_done_once_by_the_others(stage: Stage) -> None:
    """Its leases are let end, with those that others had at that instant: a slow one comes to nothing."""
    messages, killed_at = _documents(), []

    def kill() -> None:
        stage.running[-1].kill()
        killed_at.append(utc_now())

    def let_leases_end() -> None:
        for table, lease in ((INBOX, inbox.LEASE), (OUTBOX, outbox.LEASE)):
            claimed = table.c.lease_owner.is_not(None) & (table.c.lease_until < killed_at[0] + lease)
            now = utc_now()
            with stage.store.writing() as connection:
                connection.execute(
                    update(table).where(claimed).values(next_attempt_at=now, lease_until=now - lease)
                )

    _send(stage, messages, half_way=kill)
    _drained(stage, let_leases_end)
    _nothing_is_lost_or_doubled(stage, messages)
    assert len(_effects(stage.store)[1]) == PROCESSES


@pytest.mark.slow
def test_no_second_holds_more_than_two_requests_of_four_processes_on_postgresql(
    postgres_server: Callable[[], str], told_at_the_end: Callable[[str], None]
) -> None:
    """2016/68, Annex VI, 1.7; 2016/480, Annex VI, 1.6. By the real clock, which is one for all."""
    database = postgres_server()
    with Store.open(database) as store:
        sender = Sender(store, erru.CODEC, Exchange("FI", erru.ERRU_3_5))
        for _ in range(30):
            sender.post(nu_request(), "DK")
    with processes(send_as_fast_as_possible, database, _SENDING) as running:
        assert {each.told() for each in running} == {"ready"}
        for each in running:
            each.tell("go")
        sent = [each.told() for each in running]
    assert all(sent), "a process came to nothing"
    began = sorted(at for each in sent for at in each)
    apart = min(third - first for first, third in zip(began, began[2:], strict=False))
    rate = (len(began) - 1) / (began[-1] - began[0])
    told_at_the_end(f"pace: {PROCESSES} processes, {rate:.2f} a second, three in {apart:.3f} s at least")
    assert apart > 1
    assert rate > 1, "far less than the law allows"
