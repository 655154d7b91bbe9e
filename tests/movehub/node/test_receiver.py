"""Receiving: what is said to be received is on the disk, once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from movehub.errors import AnswerPending, ForbiddenDoctype, IdentifierReused, InvalidIncoming, StoreFailed
from movehub.node.receiver import Receiver, SynchronousReceiver
from movehub.node.work_queue import WorkQueue
from movehub.node.worker import Worker
from movehub.records.values import Uuid
from movehub.store import inbox
from movehub.store.escalations import Reason, open_escalations
from movehub.store.tables import INBOX, Kind, Received
from sqlalchemy import text, update

import erru_client as erru
from tests.support.erru_examples import ctud_request, ncr_request, nu_request, rsi_request
from tests.support.examples import CANARY, NOW, cgr_request
from tests.support.nodes import Parts, answer_of_the_hub, error_of_the_hub, from_denmark, written


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (cgr_request(), Kind.QUERY),
        (ctud_request(), Kind.QUERY),
        (ncr_request(), Kind.NOTIFICATION),
        (nu_request(), Kind.NOTIFICATION),
        (rsi_request(), Kind.NOTIFICATION),
    ],
)
def test_every_request_is_kept_by_what_it_asks(node: Parts, body: Any, kind: Kind) -> None:
    data = written(from_denmark(body, node.clock()))
    assert node.receiver.accept(data, "CN=hub") == b""
    (row,) = node.inbox()
    assert (row["kind"], row["state"], row["document"], row["peer"]) == (kind, "received", data, "CN=hub")


def test_answers_and_errors_are_kept_too(node: Parts) -> None:
    request = erru.decode(written(node.sender._exchange.request(cgr_request(), "DK")))
    node.receiver.accept(answer_of_the_hub(request, request.body.answer("DK", ()), node.clock()))
    node.receiver.accept(error_of_the_hub(request, erru.ErrorStatus.TIMEOUT, node.clock()))
    assert {row["kind"] for row in node.inbox()} == {Kind.ANSWER, Kind.ERROR}


def test_the_same_document_again_is_kept_once(node: Parts) -> None:
    data = written(from_denmark(nu_request(), node.clock()))
    for _ in range(3):
        node.receiver.accept(data)
    assert len(node.inbox()) == 1


def test_an_identifier_in_other_letters_is_the_same(node: Parts) -> None:
    message = from_denmark(nu_request(), node.clock())
    node.receiver.accept(written(message))
    shouted = Uuid(str(message.header.technical_id).upper())
    with pytest.raises(IdentifierReused):
        node.receiver.accept(written(replace(message, header=replace(message.header, technical_id=shouted))))


def test_other_bytes_under_a_known_identifier_are_refused_and_reported(node: Parts) -> None:
    message = from_denmark(nu_request(), node.clock())
    node.receiver.accept(written(message))
    other = replace(message.header, sent_at=node.clock() - timedelta(seconds=1))
    with pytest.raises(IdentifierReused):
        node.receiver.accept(written(replace(message, header=other)))
    assert len(node.inbox()) == 1
    assert node.attention() == ["identifier reused"]


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"<!DOCTYPE x><x/>", ForbiddenDoctype),
        (written(from_denmark(nu_request(), NOW)).replace(b"unfitStartDate", b"unfitBegan"), InvalidIncoming),
    ],
)
def test_what_cannot_be_read_is_refused_and_not_kept(
    node: Parts, data: bytes, error: type[Exception]
) -> None:
    with pytest.raises(error):
        node.receiver.accept(data)
    assert node.inbox() == []


def test_what_cannot_be_read_is_told_to_a_person_and_the_log_not_only_to_its_sender(
    node: Parts, caplog: pytest.LogCaptureFixture
) -> None:
    """After a change of edition each message would be refused, while nothing seemed to need anybody."""
    document = written(from_denmark(cgr_request(), NOW)).replace(b"businessCaseId", b"caseOf")
    for _ in range(3):
        with pytest.raises(InvalidIncoming):
            node.receiver.accept(document, "CN=hub")
    with node.store.reading() as connection:
        [item] = open_escalations(connection)
    assert (item.reason, item.times, item.detail) == (Reason.UNREADABLE, 3, "InvalidIncoming")
    assert "a document of 'CN=hub' is rejected: ERRU CGR: CheckGoodRepute_Request" in caplog.text
    assert CANARY not in caplog.text


def test_nothing_is_said_to_be_received_that_the_database_did_not_take(node: Parts) -> None:
    with node.store.writing() as connection:
        connection.execute(text("DROP TABLE inbox"))
    with pytest.raises(StoreFailed):
        node.receiver.accept(written(from_denmark(nu_request(), node.clock())))


def test_the_hub_says_until_when_it_waits_and_else_ten_seconds_count(node: Parts) -> None:
    now = node.clock()
    node.receiver.accept(written(from_denmark(cgr_request(), now, timeout=timedelta(seconds=18))))
    node.receiver.accept(written(from_denmark(ctud_request(), now, timeout=None)))
    assert {row["root"]: row["answer_by"] - now for row in node.inbox()} == {
        "CheckGoodRepute_Request": timedelta(seconds=18),
        "CheckTransportUndertakingData_Request": timedelta(seconds=10),
    }
    assert node.attention() == []


@pytest.mark.parametrize(
    ("sent", "timeout"),
    [(45, 10), (0, -5), (0, 600)],
    ids=["sent in the future", "a deadline before it was sent", "a deadline far ahead"],
)
def test_clocks_that_are_apart_are_reported_once(node: Parts, sent: int, timeout: int) -> None:
    then = node.clock() + timedelta(seconds=sent)
    for _ in range(2):
        message = from_denmark(cgr_request(), then, timeout=timedelta(seconds=timeout))
        node.receiver.accept(written(message))
    assert node.attention() == ["clock"]
    assert all(row["answer_by"] > node.clock() for row in node.inbox())


def test_what_failed_and_comes_again_has_a_second_chance(node: Parts) -> None:
    data = written(from_denmark(nu_request(), node.clock()))
    node.receiver.accept(data)
    node.store.write(lambda connection: connection.execute(update(INBOX).values(state=Received.FAILED)))
    node.receiver.accept(data)
    assert [row["state"] for row in node.inbox()] == [Received.RECEIVED]


def _answering(node: Parts, patience: float = 0.0) -> SynchronousReceiver:
    kinds = (Kind.QUERY, Kind.NOTIFICATION, Kind.HEARTBEAT)
    worker = Worker(node.store, node.responders, WorkQueue(node.store, inbox.work(kinds)), synchronous=True)
    receiver = Receiver(node.store, erru.CODEC, synchronous=True)
    return SynchronousReceiver(receiver, node.store, worker.work_on, patience=patience)


def test_the_synchronous_interface_leaves_what_it_could_not_finish_to_the_workers(node: Parts) -> None:
    data = written(from_denmark(nu_request(), node.clock()))
    Receiver(node.store, erru.CODEC, synchronous=True).accept(data)  # and then the process died
    assert not node.worker.step()
    node.clock.forward(60)
    assert node.worker.step()
    assert len(node.effects()) == 1


def test_the_synchronous_interface_answers_and_keeps_what_it_answered(node: Parts) -> None:
    message = from_denmark(nu_request(), node.clock())
    answer = _answering(node).accept(written(message))
    assert erru.decode(answer).header.workflow_id == message.header.workflow_id
    (row,) = node.outbox()
    assert (row["document"], row["state"]) == (answer, "delivered")
    assert not node.courier.step()


def test_the_synchronous_interface_gives_the_same_answer_to_the_same_document(node: Parts) -> None:
    data = written(from_denmark(nu_request(), node.clock()))
    answering = _answering(node)
    assert answering.accept(data) == answering.accept(data)
    assert len(node.effects()) == 1


def test_the_synchronous_interface_answers_no_answer(node: Parts) -> None:
    request = node.sender._exchange.request(cgr_request(), "DK")
    data = answer_of_the_hub(request, request.body.answer("DK", ()), node.clock())
    assert _answering(node).accept(data) == b""


def test_the_synchronous_interface_waits_for_the_answer_of_another_worker(node: Parts) -> None:
    """After a restart a worker may have claimed the message that the hub sends again."""
    data = written(from_denmark(nu_request(), node.clock()))
    node.receiver.accept(data)
    with ThreadPoolExecutor(1) as elsewhere:

        def another_has_it(_: str) -> bool:
            elsewhere.submit(node.worker.step)
            return False

        answer = SynchronousReceiver(node.receiver, node.store, another_has_it, patience=10).accept(data)
    assert answer == node.outbox()[0]["document"]
    assert len(node.effects()) == 1


def test_a_message_that_somebody_else_works_on_is_not_answered_twice(node: Parts) -> None:
    data = written(from_denmark(nu_request(), node.clock()))
    node.receiver.accept(data)
    assert inbox.work((Kind.NOTIFICATION,)).claim(node.store)
    with pytest.raises(AnswerPending):
        _answering(node).accept(data)
