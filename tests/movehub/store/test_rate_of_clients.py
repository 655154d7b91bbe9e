"""What leaves through `send`, as a hub sees it over TLS: never more than two requests a second.

Regulation (EU) 2016/68, Annex VI, 1.7; Regulation (EU) 2016/480, Annex VI, 1.6.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from itertools import pairwise
from statistics import median
from threading import Lock
from typing import Any, Final

import pytest
from movehub.errors import TurnNotReached
from movehub.http.endpoint import Endpoint
from movehub.http.server import HttpsServer
from movehub.http.transport import HttpsTransport, Timeouts
from movehub.protocol.rate_limit import LATE, RateLimit, seconds_left
from movehub.store import Store
from movehub.tls.credentials import Credentials

import erru_client as erru
from tests.support.clock import Clock
from tests.support.examples import cgr_request

pytestmark = pytest.mark.rate_of_the_law

#: Seconds after which a process is stuck.
PATIENCE: Final = 120.0
_CONTEXT: Final[Any] = multiprocessing.get_context("forkserver")


class Hub:
    """A hub that answers for Denmark at once, and notes when each request came."""

    def __init__(self) -> None:
        self.came: list[float] = []
        self._lock = Lock()
        self._denmark = erru.responder(Nobody(), "DK", "Færdselsstyrelsen")  # type: ignore[arg-type]

    def handle(self, data: bytes) -> bytes:
        with self._lock:
            self.came.append(time.monotonic())
        return self._denmark.handle(data)


class Nobody:
    """A register that knows nobody."""

    def check_good_repute(self, search: object) -> tuple[erru.FoundTransportManager, ...]:
        return ()


def send_all(pipe: Any, url: str, state: Credentials, database: str, threads: int, each: int) -> None:
    """Send from several threads of one process, and tell how many answers came."""
    with (
        Store.open(database) as store,
        erru.ErruClient("FI", HttpsTransport(url, state), store=store) as client,
        ThreadPoolExecutor(threads) as pool,
    ):
        pipe.send("ready")
        pipe.recv()
        sent = [pool.submit(_send, client) for _ in range(threads * each)]
        pipe.send(sum(each.result().complete for each in sent))


def _send(client: erru.ErruClient) -> Any:
    """Send a request. Twenty that wait almost fill the 12 s of a wait, and a busy machine misses turns."""
    while True:
        with suppress(TurnNotReached):  # nothing was sent
            return client.send(cgr_request(), "DK")


def _sent_from_two_processes(*given: Any) -> int:
    with ExitStack() as ending:
        pipes = []
        for _ in range(2):
            ours, theirs = _CONTEXT.Pipe()
            process = _CONTEXT.Process(target=send_all, args=(theirs, *given), daemon=True)
            process.start()
            ending.callback(process.join, PATIENCE)
            pipes.append(ours)
        assert [_heard(pipe) for pipe in pipes] == ["ready", "ready"]
        for pipe in pipes:
            pipe.send("go")
        return sum(_heard(pipe) for pipe in pipes)


def _heard(pipe: Any) -> Any:
    assert pipe.poll(PATIENCE), "a process is stuck"
    return pipe.recv()


@pytest.mark.parametrize(
    ("threads", "each"), [(2, 1), pytest.param(10, 3, marks=pytest.mark.slow)], ids=["4", "60"]
)
def test_two_processes_with_one_store_send_two_requests_a_second(
    address: str,
    hub: Credentials,
    state: Credentials,
    threads: int,
    each: int,
    told_at_the_end: Callable[[str], None],
) -> None:
    """Ten threads in each of them send sixty requests in all."""
    there = Hub()
    with HttpsServer(Endpoint(there.handle), hub, threads=8) as server:
        url = f"https://localhost:{server.port}/"
        answers = _sent_from_two_processes(url, state, address, threads, each)
    came = sorted(there.came)
    gaps = [later - earlier for earlier, later in pairwise(came)]
    told_at_the_end(
        f"{len(came)} requests from two processes, {address.split(':', maxsplit=1)[0]}: "
        f"gaps {min(gaps):.3f} s at least, {median(gaps):.3f} s median, {max(gaps):.3f} s at most"
    )
    assert answers == len(came) == 2 * threads * each
    assert all(third - first > 1 for first, third in zip(came, came[2:], strict=False))


def test_clients_of_one_process_share_the_rate_and_each_system_has_its_own(
    hub: Credentials, state: Credentials
) -> None:
    there = Hub()
    with (
        HttpsServer(Endpoint(there.handle), hub, threads=8) as server,
        HttpsTransport(f"https://localhost:{server.port}/", state) as transport,
    ):
        for _ in range(3):
            erru.ErruClient("FI", transport).send(cgr_request(), "DK")
    assert there.came[2] - there.came[0] > 1


def test_a_request_whose_turn_comes_too_late_for_its_deadline_is_not_sent(
    hub: Credentials, state: Credentials
) -> None:
    there, clock = Hub(), Clock()
    with (
        HttpsServer(Endpoint(there.handle), hub, threads=8) as server,
        HttpsTransport(f"https://localhost:{server.port}/", state) as transport,
    ):
        client = erru.ErruClient("FI", transport)
        client.rate_limit = RateLimit(1 / 60, clock=clock, sleep=clock.sleep)
        client.send(cgr_request(), "DK")
        with pytest.raises(TurnNotReached, match="Nothing was sent"):
            client.send(cgr_request(), "DK")
    assert len(there.came) == 1


def test_the_deadline_includes_the_wait_for_the_turn() -> None:
    left: list[float] = []
    clock = Clock()

    class InProcess:
        timeouts = Timeouts.of(None, 10.0)

        def post(self, data: bytes) -> bytes:
            left.append(seconds_left())
            return Hub().handle(data)

    client = erru.ErruClient("FI", InProcess())
    client.rate_limit = RateLimit(0.5, clock=clock, sleep=clock.sleep)
    for _ in range(2):
        client.send(cgr_request(), "DK")
    assert left == [10, 10 - (2 + LATE)]
