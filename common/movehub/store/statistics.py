"""Statistics without persons: one row a request, kept for good.

Regulation (EU) 2016/68, Annex VII, 4, and (EU) 2016/480, Annex VII, 5: who asked, who was asked, the kind of
message, the status of the answer, date and hour, response time. Nothing else goes in, so nothing else can
come out. `service_levels` counts the rows as Annex VI does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, func, select

from movehub.protocol.message import ErrorStatus
from movehub.store.changes import Change
from movehub.store.tables import STATISTIC, Kind, Sending

#: The status of a request that nobody has answered.
UNANSWERED: Final = "none"

_ERROR: Final = "error:"
_MILLISECOND: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Row:
    """One request, received or sent, and what became of it."""

    system: str
    from_code: str
    to_code: str
    root: str
    #: The status code of its answer, `UNANSWERED`, or what `error_status` makes.
    status: str
    sent_at: datetime
    #: From its arrival here to its answer's departure, or the other way round. None where there was no
    #: answer.
    response: timedelta | None
    kind: Kind | Sending = Kind.QUERY

    @property
    def answered(self) -> bool:
        """Whether it was answered. An ErrorNotification says why there is no answer, so it is none."""
        return is_answer(self.status)


@dataclass(frozen=True, slots=True)
class Total:
    """How often the same came in one month, and how long it took on average."""

    system: str
    from_code: str
    to_code: str
    root: str
    status: str
    count: int
    mean_response: timedelta | None


def error_status(status: ErrorStatus) -> str:
    """Return the status of a request that came to an ErrorNotification."""
    return f"{_ERROR}{status.value}"


def is_answer(status: str) -> bool:
    """Whether this status is that of an answer."""
    return status != UNANSWERED and not status.startswith(_ERROR)


def noted(row: Row) -> Change:
    """Return what writes one row."""
    return Change(
        STATISTIC,
        {
            "system": row.system,
            "from_code": row.from_code,
            "to_code": row.to_code,
            "root": row.root,
            "status": row.status,
            "sent_at": row.sent_at,
            "response_ms": None if row.response is None else row.response // _MILLISECOND,
            "kind": row.kind.value,
        },
    )


def rows(connection: Connection, start: datetime, end: datetime) -> Iterator[Row]:
    """Return the rows of a time, by when they were sent."""
    columns = STATISTIC.c
    wanted = (
        select(STATISTIC).where(columns.sent_at >= start, columns.sent_at < end).order_by(columns.sent_at)
    )
    with connection.execute(wanted.execution_options(yield_per=1000)) as found:
        yield from map(_row, found.mappings())


def _row(found: Any) -> Row:
    response, kind = found["response_ms"], found["kind"]
    return Row(
        system=found["system"],
        from_code=found["from_code"],
        to_code=found["to_code"],
        root=found["root"],
        status=found["status"],
        sent_at=found["sent_at"],
        response=None if response is None else response * _MILLISECOND,
        kind=Sending(kind) if kind in set(Sending) - set(Kind) else Kind(kind),
    )


def first_row(connection: Connection) -> datetime | None:
    """Return when the first row was sent that there is."""
    found: datetime | None = connection.execute(select(func.min(STATISTIC.c.sent_at))).scalar_one()
    return found


def totals(connection: Connection, start: datetime, end: datetime) -> list[Total]:
    """Return what there was in a time, counted by the fields of Annex VII. Heartbeats are left out."""
    columns = STATISTIC.c
    alike = (columns.system, columns.from_code, columns.to_code, columns.root, columns.status)
    counted = (
        select(*alike, func.count().label("times"), func.avg(columns.response_ms).label("mean"))
        .where(columns.sent_at >= start, columns.sent_at < end, columns.kind != Kind.HEARTBEAT.value)
        .group_by(*alike)
        .order_by(*alike)
    )
    return [
        Total(
            system=row.system,
            from_code=row.from_code,
            to_code=row.to_code,
            root=row.root,
            status=row.status,
            count=row.times,
            mean_response=None if row.mean is None else round(float(row.mean)) * _MILLISECOND,
        )
        for row in connection.execute(counted)
    ]
