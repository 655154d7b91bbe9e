"""The figures of a year: its months and their sums, the same from rows and after sums have replaced them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from movehub.store import Store
from movehub.store.changes import make
from movehub.store.monthly_figures import Month, monthly_report, summarise
from movehub.store.statistics import (
    ANSWER_WITHIN,
    UNANSWERED,
    Row,
    answered_by_us,
    asked_of_us,
    noted,
)
from movehub.store.tables import Kind, Sending
from movehub.store.yearly_figures import kept, yearly_report

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
START = datetime(2026, 1, 20, 13, 17, 5, tzinfo=UTC)
NOW = datetime(2026, 12, 23, 10, tzinfo=UTC)
CIC = "CheckIssuedCards_Request"


def row(
    at: datetime, status: str = "Found", response: timedelta | None = SECOND, kind: Any = Kind.QUERY
) -> Row:
    return Row("TACHOnet", "DK", "FI", CIC, status, at, response, kind)


def written(store: Store, rows: Iterable[Row]) -> None:
    """Write rows as a node does: a received request when it comes, and again when its answer is delivered."""
    changes = []
    for number, each in enumerate(rows):
        if each.kind is Sending.REQUEST:
            changes.append(noted(each))
            continue
        request = {"technical_id": str(number), "system": each.system, "root": each.root, "kind": each.kind}
        request |= {"from_code": each.from_code, "to_code": each.to_code, "received_at": each.at}
        changes.append(asked_of_us(request))
        if each.response is not None:
            answer = {"in_reply_to": str(number), "status": each.status}
            changes += answered_by_us(answer, each.at + each.response)
    store.write(lambda connection: make(connection, changes))


def year(store: Store, every: timedelta | None = None, now: datetime = NOW) -> dict[str, Any]:
    with store.snapshot() as connection:
        return yearly_report(connection, 2026, "FI", now, every)


@st.composite
def requests(draw: st.DrawFn) -> Row:
    """A request of any kind, with or without an answer, up to the instant of the report."""
    kind: Any = draw(st.sampled_from([Kind.QUERY, Kind.NOTIFICATION, Kind.HEARTBEAT, Sending.REQUEST]))
    seconds = st.integers(0, int((NOW - START).total_seconds()) - 1)
    last_seconds = seconds.map(lambda each: int((NOW - START).total_seconds()) - 1 - each % 30)
    at = START + SECOND * draw(st.one_of(seconds, last_seconds))
    response = draw(st.none() | st.integers(0, 20_000).map(lambda each: timedelta(milliseconds=each)))
    status = draw(st.sampled_from(["Found", "NotFound", "error:ServerError"]))
    status = UNANSWERED if response is None else status
    sender, receiver = ("FI", "DK") if kind is Sending.REQUEST else ("DK", "FI")
    return Row("TACHOnet", sender, receiver, CIC, status, at, response, kind)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(requests(), max_size=40),
    st.lists(st.integers(60, 330), min_size=1, max_size=3),
    st.sampled_from([None, 5 * MINUTE, HOUR, 3 * DAY]),
)
def test_the_figures_of_months_and_year_are_those_of_their_requests_as_rows_and_as_sums(
    rows: list[Row], days: list[int], every: timedelta | None
) -> None:
    """Whenever retention has run, and whatever of the year it has summed."""
    with TemporaryDirectory() as folder, Store.open(f"sqlite:///{folder}/node.db", now=lambda: NOW) as store:
        written(store, rows)
        before = year(store, every)
        for ago in sorted(days, reverse=True):
            summarise(store, NOW - DAY * ago, NOW + DAY, every)
            assert year(store, every) == before
            with store.snapshot() as connection:
                for month in before["months"]:
                    alone = monthly_report(connection, Month.of(month["month"]), "FI", NOW, every)
                    assert alone == {**month, "member_state": "FI"}
    for report in (before, *before["months"]):
        assert (report["answers"]["requests"], report["answers"]["answered"]) == _counted(
            each for each in rows if report is before or str(Month.at(each.at)) == report["month"]
        )


def _counted(rows: Iterable[Row]) -> tuple[int, int]:
    """Count requests of others and answers, one by one: without those that still have time."""
    asked = [each for each in rows if each.kind in {Kind.QUERY, Kind.NOTIFICATION}]
    over = [each for each in asked if each.response is not None or each.at <= NOW - ANSWER_WITHIN]
    return len(over), sum(each.status in {"Found", "NotFound"} for each in over)


def test_a_year_adds_its_months(store: Store) -> None:
    february = [row(datetime(2026, 2, 3, tzinfo=UTC))] * 3 + [
        row(datetime(2026, 2, 4, tzinfo=UTC), UNANSWERED, None)
    ]
    march = [row(datetime(2026, 3, 3, tzinfo=UTC), response=11 * SECOND)] * 5
    written(store, february + march)
    found = year(store)
    assert (found["year"], found["from"], found["to"]) == (
        "2026",
        "2026-02-03T00:00:00Z",
        "2026-12-23T10:00:00Z",
    )
    assert [each["answers"]["requests"] for each in found["months"]] == [0, 4, 5, *[0] * 9]
    answers = found["answers"]
    assert (answers["requests"], answers["answered"], answers["answered_in_time"]) == (9, 8, 3)
    assert answers["slowest_seconds"] == 11


def test_a_year_without_a_request_is_empty_and_breaks_no_law(store: Store) -> None:
    found = year(store, HOUR)
    assert (found["answers"]["rate"], found["kept"]) == (None, True)
    assert len(found["months"]) == 12


def test_a_year_above_98_per_cent_is_not_kept_if_a_month_is_below(store: Store) -> None:
    """Annex VI, 1.4: of the requests of one calendar month."""
    good = [row(datetime(2026, 2, 3, tzinfo=UTC) + MINUTE * each) for each in range(99)]
    written(store, [*good, row(datetime(2026, 3, 3, tzinfo=UTC), UNANSWERED, None)])
    found = year(store)
    assert found["answers"]["rate"] == 0.99
    assert [each["month"] for each in found["months"] if not kept(each)] == ["2026-03"]
    assert not found["kept"]


def test_the_availability_of_a_year_binds_beside_that_of_its_months(store: Store) -> None:
    """Annex VI, 1.3: 15 hours a month, 7.5 days a year."""
    january = datetime(2026, 1, 1, tzinfo=UTC)
    written(store, [row(january, kind=Kind.HEARTBEAT), row(january + 10 * DAY, kind=Kind.HEARTBEAT)])
    there = year(store, 20 * DAY, january + 365 * DAY)["availability"]
    assert there["allowed_hours_a_year"] == 180
    assert there["down_hours"] == pytest.approx((365 - 30) * 24)
    assert not there["kept"]


def test_a_year_names_the_months_whose_availability_is_not_known(store: Store) -> None:
    """The sums of a month do not show it if the interval of the heartbeats was not configured then."""
    written(store, [row(START), row(START + 40 * DAY)])
    summarise(store, datetime(2026, 2, 1, tzinfo=UTC), NOW)
    found = year(store, HOUR)
    assert found["without_availability"] == ["2026-01"]
    assert found["availability"]["down_hours"] == pytest.approx(
        (NOW - datetime(2026, 2, 1, tzinfo=UTC)) / HOUR - 1
    )
    assert year(store)["availability"] is None
