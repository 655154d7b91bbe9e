"""The deadline of the law that is days away."""

from __future__ import annotations

from datetime import UTC, datetime

from tachonet_client.deadlines import respond_by


def test_a_response_is_due_ten_calendar_days_after_the_request_was_sent_annex_ii_1_3_and_vi_1_6() -> None:
    sent_at = datetime(2026, 2, 25, 23, 59, tzinfo=UTC)
    assert respond_by(sent_at) == datetime(2026, 3, 7, 23, 59, tzinfo=UTC)
