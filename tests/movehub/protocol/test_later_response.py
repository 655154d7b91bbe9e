"""Until when the later response is due: ten days for an MCS, six weeks for an NCR, by a clock that counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from movehub.protocol.exchange import Exchange
from movehub.protocol.later_response import last_day, response_due_at
from movehub.protocol.message import Message
from movehub.protocol.workflow import HUB

import erru_client as erru
import tachonet_client as tachonet
from tests.support import erru_messages as messages
from tests.support.cards import icdl_request, mcs_request

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PASSED = messages.ncr_request(erru.CheckResult.PASS)


def mcs(sent_at: datetime) -> Message[Any]:
    return Exchange("DK", tachonet.TACHONET_3_0, lambda: sent_at).request(mcs_request(), "FI")


def ncr(body: Any = PASSED, sent_at: datetime = NOON) -> Message[Any]:
    return Exchange("DK", erru.ERRU_3_5, lambda: sent_at).request(body, "FI")


def decided(*days: date) -> Message[Any]:
    """An NCR with a serious infringement for each day of a final decision."""
    (penalty,) = messages.infringement().penalties_imposed
    found = [
        messages.infringement(penalties_imposed=(replace(penalty, final_decision_date=day),)) for day in days
    ]
    return ncr(messages.ncr_request(erru.CheckResult.FAIL, *found))


@pytest.mark.parametrize(
    ("sent_at", "due"),
    [
        ("2026-01-25T23:59:00+00:00", "2026-02-04T23:59:00+00:00"),
        ("2028-02-20T12:00:00+00:00", "2028-03-01T12:00:00+00:00"),  # a leap year
        ("2026-03-28T00:30:00+02:00", "2026-04-06T22:30:00+00:00"),  # summer time begins in Helsinki
        ("2026-10-24T23:30:00+03:00", "2026-11-03T20:30:00+00:00"),  # and ends
    ],
)
def test_an_mcs_is_due_ten_times_24_hours_after_it_was_sent(sent_at: str, due: str) -> None:
    at = datetime.fromisoformat(sent_at)
    assert response_due_at(mcs(at), at) == datetime.fromisoformat(due)


@given(st.timedeltas(timedelta(days=-4000), timedelta(days=4000)))
def test_a_wrong_clock_of_another_state_makes_no_response_due_later(wrong: timedelta) -> None:
    """Nothing was sent after it arrived. A delay of up to a day is believed."""
    due = response_due_at(mcs(NOON + wrong), NOON)
    assert due is not None
    assert timedelta(days=9) <= due - NOON <= timedelta(days=10)


@pytest.mark.parametrize(
    ("arrival", "last"),
    [
        ("2026-01-20T00:00:00+00:00", "2026-03-03"),
        ("2028-01-20T23:59:59+00:00", "2028-03-02"),  # a leap year
        ("2026-03-01T01:00:00+02:00", "2026-04-11"),  # 28 February in UTC, over the change to summer time
        ("2026-10-01T12:00:00+03:00", "2026-11-12"),
    ],
)
def test_without_a_decision_the_six_weeks_begin_on_the_day_of_arrival(arrival: str, last: str) -> None:
    at = datetime.fromisoformat(arrival)
    due = response_due_at(ncr(sent_at=at), at)
    assert due is not None
    assert last_day(due).isoformat() == last
    assert (due.hour, due.minute, due.tzinfo) == (0, 0, UTC)


@pytest.mark.parametrize(
    ("days", "last"),
    [
        ((date(2026, 11, 1),), date(2026, 12, 13)),
        ((date(2026, 11, 1), date(2026, 11, 20)), date(2027, 1, 1)),
        ((date(2026, 10, 12),), date(2026, 11, 23)),  # exactly six weeks ago
        ((date(2026, 10, 11),), date(2027, 1, 4)),  # more than six weeks ago: from the arrival
        ((date(2026, 11, 24),), date(2027, 1, 4)),  # in the future: from the arrival
        ((date(1990, 1, 1), date(2062, 1, 1)), date(2027, 1, 4)),
    ],
)
def test_the_six_weeks_begin_with_the_last_final_decision(days: tuple[date, ...], last: date) -> None:
    """2016/480, Annex VIII, 2.5, unless 2.4 does not allow such a decision."""
    due = response_due_at(decided(*days), NOON)
    assert due is not None
    assert last_day(due) == last


@given(
    st.dates(date(1900, 1, 1), date(2100, 1, 1)),
    st.integers(-23, 23).map(lambda hours: timezone(timedelta(hours=hours))),
)
def test_a_response_is_never_due_before_its_request_or_long_after_it(day: date, zone: timezone) -> None:
    due = response_due_at(decided(day), NOON.astimezone(zone))
    assert due is not None
    assert NOON < due <= NOON + timedelta(weeks=6, days=1)


def test_minor_infringements_have_a_response_and_a_clean_check_has_none() -> None:
    minor = erru.MinorInfringement(date_of_infringement=date(2026, 10, 20), number_of_infringements=2)
    assert response_due_at(ncr(messages.ncr_request(erru.CheckResult.PASS, minor=minor)), NOON)
    assert response_due_at(ncr(messages.ncr_request(erru.CheckResult.CLEAN_CHECK)), NOON) is None


def test_no_other_message_has_a_later_response() -> None:
    heartbeat = replace(mcs_request(), request_purpose=tachonet.RequestPurpose.HEARTBEAT)
    hub = Exchange(HUB, tachonet.TACHONET_3_0, lambda: NOON)
    others = (
        hub.request(heartbeat, "FI"),
        hub.request(icdl_request(), "FI"),
        ncr(messages.nu_request()),
        replace(ncr(), body=messages.ncr_response()),
    )
    assert [response_due_at(each, NOON) for each in others] == [None] * len(others)
