"""The figures of a month: as Annex VI and VII list them, and the same after sums have replaced the rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from movehub.store import Store
from movehub.store.changes import make
from movehub.store.monthly_figures import Month, monthly_report, summarise
from movehub.store.statistics import UNANSWERED, Row, noted
from movehub.store.tables import MONTH, MONTH_REQUESTS, STATISTIC, Kind, Sending
from sqlalchemy import select

START = datetime(2026, 8, 20, 13, 17, 5, tzinfo=UTC)
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
#: After the last of the rows: the months of August to October are over.
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
MONTHS = [Month(2026, number) for number in (7, 8, 9, 10, 11)]


def store_rows(store: Store, rows: Iterable[Row]) -> None:
    store.write(lambda connection: make(connection, map(noted, rows)))


def row(
    at: datetime, status: str = "Found", response: timedelta | None = SECOND, kind: Any = Kind.QUERY
) -> Row:
    return Row("TACHOnet", "DK", "FI", "CheckIssuedCards_Request", status, at, response, kind)


def some_rows(seed: int) -> list[Row]:
    """Return rows of searches, notifications, heartbeats and own requests over three months, in any order."""
    random, found = Random(seed), [row(START)]
    for _ in range(400):
        kind: Any = random.choice([Kind.QUERY, Kind.NOTIFICATION, Kind.HEARTBEAT, Sending.REQUEST])
        sender, receiver = ("FI", random.choice(["DK", "SE"])) if kind is Sending.REQUEST else ("DK", "FI")
        status = random.choice(["Found", "NotFound", "error:ServerError", UNANSWERED])
        response = None if status == UNANSWERED else timedelta(milliseconds=random.randrange(1, 20_000))
        at = START + timedelta(seconds=random.randrange(int((NOW - START).total_seconds())))
        system, root = random.choice(
            [("TACHOnet", "CheckIssuedCards_Request"), ("ERRU", "CheckGoodRepute_Request")]
        )
        found.append(Row(system, sender, receiver, root, status, at, response, kind))
    return found


def reports(store: Store, every: timedelta | None) -> list[dict[str, Any]]:
    with store.snapshot() as connection:
        return [monthly_report(connection, month, "FI", NOW, every) for month in MONTHS]


@pytest.mark.parametrize("every", [None, 5 * MINUTE, HOUR, 3 * DAY], ids=str)
@pytest.mark.parametrize("seed", range(3))
def test_the_figures_stay_the_same_when_sums_replace_the_rows(
    store: Store, seed: int, every: timedelta | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("movehub.store.monthly_figures._AT_ONCE", 50)
    store_rows(store, some_rows(seed))
    before = reports(store, every)
    assert [each["messages"] != [] for each in before] == [False, True, True, True, True]
    done = summarise(store, NOW - 14 * DAY, NOW + DAY, every)
    assert done == MONTHS[1:4]
    assert reports(store, every) == before


def test_a_month_is_replaced_as_a_whole_when_its_last_day_is_over(store: Store) -> None:
    store_rows(store, [row(START), row(START + 11 * DAY)])
    assert summarise(store, datetime(2026, 8, 31, 23, 59, tzinfo=UTC), NOW) == []
    assert summarise(store, datetime(2026, 9, 1, tzinfo=UTC), NOW) == [Month(2026, 8)]
    with store.reading() as connection:
        assert connection.execute(select(STATISTIC)).all() == []


def test_a_sum_has_no_instant_and_the_month_only_the_hour_of_its_first_row(store: Store) -> None:
    """2016/68, Annex VII, 1; 2016/480, Annex VII, 2: anonymous. An exact instant leads to one message."""
    store_rows(
        store, [row(START), row(START + MINUTE, response=3 * SECOND), row(START + HOUR, UNANSWERED, None)]
    )
    summarise(store, NOW, NOW, HOUR)
    with store.reading() as connection:
        (month,) = connection.execute(select(MONTH)).mappings()
        sums = connection.execute(select(MONTH_REQUESTS).order_by(MONTH_REQUESTS.c.status)).mappings().all()
    assert month["began_at"] == START.replace(minute=0, second=0)
    assert [dict(each) for each in sums] == [
        {
            "month": "2026-08",
            "system": "TACHOnet",
            "from_code": "DK",
            "to_code": "FI",
            "root": "CheckIssuedCards_Request",
            "kind": "query",
            **figures,
        }
        for figures in (
            {
                "status": "Found",
                "times": 2,
                "responses": 2,
                "response_ms": 4000,
                "in_time": 2,
                "slowest_ms": 3000,
            },
            {
                "status": "none",
                "times": 1,
                "responses": 0,
                "response_ms": 0,
                "in_time": 0,
                "slowest_ms": None,
            },
        )
    ]


def test_a_row_that_comes_later_is_added_to_its_month(store: Store) -> None:
    """A process may have had its clock behind."""
    first = [row(START), row(START + DAY, UNANSWERED, None)]
    late = [
        row(START + HOUR, response=12 * SECOND, kind=Kind.NOTIFICATION),
        row(START + DAY, response=SECOND / 2),
    ]
    store_rows(store, first)
    summarise(store, NOW, NOW + DAY, HOUR)
    availability = reports(store, HOUR)[1]["availability"]
    store_rows(store, late)
    counted = reports(store, HOUR)
    assert counted[1]["answers"]["requests"] == 4
    assert counted[1]["answers"]["slowest_seconds"] == 12
    assert counted[1]["availability"] == availability
    summarise(store, NOW, NOW + DAY, HOUR)
    assert reports(store, HOUR) == counted


@pytest.mark.parametrize(
    "at", [datetime(9999, 12, 31, 23, 59, 58, tzinfo=UTC), datetime(1, 1, 1, tzinfo=UTC)]
)
def test_an_instant_from_a_wrong_clock_is_replaced_too_and_counts_in_no_other_month(
    store: Store, at: datetime
) -> None:
    """Our own clock was wrong, or an older program counted by the sender's."""
    store_rows(store, [row(at), row(START + 30 * DAY)])
    before = reports(store, HOUR)
    assert summarise(store, START, NOW + DAY, HOUR) == [Month.at(at)]
    assert reports(store, HOUR) == before


def test_without_the_interval_of_the_heartbeats_an_old_month_has_no_availability(store: Store) -> None:
    store_rows(store, [row(START)])
    summarise(store, NOW, NOW)
    assert reports(store, HOUR)[1]["availability"] is None


def test_requests_are_counted_by_the_fields_of_the_law_without_heartbeats(store: Store) -> None:
    """2016/68, Annex VII, 4; 2016/480, Annex VII, 5."""
    store_rows(store, [row(START), row(START, response=3 * SECOND), row(START, UNANSWERED, None)])
    store_rows(store, [row(START, kind=Kind.HEARTBEAT)])
    with store.reading() as connection:
        found = monthly_report(connection, Month(2026, 8), "FI", NOW)["messages"]
    assert [(each["status"], each["count"], each["mean_seconds"]) for each in found] == [
        ("Found", 2, 2.0),
        (UNANSWERED, 1, None),
    ]


@pytest.mark.parametrize(
    ("text", "end"),
    [("2026-11", datetime(2026, 12, 1, tzinfo=UTC)), ("2026-12", datetime(2027, 1, 1, tzinfo=UTC))],
)
def test_a_month_ends_when_the_next_begins(text: str, end: datetime) -> None:
    assert Month.of(text).end == end
    assert str(Month.of(text)) == text


@pytest.mark.parametrize("text", ["2026", "2026-13", "2026-1", "11-2026", "2026-11-01", ""])
def test_a_month_in_another_form_is_rejected(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the message comes from the standard library
        Month.of(text)
