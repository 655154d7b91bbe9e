"""The deadlines of the law."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from erru_client.deadlines import answer_by, notify_by, respond_by

RECEIVED = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def test_a_notification_is_due_within_six_weeks_of_the_final_decision_annex_viii_2_4() -> None:
    assert notify_by(date(2026, 1, 1)) == date(2026, 2, 12)


def test_a_response_is_due_within_six_weeks_of_the_final_decision_annex_viii_2_5() -> None:
    assert respond_by(date(2026, 1, 1)) == date(2026, 2, 12)


def test_an_answer_is_due_within_ten_seconds_annex_vi_1_5_1() -> None:
    assert answer_by(RECEIVED) == RECEIVED + timedelta(seconds=10)
    assert answer_by(RECEIVED, RECEIVED + timedelta(seconds=20)) == RECEIVED + timedelta(seconds=10)


def test_an_answer_is_due_before_the_hub_stops_waiting() -> None:
    assert answer_by(RECEIVED, RECEIVED + timedelta(seconds=4)) == RECEIVED + timedelta(seconds=4)
