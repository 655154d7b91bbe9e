"""The service levels of Annex VI, as the hub would count them: answers that were delivered, by our clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from movehub.errors import HttpRefused, HubUnreachable, OutcomeUnknown
from movehub.node.receiver import Receiver, SynchronousReceiver
from movehub.node.work_queue import WorkQueue
from movehub.node.worker import Worker
from movehub.protocol.exchange import Exchange
from movehub.protocol.message import Message
from movehub.protocol.workflow import HUB
from movehub.store import Store, inbox
from movehub.store.inbox import REQUESTS
from movehub.store.monthly_figures import Month, monthly_report
from movehub.store.operator import retry_message
from movehub.store.statistics import UNANSWERED
from movehub.store.yearly_figures import yearly_report

import erru_client as erru
from tests.support.databases import Hands
from tests.support.erru_examples import nu_request
from tests.support.examples import cgr_request, found_manager
from tests.support.nodes import Parts, answer_of_the_hub, from_denmark, written
from tests.support.recorded import statistics

SECOND = timedelta(seconds=1)
A_YEAR = timedelta(days=365)


def came(node: Parts, *bodies: Any, **how: Any) -> None:
    for body in bodies:
        node.receiver.accept(written(from_denmark(body, node.clock(), **how)))


def figures(node: Parts) -> dict[str, Any]:
    with node.store.reading() as connection:
        now = node.clock()
        answers: dict[str, Any] = monthly_report(connection, Month.at(now), "FI", now)["answers"]
        return answers


def counted(node: Parts) -> tuple[int, int, int]:
    """Return the numbers of requests, of answers, and of answers within ten seconds."""
    found = figures(node)
    return found["requests"], found["answered"], found["answered_in_time"]


def test_five_answers_that_never_left_are_no_answers(node: Parts) -> None:
    """They counted as "100 % answered within 10 s" when the answer was stored."""
    node.hub.replies = [HubUnreachable("no connection")] * 100
    came(node, *[cgr_request() for _ in range(5)])
    for _ in range(15):
        node.all_steps()
        node.clock.forward(1)
    assert {row["state"] for row in node.outbox()} == {"expired"}
    found = figures(node)
    assert (found["requests"], found["answered"], found["answered_in_time"]) == (5, 0, 0)
    assert (found["rate"], found["kept"]) == (0, False)


@pytest.mark.parametrize(
    "error",
    [HttpRefused(400), OutcomeUnknown("gone"), OutcomeUnknown("answered with HTTP status 302", status=302)],
    ids=["refused", "outcome unknown until its deadline", "another answer"],
)
def test_an_answer_that_is_not_delivered_counts_against_us_once(node: Parts, error: Exception) -> None:
    node.hub.replies = [error] * 100
    came(node, cgr_request())
    for _ in range(20):
        node.all_steps()
        node.clock.forward(1)
    assert statistics(node) == [("DK", "FI", "query", UNANSWERED, None)]
    assert counted(node) == (1, 0, 0)


def test_the_time_of_an_answer_ends_with_its_delivery(node: Parts) -> None:
    node.hub.before = lambda _: node.clock.forward(4)
    came(node, nu_request())
    node.clock.forward(2)
    node.all_steps()
    assert statistics(node) == [("DK", "FI", "notification", "OK", 6 * SECOND)]


def test_an_answer_that_a_retry_delivers_after_ten_seconds_counts_once_as_late(node: Parts) -> None:
    node.hub.replies = [HubUnreachable("no connection")] * 4
    came(node, cgr_request(), timeout=timedelta(seconds=20))
    found = []
    for _ in range(18):
        node.all_steps()
        node.clock.forward(1)
        found.append(counted(node))
    assert list(dict.fromkeys(found)) == [(0, 0, 0), (1, 0, 0), (1, 1, 0)]
    assert [status for *_, status, _ in statistics(node)] == ["NotFound"]


def test_a_request_that_waits_is_neither_until_its_ten_seconds_are_over(node: Parts) -> None:
    came(node, cgr_request(), nu_request())
    node.clock.forward(9)
    assert counted(node) == (0, 0, 0)
    node.clock.forward(1)
    assert counted(node) == (2, 0, 0)


def test_a_retry_after_an_error_that_was_delivered_changes_no_figure(
    node: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its answer was the ErrorNotification, and there is never a second one."""
    came(node, nu_request())
    with monkeypatch.context() as patch:
        patch.setattr(node.register, "notify_unfitness", lambda _: "not valid: no second attempt")
        node.all_steps()
    (row,) = node.inbox()
    assert row["state"] == "failed"
    before = statistics(node)
    assert [status for *_, status, _ in before] == ["error:ServerError"]
    journal, now = node.store.journal, node.clock()
    retry = partial(retry_message, journal=journal, technical_id=row["technical_id"], by="service 7", now=now)
    assert node.store.write(retry)
    node.all_steps()
    node.clock.forward(1)
    assert (len(node.effects()), statistics(node)) == (1, before)
    assert counted(node) == (1, 0, 0)


def test_an_answer_whose_delivery_was_not_stored_is_delivered_again_and_counts_once(
    node: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process died between the delivery and its record. The record is what we know."""
    came(node, cgr_request(), timeout=timedelta(seconds=60))
    node.worker.step()

    def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(node.store, "record_soon", dies)
        with pytest.raises(KeyboardInterrupt):
            node.courier.step()
    node.clock.forward(41)
    assert counted(node) == (1, 0, 0)
    node.all_steps()
    assert len(node.hub.given) == 2
    assert statistics(node) == [("DK", "FI", "query", "NotFound", 41 * SECOND)]


def test_a_heartbeat_proves_availability_only_if_its_answer_was_delivered(node: Parts) -> None:
    """Annex VI, 1.2 and 1.3."""
    every = timedelta(minutes=5)
    for replies in ([], [HttpRefused(400)]):
        node.hub.replies = list(replies)
        node.receiver.accept(written(heartbeat(node.clock())))
        node.all_steps()
        node.clock.forward(every.total_seconds())
    with node.store.reading() as connection:
        now = node.clock()
        found = monthly_report(connection, Month.at(now), "FI", now, every)["availability"]
    assert found["down_hours"] == pytest.approx(1 / 12)


def heartbeat(now: datetime) -> Message[Any]:
    body = replace(
        cgr_request(), request_purpose=erru.RequestPurpose.HEARTBEAT, request_source=erru.RequestSource.HUB
    )
    return Exchange(HUB, erru.ERRU_3_5, lambda: now).request(body, "FI")


# The synchronous interface: delivered is handed to the connection.


def answering(node: Parts) -> SynchronousReceiver:
    queue = WorkQueue(node.store, inbox.work(REQUESTS))
    worker = Worker(node.store, node.responders, queue, synchronous=True)
    receiver = Receiver(node.store, erru.CODEC, synchronous=True)
    return SynchronousReceiver(receiver, node.store, worker.work_on)


def test_an_answer_on_the_same_connection_counts_when_it_is_handed_over(
    node: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = written(from_denmark(nu_request(), node.clock()))
    with monkeypatch.context() as patch:
        patch.setattr(node.register, "notify_unfitness", lambda _: node.clock.forward(3))
        answering(node).accept(document)
    node.store.flush()
    assert statistics(node) == [("DK", "FI", "notification", "OK", 3 * SECOND)]


def test_an_answer_on_the_same_connection_that_is_asked_for_again_counts_once(node: Parts) -> None:
    document, interface = written(from_denmark(nu_request(), node.clock())), answering(node)
    for _ in range(2):
        interface.accept(document)
        node.clock.forward(60)
    node.store.flush()
    assert statistics(node) == [("DK", "FI", "notification", "OK", timedelta(0))]


def test_an_answer_whose_process_died_before_the_connection_had_it_is_not_delivered(
    node: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker has stored it. The hub asks again, and then it counts, from the first arrival on."""
    document, interface = written(from_denmark(nu_request(), node.clock())), answering(node)

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(interface, "_awaited", dies)
        with pytest.raises(KeyboardInterrupt):
            interface.accept(document)
    node.clock.forward(15)
    assert (len(node.outbox()), counted(node)) == (1, (1, 0, 0))
    interface.accept(document)
    node.store.flush()
    assert counted(node) == (1, 1, 0)


# The clocks of others.


def year_with_clocks_apart(store: Store, clock: Hands, apart: timedelta) -> dict[str, Any]:
    """Return the figures after a day with peers whose clocks are wrong by `apart`."""
    node = Parts(store, clock)
    for hour in range(24):
        theirs = clock() + apart
        node.receiver.accept(written(heartbeat(theirs)))
        node.receiver.accept(written(from_denmark(cgr_request(), theirs)))
        node.receiver.accept(written(from_denmark(nu_request(), theirs)))
        node.hub.replies = [HttpRefused(400)] if hour % 5 == 4 else []
        clock.forward(hour % 12)  # after ten seconds no search is answered
        node.all_steps()
        node.sender.post(cgr_request(), "DK")
        node.all_steps()
        request = node.hub.messages[-1]
        reply = request.body.answer("DK", (found_manager(),))
        node.receiver.accept(answer_of_the_hub(request, reply, clock() + apart))
        node.all_steps()
        clock.forward(3600)
    with store.snapshot() as connection:
        return yearly_report(connection, clock().year, "FI", clock(), timedelta(hours=1))


@pytest.mark.parametrize("apart", [-A_YEAR, A_YEAR], ids=["a year behind", "a year ahead"])
def test_a_peers_clock_that_is_wrong_by_a_year_changes_no_figure(tmp_path: Path, apart: timedelta) -> None:
    found = []
    for number, each in enumerate((timedelta(0), apart)):
        clock = Hands()
        with Store.open(f"sqlite:///{tmp_path}/{number}.db", now=clock) as store:
            found.append(year_with_clocks_apart(store, clock, each))
    right, wrong = found
    assert wrong == right
    assert right["answers"]["requests"] == 48
    assert 0 < right["answers"]["answered"] < 48
    assert 0 < right["availability"]["rate"] < 1
    assert sum(row["count"] for row in right["messages"] if row["from"] == "FI") == 24
