"""Sending without waiting: tickets, and answers that come late, twice, or for nobody."""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from movehub.errors import (
    AnswerPending,
    ErrorNotified,
    HttpRefused,
    InvalidConfiguration,
    InvalidOutgoing,
    MessageNotFound,
    NotSent,
    OutcomeUnknown,
)
from movehub.node.couriers import RequestCourier
from movehub.protocol.exchange import Exchange
from movehub.protocol.message import Message
from movehub.protocol.outcome import Outcome
from movehub.protocol.rate_limit import RateLimit
from movehub.protocol.request_outcome import RequestOutcome, Result
from movehub.protocol.workflow import HUB
from movehub.store.escalations import Reason, open_escalations, resolve
from movehub.store.retention import prune
from movehub.store.tables import WORKFLOW, Sent
from sqlalchemy import select

import erru_client as erru
from erru_client import SearchByName
from tests.support.clock import Clock
from tests.support.erru_examples import ncr_request, nu_request, penalty
from tests.support.erru_messages import ncr_response
from tests.support.examples import CANARY, cgr_request
from tests.support.nodes import Parts, answer_of_the_hub, error_of_the_hub, from_denmark, written
from tests.support.recorded import journal, statistics


def _sent(node: Parts) -> Message[Any]:
    """The last request of ours, as it left."""
    return erru.decode(node.outbox()[-1]["document"])


def _answer(node: Parts) -> bytes:
    request = _sent(node)
    return answer_of_the_hub(request, request.body.answer("DK", ()), node.clock())


def test_a_client_posts_what_a_node_sends(node: Parts) -> None:
    with erru.ErruClient("FI", _Nowhere(), store=node.store) as client:
        ticket = client.post(cgr_request(), "DK")
        node.requester.step()
        node.receiver.accept(_answer(node))
        node.correlator.step()
        assert client.ticket(ticket.technical_id).wait(0).body.root == "CheckGoodRepute_Response"


def test_a_client_without_a_store_posts_nothing() -> None:
    with erru.ErruClient("FI", _Nowhere()) as client:
        with pytest.raises(InvalidConfiguration, match="store"):
            client.post(cgr_request(), "DK")


class _Nowhere:
    def post(self, data: bytes) -> bytes:
        raise AssertionError("nothing is sent by the client itself")


def test_a_ticket_is_there_before_anything_is_sent(node: Parts) -> None:
    ticket = node.sender.post(cgr_request(), "DK")
    assert (ticket.state, ticket.answer, node.hub.given) == (Sent.PREPARED, None, [])
    with pytest.raises(AnswerPending):
        ticket.wait(0)


def test_what_may_not_be_sent_is_refused_at_once_and_not_kept(node: Parts) -> None:
    with pytest.raises(InvalidOutgoing):
        node.sender.post(cgr_request(), "FI")
    assert node.outbox() == []


def test_a_rule_that_the_call_names_does_not_stop_a_posted_notification(node: Parts) -> None:
    undated = nu_request(unfit_from=None)
    with erru.ErruClient("FI", _Nowhere(), store=node.store) as client:
        with pytest.raises(InvalidOutgoing, match="NU-1"):
            client.post(undated, "DK")
        assert node.outbox() == []
        client.post(undated, "DK", despite=["NU-1"])
    assert _sent(node).body == undated


def test_the_answer_reaches_the_ticket_and_whoever_wants_to_be_told(node: Parts) -> None:
    ticket = node.sender.post(cgr_request(), "DK")
    node.requester.step()
    node.receiver.accept(_answer(node))
    node.correlator.step()
    answer = ticket.wait(0)
    assert (ticket.state, answer.body.root) == (Sent.ANSWERED, "CheckGoodRepute_Response")
    assert [(request.body, told) for request, told in node.told] == [(cgr_request(), answer)]
    assert node.attention() == []


def test_an_answer_that_comes_weeks_later_finds_its_request(node: Parts) -> None:
    ticket = node.sender.post(cgr_request(), "DK")
    node.all_steps()
    node.clock.forward(timedelta(weeks=5).total_seconds())
    node.all_steps()
    with pytest.raises(OutcomeUnknown):
        ticket.wait(0)
    node.receiver.accept(_answer(node))
    node.all_steps()
    assert ticket.wait(0).body.root == "CheckGoodRepute_Response"
    assert node.sender.ticket(ticket.technical_id.upper()).state is Sent.ANSWERED


def test_what_was_said_of_a_request_is_done_with_once_its_answer_has_come(node: Parts) -> None:
    """Nobody should be told to ask again for what is here."""
    node.sender.post(cgr_request(), "DK")
    node.all_steps()
    node.clock.forward(60)
    node.all_steps()
    assert _open(node) == [Reason.NO_ANSWER]
    node.receiver.accept(_answer(node))
    node.all_steps()
    assert _open(node) == []


def test_an_answer_that_nobody_takes_is_not_said_to_be_missing(node: Parts) -> None:
    ticket = node.sender.post(cgr_request(), "DK")
    node.requester.step()
    node.receiver.accept(_answer(node))
    node.correlator._on_answer = _failing
    node.clock.forward(60)
    node.all_steps()
    assert Reason.NO_ANSWER not in _open(node)
    assert ticket.state is Sent.DELIVERED


def _open(node: Parts) -> list[Reason]:
    with node.store.reading() as connection:
        return [item.reason for item in open_escalations(connection)]


def test_an_answer_may_come_before_its_request_is_known_to_be_delivered(node: Parts) -> None:
    ticket = node.sender.post(cgr_request(), "DK")

    def answer_first(_: bytes) -> None:
        node.receiver.accept(_answer(node))
        node.correlator.step()

    node.hub.before = answer_first
    node.requester.step()
    assert ticket.state is Sent.ANSWERED


def test_an_answer_wakes_who_waits_for_it(node: Parts) -> None:
    ticket = node.sender.post(cgr_request(), "DK")
    node.requester.step()
    answers: list[Any] = []
    waiting = Thread(target=lambda: answers.append(ticket.wait(10)))
    waiting.start()
    node.receiver.accept(_answer(node))
    node.correlator.step()
    waiting.join()
    assert len(answers) == 1


def test_an_answer_that_comes_when_its_request_was_removed_is_parked_and_reported(node: Parts) -> None:
    """Annex VII ends the keeping of the request; without it nobody can say that this is its answer."""
    node.sender.post(cgr_request(), "DK")
    node.all_steps()
    (request,) = node.hub.messages
    node.clock.forward(60)
    node.all_steps()
    assert node.attention() == ["no answer"]
    with node.store.writing() as connection:
        (item,) = open_escalations(connection)
        resolve(connection, item.id, by="service 7", at=node.clock())
    node.clock.forward(timedelta(days=200).total_seconds())
    prune(node.store, node.store.journal)
    assert [row["document"] for row in node.outbox()] == [None]
    node.receiver.accept(answer_of_the_hub(request, request.body.answer("DK", ()), node.clock()))
    node.all_steps()
    assert [row["state"] for row in node.inbox()] == ["parked"]
    assert node.attention()[1:] == ["unsolicited"]
    assert node.told == []


def test_a_second_answer_is_parked_and_reported(node: Parts) -> None:
    node.sender.post(cgr_request(), "DK")
    node.requester.step()
    for _ in range(2):
        node.receiver.accept(_answer(node))
    node.all_steps()
    assert sorted(row["state"] for row in node.inbox()) == ["parked", "processed"]
    assert (len(node.told), node.attention()) == (1, ["unsolicited"])


def test_an_answer_to_nothing_is_parked_and_reported(node: Parts) -> None:
    request = node.sender._exchange.request(cgr_request(), "DK")
    node.receiver.accept(answer_of_the_hub(request, request.body.answer("DK", ()), node.clock()))
    node.all_steps()
    assert [row["state"] for row in node.inbox()] == ["parked"]
    assert (node.told, node.attention(), node.outbox()) == ([], ["unsolicited"], [])


def test_an_answer_that_does_not_repeat_the_question_is_parked_and_reported(node: Parts) -> None:
    ticket = node.sender.post(cgr_request(), "DK")
    node.requester.step()
    request = _sent(node)
    node.receiver.accept(answer_of_the_hub(request, request.body.answer("SE", ()), node.clock()))
    node.all_steps()
    assert node.attention() == ["not correlated"]
    with pytest.raises(AnswerPending):
        ticket.wait(0)


def test_an_answer_in_other_letter_case_or_blanks_is_the_tickets_and_the_log_names_the_field(
    node: Parts, caplog: pytest.LogCaptureFixture
) -> None:
    ticket = node.sender.post(cgr_request(), "DK")
    node.requester.step()
    request = _sent(node)
    name = request.body.searched_transport_manager.name
    search = SearchByName(name=replace(name, family_name=f"{CANARY[:3]} {CANARY[3:]}".upper()))
    respelt = replace(request.body, searched_transport_manager=search)
    node.receiver.accept(answer_of_the_hub(request, respelt.answer("DK", ()), node.clock()))
    node.all_steps()
    assert ticket.wait(0).body.member_states[0].outcome is Outcome.NOT_FOUND
    assert node.attention() == []
    assert [each for each in caplog.messages if each.startswith(ticket.technical_id)] == [
        f"{ticket.technical_id}: the answer repeats the search in other letter case or with other blanks: "
        "SearchByName.name.family_name"
    ]


def test_an_error_notification_takes_the_place_of_the_answer_and_is_never_answered(node: Parts) -> None:
    ticket = node.sender.post(cgr_request(), "DK")
    node.requester.step()
    node.receiver.accept(error_of_the_hub(_sent(node), erru.ErrorStatus.INVALID_DATA, node.clock()))
    node.all_steps()
    with pytest.raises(ErrorNotified) as raised:
        ticket.wait(0)
    assert raised.value.notification.status_code is erru.ErrorStatus.INVALID_DATA
    assert node.attention() == ["error notified"]
    assert [row["kind"] for row in node.outbox()] == ["request"]


@pytest.mark.parametrize(("sender", "to"), [("SE", "FI"), ("DK", "PL"), ("SE", "PL"), (HUB, "PL")])
def test_an_error_for_another_or_of_a_state_not_asked_is_parked_and_answers_nothing(
    node: Parts, sender: str, to: str
) -> None:
    ticket = node.sender.post(cgr_request(), "DK")
    node.requester.step()
    true = _answer(node)
    stray = Exchange(sender, erru.ERRU_3_5, node.clock)
    error = stray.error(_sent(node), erru.ErrorStatus.SERVER_ERROR, "no", b"", to=to)
    node.receiver.accept(written(error))
    node.all_steps()
    assert (ticket.state, node.attention()) == (Sent.DELIVERED, ["not correlated"])
    assert [row["state"] for row in node.inbox()] == ["parked"]
    node.receiver.accept(true)
    node.all_steps()
    assert ticket.wait(0).body.root == "CheckGoodRepute_Response"


def test_an_error_for_another_in_an_answered_workflow_is_parked(node: Parts) -> None:
    node.sender.post(cgr_request(), "DK")
    node.requester.step()
    node.receiver.accept(_answer(node))
    node.all_steps()
    error = Exchange(HUB, erru.ERRU_3_5, node.clock).error(
        _sent(node), erru.ErrorStatus.OTHER, "no", b"", to="PL"
    )
    node.receiver.accept(written(error))
    node.all_steps()
    assert sorted(row["state"] for row in node.inbox()) == ["parked", "processed"]
    assert node.attention() == ["unsolicited"]


def test_an_answer_takes_the_place_of_an_error_and_no_error_that_of_an_answer(node: Parts) -> None:
    """The hub may report that a state is late, and then that state answers."""
    ticket = node.sender.post(cgr_request(), "DK")
    node.requester.step()
    request = _sent(node)
    for _ in range(2):
        node.receiver.accept(error_of_the_hub(request, erru.ErrorStatus.TIMEOUT, node.clock()))
        node.all_steps()
        with pytest.raises(ErrorNotified):
            ticket.wait(0)
    node.receiver.accept(_answer(node))
    node.receiver.accept(error_of_the_hub(request, erru.ErrorStatus.OTHER, node.clock()))
    node.all_steps()
    assert ticket.wait(0).body.root == "CheckGoodRepute_Response"
    assert [told.body.root for _, told in node.told] == ["ErrorNotification", "CheckGoodRepute_Response"]
    assert node.attention() == ["error notified"] * 3
    assert [status for *_, status, _ in statistics(node)] == ["error:Timeout"]
    assert journal(node).count(("communicated", "courier")) == 1
    node.receiver.accept(_answer(node))
    node.all_steps()
    assert node.attention() == [*["error notified"] * 3, "unsolicited"]


def test_an_error_about_an_answer_of_ours_is_reported(node: Parts) -> None:
    message = from_denmark(nu_request(), node.clock())
    node.receiver.accept(written(message))
    node.all_steps()
    answer = erru.decode(node.hub.given[0])
    node.receiver.accept(error_of_the_hub(answer, erru.ErrorStatus.RESPONSE_NOT_CORRELATED, node.clock()))
    node.all_steps()
    assert node.attention() == ["error notified"]
    assert len(node.hub.given) == 1


def test_an_error_about_nothing_is_parked(node: Parts) -> None:
    request = node.sender._exchange.request(cgr_request(), "DK")
    node.receiver.accept(error_of_the_hub(request, erru.ErrorStatus.OTHER, node.clock()))
    node.all_steps()
    assert ([row["state"] for row in node.inbox()], node.attention()) == (["parked"], ["unsolicited"])


def test_an_answer_stays_until_whoever_wants_to_be_told_has_taken_it(node: Parts) -> None:
    ticket = node.sender.post(cgr_request(), "DK")
    node.requester.step()
    node.receiver.accept(_answer(node))
    taking, node.correlator._on_answer = node.correlator._on_answer, _failing
    node.correlator.step()
    assert ticket.state is Sent.DELIVERED
    node.correlator._on_answer = taking
    node.clock.forward(15)
    node.correlator.step()
    assert (ticket.state, len(node.told)) == (Sent.ANSWERED, 1)


def _failing(*_: object) -> None:
    raise OSError


@pytest.mark.parametrize("error", [ValueError, SystemExit, CancelledError])
def test_who_cannot_take_an_answer_three_times_is_shown_to_a_person_once(
    node: Parts, error: type[BaseException], caplog: pytest.LogCaptureFixture
) -> None:
    ticket = node.sender.post(cgr_request(), "DK")
    node.requester.step()
    node.receiver.accept(_answer(node))

    def failing(*_: object) -> None:
        raise error(CANARY)

    taking, node.correlator._on_answer = node.correlator._on_answer, failing
    called = []
    for _ in range(5):
        assert node.correlator.step()
        called.append(node.attention())
        node.clock.forward(15)
    assert called == [[], [], *[["register failed"]] * 3]
    assert CANARY not in caplog.text
    node.correlator._on_answer = taking
    node.correlator.step()
    assert (ticket.state, len(node.told)) == (Sent.ANSWERED, 1)


@pytest.mark.parametrize(
    ("reply", "error"),
    [(HttpRefused(404), HttpRefused), (OutcomeUnknown("gone"), OutcomeUnknown)],
)
def test_a_ticket_says_what_became_of_a_request_that_was_not_taken(
    node: Parts, reply: Exception, error: type[Exception]
) -> None:
    node.hub.replies = [reply]
    ticket = node.sender.post(cgr_request(), "DK")
    node.requester.step()
    with pytest.raises(error) as raised:
        ticket.wait(5)
    assert getattr(raised.value, "status", None) == getattr(reply, "status", None)


def test_a_ticket_says_that_a_search_was_never_sent(node: Parts) -> None:
    ticket = node.sender.post(cgr_request(), "DK")
    node.clock.forward(20)
    node.requester.step()
    with pytest.raises(NotSent):
        ticket.wait(5)


def test_there_is_no_ticket_for_what_was_never_posted(node: Parts) -> None:
    with pytest.raises(MessageNotFound):
        node.sender.ticket("6a3d6c8e-0000-4000-8000-000000000000")


def test_a_check_is_notified_and_answered_weeks_later_in_one_workflow(node: Parts) -> None:
    """NCR in four legs, Finland notified: each acknowledgement finds its own message."""
    message = from_denmark(ncr_request(penalty(1)), node.clock())
    node.receiver.accept(written(message))
    node.all_steps()
    node.clock.forward(timedelta(weeks=3).total_seconds())
    notified = erru.decode(node.inbox()[0]["document"])
    ticket = node.sender.post_response(notified, ncr_response())
    node.requester.step()
    sent = _sent(node)
    receipt = answer_of_the_hub(sent, sent.body.acknowledge("Færdselsstyrelsen"), node.clock())
    node.receiver.accept(receipt)
    node.all_steps()
    assert ticket.wait(0).body.root == "NotifyCheckResult_Acknowledgement"
    with node.store.reading() as connection:
        (row,) = connection.execute(select(WORKFLOW)).mappings().all()
    assert (row["opened_by_us"], row["partner"], row["state"]) == (False, "DK", "answered")
    assert node.attention() == []


def test_a_later_response_is_stored_in_the_edition_of_its_request(node: Parts) -> None:
    message = from_denmark(ncr_request(penalty(1)), node.clock())
    older = replace(message, header=replace(message.header, version="3.4"))
    node.sender.post_response(older, ncr_response())
    assert _sent(node).header.version == "3.4"


class _Slow(RateLimit):
    """Gives turns, counts them, and does something at the second."""

    def __init__(self, clock: Clock, at_the_second: Callable[[], None] = lambda: None) -> None:
        super().__init__(clock=clock, sleep=clock.sleep)
        self.given = 0
        self._at_the_second = at_the_second

    def taken(self, ends_at: float, *, urgent: bool = False) -> float:
        self.given += 1
        if self.given == 2:
            self._at_the_second()
        return super().taken(ends_at, urgent=urgent)


def _slowly_storing(node: Parts, monkeypatch: pytest.MonkeyPatch, clock: Clock, seconds: float) -> None:
    record = node.store.record

    def slowly(*changes: Any, **options: Any) -> None:
        record(*changes, **options)
        clock.now += seconds

    monkeypatch.setattr(node.store, "record", slowly)


@pytest.mark.parametrize(("seconds", "turns"), [(0.001, 1), (0.2, 2)])
def test_a_request_that_was_marked_too_slowly_for_its_turn_takes_another(
    node: Parts, monkeypatch: pytest.MonkeyPatch, seconds: float, turns: int
) -> None:
    """2016/68, Annex VI, 1.7; 2016/480, Annex VI, 1.6: its turn is over, and the next may have begun."""
    clock = Clock()
    limit = _Slow(clock)
    courier = RequestCourier(node.store, node.routes, {"ERRU": limit})
    node.sender.post(cgr_request(), "DK")
    _slowly_storing(node, monkeypatch, clock, seconds)
    assert courier.step()
    assert (limit.given, len(node.hub.given), node.outbox()[-1]["state"]) == (turns, 1, Sent.DELIVERED)


def test_a_request_whose_time_is_over_at_its_second_turn_is_never_sent(
    node: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    limit = _Slow(clock, lambda: node.clock.forward(3600 * 24))
    courier = RequestCourier(node.store, node.routes, {"ERRU": limit})
    node.sender.post(cgr_request(), "DK")
    _slowly_storing(node, monkeypatch, clock, 1.0)
    courier.step()
    assert node.hub.given == []
    assert (node.outbox()[-1]["state"], node.attention()) == (Sent.EXPIRED, ["not sent"])


def _receipt_of_the_hub(node: Parts, body: Any) -> None:
    node.receiver.accept(answer_of_the_hub(_sent(node), body, node.clock()))
    node.correlator.step()


@pytest.mark.parametrize("status", [erru.NotificationStatus.TIMEOUT, erru.NotificationStatus.NOT_AVAILABLE])
def test_a_notification_that_a_state_did_not_get_is_escalated(
    node: Parts, status: erru.NotificationStatus
) -> None:
    """It has an answer, so its ticket waits for no more. The duty to notify stands."""
    ticket = node.sender.post(ncr_request(), "DK")
    node.requester.step()
    _receipt_of_the_hub(node, _sent(node).body.unanswered(status))
    assert ticket.state == Sent.ANSWERED
    with node.store.reading() as connection:
        (found,) = open_escalations(connection)
    assert (found.reason, found.technical_id) == (Reason.NOT_DELIVERED, ticket.technical_id)
    assert found.detail == "NotifyCheckResult_Request: DK"


def test_of_a_broadcast_the_states_that_did_not_get_it_are_named(node: Parts) -> None:
    node.sender.post(nu_request(), "ZZ")
    node.requester.step()
    sent = _sent(node).body
    late = sent.unanswered("SE", erru.NotificationStatus.TIMEOUT)
    others = sorted(erru.CODEC.participants - {"FI", "NO", "SE"})
    known = [sent.acknowledge(code, "X").member_states[0] for code in others]
    _receipt_of_the_hub(node, sent.answered_with(*known, late))
    with node.store.reading() as connection:
        assert [each.detail for each in open_escalations(connection)] == ["NotifyUnfitness_Request: NO, SE"]


def test_a_search_that_no_state_answered_is_answered_and_incomplete_and_escalated(node: Parts) -> None:
    ticket = node.sender.post(cgr_request(), "ZZ")
    assert ticket.outcome == RequestOutcome(Result.WAITING)
    node.requester.step()
    sent, others = _sent(node).body, sorted(erru.CODEC.participants - {"FI"})
    silent = [sent.unanswered(code, erru.SearchStatus.TIMEOUT) for code in others]
    _receipt_of_the_hub(node, sent.answered_with(*silent))
    assert (ticket.state, ticket.outcome) == (Sent.ANSWERED, RequestOutcome(Result.INCOMPLETE, tuple(others)))
    with node.store.reading() as connection:
        (found,) = open_escalations(connection)
    assert (found.reason, found.technical_id) == (Reason.INCOMPLETE, ticket.technical_id)
    assert found.detail == f"CheckGoodRepute_Request: {', '.join(others)}"


def test_a_response_of_ours_whose_receipt_takes_the_ok_back_is_not_delivered(node: Parts) -> None:
    node.receiver.accept(written(from_denmark(ncr_request(), node.clock())))
    node.all_steps()
    received = erru.decode(node.inbox()[0]["document"])
    ticket = node.sender.post_response(received, ncr_response())
    node.requester.step()
    receipt = replace(_sent(node).body.acknowledge(), status_message="It could not be forwarded.")
    _receipt_of_the_hub(node, receipt)
    assert ticket.outcome == RequestOutcome(Result.NOT_DELIVERED, ("DK",))
    assert _open(node) == [Reason.NOT_DELIVERED]


def test_an_answer_that_replaces_an_error_has_its_own_outcome_and_resolves_that_error(node: Parts) -> None:
    ticket = node.sender.post(ncr_request(), "DK")
    node.requester.step()
    node.receiver.accept(error_of_the_hub(_sent(node), erru.ErrorStatus.TIMEOUT, node.clock()))
    node.all_steps()
    assert ticket.outcome == RequestOutcome(Result.ERROR, ("DK",))
    assert _open(node) == [Reason.ERROR_NOTIFIED]
    _receipt_of_the_hub(node, _sent(node).body.acknowledge("Færdselsstyrelsen"))
    assert ticket.outcome == RequestOutcome(Result.DELIVERED)
    assert _open(node) == []


def test_the_answer_of_a_ticket_knows_which_states_were_asked(node: Parts) -> None:
    """The hub leaves all states out of a broadcast but one, and the answer is not complete."""
    ticket = node.sender.post(cgr_request(), "ZZ")
    node.requester.step()
    sent = _sent(node).body
    _receipt_of_the_hub(node, sent.answered_with(*sent.answer("DK", ()).member_states))
    for reply in (ticket.wait(0), node.told[0][1]):  # `on_answer` gets the same
        assert not reply.complete
        assert set(reply.missing) == erru.CODEC.participants - {"FI", "DK"}


def test_an_answer_that_breaks_a_rule_is_reported_and_used(
    node: Parts, caplog: pytest.LogCaptureFixture
) -> None:
    ticket = node.sender.post(cgr_request(), "DK")
    node.requester.step()
    body = _sent(node).body
    row = body.unanswered("DK", erru.SearchStatus.FOUND)
    answer = Exchange(HUB, erru.ERRU_3_5, node.clock).answer(_sent(node), body.answered_with(row))
    node.receiver.accept(erru.CODEC.write(answer))
    node.correlator.step()
    assert ticket.state == Sent.ANSWERED
    assert ["CGR-2" in each.getMessage() for each in caplog.records] == [True]
