"""An outage of the register: it loses no receipt, floods no queue, and ends without a command."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from movehub.node import Receiver, SynchronousReceiver
from movehub.node.register_breaker import OPENS_AFTER, RegisterBreaker
from movehub.node.work_queue import WorkQueue
from movehub.node.worker import Worker
from movehub.protocol.exchange import Exchange
from movehub.protocol.message import ErrorNotification
from movehub.protocol.workflow import HUB
from movehub.store import ESCALATIONS, Store, inbox, outages
from movehub.store.leases import Work
from movehub.store.outages import MessageType
from movehub.store.tables import Kind
from movehub.store.wakeups import WakeUp
from sqlalchemy import select

import erru_client as erru
from tests.support.databases import Hands
from tests.support.erru_examples import ncr_request, nu_request
from tests.support.examples import cgr_request
from tests.support.no_log_limit import LimitLines
from tests.support.nodes import Parts, answer_of_the_hub, from_denmark, written

MANY = 30
ROOTS = ("NotifyUnfitness_Request", "NotifyCheckResult_Request")
KINDS = (Kind.QUERY, Kind.NOTIFICATION, Kind.HEARTBEAT)


def came(node: Parts, body: Any, **how: Any) -> str:
    message = from_denmark(body, node.clock(), **how)
    node.receiver.accept(written(message))
    return str(message.header.technical_id).lower()


def steps(node: Parts, seconds: int) -> None:
    """Let the time pass, and the node work meanwhile: each second, or each five if it is long."""
    stride = 1 if seconds < 60 else 5
    for _ in range(seconds // stride):
        node.all_steps()
        node.clock.forward(stride)
    node.all_steps()


def escalations(node: Parts) -> list[Any]:
    with node.store.reading() as connection:
        return list(connection.execute(select(ESCALATIONS).order_by(ESCALATIONS.c.id)).mappings())


def another(node: Parts) -> Worker:
    """A worker of another process that shares the database."""
    queue = WorkQueue(node.store, inbox.work(KINDS), breaker=RegisterBreaker(node.store))
    return Worker(node.store, node.responders, queue)


def down(node: Parts) -> list[str]:
    """Let the register fail until the others wait, and return the identifiers."""
    node.register.fails = OSError()
    ids = [came(node, nu_request()) for _ in range(OPENS_AFTER)]
    node.all_steps()
    return ids


@pytest.mark.parametrize("minutes", [2, 20])
def test_after_an_outage_every_notification_has_its_effect_once_and_no_command_is_needed(
    node: Parts, caplog: pytest.LogCaptureFixture, limit_lines: LimitLines, minutes: int
) -> None:
    limit_lines(lambda: node.clock().timestamp())
    sent = [came(node, nu_request()) for _ in range(MANY)]
    node.register.fails = OSError()
    steps(node, 60 * minutes // 2)
    sent += [came(node, body) for _ in range(MANY) for body in (nu_request(), ncr_request())]
    steps(node, 60 * minutes // 2)
    assert node.effects() == []
    assert len(node.hub.given) == len(sent)  # each was acknowledged within ten seconds, once
    roots = {"NotifyUnfitness_Acknowledgement", "NotifyCheckResult_Acknowledgement"}
    assert {message.body.root for message in node.hub.messages} == roots
    (item,) = escalations(node)
    assert (item["reason"], item["system"], item["technical_id"]) == ("register down", "ERRU", None)
    assert item["done_at"] is None
    assert item["times"] < 20 + 4 * minutes
    node.register.fails = None
    steps(node, 60)
    assert sorted(node.effects()) == sorted(sent)
    assert len(node.hub.given) == len(sent)
    (item,) = escalations(node)
    assert (item["done_by"], item["at"] < item["last_at"] < item["done_at"]) == ("movehub serve", True)
    assert {row["state"] for row in node.inbox()} == {"processed"}
    assert len(caplog.records) < 12 + 3 * minutes


def test_the_register_is_tried_with_one_message_and_the_pauses_grow_up_to_a_minute(node: Parts) -> None:
    for _ in range(MANY):
        came(node, nu_request())
    node.register.fails = OSError()
    node.all_steps()
    assert node.register.asked == OPENS_AFTER
    asked, at = [], node.register.asked
    for second in range(5, 301, 5):
        node.clock.forward(5)
        node.all_steps()
        if node.register.asked > at:
            assert node.register.asked == at + 1
            asked.append(second)
            at += 1
    assert asked == [5, 10, 20, 40, 80, 140, 200, 260]


def test_a_try_that_succeeds_lets_all_others_go_on_at_once(node: Parts) -> None:
    sent = [*down(node), *[came(node, nu_request()) for _ in range(MANY)]]
    node.register.fails = None
    node.all_steps()
    assert node.effects() == []
    node.clock.forward(5)
    node.all_steps()
    assert sorted(node.effects()) == sorted(sent)


def test_waiting_uses_up_no_attempts(node: Parts) -> None:
    down(node)
    steps(node, 900)
    assert max(row["attempts"] for row in node.inbox()) <= 1
    assert [item["reason"] for item in escalations(node)] == ["register down"]


def test_one_poisonous_message_makes_no_other_wait(node: Parts) -> None:
    """It has an escalation of its own, and is tried further, ever more rarely."""
    node.register.fails = OSError()
    poison = came(node, nu_request())
    node.all_steps()
    for _ in range(14):
        node.register.fails = None
        healthy = came(node, nu_request())
        node.worker.work_on(healthy)
        node.register.fails = OSError()
        node.clock.forward(5)
        node.all_steps()
    assert len(node.effects()) == 14
    (item,) = escalations(node)
    assert (item["reason"], item["technical_id"], item["done_at"]) == ("register failed", poison, None)
    node.register.fails = None
    steps(node, 300)
    assert poison in node.effects()
    (item,) = escalations(node)
    assert item["done_by"] == "movehub serve"


def test_a_try_with_a_poisonous_message_is_followed_by_one_with_another(node: Parts) -> None:
    """Otherwise one message could keep all others waiting for ever."""
    (poison, *others) = down(node)
    document = next(row["document"] for row in node.inbox() if row["technical_id"] == poison)
    node.register.fails = None
    kept = node.register._kept

    def picky(message: Any) -> None:
        node.register.fails = OSError() if erru.CODEC.write(message) == document else None
        kept(message)

    node.register._kept = picky  # type: ignore[method-assign]
    steps(node, 60)
    assert sorted(node.effects()) == sorted(others)
    assert next(item["done_by"] for item in escalations(node)) == "movehub serve"


def test_types_that_succeed_do_not_wait_for_those_that_fail(node: Parts) -> None:
    down(node)
    node.register.fails = None
    sent = came(node, ncr_request())
    node.all_steps()
    assert node.effects() == [sent]


def test_a_search_waits_for_the_register_until_just_before_its_deadline(node: Parts) -> None:
    """The register may be back in time. If not, the asker gets ServerError in time, never "not found"."""
    node.register.fails = OSError()
    for _ in range(OPENS_AFTER):
        came(node, cgr_request())
    node.all_steps()
    came(node, cgr_request())
    asked = node.register.asked
    steps(node, 7)
    assert (node.hub.given, node.register.asked) == ([], asked + 1)  # one has tried
    steps(node, 1)
    bodies = [message.body for message in node.hub.messages]
    assert len(bodies) == OPENS_AFTER + 1
    assert {body.status_code for body in bodies if isinstance(body, ErrorNotification)} == {
        erru.ErrorStatus.SERVER_ERROR
    }
    assert [item["reason"] for item in escalations(node)] == ["register down"]


def test_a_search_is_answered_if_the_register_is_back_in_time(node: Parts) -> None:
    node.register.fails = OSError()
    for _ in range(OPENS_AFTER + 1):
        came(node, cgr_request())
    node.all_steps()
    node.register.fails = None
    steps(node, 6)
    assert {message.body.root for message in node.hub.messages} == {"CheckGoodRepute_Response"}
    assert len(node.hub.given) == OPENS_AFTER + 1


def test_a_search_that_failed_alone_is_tried_until_its_asker_stops_waiting(node: Parts) -> None:
    node.register.fails = OSError()
    came(node, cgr_request(), timeout=timedelta(seconds=10))
    steps(node, 7)
    assert (node.register.asked, node.hub.given) == (2, [])
    node.register.fails = None
    steps(node, 1)
    assert [message.body.root for message in node.hub.messages] == ["CheckGoodRepute_Response"]


def test_a_heartbeat_is_answered_during_an_outage(node: Parts) -> None:
    node.register.fails = OSError()
    for _ in range(OPENS_AFTER):
        came(node, cgr_request())
    node.all_steps()
    purpose, source = erru.RequestPurpose.HEARTBEAT, erru.RequestSource.HUB
    body = replace(cgr_request(), request_purpose=purpose, request_source=source)
    message = Exchange(HUB, erru.ERRU_3_5, node.clock).request(body, "FI")
    node.receiver.accept(written(message))
    node.all_steps()
    assert [message.body.root for message in node.hub.messages] == ["CheckGoodRepute_Response"]
    assert [item["done_at"] for item in escalations(node)] == [None]


def test_another_process_knows_that_messages_wait_and_that_they_go_on(node: Parts) -> None:
    """So does this one after a restart: the database keeps it."""
    sent = down(node)
    other = another(node)
    assert not other.step()
    asked = node.register.asked
    node.clock.forward(5)
    assert other.step()
    assert node.register.asked == asked + 1
    assert not node.worker.step()
    node.register.fails = None
    node.clock.forward(5)
    assert other.step()
    node.clock.forward(1)
    node.all_steps()
    assert sorted(node.effects()) == sorted(sent)


def test_messages_that_wait_for_the_register_are_not_said_to_lack_a_worker(node: Parts) -> None:
    """Nor are they when they go on: they are due since then."""
    down(node)
    steps(node, 900)
    node.register.fails = None
    node.clock.forward(60)
    assert node.worker.step()
    node.reaper.step()
    assert {item["reason"] for item in escalations(node)} == {"register down"}


def test_a_clock_that_is_set_back_makes_no_message_wait_longer(node: Parts) -> None:
    sent = down(node)
    node.clock.forward(-86_400)
    node.register.fails = None
    steps(node, 60)
    assert sorted(node.effects()) == sorted(sent)


def test_the_log_has_a_line_when_it_begins_one_a_minute_and_one_when_it_ends(
    node: Parts, caplog: pytest.LogCaptureFixture, limit_lines: LimitLines
) -> None:
    limit_lines(lambda: node.clock().timestamp())
    caplog.set_level(logging.INFO)
    for _ in range(MANY):
        came(node, nu_request())
    node.register.fails = OSError()
    steps(node, 600)
    node.register.fails = None
    steps(node, 60)
    lines = [line.getMessage() for line in caplog.records if line.name == "movehub.node.register_breaker"]
    name = "ERRU NotifyUnfitness_Request: "
    assert lines[0] == f"{name}the register failed with OSError, for 5 messages in a row; the others wait"
    assert 8 <= len(lines[1:-1]) <= 10
    assert lines[1] == (
        f"{name}it has failed since 2026-11-23T10:00:00Z, and {MANY} messages wait; last: the register failed"
        " with OSError"
    )
    assert lines[-1] == f"{name}it works again, and the messages that waited go on"
    others = [line for line in caplog.records if line.name == "movehub.node.worker"]
    assert len(others) == 1


def test_answers_wait_for_an_on_answer_that_fails_for_each_of_them(node: Parts) -> None:
    tickets = [node.sender.post(cgr_request(), "DK") for _ in range(MANY)]
    node.all_steps()
    for given in list(node.hub.given):
        request = erru.decode(given)
        node.receiver.accept(answer_of_the_hub(request, request.body.answer("DK", ()), node.clock()))
    works, node.correlator._on_answer = node.correlator._on_answer, failing
    steps(node, 600)
    assert [item["reason"] for item in escalations(node)] == ["register down"]
    assert "on_answer" in escalations(node)[0]["detail"]
    node.correlator._on_answer = works
    steps(node, 60)
    assert {ticket.state for ticket in tickets} == {"answered"}
    assert len(node.told) == MANY
    assert escalations(node)[0]["done_by"] == "movehub serve"


def failing(*_: object) -> None:
    raise OSError


def test_if_receipts_wait_for_the_register_those_of_an_outage_are_too_late_and_one_entry(
    store: Store, clock: Hands
) -> None:
    """`acknowledge = "when recorded"`. No answer leaves after its deadline, and each event is recorded."""
    node = Parts(store, clock)
    sent = [came(node, nu_request()) for _ in range(MANY)]
    node.register.fails = OSError()
    steps(node, 120)
    node.register.fails = None
    steps(node, 60)
    assert sorted(node.effects()) == sorted(sent)
    assert node.hub.given == []
    down, late = escalations(node)
    assert (down["reason"], down["done_by"]) == ("register down", "movehub serve")
    assert (late["reason"], late["times"], late["done_at"]) == ("too late", MANY, None)


@pytest.fixture
def node(store: Store, clock: Hands) -> Parts:
    return Parts(store, clock, when_stored=True)


def test_a_failure_that_comes_late_begins_no_second_outage(node: Parts) -> None:
    """The call began before that of another process succeeded, and took longer."""
    down(node)
    node.clock.forward(5)
    breaker, claim = node.worker._breaker, node.worker._queue.claim()
    assert claim is not None
    assert breaker.admits(claim)
    node.register.fails = None
    node.clock.forward(10)
    assert another(node).step()
    with node.store.writing() as connection:
        assert not breaker.failed(connection, claim, "it failed", node.clock())
    assert [item["done_by"] for item in escalations(node)] == ["movehub serve"]


def test_two_types_that_go_on_at_the_same_moment_resolve_their_escalation(node: Parts) -> None:
    """Neither process may take the other's type for one that still waits."""
    for root in ROOTS:
        with node.store.writing() as connection:
            outages.note_failure(connection, MessageType("ERRU", root), "it failed", node.clock())
    one, two = (MessageType("ERRU", root) for root in ROOTS)
    with ThreadPoolExecutor(1) as other:
        with node.store.writing() as connection:
            outages.end(connection, one, node.clock())
            ending = partial(outages.end, of=two, now=node.clock())
            second = other.submit(node.store.write, ending)
            if node.store.shared:
                wait([second], timeout=0.5)  # it must not end before this one
        assert second.result()
    assert [item["done_by"] for item in escalations(node)] == ["movehub serve"]


def test_a_type_that_waits_without_messages_makes_no_other_slower(node: Parts) -> None:
    """No message of it may try the register: the searches were answered."""
    node.register.fails = OSError()
    for _ in range(OPENS_AFTER):
        came(node, cgr_request())
    steps(node, 10)
    node.register.fails = None
    node.clock.forward(60)
    queue = WorkQueue(node.store, inbox.work(KINDS), capacity=16)
    for _ in range(16):
        came(node, nu_request())
    assert queue.claim() is not None
    assert len(queue._held) == 16


def test_a_notification_that_failed_for_good_in_an_outage_is_escalated_by_itself(
    store: Store, clock: Hands
) -> None:
    """The answer on the connection was an error, and the end of the outage does not repair that."""
    node = Parts(store, clock)
    queue = WorkQueue(store, inbox.work(KINDS))
    worker = Worker(store, node.responders, queue, synchronous=True)
    receiver = Receiver(store, node.responders["ERRU"].codec, synchronous=True)
    accept = SynchronousReceiver(receiver, store, worker.work_on).accept
    node.register.fails = OSError()
    messages = [from_denmark(nu_request(), clock()) for _ in range(OPENS_AFTER + 2)]
    assert {erru.decode(accept(written(each))).body.root for each in messages} == {"ErrorNotification"}
    node.register.fails = None
    clock.forward(5)
    last = from_denmark(nu_request(), clock())
    assert erru.decode(accept(written(last))).body.root == "NotifyUnfitness_Acknowledgement"
    is_open = {item["technical_id"] for item in escalations(node) if item["done_at"] is None}
    assert is_open == {str(each.header.technical_id) for each in messages}


def test_a_failure_of_one_type_hides_no_like_failure_of_another_in_the_log(
    node: Parts, caplog: pytest.LogCaptureFixture, limit_lines: LimitLines
) -> None:
    limit_lines(lambda: node.clock().timestamp())
    node.register.fails = OSError()
    for body in (nu_request(), ncr_request(), nu_request()):
        came(node, body)
    node.all_steps()
    lines = [line.getMessage() for line in caplog.records if line.name == "movehub.node.worker"]
    named = [line.partition(": ")[0] for line in lines]
    assert sorted(named) == ["ERRU NotifyCheckResult_Request", "ERRU NotifyUnfitness_Request"]


def test_messages_that_come_while_their_type_waits_cause_no_writes(
    node: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each claim would pass over all that wait, while it holds up those who store messages."""
    down(node)
    claims: list[int] = []
    monkeypatch.setattr(Work, "claim", lambda *_, **__: claims.append(1) or ())
    wakeup = WakeUp()
    queue = WorkQueue(node.store, inbox.work(KINDS), capacity=16, wakeup=wakeup, poll=60.0)
    for _ in range(MANY):
        came(node, nu_request())
        wakeup.notify()
        assert queue.claim() is None
    assert claims == []
