"""Who sent which message, and who read which answer: the journal of a client and of its commands.

Arrêté of 13 October 2004: each access has an author, a date and an hour.
"""

from __future__ import annotations

import logging
from typing import Any

import pytest
from movehub.actor import actor
from movehub.errors import InvalidConfiguration, StoreFailed
from movehub.store import Store
from movehub.store.journal import Access, Entry, check
from movehub.store.tables import JOURNAL
from sqlalchemy import select

import erru_client as erru
from tests.support.databases import Hands
from tests.support.erru_examples import ncr_request, penalty
from tests.support.erru_messages import ncr_response
from tests.support.examples import cgr_request
from tests.support.nodes import Parts, answer_of_the_hub, from_denmark, written


@pytest.fixture
def node(store: Store, clock: Hands) -> Parts:
    return Parts(store, clock)


class Denmark:
    """A transport that answers for Denmark at once, and counts what it got."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self._responder = erru.responder(Register(), "DK", "Færdselsstyrelsen")  # type: ignore[arg-type]

    def post(self, data: bytes) -> bytes:
        self.sent.append(data)
        return self._responder.handle(data)


class Register:
    """A register that knows nobody and takes every notification."""

    def check_good_repute(self, search: object) -> tuple[erru.FoundTransportManager, ...]:
        return ()

    def __getattr__(self, name: str) -> Any:
        return lambda *_: None


def lines(store: Store) -> list[tuple[Any, ...]]:
    """Return access, actor, system and the identifiers of each line."""
    columns = JOURNAL.c
    with store.reading() as connection:
        assert check(store.journal, connection).whole
        wanted = select(
            columns.access, columns.actor, columns.system, columns.technical_id, columns.workflow_id
        ).order_by(columns.seq)
        return [tuple(row) for row in connection.execute(wanted)]


def ids(message: Any) -> tuple[str, str]:
    return str(message.header.technical_id).lower(), str(message.header.workflow_id).lower()


def test_a_search_has_a_line_of_its_author_and_its_answer_one_of_its_reader(store: Store) -> None:
    there = Denmark()
    reply = erru.ErruClient("FI", there, store=store).send(cgr_request(), "DK", by="service 7")
    assert lines(store) == [
        ("communicated", "service 7", "ERRU", *ids(erru.decode(there.sent[0]))),
        ("consulted", "service 7", "ERRU", *ids(reply)),
    ]


def test_a_later_response_has_its_author(store: Store, clock: Any) -> None:
    client = erru.ErruClient("FI", Denmark(), store=store)
    client.respond(from_denmark(ncr_request(penalty(1)), clock()), ncr_response(), by="service 7")
    assert {actor for _, actor, *_ in lines(store)} == {"service 7"}


def test_the_author_of_a_call_counts_before_that_of_the_client_and_this_before_the_default(
    store: Store,
) -> None:
    erru.ErruClient("FI", Denmark(), store=store).send(cgr_request(), "DK")
    client = erru.ErruClient("FI", Denmark(), store=store, by="batch")
    client.send(cgr_request(), "DK")
    client.send(cgr_request(), "DK", by="service 7")
    assert [actor for _, actor, *_ in lines(store)][::2] == [actor(), "batch", "service 7"]


def test_without_a_store_there_is_no_journal_and_no_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("movehub.client.actor", lambda _: pytest.fail("nobody asks who it is"))
    assert erru.ErruClient("FI", Denmark()).send(cgr_request(), "DK").complete


def test_nothing_is_sent_without_an_author_or_without_its_line(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = Denmark()
    client = erru.ErruClient("FI", there, store=store)
    with pytest.raises(InvalidConfiguration, match="who you are"):
        client.send(cgr_request(), "DK", by=" ")
    monkeypatch.setattr(store, "record", _failing)
    with pytest.raises(StoreFailed):
        client.send(cgr_request(), "DK")
    assert there.sent == []


def _failing(*_: Any, **__: Any) -> None:
    raise StoreFailed("the disk is full")


def _failing_at_the_answer(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    record = store.record

    def first(*changes: Any, **options: Any) -> None:
        monkeypatch.setattr(store, "record", _failing)
        record(*changes, **options)

    monkeypatch.setattr(store, "record", first)


def test_an_answer_to_a_search_is_not_read_without_its_line(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = erru.ErruClient("FI", Denmark(), store=store)
    _failing_at_the_answer(store, monkeypatch)
    with pytest.raises(StoreFailed):
        client.send(cgr_request(), "DK")


def test_a_notification_that_was_sent_never_looks_unsent_because_of_the_journal(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    client = erru.ErruClient("FI", Denmark(), store=store)
    _failing_at_the_answer(store, monkeypatch)
    with caplog.at_level(logging.ERROR):
        assert client.send(ncr_request(penalty(1)), "DK").body is not None
    assert "the journal has no line about reading" in caplog.text


def test_a_posted_request_has_its_author_and_the_courier_its_own_line(node: Parts) -> None:
    ticket = node.sender.post(cgr_request(), "DK", by="service 7")
    node.requester.step()
    assert [line[:2] for line in lines(node.store)] == [
        ("communicated", "service 7"),
        ("communicated", "courier"),
    ]
    assert {line[3] for line in lines(node.store)} == {ticket.technical_id}


def test_the_answer_of_a_ticket_is_read_once_by_each_who_has_the_ticket(node: Parts) -> None:
    ticket = node.sender.post(cgr_request(), "DK", by="service 7")
    assert ticket.answer is None
    node.requester.step()
    request = erru.decode(node.outbox()[-1]["document"])
    node.receiver.accept(answer_of_the_hub(request, request.body.answer("DK", ()), node.clock()))
    node.all_steps()
    before = len(lines(node.store))
    assert ticket.answer is not None
    assert ticket.wait(0) is not None
    assert node.sender.ticket(ticket.technical_id, by="service 8").answer is not None
    read = lines(node.store)[before:]
    assert [line[:2] for line in read] == [("consulted", "service 7"), ("consulted", "service 8")]
    assert {line[3] for line in read} == {node.outbox()[-1]["answered_by"]}


def test_a_posted_response_has_its_author(node: Parts) -> None:
    received = from_denmark(ncr_request(penalty(1)), node.clock())
    node.sender.post_response(received, ncr_response(), by="service 7")
    assert lines(node.store)[0][:2] == ("communicated", "service 7")


def test_a_line_without_an_author_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="needs an author"):
        Entry(Access.CONSULTED, " ")


def test_a_message_that_came_without_a_certificate_has_the_node_as_its_author(node: Parts) -> None:
    node.receiver.receive(written(from_denmark(cgr_request(), node.clock())))
    assert lines(node.store)[0][:2] == ("collected", "node")
