"""What a node's own steps leave in journal, statistics and queue, and that it names nobody."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest
from movehub.actor import actor
from movehub.errors import HttpRefused, OutcomeUnknown
from movehub.store.escalations import open_escalations
from movehub.store.metrics import metrics
from movehub.store.retention import prune
from movehub.store.statistics import UNANSWERED
from movehub.store.tables import METADATA
from sqlalchemy import select, text

import erru_client as erru
from tests.support.erru_examples import nu_request
from tests.support.examples import CANARY, cgr_request, found_manager
from tests.support.nodes import Parts, answer_of_the_hub, error_of_the_hub, from_denmark, written
from tests.support.recorded import journal, statistics

#: The line of who posted a request of ours.
POSTED = ("communicated", actor())


def test_a_search_that_came_is_in_journal_and_statistics(node: Parts) -> None:
    node.receiver.accept(written(from_denmark(cgr_request(), node.clock())), "CN=hub")
    node.clock.forward(2)
    node.all_steps()
    assert journal(node) == [
        ("collected", "CN=hub"),
        ("consulted", "register"),
        ("communicated", "courier"),
    ]
    assert statistics(node) == [("DK", "FI", "query", "NotFound", timedelta(seconds=2))]


def test_the_same_document_again_is_no_second_access(node: Parts) -> None:
    document = written(from_denmark(nu_request(), node.clock()))
    for _ in range(3):
        node.receiver.accept(document, "CN=hub")
        node.all_steps()
    assert [access for access, _ in journal(node)] == ["collected", "changed", "communicated"]
    assert [status for *_, status, _ in statistics(node)] == ["OK"]


def test_a_search_that_is_past_its_deadline_counts_as_not_answered(node: Parts) -> None:
    node.receiver.accept(written(from_denmark(cgr_request(), node.clock())))
    node.clock.forward(11)
    node.all_steps()
    assert statistics(node) == [("DK", "FI", "query", UNANSWERED, None)]


def test_a_register_that_fails_counts_as_an_error_and_not_as_an_answer(node: Parts) -> None:
    node.register.fails = RuntimeError(CANARY)
    node.receiver.accept(written(from_denmark(cgr_request(), node.clock())))
    for _ in range(9):
        node.all_steps()
        node.clock.forward(1)
    assert [status for *_, status, _ in statistics(node)] == ["error:ServerError"]


def asked(node: Parts) -> Any:
    node.sender.post(cgr_request(), "DK")
    node.all_steps()
    return node.hub.messages[-1]


def found(request: Any) -> Any:
    return request.body.answer("DK", (found_manager(),))


def test_a_search_of_ours_is_counted_when_its_answer_comes(node: Parts) -> None:
    request = asked(node)
    node.clock.forward(3)
    node.receiver.accept(answer_of_the_hub(request, found(request), node.clock()))
    node.all_steps()
    assert statistics(node) == [("FI", "DK", "request", "Found", timedelta(seconds=3))]


def test_a_search_of_ours_that_nobody_answers_is_counted_once_even_if_the_answer_comes_late(
    node: Parts,
) -> None:
    request = asked(node)
    node.clock.forward(60)
    node.all_steps()
    node.receiver.accept(answer_of_the_hub(request, found(request), node.clock()))
    node.all_steps()
    assert statistics(node) == [("FI", "DK", "request", UNANSWERED, None)]


def test_a_request_whose_answer_comes_before_its_202_went_out_once(node: Parts) -> None:
    """The hub may answer on its own connection before it ends the reply on ours."""

    def answers_first(data: bytes) -> None:
        request = erru.decode(data)
        node.receiver.accept(answer_of_the_hub(request, found(request), node.clock()), "CN=hub")
        node.correlator.step()

    node.hub.before = answers_first
    asked(node)
    assert journal(node)[0] == POSTED
    assert sorted(journal(node)[1:]) == [("collected", "CN=hub"), ("communicated", "courier")]


@pytest.mark.parametrize("ours", [True, False])
def test_what_was_refused_went_out_once(node: Parts, ours: bool) -> None:
    """Whoever says 400 to a message has had it before its eyes."""
    node.hub.replies = [HttpRefused(400)]
    if ours:
        asked(node)
    else:
        node.receiver.accept(written(from_denmark(cgr_request(), node.clock())))
        node.all_steps()
    assert [row["state"] for row in node.outbox()] == ["refused"]
    assert journal(node).count(("communicated", "courier")) == 1


def test_a_request_whose_outcome_is_unknown_went_out_once(node: Parts) -> None:
    """It may have; and its answer, however late, is no second time."""
    node.hub.replies = [OutcomeUnknown("gone")]
    request = asked(node)
    assert journal(node) == [POSTED, ("communicated", "courier")]
    node.receiver.accept(answer_of_the_hub(request, found(request), node.clock()), "CN=hub")
    node.all_steps()
    assert journal(node) == [POSTED, ("communicated", "courier"), ("collected", "CN=hub")]


def test_a_request_whose_process_died_on_the_way_went_out_once(node: Parts) -> None:
    def dies(_: bytes) -> None:
        raise KeyboardInterrupt

    node.hub.before = dies
    with pytest.raises(KeyboardInterrupt):
        asked(node)
    node.clock.forward(60)
    node.all_steps()
    assert journal(node) == [POSTED, ("communicated", "courier")]


def test_whatever_goes_wrong_the_canary_stands_in_documents_alone(
    node: Parts, caplog: pytest.LogCaptureFixture
) -> None:
    """Found, failed, unsolicited, notified of an error, unanswered: in no other column, no log, no figure."""
    caplog.set_level(logging.DEBUG)
    node.register.found = (found_manager(),)
    node.receiver.accept(written(from_denmark(cgr_request(), node.clock())))
    node.all_steps()
    node.register.fails = RuntimeError(CANARY)
    node.receiver.accept(written(from_denmark(nu_request(), node.clock() + timedelta(hours=1))))
    request = asked(node)
    node.receiver.accept(error_of_the_hub(request, erru.ErrorStatus.OTHER, node.clock()))
    node.all_steps()
    node.receiver.accept(answer_of_the_hub(request, found(request), node.clock()))
    node.all_steps()
    asked(node)
    node.clock.forward(120)
    node.all_steps()
    told: list[Any] = [caplog.text, *node.attention()]
    node.clock.forward(timedelta(days=200).total_seconds())
    told.append(prune(node.store, node.store.journal))
    with node.store.reading() as connection:
        told += [item.plain() for item in open_escalations(connection)]
        told.append(metrics(connection, node.clock()))
        for table in METADATA.sorted_tables:
            columns = [column for column in table.c if column.name != "document"]
            told += [tuple(row) for row in connection.execute(select(*columns))]
        kept = connection.execute(text("SELECT document FROM outbox WHERE document IS NOT NULL")).scalars()
        assert any(CANARY.encode() in bytes(document) for document in kept), "it was never there"
    assert len(set(node.attention())) >= 4
    assert CANARY not in repr(told)
    assert "Žofia" not in repr(told)
