"""An NCR with an infringement leaves an open workflow on both sides until its response has arrived.

2016/480, Annex II, 1.2, and Annex VIII, 2.5.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from movehub.errors import InvalidOutgoing
from movehub.protocol.exchange import Exchange
from movehub.protocol.later_response import last_day
from movehub.protocol.message import Message
from movehub.records.values import Uuid
from movehub.store import (
    ESCALATIONS,
    INBOX,
    OUTBOX,
    Reason,
    Sent,
    Side,
    Store,
    open_escalations,
    open_responses,
    resolve,
    retry_message,
)
from movehub.store.late_responses import escalate_late_responses
from movehub.store.metrics import metrics
from movehub.store.retention import prune
from movehub.store.tables import WORKFLOW
from sqlalchemy import select

import erru_client as erru
from tests.support.databases import Hands
from tests.support.erru_messages import ncr_request, registered
from tests.support.nodes import Parts, answer_of_the_hub, error_of_the_hub, from_denmark, written

DAY = timedelta(days=1).total_seconds()
NOT_AVAILABLE = erru.NotificationStatus.NOT_AVAILABLE


def open_in(node: Parts) -> list[tuple[Side, str, date]]:
    with node.store.reading() as connection:
        return [(each.side, each.partner, last_day(each.due)) for each in open_responses(connection)]


def state_of(node: Parts) -> tuple[str | None, datetime | None]:
    with node.store.reading() as connection:
        (row,) = connection.execute(select(WORKFLOW.c.response, WORKFLOW.c.response_at)).all()
    return row[0], row[1]


def escalated(node: Parts) -> list[str]:
    """Look for late responses, and return what waits for a person about them."""
    node.clock.forward(3601)
    escalate_late_responses(node.store)
    is_open = ESCALATIONS.c.done_at.is_(None) & (ESCALATIONS.c.reason == Reason.RESPONSE_DUE)
    with node.store.reading() as connection:
        return list(connection.execute(select(ESCALATIONS.c.detail).where(is_open)).scalars())


def last_sent(node: Parts) -> Message[Any]:
    return node.hub.messages[-1]


def notified(node: Parts, body: Any = None) -> Message[Any]:
    """Denmark notifies Finland, and Finland's node acknowledges it."""
    message = from_denmark(body or ncr_request(), node.clock())
    node.receiver.accept(written(message))
    node.all_steps()
    return message


def posted(node: Parts, body: Any = None) -> Message[Any]:
    """Finland notifies Denmark, and the hub has it."""
    node.sender.post(body or ncr_request(), "DK")
    node.requester.step()
    return last_sent(node)


def posted_by_denmark(request: Message[Any]) -> Message[Any]:
    """The same request, for an error of the hub about it that goes to Finland."""
    return replace(request, header=replace(request.header, from_="FI", to="DK"))


def receipt(node: Parts, sent: Message[Any], status: Any = None, says: str | None = None) -> None:
    body = sent.body.acknowledge("Færdselsstyrelsen") if status is None else sent.body.unanswered(status)
    body = replace(body, status_message=says)
    node.receiver.accept(answer_of_the_hub(sent, body, node.clock()))
    node.all_steps()


def respond(node: Parts, request: Message[Any]) -> Message[Any]:
    body = request.body.respond(
        "Traficom", registered(), tuple(each.imposed("T") for each in request.body.penalties_requested)
    )
    node.sender.post_response(request, body)
    node.requester.step()
    return last_sent(node)


def response_of_denmark(node: Parts, sent: Message[Any], by: str = "DK") -> None:
    body = sent.body.respond("Færdselsstyrelsen", registered())
    message = Exchange(by, erru.ERRU_3_5, node.clock).answer(sent, body)
    node.receiver.accept(written(message))
    node.all_steps()


def test_an_acknowledged_ncr_with_a_serious_infringement_leaves_an_open_workflow(node: Parts) -> None:
    """The final decision is of 1 November."""
    notified(node)
    assert open_in(node) == [(Side.OWED, "DK", date(2026, 12, 13))]


def test_an_ncr_of_ours_that_was_acknowledged_awaits_its_response(node: Parts) -> None:
    sent = posted(node)
    assert open_in(node) == [], "it is not acknowledged yet"
    receipt(node, sent)
    assert open_in(node) == [(Side.AWAITED, "DK", date(2026, 12, 13))]


def test_a_clean_check_leaves_none(node: Parts) -> None:
    clean = ncr_request(erru.CheckResult.CLEAN_CHECK)
    notified(node, clean)
    receipt(node, posted(node, clean))
    assert open_in(node) == []


def test_an_owed_response_is_escalated_a_week_before_its_end_and_closed_by_its_receipt(node: Parts) -> None:
    request = notified(node)
    node.clock.forward(13 * DAY)
    assert escalated(node) == []
    node.clock.forward(DAY)
    assert escalated(node) == ["our response to DK is due by 2026-12-13 at the latest"]
    sent = respond(node, request)
    assert len(open_in(node)) == 1, "it is posted and has left, but it may not have arrived"
    receipt(node, sent)
    assert (open_in(node), state_of(node)) == ([], ("given", node.clock()))
    assert escalated(node) == []


def test_an_error_about_their_request_does_not_stop_our_response_before_it_has_left(node: Parts) -> None:
    request = notified(node)
    node.sender.post_response(request, request.body.respond("Traficom", registered()))
    node.receiver.accept(error_of_the_hub(posted_by_denmark(request), erru.ErrorStatus.OTHER, node.clock()))
    node.all_steps()
    assert last_sent(node).body.root == "NotifyCheckResult_Response"
    receipt(node, last_sent(node))
    assert (open_in(node), state_of(node)[0]) == ([], "given")


def test_a_receipt_that_comes_twice_does_not_stop_another_response_before_it_has_left(node: Parts) -> None:
    request = notified(node)
    first = respond(node, request)
    receipt(node, first)
    node.sender.post_response(request, request.body.respond("Traficom", None))
    receipt(node, first)
    assert last_sent(node).body.status_code.value == "NotFound"


def test_a_response_is_owed_once_an_operator_has_retried_a_notification_that_had_failed(node: Parts) -> None:
    node.register.fails = InvalidOutgoing("what the register returns cannot be sent")
    request = notified(node)
    assert (open_in(node), state_of(node)[0]) == ([], "expected")
    node.register.fails = None
    retried = partial(retry_message, journal=node.store.journal, by="person", now=node.clock())
    of_it = str(request.header.technical_id)
    assert node.store.write(lambda connection: retried(connection, technical_id=of_it))
    node.all_steps()
    assert open_in(node) == [(Side.OWED, "DK", date(2026, 12, 13))]


@pytest.mark.parametrize(
    ("status", "says"),
    [(NOT_AVAILABLE, None), (None, "It still speaks version 2. The notification has not been forwarded.")],
)
def test_a_response_that_was_not_delivered_is_still_owed(node: Parts, status: Any, says: str | None) -> None:
    request = notified(node)
    receipt(node, respond(node, request), status, says)
    assert open_in(node) == [(Side.OWED, "DK", date(2026, 12, 13))]
    receipt(node, respond(node, request))
    assert open_in(node) == []


def test_a_response_with_an_error_for_its_receipt_is_still_owed(node: Parts) -> None:
    sent = respond(node, notified(node))
    node.receiver.accept(error_of_the_hub(sent, erru.ErrorStatus.SERVER_ERROR, node.clock()))
    node.all_steps()
    assert len(open_in(node)) == 1


def test_an_awaited_response_is_escalated_a_day_before_its_end_and_closed_when_it_comes(node: Parts) -> None:
    sent = posted(node)
    receipt(node, sent)
    node.clock.forward(19 * DAY)
    assert escalated(node) == []
    node.clock.forward(DAY)
    assert escalated(node) == ["the response of DK is due by 2026-12-13 at the latest"]
    response_of_denmark(node, sent)
    assert (open_in(node), state_of(node)) == ([], ("given", node.clock()))
    assert escalated(node) == []


def test_a_response_of_another_state_closes_nothing(node: Parts) -> None:
    sent = posted(node)
    receipt(node, sent)
    response_of_denmark(node, sent, by="SE")
    assert len(open_in(node)) == 1


@pytest.mark.parametrize(("to", "closes"), [("SE", False), ("EU", True)])
def test_a_response_to_another_state_closes_nothing(node: Parts, to: str, closes: bool) -> None:
    message = notified(node)
    node.sender.post_response(message, message.body.respond("Traficom", registered()), to=to)
    node.requester.step()
    response = last_sent(node)
    node.receiver.accept(answer_of_the_hub(response, response.body.acknowledge("Politi"), node.clock()))
    node.all_steps()
    assert node.outbox()[-1]["outcome"] == "delivered"
    assert len(open_in(node)) == (0 if closes else 1)


def test_no_response_is_awaited_to_a_notification_that_was_not_delivered(node: Parts) -> None:
    receipt(node, posted(node), NOT_AVAILABLE)
    assert (open_in(node), state_of(node)[0]) == ([], "none")


def test_no_response_is_awaited_after_an_error_until_an_acknowledgement_comes_after_all(node: Parts) -> None:
    sent = posted(node)
    node.receiver.accept(error_of_the_hub(sent, erru.ErrorStatus.SERVER_ERROR, node.clock()))
    node.all_steps()
    assert open_in(node) == []
    receipt(node, sent)
    assert len(open_in(node)) == 1


def test_no_response_is_owed_to_a_notification_that_the_register_does_not_have(node: Parts) -> None:
    node.register.fails = RuntimeError()
    notified(node)
    for _ in range(4):
        node.clock.forward(60)
        node.all_steps()
    assert (open_in(node), state_of(node)[0]) == ([], "expected"), "an operator can retry it"


@pytest.mark.parametrize("when_stored", [True, False])
@pytest.mark.parametrize("first", ["refused", "failed"])
def test_a_request_that_follows_an_error_in_its_workflow_has_a_response(
    store: Store, clock: Hands, first: str, when_stored: bool
) -> None:
    """The law wants one identifier for the workflow, not for each attempt (Annex III, appendix)."""
    node = Parts(store, clock, when_stored=when_stored, synchronous=True)
    message = from_denmark(ncr_request(), clock())
    wrong = replace(message, header=replace(message.header, to="SE"))
    node.register.fails = None if first == "refused" else OSError()
    node.receiver.accept(written(wrong if first == "refused" else message))
    node.all_steps()
    node.register.fails = None
    clock.forward(DAY)
    node.receiver.accept(written(replace(message, header=replace(message.header, technical_id=Uuid.new()))))
    node.all_steps()
    assert [side for side, _, _ in open_in(node)] == [Side.OWED]


def test_the_metrics_count_both_sides_and_what_is_overdue(node: Parts) -> None:
    notified(node)
    receipt(node, posted(node))
    notified(node, ncr_request(erru.CheckResult.PASS))
    node.clock.forward(21 * DAY)
    with node.store.reading() as connection:
        text = metrics(connection, node.clock())
    assert 'movehub_responses_due{side="owed"} 2\n' in text
    assert 'movehub_responses_due{side="awaited"} 1\n' in text
    assert 'movehub_responses_overdue{side="owed"} 1\n' in text
    assert 'movehub_responses_overdue{side="awaited"} 1\n' in text


def test_an_operator_who_resolves_the_escalation_ends_the_wait(node: Parts) -> None:
    notified(node)
    node.clock.forward(30 * DAY)
    assert len(escalated(node)) == 1
    with node.store.writing() as connection:
        (item,) = open_escalations(connection)
        resolve(connection, item.id, by="service 7", at=node.clock())
    assert (open_in(node), state_of(node)[0]) == ([], "settled")
    assert escalated(node) == []


def test_retention_keeps_a_request_to_which_a_response_is_owed(node: Parts) -> None:
    """The response is made from the request. It is escalated each day, until a person ends the wait."""
    notified(node)
    node.clock.forward(3 * 365 * DAY)
    assert prune(node.store, node.store.journal).left == {("inbox", "NotifyCheckResult_Request"): 1}
    assert node.inbox()[0]["document"] is not None
    assert Reason.KEPT_TOO_LONG in node.attention()
    assert len(open_in(node)) == 1


def test_retention_removes_a_request_of_ours_and_still_waits_for_its_response(node: Parts) -> None:
    receipt(node, posted(node))
    node.clock.forward(3 * 365 * DAY)
    prune(node.store, node.store.journal)
    prune(node.store, node.store.journal)
    with node.store.reading() as connection:
        documents = [
            row[0]
            for table in (INBOX, OUTBOX)
            for row in connection.execute(select(table.c.document).where(table.c.document.is_not(None)))
        ]
    assert documents == []
    assert len(open_in(node)) == 1


def test_a_response_that_left_and_was_never_acknowledged_is_still_owed(node: Parts) -> None:
    respond(node, notified(node))
    node.clock.forward(DAY)
    node.all_steps()
    assert len(open_in(node)) == 1
    assert node.outbox()[-1]["state"] == Sent.UNKNOWN
