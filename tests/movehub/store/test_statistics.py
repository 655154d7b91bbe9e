"""Statistics as Annex VII lists them, and the service levels of Annex VI: answers and availability."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from movehub.protocol.message import ErrorStatus, Message
from movehub.store import Store
from movehub.store.changes import make
from movehub.store.statistics import (
    DOWN_A_DAY,
    DOWN_A_MONTH,
    DOWN_A_YEAR,
    UNANSWERED,
    Row,
    answered_by_us,
    answered_to_us,
    answering,
    availability,
    grouped,
    noted,
    proofs,
    rows,
    status_of,
)
from movehub.store.tables import Kind, Sending

from tests.support.databases import Hands
from tests.support.examples import FI_TACHONET
from tests.support.stored import consolidated, found_here, posted_request, received_request

START = datetime(2026, 11, 1, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


def row(
    status: str = "Found",
    response: timedelta | None = SECOND,
    *,
    at: datetime = START,
    kind: Kind | Sending = Kind.QUERY,
    sender: str = "DK",
) -> Row:
    return Row("TACHOnet", sender, "FI", "CheckIssuedCards_Request", status, at, response, kind)


def test_98_answers_to_100_requests_are_enough() -> None:
    """Annex VI, 1.4."""
    enough = answering(grouped([row()] * 98 + [row(UNANSWERED, None)] * 2))
    assert (enough.requests, enough.answered, enough.rate, enough.kept) == (100, 98, 0.98, True)
    assert not answering(grouped([row()] * 97 + [row(UNANSWERED, None)] * 3)).kept


def test_an_error_notification_is_not_an_answer() -> None:
    figures = answering(grouped([row(f"error:{ErrorStatus.SERVER_ERROR.value}", SECOND)]))
    assert (figures.answered, figures.kept) == (0, False)


def test_an_answer_after_ten_seconds_is_an_answer_and_late() -> None:
    """2016/68, Annex VI, 1.5; 2016/480, Annex VI, 1.5.1."""
    figures = answering(grouped([row(response=10 * SECOND), row(response=10 * SECOND + SECOND / 1000)]))
    assert (figures.answered, figures.in_time) == (2, 1)
    assert figures.slowest == timedelta(seconds=10.001)


@pytest.mark.parametrize("other", [row(kind=Kind.HEARTBEAT), row(kind=Sending.REQUEST, sender="FI")])
def test_heartbeats_and_our_own_requests_are_not_requests_to_us(other: Row) -> None:
    assert answering(grouped([other])).requests == 0


def test_without_a_request_the_law_is_not_broken() -> None:
    figures = answering(grouped([]))
    assert (figures.rate, figures.kept) == (None, True)


def test_an_answer_proves_availability_until_the_next_heartbeat_is_due() -> None:
    """Annex VI, 1.2 and 1.3. An hour with one silent half of it."""
    heartbeats = [START + 5 * MINUTE * n for n in range(12) if not 3 <= n < 9]
    figures = availability(heartbeats, START, START + HOUR, 5 * MINUTE)
    assert (figures.down, figures.rate, figures.kept) == (30 * MINUTE, 0.5, False)


def test_an_answered_search_proves_availability_like_a_heartbeat() -> None:
    answered = [row(), row("NotFound", kind=Kind.HEARTBEAT)]
    unanswered = [row(UNANSWERED, None), row(UNANSWERED, None, kind=Kind.HEARTBEAT)]
    unanswered.append(row(kind=Sending.REQUEST, sender="FI"))
    assert proofs(answered + unanswered) == [START, START]


def test_a_notification_proves_no_availability() -> None:
    """If it was sent during downtime, it is delivered and answered afterwards, with the old `sentAt`."""
    assert proofs([row("OK", kind=Kind.NOTIFICATION)]) == []


def test_the_hours_of_downtime_are_those_of_the_law() -> None:
    """Annex VI, 1.3: 98 %, rounded there to half an hour a day, 15 hours a month, 7.5 days a year."""
    assert (30 * MINUTE, 15 * HOUR, timedelta(days=7.5)) == (DOWN_A_DAY, DOWN_A_MONTH, DOWN_A_YEAR)


@given(st.lists(st.integers(-100, 4000)), st.integers(1, 600))
def test_availability_is_a_share_and_more_proofs_never_make_it_less(seconds: list[int], every: int) -> None:
    instants = [START + SECOND * each for each in seconds]
    figures = [
        availability(instants[:count], START, START + HOUR, SECOND * every)
        for count in range(len(instants) + 1)
    ]
    rates = [each.rate or 0.0 for each in figures]
    assert all(0 <= rate <= 1 for rate in rates)
    assert rates == sorted(rates)


@given(st.integers(1, 3599))
def test_only_the_silence_counts_as_downtime(silence: int) -> None:
    """Heartbeats every second, then silence. The last heartbeat still covers its second."""
    until = 3600 - silence
    instants = [START + SECOND * each for each in range(until)]
    assert availability(instants, START, START + HOUR, SECOND).down == SECOND * silence


def test_rows_come_back_as_they_were_written(store: Store) -> None:
    written = [
        row(at=START + MINUTE * number, kind=kind, response=None if number % 2 else SECOND)
        for number, kind in enumerate([*Kind, Sending.REQUEST])
    ]
    with store.writing() as connection:
        for each in written:
            make(connection, [noted(each)])
    with store.reading() as connection:
        assert list(rows(connection, START, START + HOUR, START)) == written
        assert list(rows(connection, START, START, START)) == []


def delivered(store: Store, request: Message[Any], row: Any, answer: Message[Any], clock: Hands) -> None:
    """Count the delivery of an answer to a received request."""
    given = {"in_reply_to": row["technical_id"], "status": status_of(answer)}
    store.write(lambda connection: make(connection, answered_by_us(given, clock())))


def counted(store: Store, row: Any, clock: Hands) -> list[Row]:
    with store.reading() as connection:
        return list(rows(connection, row["received_at"], clock() + SECOND, clock()))


def test_a_received_request_counts_with_status_and_time_when_its_answer_is_delivered(
    store: Store, clock: Hands
) -> None:
    with store.writing() as connection:
        request, row = received_request(connection, clock)
    clock.forward(3)
    delivered(store, request, row, found_here(request), clock)
    (found,) = counted(store, row, clock)
    assert (found.status, found.response, found.at) == ("Found", 3 * SECOND, row["received_at"])
    assert (found.from_code, found.to_code, found.kind) == ("DK", "FI", Kind.QUERY)


def test_an_answer_that_is_delivered_twice_counts_once_and_the_first_time(store: Store, clock: Hands) -> None:
    with store.writing() as connection:
        request, row = received_request(connection, clock)
    for _ in range(2):
        clock.forward(9)
        delivered(store, request, row, found_here(request), clock)
    assert [(each.status, each.response) for each in counted(store, row, clock)] == [("Found", 9 * SECOND)]


def test_a_request_that_waits_counts_as_not_answered_after_ten_seconds_and_late_when_it_is_answered(
    store: Store, clock: Hands
) -> None:
    with store.writing() as connection:
        request, row = received_request(connection, clock)

    def figures() -> tuple[int, int, int]:
        found = answering(grouped(counted(store, row, clock)))
        return found.requests, found.answered, found.in_time

    clock.forward(9.9)
    assert figures() == (0, 0, 0)
    clock.forward(0.1)
    assert figures() == (1, 0, 0)
    clock.forward(3600)
    delivered(store, request, row, found_here(request), clock)
    assert figures() == (1, 1, 0)


def test_an_error_notification_that_was_delivered_ends_a_request_without_an_answer(
    store: Store, clock: Hands
) -> None:
    with store.writing() as connection:
        request, row = received_request(connection, clock)
    failed = FI_TACHONET.error(request, ErrorStatus.SERVER_ERROR, "no", b"")
    for answer in (failed, found_here(request)):
        delivered(store, request, row, answer, clock)
    found = counted(store, row, clock)
    assert [each.status for each in found] == ["error:ServerError"]
    assert answering(grouped(found)).answered == 0


def test_a_clock_that_was_set_back_makes_no_negative_time(store: Store, clock: Hands) -> None:
    with store.writing() as connection:
        request, row = received_request(connection, clock)
    clock.forward(-5)
    delivered(store, request, row, found_here(request), clock)
    clock.forward(10)
    assert [each.response for each in counted(store, row, clock)] == [timedelta(0)]


def test_a_broadcast_of_ours_is_counted_once_for_each_state_that_was_asked(
    store: Store, clock: Hands
) -> None:
    """2016/68, Annex VII, 4 (b); 2016/480, Annex VII, 5 (b): the receiving state, not `ZZ`."""
    with store.writing() as connection:
        request, row = posted_request(connection, clock)
        clock.forward(2)
        make(connection, answered_to_us(row, consolidated(request), clock()))
        make(connection, answered_to_us(row, None, clock()))
        found = list(rows(connection, row["prepared_at"], clock(), clock()))
    assert sorted((each.to_code, each.status) for each in found) == [
        ("DK", "Found"),
        ("LV", "Timeout"),
        ("SE", "NotFound"),
        ("ZZ", UNANSWERED),
    ]
    assert {each.kind for each in found} == {Sending.REQUEST}
