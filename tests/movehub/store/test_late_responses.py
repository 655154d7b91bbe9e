"""An MCS has its response ten days after it was sent, or a person learns of it (2016/68, Annex II, 1.3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from movehub.node.correlator import Correlator
from movehub.node.receiver import Receiver
from movehub.node.work_queue import WorkQueue
from movehub.node.worker import Worker
from movehub.protocol.exchange import Exchange
from movehub.protocol.message import ErrorStatus, Message
from movehub.protocol.workflow import HUB
from movehub.store import Reason, Store, inbox, outbox
from movehub.store.changes import make
from movehub.store.escalations import open_escalations, resolve
from movehub.store.late_responses import escalate_late_responses, responses_of_ours
from movehub.store.monthly_figures import Month, monthly_report
from movehub.store.periods import Period, Periods
from movehub.store.retention import prune
from movehub.store.statistics import Row, noted
from movehub.store.tables import INBOX, OUTBOX, Kind, Received, Sending, Sent
from sqlalchemy import select, update

import tachonet_client as tachonet
from tachonet_client import NotificationStatus
from tests.support.cards import icdl_request, mcs_request
from tests.support.databases import Hands
from tests.support.examples import DK_TACHONET, FI_TACHONET
from tests.support.stored import received

HUB_TACHONET = replace(FI_TACHONET, code=HUB)
DAY = timedelta(days=1).total_seconds()


def sent(store: Store, message: Message[Any], state: str) -> str:
    """Store a message of ours in a state, and return its technical identifier."""
    document, now = tachonet.encode(message), store.now()
    technical_id = str(message.header.technical_id).lower()
    opens = message.body.root == "ModifyCardStatus_Request"
    with store.writing() as connection:
        outbox.store_request(connection, "TACHOnet", message, document, now=now, not_after=None, opens=opens)
        of_it = OUTBOX.c.technical_id == technical_id
        connection.execute(update(OUTBOX).where(of_it).values(state=state, kind=Sending.REQUEST, done_at=now))
    return technical_id


def acknowledged(store: Store, message: Message[Any]) -> str:
    """Store a message of ours that the other state has, and return its technical identifier."""
    technical_id = sent(store, message, Sent.DELIVERED)
    _came(store, HUB_TACHONET.answer(message, message.body.acknowledge("Politi")))
    return technical_id


def due(store: Store) -> list[tuple[str | None, str]]:
    escalate_late_responses(store)
    with store.reading() as connection:
        found = open_escalations(connection)
    assert {each.reason for each in found} <= {Reason.RESPONSE_DUE}
    return [(each.technical_id, each.detail) for each in found]


def test_our_response_is_escalated_three_days_before_its_end(store: Store, clock: Hands) -> None:
    technical_id = received(store, Received.PROCESSED, mcs_request())
    clock.forward(7 * DAY - 1)
    assert due(store) == []
    clock.forward(DAY)
    assert due(store) == [(technical_id, "our response to DK is due by 2026-12-03 at the latest")]


def test_a_heartbeat_has_no_response_and_is_not_escalated(store: Store, clock: Hands) -> None:
    heartbeat = replace(mcs_request(), request_purpose=tachonet.RequestPurpose.HEARTBEAT)
    received(store, Received.PROCESSED, message=replace(FI_TACHONET, code=HUB).request(heartbeat, "FI"))
    clock.forward(11 * DAY)
    assert due(store) == []


def test_their_response_is_escalated_a_day_before_its_end(store: Store, clock: Hands) -> None:
    technical_id = acknowledged(store, FI_TACHONET.request(mcs_request(), "DK"))
    clock.forward(9 * DAY - 1)
    assert due(store) == []
    clock.forward(DAY)
    assert due(store) == [(technical_id, "the response of DK is due by 2026-12-03 at the latest")]


@pytest.mark.parametrize("ours", [True, False], ids=["ours", "theirs"])
def test_a_response_in_time_is_not_escalated_and_a_late_one_ends_the_escalation(
    store: Store, clock: Hands, ours: bool
) -> None:
    asker, answerer = (DK_TACHONET, FI_TACHONET) if ours else (FI_TACHONET, DK_TACHONET)
    request = asker.request(mcs_request(), answerer.code)
    body = request.body.respond("x", tachonet.ModificationStatus.OK, tachonet.CardStatus.STOLEN)
    response = answerer.answer(request, body)
    if ours:
        received(store, Received.PROCESSED, message=request)
    else:
        acknowledged(store, request)
    clock.forward(11 * DAY)
    assert len(due(store)) == 1
    if ours:
        acknowledged(store, response)
    else:
        _came(store, response)
    clock.forward(DAY)
    assert due(store) == []


def test_an_escalation_that_a_person_resolved_does_not_come_again(store: Store, clock: Hands) -> None:
    received(store, Received.PROCESSED, mcs_request())
    clock.forward(8 * DAY)
    escalate_late_responses(store)
    with store.writing() as connection:
        (item,) = open_escalations(connection)
        resolve(connection, item.id, by="service 7", at=clock())
    clock.forward(DAY)
    assert due(store) == []


def test_it_is_looked_for_once_an_hour(store: Store, clock: Hands) -> None:
    assert escalate_late_responses(store) == 0
    received(store, Received.PROCESSED, mcs_request())
    clock.forward(8 * DAY)
    assert [escalate_late_responses(store) for _ in range(2)] == [1, 0]


def test_other_workflows_and_heartbeats_wait_for_no_response(store: Store, clock: Hands) -> None:
    received(store, Received.PROCESSED, icdl_request())
    received(store, Received.PROCESSED)
    sent(store, FI_TACHONET.request(mcs_request(), "DK"), Sent.REFUSED)
    clock.forward(30 * DAY)
    assert due(store) == []


class _Nothing:
    """A register that takes every notification."""

    def modify_card_status(self, notification: Message[Any]) -> None: ...
    def receive_card_status_response(self, response: Message[Any]) -> None: ...


RESPONDER: Any = tachonet.responder(_Nothing(), "FI", "Traficom")  # type: ignore[arg-type]


def _came(store: Store, message: Message[Any]) -> None:
    """Receive a message, and let the node process it."""
    Receiver(store, RESPONDER.codec).accept(tachonet.CODEC.write(message))
    responders, work = {"TACHOnet": RESPONDER}, (Kind.NOTIFICATION,)
    Worker(store, responders, WorkQueue(store, inbox.work(work))).step()
    Correlator(store, responders, WorkQueue(store, inbox.work((Kind.ANSWER, Kind.ERROR)))).step()


@pytest.mark.parametrize(("to", "expected"), [("FI", 1), ("SE", 0)], ids=["processed", "refused"])
def test_no_response_of_ours_is_due_to_a_request_that_we_refused(
    store: Store, clock: Hands, to: str, expected: int
) -> None:
    """It was for another state, so we answered InvalidData."""
    _came(store, DK_TACHONET.request(mcs_request(), to))
    clock.forward(8 * DAY)
    assert len(due(store)) == expected


def test_no_response_of_theirs_is_due_to_a_request_that_ended_in_an_error(store: Store, clock: Hands) -> None:
    request = FI_TACHONET.request(mcs_request(), "DK")
    sent(store, request, Sent.DELIVERED)
    _came(store, HUB_TACHONET.error(request, ErrorStatus.INVALID_DATA, "no", b"<x/>", to="FI"))
    clock.forward(11 * DAY)
    assert _due_too(store) == {Reason.ERROR_NOTIFIED}


@pytest.mark.parametrize("status", [NotificationStatus.TIMEOUT, NotificationStatus.NOT_AVAILABLE])
@pytest.mark.parametrize("resolved", [False, True])
def test_no_response_of_theirs_is_due_to_a_request_that_was_not_delivered(
    store: Store, clock: Hands, status: NotificationStatus, resolved: bool
) -> None:
    request = FI_TACHONET.request(mcs_request(), "DK")
    sent(store, request, Sent.DELIVERED)
    _came(store, HUB_TACHONET.answer(request, request.body.unanswered(status)))
    assert _due_too(store) == {Reason.NOT_DELIVERED}
    if resolved:
        with store.writing() as connection:
            resolve(connection, open_escalations(connection)[0].id, by="service 7", at=clock())
    clock.forward(11 * DAY)
    assert Reason.RESPONSE_DUE not in _due_too(store)


def test_a_response_of_theirs_is_due_to_a_request_with_a_receipt(store: Store, clock: Hands) -> None:
    request = FI_TACHONET.request(mcs_request(), "DK")
    sent(store, request, Sent.DELIVERED)
    _came(store, HUB_TACHONET.answer(request, request.body.acknowledge("Politi")))
    clock.forward(11 * DAY)
    assert _due_too(store) == {Reason.RESPONSE_DUE}


def _due_too(store: Store) -> set[str]:
    """Look for late responses, and return the reasons of all open entries."""
    escalate_late_responses(store)
    with store.reading() as connection:
        return {each.reason for each in open_escalations(connection)}


def test_our_responses_within_ten_days_are_counted_by_the_month_of_the_request(
    store: Store, clock: Hands
) -> None:
    """Annex VI, 1.6. One in time, one late, one missing, one refused, and one of the last day."""
    begin = clock()
    requests = [DK_TACHONET.request(mcs_request(), to) for to in ("FI", "FI", "FI", "SE")]
    for message in requests:
        _came(store, message)
    clock.forward(10 * DAY)
    _respond(store, clock, requests[0])
    clock.forward(1)
    _respond(store, clock, requests[1])
    now = clock()
    _came(store, Exchange("DK", tachonet.TACHONET_3_0, clock).request(mcs_request(), "FI"))
    assert _figures(store, begin, now, now) == (3, 1, 2)
    assert _figures(store, now, now + timedelta(days=1), now) == (1, 0, 0), "its time is not over"
    assert _figures(store, now - timedelta(days=1), now, now) == (0, 0, 0)


def test_a_request_that_our_register_never_recorded_counts_against_us(store: Store, clock: Hands) -> None:
    """The other state sent it all the same, and has no response."""
    begin = clock()
    received(store, Received.FAILED, mcs_request())
    clock.forward(DAY)
    now = clock()
    assert _figures(store, begin, now, now) == (1, 0, 0), "its time is not over"
    assert _figures(store, begin, now, now + timedelta(days=10)) == (1, 0, 1)


@pytest.mark.parametrize("periods", [Periods(), Periods(journal=Period.of("6 months"))])
def test_the_figure_of_a_month_outlives_its_messages(store: Store, clock: Hands, periods: Periods) -> None:
    """2016/68, Annex VII: statistics stay. Without its rows, the figure would become 0 of 0."""
    month, request = Month.at(clock()), DK_TACHONET.request(mcs_request(), "FI")
    _came(store, request)
    _came(store, DK_TACHONET.request(mcs_request(), "FI"))
    with store.writing() as connection:
        make(connection, [noted(Row("TACHOnet", "DK", "FI", request.body.root, "OK", clock(), None))])
    _respond(store, clock, request)
    clock.forward(15 * DAY)
    before = _reported(store, month)
    assert (before["requests"], before["in_time"], before["late"]) == (2, 1, 1)
    for _ in range(60):
        clock.forward(10 * DAY)
        prune(store, store.journal, periods)
        with store.writing() as connection:
            for each in open_escalations(connection):
                resolve(connection, each.id, by="service 7", at=clock())
        assert _reported(store, month) == before
    with store.reading() as connection:
        assert connection.execute(select(INBOX)).first() is None


def _reported(store: Store, month: Month) -> dict[str, int]:
    with store.snapshot() as connection:
        found: dict[str, int] = monthly_report(connection, month, "FI", store.now())["mcs_responses"]
    return found


def _respond(store: Store, clock: Hands, request: Message[Any]) -> None:
    body = request.body.respond("x", tachonet.ModificationStatus.OK, tachonet.CardStatus.STOLEN)
    acknowledged(store, Exchange("FI", tachonet.TACHONET_3_0, clock).answer(request, body))


def _figures(store: Store, start: datetime, end: datetime, now: datetime) -> tuple[int, int, int]:
    with store.reading() as connection:
        found = responses_of_ours(connection, start, end, now)
    return found["requests"], found["in_time"], found["late"]
