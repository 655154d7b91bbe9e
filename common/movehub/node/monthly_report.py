"""The monthly report: the service levels of Annex VI and the statistics of Annex VII, as plain data.

2016/68: Annex VI, 1.3 to 1.5, and Annex VII, 4; 2016/480: Annex VI, 1.3 to 1.5.1, and Annex VII, 5.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection

from movehub.records.values import write_instant
from movehub.store.statistics import (
    ANSWER_WITHIN,
    DOWN_A_MONTH,
    REQUIRED,
    Answering,
    Availability,
    Month,
    answering,
    availability,
    first_row,
    proofs,
    rows,
    totals,
)
from movehub.store.tables import Kind

#: The kinds of requests that show whether a system is available.
_ASKED_FOR: Final = frozenset({Kind.QUERY, Kind.HEARTBEAT})


def monthly_report(
    connection: Connection, month: Month, us: str, now: datetime, heartbeat_every: timedelta | None = None
) -> dict[str, Any]:
    """Return the figures of a month, from the first row that there is, and up to now at the latest."""
    first = first_row(connection)
    end = min(month.end, now)
    start = min(max(month.start, first or now), end)
    ours = answering(rows(connection, start, end), us)
    there = None
    if heartbeat_every is not None:
        began = _began(connection, start, end, us, heartbeat_every) if start == first else start
        there = availability(proofs(rows(connection, began, end), us), began, end, heartbeat_every)
    return {
        "month": str(month),
        "member_state": us,
        "from": write_instant(start),
        "to": write_instant(end),
        "required_rate": REQUIRED,
        "answers": _answers(ours),
        "availability": _availability(there),
        "messages": totals(connection, start, end),
    }


def _began(connection: Connection, start: datetime, end: datetime, us: str, every: timedelta) -> datetime:
    """Return when a new system was first asked, at most one heartbeat after its very first row."""
    asked = (
        row.sent_at for row in rows(connection, start, end) if row.from_code != us and row.kind in _ASKED_FOR
    )
    return min(min(asked, default=end), start + every, end)


def _answers(figures: Answering) -> dict[str, Any]:
    return {
        "requests": figures.requests,
        "answered": figures.answered,
        "rate": figures.rate,
        "kept": figures.kept,
        "within_seconds": ANSWER_WITHIN.total_seconds(),
        "answered_in_time": figures.in_time,
        "slowest_seconds": None if figures.slowest is None else figures.slowest.total_seconds(),
    }


def _availability(figures: Availability | None) -> dict[str, Any] | None:
    if figures is None:
        return None
    return {
        "rate": figures.rate,
        "kept": figures.kept,
        "down_hours": figures.down / timedelta(hours=1),
        "allowed_hours_a_month": DOWN_A_MONTH / timedelta(hours=1),
    }
