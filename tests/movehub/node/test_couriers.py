"""Delivering: an answer at least once, with the same bytes, and never late; a request once, or shown."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from movehub.errors import (
    CertificateRefused,
    HttpRefused,
    HubUnreachable,
    OutcomeUnknown,
    StoreFailed,
    TooManyRequests,
    TransportError,
)
from movehub.node.couriers import may_succeed, wait_after
from movehub.store import outbox
from movehub.store.escalations import open_escalations

from tests.support.erru_examples import nu_request
from tests.support.examples import cgr_request
from tests.support.nodes import Parts, answer_of_the_hub, from_denmark, written
from tests.support.recorded import LEFT, POSTED, journal, statistics

TRANSIENT = [
    HubUnreachable("no connection"),
    OutcomeUnknown("the connection ended"),
    OutcomeUnknown("answered with HTTP status 503", status=503),
    OutcomeUnknown("answered with HTTP status 408", status=408),
    TooManyRequests(429),
]
PERMANENT = [HttpRefused(400), HttpRefused(404), OutcomeUnknown("answered with HTTP status 302", status=302)]


def _named(error: TransportError) -> str:
    return f"{type(error).__name__} {getattr(error, 'status', '')}"


def _answer_waits(node: Parts, **how: Any) -> None:
    node.receiver.accept(written(from_denmark(nu_request(), node.clock(), **how)))
    node.worker.step()


def _states(node: Parts) -> list[str]:
    return [row["state"] for row in node.outbox()]


@pytest.mark.parametrize("error", TRANSIENT, ids=_named)
def test_an_answer_that_may_still_be_taken_is_sent_again_with_the_same_bytes(
    node: Parts, error: TransportError
) -> None:
    node.hub.replies = [error, error]
    _answer_waits(node)
    for seconds in (1, 2, 0):
        node.courier.step()
        assert not node.courier.step()
        node.clock.forward(seconds)
    assert len(node.hub.given) == 3
    assert len(set(node.hub.given)) == 1
    assert _states(node) == ["delivered"]


@pytest.mark.parametrize("error", PERMANENT, ids=_named)
def test_an_answer_that_was_refused_is_not_sent_again(node: Parts, error: TransportError) -> None:
    node.hub.replies = [error]
    _answer_waits(node)
    node.courier.step()
    node.clock.forward(5)
    assert not node.courier.step()
    assert (_states(node), node.attention()) == (["refused"], ["refused"])


def test_no_answer_leaves_when_its_deadline_has_passed(node: Parts) -> None:
    _answer_waits(node)
    node.clock.forward(10)
    node.courier.step()
    assert (node.hub.given, _states(node), node.attention()) == ([], ["expired"], ["too late"])


def test_no_attempt_is_put_off_beyond_the_deadline(node: Parts) -> None:
    node.hub.replies = [HubUnreachable("no connection")] * 9
    _answer_waits(node, timeout=timedelta(seconds=2))
    node.courier.step()
    node.clock.forward(1)
    node.courier.step()
    assert (_states(node), node.attention()) == (["expired"], ["too late"])


def test_an_answer_whose_courier_died_is_delivered_by_another_with_the_same_bytes(node: Parts) -> None:
    node.receiver.accept(written(from_denmark(nu_request(), node.clock(), timeout=timedelta(seconds=59))))
    node.worker.step()
    (dead,) = outbox.answers_to_deliver().claim(node.store)
    assert not node.courier.step()
    node.clock.forward(outbox.LEASE.total_seconds())
    node.courier.step()
    assert node.hub.given == [dead["document"]]


def test_a_refused_certificate_calls_a_person_at_once_and_the_answer_waits(node: Parts) -> None:
    node.hub.replies = [CertificateRefused("expired")]
    _answer_waits(node)
    node.courier.step()
    assert node.attention() == ["not reached"]
    node.clock.forward(1)
    node.courier.step()
    assert _states(node) == ["delivered"]


@pytest.mark.parametrize("error", [HubUnreachable("no"), TooManyRequests(429)], ids=_named)
def test_a_request_that_surely_was_not_taken_is_sent_again(node: Parts, error: TransportError) -> None:
    node.hub.replies = [error]
    node.sender.post(nu_request(), "DK")
    node.requester.step()
    node.clock.forward(1)
    node.requester.step()
    assert len(node.hub.given) == 2
    assert _states(node) == ["delivered"]


@pytest.mark.parametrize(
    "error", [OutcomeUnknown("gone"), OutcomeUnknown("answered with HTTP status 503", status=503)], ids=_named
)
def test_a_request_whose_outcome_is_not_known_is_shown_and_never_repeated(
    node: Parts, error: TransportError
) -> None:
    node.hub.replies = [error]
    node.sender.post(nu_request(), "DK")
    node.requester.step()
    node.clock.forward(3600)
    node.all_steps()
    assert len(node.hub.given) == 1
    assert (_states(node), node.attention()) == (["unknown"], ["outcome unknown"])


def test_a_request_whose_process_died_while_it_was_sent_is_not_known_and_not_repeated(node: Parts) -> None:
    node.sender.post(nu_request(), "DK")
    (claim,) = outbox.requests_to_send().claim(node.store)
    node.store.record(outbox.departing(claim, node.clock()))
    node.clock.forward(outbox.LEASE.total_seconds())
    node.all_steps()
    assert (node.hub.given, _states(node), node.attention()) == ([], ["unknown"], ["outcome unknown"])


def test_a_request_whose_process_died_before_it_was_sent_is_sent(node: Parts) -> None:
    node.sender.post(nu_request(), "DK")
    outbox.requests_to_send().claim(node.store)
    assert not node.requester.step()
    node.clock.forward(outbox.LEASE.total_seconds())
    assert node.requester.step()
    assert len(node.hub.given) == 1


def test_a_request_is_on_the_disk_as_sent_before_its_first_byte_leaves(node: Parts) -> None:
    seen: list[str] = []
    node.hub.before = lambda _: seen.extend(_states(node))
    node.sender.post(nu_request(), "DK")
    node.requester.step()
    assert seen == ["sending"]


def test_a_search_that_could_not_be_sent_in_time_is_not_sent_any_more(node: Parts) -> None:
    node.sender.post(cgr_request(), "DK")
    node.clock.forward(20)
    node.requester.step()
    assert (node.hub.given, _states(node), node.attention()) == ([], ["expired"], ["not sent"])


def test_a_notification_waits_for_the_hub_for_as_long_as_it_takes(node: Parts) -> None:
    node.hub.replies = [HubUnreachable("no connection")] * 30
    node.sender.post(nu_request(), "DK")
    for _ in range(31):
        node.requester.step()
        node.clock.forward(60)
    assert len(node.hub.given) == 31
    assert _states(node) == ["delivered"]
    assert node.attention() == ["not reached"]


def _still_open(node: Parts) -> list[str]:
    with node.store.reading() as connection:
        return [item.reason.value for item in open_escalations(connection)]


def test_a_hub_that_is_reached_again_needs_nobody_once_all_has_gone_out(node: Parts) -> None:
    """Not while something still waits, however long ago it was tried."""
    node.hub.replies = [HubUnreachable("no connection")] * 3
    node.sender.post(nu_request(), "DK")
    for _ in range(3):
        node.requester.step()
        node.clock.forward(60)
    node.clock.forward(3600)
    assert not node.reaper.step()
    node.requester.step()
    assert _states(node) == ["delivered"]
    assert _still_open(node) == ["not reached"]
    assert node.reaper.step()
    assert _still_open(node) == []
    assert not node.reaper.step()


def test_a_line_that_comes_and_goes_is_one_entry(node: Parts) -> None:
    for _ in range(3):
        node.hub.replies = [HubUnreachable("no connection")] * 3
        _answer_waits(node, timeout=timedelta(seconds=59))
        for _ in range(4):
            node.courier.step()
            node.clock.forward(10)
        node.reaper.step()
    assert _states(node) == ["delivered"] * 3
    assert node.attention().count("not reached") == _still_open(node).count("not reached") == 1


def test_a_request_that_is_taken_and_never_answered_is_shown(node: Parts) -> None:
    node.sender.post(cgr_request(), "DK")
    node.requester.step()
    node.clock.forward(24)
    assert not node.reaper.step()
    node.clock.forward(1)
    node.reaper.step()
    assert (_states(node), node.attention()) == (["unknown"], ["no answer"])


def test_an_answer_on_the_same_connection_is_kept_like_one_that_comes_later(node: Parts) -> None:
    ticket = node.sender.post(cgr_request(), "DK")
    (row,) = node.outbox()
    request = node.responders["ERRU"].codec.decode(row["document"])
    node.hub.replies = [answer_of_the_hub(request, request.body.answer("DK", ()), node.clock())]  # type: ignore[list-item]
    node.requester.step()
    node.correlator.step()
    assert ticket.wait(0).body.member_states[0].member_state_code == "DK"


def _answers_at_once(node: Parts) -> None:
    """Have the hub answer each request on the connection that brings it."""

    def answer(document: bytes) -> None:
        request = node.responders["ERRU"].codec.decode(document)
        node.hub.replies = [answer_of_the_hub(request, request.body.answer("DK", ()), node.clock())]

    node.hub.before = answer


def test_an_answer_in_hand_is_kept_though_its_request_was_given_up_meanwhile(node: Parts) -> None:
    """Another process' clock is ahead, or this one stood still: nobody would send the answer again."""
    _answers_at_once(node)
    answers = node.hub.before

    def slowly(document: bytes) -> None:
        answers(document)
        node.clock.forward(outbox.LEASE.total_seconds() + 1)
        node.reaper.step()

    node.hub.before = slowly
    ticket = node.sender.post(cgr_request(), "DK")
    node.requester.step()
    assert (ticket.state, node.attention()) == ("unknown", ["outcome unknown"])
    node.all_steps()
    assert sorted(journal(node)) == [("collected", "node"), LEFT, POSTED]
    assert ticket.wait(0).body.member_states[0].member_state_code == "DK"


@pytest.mark.parametrize("failing", [1, 2, 3, 5])
def test_an_answer_in_hand_is_kept_though_the_database_fails_for_some_seconds(
    node: Parts, failing: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may fail to keep the answer, or to note that the request was delivered: from `failing` on, twice."""
    _answers_at_once(node)
    record, times = node.store.record, iter(range(1, 100))

    def fails(*changes: Any, **how: Any) -> None:
        if node.hub.given and next(times) in {failing, failing + 1}:
            raise StoreFailed("the disk is away")
        record(*changes, **how)

    monkeypatch.setattr(node.store, "record", fails)
    ticket = node.sender.post(cgr_request(), "DK")
    node.requester.step()
    node.all_steps()
    monkeypatch.undo()
    assert ticket.wait(0).body.member_states[0].member_state_code == "DK"
    assert node.attention() == []


def test_a_request_whose_answer_is_worked_on_before_it_is_marked_went_out_once_and_is_counted_once(
    node: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    _answers_at_once(node)
    receive = node.routes["ERRU"].receive

    def at_once(reply: bytes) -> None:
        receive(reply)
        node.correlator.step()

    monkeypatch.setattr(node.routes["ERRU"], "receive", at_once)
    ticket = node.sender.post(cgr_request(), "DK")
    node.requester.step()
    node.all_steps()
    assert (ticket.state, node.attention()) == ("answered", [])
    assert sorted(journal(node)) == [("collected", "node"), LEFT, POSTED]
    assert [status for *_, status, _ in statistics(node)] == ["NotFound"]


def test_a_database_that_goes_on_failing_is_told_and_the_request_is_shown(
    node: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    _answers_at_once(node)
    node.sender.post(cgr_request(), "DK")
    record = node.store.record

    def fails(*changes: Any, **how: Any) -> None:
        if node.hub.given:
            raise StoreFailed("the disk is away")
        record(*changes, **how)

    with monkeypatch.context() as patched:
        patched.setattr(node.store, "record", fails)
        with pytest.raises(StoreFailed):
            node.requester.step()
    node.clock.forward(outbox.LEASE.total_seconds())
    node.all_steps()
    assert (_states(node), node.attention()) == (["unknown"], ["outcome unknown"])


def test_what_comes_back_and_is_no_message_is_nothing(node: Parts) -> None:
    node.hub.replies = [b"<html>thank you</html>"]
    _answer_waits(node)
    node.courier.step()
    assert (_states(node), len(node.inbox())) == (["delivered"], 1)


def test_waiting_grows_to_a_minute_and_no_further() -> None:
    waits = [wait_after(attempts).total_seconds() for attempts in range(1, 2000)]
    assert waits[:7] == [1, 2, 4, 8, 16, 32, 60]
    assert max(waits) == 60


def test_another_attempt_is_made_where_it_may_succeed_and_nowhere_else() -> None:
    assert all(map(may_succeed, TRANSIENT))
    assert not any(map(may_succeed, PERMANENT))
