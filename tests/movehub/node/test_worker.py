"""Working: each notification has its effect once, each request one answer, and no failure is an answer."""

from __future__ import annotations

import logging
from asyncio import CancelledError
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from movehub.errors import LeaseLost
from movehub.node.work_queue import WorkQueue
from movehub.node.worker import RETRIES, Worker
from movehub.protocol.exchange import Exchange
from movehub.protocol.message import ErrorNotification
from movehub.protocol.workflow import HUB
from movehub.store import inbox, leases
from movehub.store.changes import make
from movehub.store.escalations import open_escalations
from movehub.store.leases import ANSWER_MARGIN
from movehub.store.statistics import UNANSWERED
from movehub.store.tables import Kind, Received

import erru_client as erru
from tests.support.databases import Hands
from tests.support.erru_examples import ncr_request, nu_request, rsi_request
from tests.support.examples import CANARY, cgr_request, found_manager
from tests.support.nodes import Parts, from_denmark, written
from tests.support.recorded import statistics


def _came(node: Parts, body: Any, **how: Any) -> Any:
    message = from_denmark(body, node.clock(), **how)
    node.receiver.accept(written(message))
    return message


def _answers(node: Parts) -> list[Any]:
    return [erru.decode(row["document"]).body for row in node.outbox()]


@pytest.mark.parametrize("body", [nu_request(), ncr_request(), rsi_request()])
def test_a_notification_has_its_effect_once_and_one_answer(node: Parts, body: Any) -> None:
    message = _came(node, body)
    assert node.worker.step()
    assert not node.worker.step()
    assert node.effects() == [str(message.header.technical_id)]
    assert [row["state"] for row in node.inbox()] == ["processed"]
    (row,) = node.outbox()
    assert row["in_reply_to"] == str(message.header.technical_id)
    assert row["not_after"] == message.header.timeout_value


def test_a_query_is_answered_with_what_the_register_found(node: Parts) -> None:
    node.register.found = (found_manager(),)
    _came(node, cgr_request())
    node.worker.step()
    (answer,) = _answers(node)
    assert answer.member_states[0].status_code == erru.SearchStatus.FOUND


def test_a_query_past_its_deadline_is_not_asked_and_not_answered(node: Parts) -> None:
    _came(node, cgr_request())
    node.clock.forward(10)
    node.worker.step()
    assert (node.register.asked, node.outbox()) == (0, [])
    assert [row["state"] for row in node.inbox()] == ["expired"]
    assert node.attention() == ["too late"]


def test_a_notification_past_its_deadline_is_recorded_and_its_receipt_not_sent(node: Parts) -> None:
    _came(node, nu_request())
    node.clock.forward(3600)
    node.all_steps()
    assert len(node.effects()) == 1
    assert (node.hub.given, [row["state"] for row in node.outbox()]) == ([], ["expired"])
    assert node.attention() == ["too late"]


def test_a_notification_that_lay_for_two_months_is_recorded_and_counts_as_not_answered(node: Parts) -> None:
    _came(node, nu_request())
    node.clock.forward(60 * 86_400)
    node.all_steps()
    assert len(node.effects()) == 1
    ((*_, status, response),) = statistics(node)
    assert (status, response) == (UNANSWERED, None)


def _refused_for_good(node: Parts, body: Any) -> Any:
    """Let the register return what no method may return: no further attempt can help."""
    kept = node.register.notify_unfitness
    node.register.notify_unfitness = lambda _: "stored"  # type: ignore[method-assign, assignment, return-value]
    message = _came(node, body)
    node.worker.step()
    node.register.notify_unfitness = kept  # type: ignore[method-assign]
    return message


def test_a_register_that_fails_is_asked_again_after_growing_pauses(node: Parts) -> None:
    node.register.fails = OSError(CANARY)
    _came(node, nu_request())
    for asked, wait in enumerate(RETRIES, 1):
        node.worker.step()
        assert node.register.asked == asked
        node.clock.forward(wait.total_seconds() - 1)
        assert not node.worker.step()
        node.clock.forward(1)
    assert node.outbox() == []
    node.register.fails = None
    node.worker.step()
    assert len(node.effects()) == 1


def test_a_notification_that_fails_alone_is_escalated_once_and_tried_further_until_it_succeeds(
    node: Parts,
) -> None:
    """Its sender gets no ServerError: it would send the event again, and it would count twice."""
    node.register.fails = OSError(CANARY)
    _came(node, nu_request())
    for wait in (timedelta(0), *RETRIES[:3]):
        assert node.attention() == []
        node.clock.forward(wait.total_seconds())
        node.worker.step()
    assert node.attention() == ["register failed"]
    for _ in range(30):
        node.clock.forward(RETRIES[-1].total_seconds())
        node.worker.step()
    assert (node.attention(), node.outbox()) == (["register failed"], [])
    node.register.fails = None
    node.clock.forward(RETRIES[-1].total_seconds())
    node.worker.step()
    assert len(node.effects()) == 1
    with node.store.reading() as connection:
        assert open_escalations(connection) == []


def test_if_no_further_attempt_can_help_the_sender_is_told_and_a_person_is_called(node: Parts) -> None:
    _refused_for_good(node, nu_request())
    (error,) = _answers(node)
    assert isinstance(error, ErrorNotification)
    assert error.status_code is erru.ErrorStatus.SERVER_ERROR
    assert node.attention() == ["register failed"]
    assert [row["state"] for row in node.inbox()] == ["failed"]
    assert node.effects() == []
    node.all_steps()
    assert [message.body for message in node.hub.messages] == [error]


@pytest.mark.parametrize("end", [SystemExit, KeyboardInterrupt, GeneratorExit, CancelledError])
def test_a_register_that_would_end_the_process_has_failed_like_any_other(
    node: Parts, end: type[BaseException], caplog: pytest.LogCaptureFixture
) -> None:
    """sys.exit() in a register would end a thread of the node, and with the last of them all work."""
    node.register.fails = end()
    _came(node, cgr_request())
    for seconds in (5, 3, 0):
        node.worker.step()
        node.clock.forward(seconds)
    assert [answer.root for answer in _answers(node)] == ["ErrorNotification"]
    assert node.attention() == ["register failed"]
    assert end.__name__ in caplog.text


def test_a_query_is_not_tried_again_when_nobody_would_wait_for_it(node: Parts) -> None:
    node.register.fails = OSError()
    _came(node, cgr_request(), timeout=ANSWER_MARGIN)
    node.worker.step()
    assert [answer.root for answer in _answers(node)] == ["ErrorNotification"]


def test_a_query_that_failed_and_came_again_too_late_stays_failed_and_is_counted_once(node: Parts) -> None:
    """It has its answer, which says that the register failed."""
    node.register.fails = OSError()
    message = _came(node, cgr_request(), timeout=ANSWER_MARGIN)
    node.worker.step()
    node.receiver.accept(written(message))
    node.clock.forward(10)
    assert node.worker.step()
    assert node.courier.step()
    assert [row["state"] for row in node.inbox()] == ["failed"]
    assert [answer.root for answer in _answers(node)] == ["ErrorNotification"]
    assert node.attention() == ["register failed"]
    assert [status for *_, status, _ in statistics(node)] == ["error:ServerError"]


def test_a_notification_that_failed_and_was_revived_has_its_effect_and_no_second_answer(node: Parts) -> None:
    message = _refused_for_good(node, nu_request())
    node.receiver.accept(written(message))  # the hub sends it once more
    node.worker.step()
    assert len(node.effects()) == 1
    assert [answer.root for answer in _answers(node)] == ["ErrorNotification"]
    with node.store.reading() as connection:
        assert open_escalations(connection) == [], "it succeeded, so its escalation is resolved"


def test_what_a_register_wrote_before_it_failed_is_undone(node: Parts) -> None:
    node.register.fails = ValueError()
    _came(node, nu_request())
    node.worker.step()
    assert (node.register.asked, node.effects()) == (1, [])


def test_data_that_make_no_valid_answer_are_not_tried_again(node: Parts) -> None:
    node.register.found = (replace(found_manager(), responding_authority="x" * 200),)
    _came(node, cgr_request())
    node.worker.step()
    assert [answer.root for answer in _answers(node)] == ["ErrorNotification"]
    assert node.attention() == ["register failed"]


def test_a_worker_whose_lease_ran_out_leaves_nothing(node: Parts, clock: Hands) -> None:
    """It was too slow; another has done the work in the meantime."""
    _came(node, nu_request())
    (slow,) = inbox.work((Kind.NOTIFICATION,)).claim(node.store)
    clock.forward(inbox.LEASE.total_seconds())
    node.worker.step()

    def settle_late() -> None:
        with node.store.unit() as unit:
            node.register._kept(erru.decode(slow["document"]))
            make(unit.connection, [inbox.settled(slow, Received.PROCESSED, now=clock())])

    with pytest.raises(LeaseLost):
        settle_late()
    assert len(node.effects()) == 1


def test_what_a_dead_worker_left_is_taken_up_when_its_lease_is_over(node: Parts) -> None:
    _came(node, nu_request())
    inbox.work((Kind.NOTIFICATION,)).claim(node.store)
    assert not node.worker.step()
    node.clock.forward(inbox.LEASE.total_seconds())
    assert node.worker.step()
    assert len(node.effects()) == 1


def test_the_only_process_takes_back_at_its_start_what_it_had_claimed(node: Parts) -> None:
    _came(node, nu_request())
    inbox.work((Kind.NOTIFICATION,)).claim(node.store)
    node.store.write(lambda connection: leases.release_all(connection, node.clock()))
    assert node.worker.step()
    assert len(node.effects()) == 1


def test_a_message_that_ends_the_process_each_time_is_left_to_a_person(node: Parts) -> None:
    _came(node, nu_request())
    for _ in range(10):
        inbox.work((Kind.NOTIFICATION,)).claim(node.store)
        node.clock.forward(inbox.LEASE.total_seconds())
    node.worker.step()
    assert (node.register.asked, node.attention()) == (0, ["register failed"])


def test_a_slow_search_holds_up_no_notification(node: Parts) -> None:
    """Each worker takes its own kinds."""
    _came(node, cgr_request())
    _came(node, nu_request())
    assert Worker(node.store, node.responders, WorkQueue(node.store, inbox.work((Kind.NOTIFICATION,)))).step()
    assert len(node.effects()) == 1
    assert sorted(row["state"] for row in node.inbox()) == ["processed", "received"]


def test_workers_at_the_same_time_do_nothing_twice(node: Parts) -> None:
    sent = [str(_came(node, nu_request()).header.technical_id) for _ in range(24)]

    def until_done(_: int) -> None:
        while node.worker.step():
            pass

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(until_done, range(6)))
    assert sorted(node.effects()) == sorted(sent)
    assert len(node.outbox()) == len(sent)


def test_a_message_for_another_state_is_answered_with_an_error_and_not_recorded(node: Parts) -> None:
    _came(node, nu_request(), to="SE")
    node.worker.step()
    (error,) = _answers(node)
    assert error.status_code is erru.ErrorStatus.INVALID_DATA
    assert node.effects() == []


def test_a_heartbeat_is_answered_and_never_reaches_the_register(node: Parts) -> None:
    body = replace(
        cgr_request(),
        request_purpose=erru.RequestPurpose.HEARTBEAT,
        request_source=erru.RequestSource.HUB,
    )
    message = Exchange(HUB, erru.ERRU_3_5, node.clock).request(body, "FI")
    node.receiver.accept(written(message))
    node.worker.step()
    assert node.register.asked == 0
    assert _answers(node)[0].member_states[0].status_code == erru.SearchStatus.NOT_FOUND


def test_no_person_is_in_a_log_or_in_a_column_beside_the_document(
    node: Parts, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    node.register.found = (found_manager(),)
    _came(node, cgr_request())
    node.register.fails = ValueError(CANARY)
    _came(node, nu_request())
    node.all_steps()
    columns = [{**row, "document": b""} for row in (*node.inbox(), *node.outbox())]
    assert CANARY not in caplog.text + repr(columns)
    assert any(CANARY.encode() in row["document"] for row in node.inbox())
