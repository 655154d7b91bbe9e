"""Availability, answer rate and response time, counted as Annex VI does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from movehub.protocol.message import ErrorStatus
from movehub.store import Store
from movehub.store.changes import make
from movehub.store.statistics import (
    DOWN_A_DAY,
    DOWN_A_MONTH,
    DOWN_A_YEAR,
    UNANSWERED,
    Month,
    Row,
    answering,
    availability,
    error_status,
    first_row,
    noted,
    proofs,
    rows,
    totals,
)
from movehub.store.tables import Kind, Sending

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


def test_98_of_100_answered_keep_the_law() -> None:
    """Annex VI, 1.4."""
    kept = answering([row()] * 98 + [row(UNANSWERED, None)] * 2, "FI")
    assert (kept.requests, kept.answered, kept.rate, kept.kept) == (100, 98, 0.98, True)
    assert not answering([row()] * 97 + [row(UNANSWERED, None)] * 3, "FI").kept


def test_an_error_notification_is_no_answer() -> None:
    figures = answering([row(error_status(ErrorStatus.SERVER_ERROR), SECOND)], "FI")
    assert (figures.answered, figures.kept) == (0, False)


def test_an_answer_after_ten_seconds_is_an_answer_and_late() -> None:
    """2016/68, Annex VI, 1.5; 2016/480, Annex VI, 1.5.1."""
    figures = answering([row(response=10 * SECOND), row(response=10 * SECOND + SECOND / 1000)], "FI")
    assert (figures.answered, figures.in_time) == (2, 1)
    assert figures.slowest == timedelta(seconds=10.001)


@pytest.mark.parametrize(
    "other", [row(kind=Kind.HEARTBEAT), row(sender="FI"), row(kind=Sending.REQUEST, sender="FI")]
)
def test_heartbeats_and_what_we_send_are_no_requests_to_us(other: Row) -> None:
    assert answering([other], "FI").requests == 0


def test_where_nobody_asked_nothing_is_broken() -> None:
    figures = answering([], "FI")
    assert (figures.rate, figures.kept) == (None, True)


def test_what_is_answered_shows_that_we_are_there_until_the_next_heartbeat_is_due() -> None:
    """Annex VI, 1.2 and 1.3. An hour with one silent half of it."""
    heartbeats = [START + 5 * MINUTE * n for n in range(12) if not 3 <= n < 9]
    figures = availability(heartbeats, START, START + HOUR, 5 * MINUTE)
    assert (figures.down, figures.rate, figures.kept) == (30 * MINUTE, 0.5, False)


def test_a_search_that_was_answered_shows_it_as_well_as_a_heartbeat() -> None:
    answered = [row(), row("NotFound", kind=Kind.HEARTBEAT)]
    unanswered = [row(UNANSWERED, None), row(UNANSWERED, None, kind=Kind.HEARTBEAT), row(sender="FI")]
    assert proofs(answered + unanswered, "FI") == [START, START]


def test_a_notification_that_was_sent_while_we_were_away_does_not_show_that_we_were_there() -> None:
    """It is handed over when we are back, and answered; but it tells when it was sent."""
    assert proofs([row("OK", kind=Kind.NOTIFICATION)], "FI") == []


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
def test_no_more_than_the_silence_counts_as_down(silence: int) -> None:
    """Heartbeats each second, and then none: what is down is the silence, less what the last one covers."""
    until = 3600 - silence
    instants = [START + SECOND * each for each in range(until)]
    assert availability(instants, START, START + HOUR, SECOND).down == SECOND * silence


@pytest.mark.parametrize(
    ("text", "end"),
    [("2026-11", datetime(2026, 12, 1, tzinfo=UTC)), ("2026-12", datetime(2027, 1, 1, tzinfo=UTC))],
)
def test_a_month_ends_where_the_next_begins(text: str, end: datetime) -> None:
    assert Month.of(text).end == end
    assert str(Month.of(text)) == text


@pytest.mark.parametrize("text", ["2026", "2026-13", "2026-1", "11-2026", "2026-11-01", ""])
def test_another_form_of_a_month_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever it says, the command shows it
        Month.of(text)


def test_rows_come_back_as_they_were_written(store: Store) -> None:
    written = [
        row(at=START + MINUTE * number, kind=kind, response=None if number % 2 else SECOND)
        for number, kind in enumerate([*Kind, Sending.REQUEST])
    ]
    with store.writing() as connection:
        for each in written:
            make(connection, [noted(each)])
    with store.reading() as connection:
        assert list(rows(connection, START, START + HOUR)) == written
        assert list(rows(connection, START, START)) == []
        assert first_row(connection) == START


def test_what_is_alike_is_counted_by_the_fields_of_the_law_and_heartbeats_are_left_out(store: Store) -> None:
    """2016/68, Annex VII, 4; 2016/480, Annex VII, 5."""
    with store.writing() as connection:
        for each in (row(), row(response=3 * SECOND), row(UNANSWERED, None), row(kind=Kind.HEARTBEAT)):
            make(connection, [noted(each)])
    with store.reading() as connection:
        found = totals(connection, START, START + HOUR)
    assert [(each.status, each.count, each.mean_response) for each in found] == [
        ("Found", 2, 2 * SECOND),
        (UNANSWERED, 1, None),
    ]
