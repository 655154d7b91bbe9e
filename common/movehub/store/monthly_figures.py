"""The figures of a month, which stay for ever, and the rows behind them, which do not.

Regulation (EU) 2016/68, Annex VII, and (EU) 2016/480, Annex VII: statistics are anonymous, personal data are
removed after six months, statistics stay. Both annexes are about the hub's data, "not at the Member States".
For a node the GDPR decides, Regulation (EU) 2016/679, recital 26: data are anonymous if no means reasonably
likely to be used leads to a person. A row of `statistic` has the exact instant and the identifier of its
message, so whoever has the log of the hub or of the other state finds the message, and the person in it.

So when the period of a month's documents is over, `summarise` replaces the rows of the month by sums, which
match no message: for each kind of request their number, the sum of the response times, those within 10
seconds and the longest; and of the whole month its length, its downtime, and the responses to its MCS
requests. The figures of the month stay the same, to the last digit.

**Inferred:** the sums of a month are anonymous, even if a sum counts one request. The law lists the same
fields, with date and time, as anonymous statistics.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection, Table, case, delete, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from movehub.records.values import write_instant
from movehub.store.engine import Store
from movehub.store.late_responses import MCS_COUNTS, MCS_WITHIN, responses_of_ours
from movehub.store.statistics import (
    ANSWER_WITHIN,
    DOWN_A_MONTH,
    FIELDS,
    REQUIRED,
    Answering,
    Availability,
    Group,
    Row,
    added,
    answering,
    asks,
    availability,
    grouped,
    kind_of_row,
    proofs,
    row_of,
    rows,
)
from movehub.store.tables import MONTH, MONTH_REQUESTS, STATISTIC, Kind

#: Rows in one transaction. Between two transactions other writers have their turn.
_AT_ONCE: Final = 1000
_KEY: Final = ("month", *FIELDS, "kind")
_SUMS: Final = ("times", "responses", "response_ms", "in_time")
_MILLISECOND: Final = timedelta(milliseconds=1)
_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month in UTC."""

    year: int
    month: int

    @classmethod
    def of(cls, text: str) -> Month:
        """Parse `2026-11`. Raises ValueError."""
        first = datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC)
        if len(text) != len("2026-11"):
            raise ValueError("a month must be written like 2026-11")
        return cls(first.year, first.month)

    @classmethod
    def at(cls, instant: datetime) -> Month:
        """Return the month of an instant in UTC."""
        return cls(instant.year, instant.month)

    @property
    def start(self) -> datetime:
        """Its first instant."""
        return datetime(self.year, self.month, 1, tzinfo=UTC)

    @property
    def end(self) -> datetime:
        """The first instant after it. The last month of the calendar ends with the calendar."""
        if (self.year, self.month) == (9999, 12):
            return datetime.max.replace(tzinfo=UTC)
        return datetime(self.year + self.month // 12, self.month % 12 + 1, 1, tzinfo=UTC)

    def __str__(self) -> str:
        """Return `2026-11`."""
        return f"{self.year:04}-{self.month:02}"


# The monthly report: the figures of Annex VI and Annex VII as plain data.


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a period, from one instant to another."""

    start: datetime
    end: datetime
    groups: list[Group]
    availability: Availability | None
    #: Those of `responses_of_ours`.
    mcs: dict[str, int]


def monthly_report(
    connection: Connection, month: Month, us: str, now: datetime, heartbeat_every: timedelta | None = None
) -> dict[str, Any]:
    """Return the figures of a month, from the hour of the very first row on, and up to now at the latest."""
    figures = figures_of(connection, month, now, heartbeat_every, now)
    return {"month": str(month), "member_state": us, **plain(figures, {"a_month": DOWN_A_MONTH})}


def plain(figures: Figures, allowed: dict[str, timedelta]) -> dict[str, Any]:
    """Return figures as plain data. `allowed` is the downtime that the law allows, by its period."""
    return {
        "from": write_instant(figures.start),
        "to": write_instant(figures.end),
        "required_rate": REQUIRED,
        "answers": _answers(answering(figures.groups)),
        "availability": _availability(figures.availability, allowed),
        "mcs_responses": figures.mcs,
        "messages": _messages(figures.groups),
    }


def figures_of(
    connection: Connection, month: Month, until: datetime, heartbeat_every: timedelta | None, now: datetime
) -> Figures:
    """Return the figures of a month up to an instant: from rows, from sums, or from both."""
    end = max(min(month.end, until), month.start)
    kept = connection.execute(select(MONTH).where(MONTH.c.month == str(month))).mappings().first()
    if kept is not None:
        start, there, mcs = kept["began_at"], _kept_availability(kept), _kept_mcs(kept)
    else:
        first = _first(connection)
        start = min(max(month.start, until if first is None else _hour(first)), end)
        there = _there(connection, month, first, end, now, heartbeat_every)
        mcs = responses_of_ours(connection, month.start, month.end, now)
    groups = grouped(rows(connection, month.start, end, now))
    if end > month.start:
        groups = added([*groups, *_kept_groups(connection, month)])
    return Figures(start, end, groups, there, mcs)


def _there(
    connection: Connection,
    month: Month,
    first: datetime | None,
    end: datetime,
    now: datetime,
    every: timedelta | None,
) -> Availability | None:
    """Return the availability of a month, of which all rows are there."""
    if every is None:
        return None
    start = min(max(month.start, first or end), end)
    found = list(filter(asks, rows(connection, start, end, now)))
    if start == first:
        start = _began(found, start, end, every)
    return availability(proofs(found), start, end, every)


def _began(asked: list[Row], start: datetime, end: datetime, every: timedelta) -> datetime:
    """Return when a new system was first asked, at most one heartbeat after its very first row."""
    return min(min((row.at for row in asked), default=end), start + min(every, end - start))


def _first(connection: Connection) -> datetime | None:
    """Return the beginning of all figures: the instant of the first row, or its hour once that is a sum."""
    found = [
        connection.execute(select(func.min(column))).scalar_one()
        for column in (STATISTIC.c.at, MONTH.c.began_at)
    ]
    return min((each for each in found if each is not None), default=None)


def _hour(instant: datetime) -> datetime:
    return instant.replace(minute=0, second=0, microsecond=0)


def _messages(groups: Iterable[Group]) -> list[dict[str, Any]]:
    """Return the numbers by the fields of Annex VII, without heartbeats."""
    return [
        {
            "system": group.system,
            "from": group.from_code,
            "to": group.to_code,
            "type": group.root,
            "status": group.status,
            "count": group.times,
            "mean_seconds": _mean_seconds(group),
        }
        for group in groups
        if group.kind is not Kind.HEARTBEAT
    ]


def _mean_seconds(group: Group) -> float | None:
    if not group.responses:
        return None
    return round(group.response / _MILLISECOND / group.responses) / 1000


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


def _availability(figures: Availability | None, allowed: dict[str, timedelta]) -> dict[str, Any] | None:
    if figures is None:
        return None
    return {
        "rate": figures.rate,
        "kept": figures.kept,
        "down_hours": figures.down / timedelta(hours=1),
        **{f"allowed_hours_{period}": down / timedelta(hours=1) for period, down in allowed.items()},
    }


# From rows to sums: the only form in which an old month stays.


def summarise(
    store: Store, before: datetime, future: datetime, heartbeat_every: timedelta | None = None
) -> list[Month]:
    """Replace the rows of each month that ended before an instant by sums, and return these months.

    A request whose answer has not been delivered by then stays unanswered in the sums. A row of a month that
    begins after `future` comes from a time when our clock was wrong, and is replaced, too. Availability
    stays only if you give the interval of the heartbeats, because the sums do not show it.
    """
    done: list[Month] = []
    while (month := _next(store, before, future)) is not None:
        with store.snapshot() as connection:
            figures = figures_of(connection, month, month.end, heartbeat_every, store.now())
        store.write(partial(_keep_month, month=month, figures=figures))
        while store.write(partial(_add_rows, month=month)):
            pass
        done.append(month)
    return done


def _next(store: Store, before: datetime, future: datetime) -> Month | None:
    at = STATISTIC.c.at
    over = or_(at < Month.at(before).start, at >= Month.at(future).end)
    with store.reading() as connection:
        found = connection.execute(select(func.min(at)).where(over)).scalar_one()
    return None if found is None else Month.at(found)


def _keep_month(connection: Connection, *, month: Month, figures: Figures) -> None:
    """Store what only the rows show, the first time: later rows of the month change its numbers only."""
    there = figures.availability
    values = {
        "month": str(month),
        "began_at": figures.start,
        "of_us": None if there is None else there.of // _MICROSECOND,
        "down_us": None if there is None else there.down // _MICROSECOND,
        **{f"mcs_{name}": figures.mcs[name] for name in MCS_COUNTS},
    }
    insert = _insert(connection, MONTH)
    connection.execute(insert.values(values).on_conflict_do_nothing())


def _add_rows(connection: Connection, *, month: Month) -> int:
    """Add some rows of a month to its sums and remove them, and return how many there were."""
    of_it = (STATISTIC.c.at >= month.start) & (STATISTIC.c.at < month.end)
    wanted = select(STATISTIC).where(of_it).limit(_AT_ONCE).with_for_update(skip_locked=True)
    found = connection.execute(wanted).mappings().all()
    for group in grouped(map(row_of, found)):  # in the order of their keys, as every process adds them
        connection.execute(_adding(connection, month, group))
    ids = [row["id"] for row in found]
    connection.execute(delete(STATISTIC).where(STATISTIC.c.id.in_(ids)))
    return len(found)


def _adding(connection: Connection, month: Month, group: Group) -> Any:
    values = {
        **dict(zip(_KEY, (str(month), *group.key), strict=True)),
        "times": group.times,
        "responses": group.responses,
        "response_ms": group.response // _MILLISECOND,
        "in_time": group.in_time,
        "slowest_ms": None if group.slowest is None else group.slowest // _MILLISECOND,
    }
    new = _insert(connection, MONTH_REQUESTS).values(values)
    columns, given = MONTH_REQUESTS.c, new.excluded
    sums: dict[str, Any] = {name: columns[name] + given[name] for name in _SUMS}
    longer = columns.slowest_ms.is_(None) | (given.slowest_ms > columns.slowest_ms)
    sums["slowest_ms"] = case((longer, given.slowest_ms), else_=columns.slowest_ms)
    return new.on_conflict_do_update(index_elements=[columns[name] for name in _KEY], set_=sums)


def _insert(connection: Connection, table: Table) -> Any:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    return dialect.insert(table)


# Reading sums.


def _kept_availability(found: Any) -> Availability | None:
    if found["of_us"] is None:
        return None
    return Availability(found["of_us"] * _MICROSECOND, found["down_us"] * _MICROSECOND)


def _kept_mcs(found: Any) -> dict[str, int]:
    return {**{name: found[f"mcs_{name}"] for name in MCS_COUNTS}, **MCS_WITHIN}


def _kept_groups(connection: Connection, month: Month) -> Iterator[Group]:
    found = connection.execute(select(MONTH_REQUESTS).where(MONTH_REQUESTS.c.month == str(month)))
    for each in found.mappings():
        slowest = each["slowest_ms"]
        yield Group(
            **{name: each[name] for name in (*FIELDS, "times", "responses", "in_time")},
            kind=kind_of_row(each["kind"]),
            response=each["response_ms"] * _MILLISECOND,
            slowest=None if slowest is None else slowest * _MILLISECOND,
        )
