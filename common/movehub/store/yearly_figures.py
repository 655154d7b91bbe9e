"""The figures of a year: those of its twelve months, and their sums.

The law's 98 % of the requests are those of a calendar month. The 98 % of availability bind in each month and
in the year (both regulations, Annex VI, 1.3 and 1.4).

**Inferred:** the year also has an answer rate. A year is one in UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from movehub.store.late_responses import MCS_COUNTS, MCS_WITHIN
from movehub.store.monthly_figures import Figures, Month, figures_of, plain
from movehub.store.statistics import DOWN_A_MONTH, DOWN_A_YEAR, Availability, added


def yearly_report(
    connection: Connection, year: int, us: str, now: datetime, heartbeat_every: timedelta | None = None
) -> dict[str, Any]:
    """Return the figures of a year and of its months, from the hour of the very first row on, up to now.

    Months whose availability is not known are `without_availability`, and that of the year is without them.
    `kept` says whether the law's 98 % were reached in each month and in the year.
    """
    months = [Month(year, number) for number in range(1, 13)]
    figures = [figures_of(connection, month, now, heartbeat_every, now) for month in months]
    by_month = [
        {"month": str(month), **plain(each, {"a_month": DOWN_A_MONTH})}
        for month, each in zip(months, figures, strict=True)
    ]
    whole = plain(_of_the_year(year, figures), {"a_year": DOWN_A_YEAR})
    return {
        "year": f"{year:04}",
        "member_state": us,
        "kept": all(map(kept, [*by_month, whole])),
        **whole,
        "without_availability": [
            str(month)
            for month, each in zip(months, figures, strict=True)
            if each.availability is None and each.start < each.end
        ],
        "months": by_month,
    }


def kept(report: dict[str, Any]) -> bool:
    """Whether the figures of a report reach the law's 98 %, as far as they are known."""
    there = report["availability"]
    return bool(report["answers"]["kept"] and (there is None or there["kept"]))


def _of_the_year(year: int, months: Sequence[Figures]) -> Figures:
    begun = [each for each in months if each.start < each.end]
    known = [each.availability for each in begun if each.availability is not None]
    nothing = timedelta(0)
    start = datetime(year, 1, 1, tzinfo=UTC)
    return Figures(
        start=min((each.start for each in begun), default=start),
        end=max((each.end for each in begun), default=start),
        groups=added(group for each in months for group in each.groups),
        availability=Availability(
            sum((each.of for each in known), nothing), sum((each.down for each in known), nothing)
        )
        if known
        else None,
        mcs={name: sum(each.mcs[name] for each in months) for name in MCS_COUNTS} | MCS_WITHIN,
    )
