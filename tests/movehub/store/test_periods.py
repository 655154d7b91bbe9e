"""Retention periods: calendar months, and long enough for the slowest response."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from movehub.errors import InvalidConfiguration
from movehub.store.periods import DEFAULTS, Period, Periods


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("1 day", datetime(2026, 8, 30, tzinfo=UTC)),
        ("6 months", datetime(2026, 2, 28, tzinfo=UTC)),
        ("1 month", datetime(2026, 7, 31, tzinfo=UTC)),
        ("1 year", datetime(2025, 8, 31, tzinfo=UTC)),
        ("9 months", datetime(2025, 11, 30, tzinfo=UTC)),
        ("2025 years", datetime(1, 8, 31, tzinfo=UTC)),
        ("9999 years", datetime(1, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_month_is_a_calendar_month(text: str, before: datetime) -> None:
    assert Period.of(text).before(datetime(2026, 8, 31, tzinfo=UTC)) == before


@pytest.mark.parametrize(
    "text", ["", "6", "six months", "0 days", "6 weeks", "-1 day", "6 months ", "1.5 years"]
)
def test_any_other_form_is_rejected(text: str) -> None:
    with pytest.raises(InvalidConfiguration, match="'6 months'"):
        Period.of(text)


def test_the_defaults_are_six_months_and_a_year() -> None:
    """2016/68, Annex VII, 3; 2016/480, Annex VII, 4; arrêté of 13 October 2004."""
    assert (DEFAULTS.documents, DEFAULTS.journal) == (Period.of("6 months"), Period.of("1 year"))


@pytest.mark.parametrize("text", ["59 days", "1 month"])
def test_documents_stay_as_long_as_a_response_may_take(text: str) -> None:
    with pytest.raises(InvalidConfiguration, match="60 days"):
        Periods(documents=Period.of(text))
