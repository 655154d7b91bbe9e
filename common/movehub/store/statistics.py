"""Statistics without personal data, and the service levels that the law counts from them.

Statistics: Regulation (EU) 2016/68, Annex VII, 4, and (EU) 2016/480, Annex VII, 5. One permanent row a
request, with exactly these fields: sender, receiver, kind of message, status of the answer, date and hour,
and response time. Heartbeats have rows, too, because availability is counted from them.

Service levels: both regulations, Annex VI. The law requires 98 % availability, which the hub's heartbeat
measures (1.2 and 1.3), and answers to 98 % of the requests of a calendar month (1.4). An answer to a search
or an ICDL, and the acknowledgement of an MCS, NCR or NU, is due within 10 seconds (2016/68, Annex VI, 1.5;
2016/480, Annex VI, 1.5.1).

**Inferred**, because the law is silent:

* A calendar month is a month in UTC.
* A late answer counts as an answer, and as late.
* An answered heartbeat or search proves that the system was available until the next heartbeat was due. If
  no such proof covers an instant, it counts as downtime. A notification proves no availability, because it
  may be delivered long after it was sent.
* The interval of the hub's heartbeats is not public, so you have to configure it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, func, select

from movehub.protocol.message import ErrorNotification, Message
from movehub.records.values import write_instant
from movehub.store.changes import Change
from movehub.store.tables import STATISTIC, Kind, Sending

#: Annex VI, 1.3 and 1.4.
REQUIRED: Final = 0.98
#: 2016/68, Annex VI, 1.5; 2016/480, Annex VI, 1.5.1.
ANSWER_WITHIN: Final = timedelta(seconds=10)
#: 98 % in hours of downtime, rounded by the law itself (Annex VI, 1.3). The limit a day is a goal, and the
#: limits a month and a year are binding.
DOWN_A_DAY, DOWN_A_MONTH, DOWN_A_YEAR = timedelta(hours=0.5), timedelta(hours=15), timedelta(days=7.5)

#: The status of a request without an answer.
UNANSWERED: Final = "none"
#: The beginning of the status of a request that an ErrorNotification ended.
_ERROR: Final = "error:"
_MILLISECOND: Final = timedelta(milliseconds=1)
#: The fields of Annex VII by which requests are counted.
_FIELDS: Final = [STATISTIC.c[name] for name in ("system", "from_code", "to_code", "root", "status")]

#: The requests that count for the answer rate.
_REQUESTS: Final = frozenset({Kind.QUERY, Kind.NOTIFICATION})
#: The requests whose answer proves availability: it was useful only within seconds after they were sent.
_PROOFS: Final = frozenset({Kind.QUERY, Kind.HEARTBEAT})


@dataclass(frozen=True, slots=True)
class Row:
    """One request, received or sent, and its result."""

    system: str
    from_code: str
    to_code: str
    root: str
    #: The status code of its answer, `UNANSWERED`, or `error:` and the status of an ErrorNotification.
    status: str
    sent_at: datetime
    #: From the arrival of the request here to the departure of its answer, or the reverse. `None` without an
    #: answer.
    response: timedelta | None
    kind: Kind | Sending = Kind.QUERY

    @property
    def answered(self) -> bool:
        """Whether it has an answer. An ErrorNotification is not an answer."""
        return self.status != UNANSWERED and not self.status.startswith(_ERROR)


# Writing rows: at the end of each request, in the transaction that ends it.


def answered_by_us(request: Mapping[str, Any], answer: Message[Any] | None, now: datetime) -> list[Change]:
    """Count a received request. `request` has the columns of the inbox, below those of the outbox."""
    status = UNANSWERED if answer is None else _status_of(answer)
    response = None if answer is None else now - request["received_at"]
    return [_counted(request, request["to_code"], status, response, Kind(request["kind"]))]


def answered_to_us(request: Mapping[str, Any], answer: Message[Any] | None, now: datetime) -> list[Change]:
    """Count a request of ours, once for each state with a row in the answer (Annex VII, "receiver")."""
    if answer is None:
        return [_counted(request, request["to_code"], UNANSWERED, None, Sending.REQUEST)]
    response = now - request["prepared_at"]
    return [
        _counted(request, receiver or request["to_code"], status, response, Sending.REQUEST)
        for receiver, status in _by_state(answer)
    ]


def noted(row: Row) -> Change:
    """Return the change that writes one row."""
    values = asdict(row)
    response = values.pop("response")
    values["response_ms"] = None if response is None else response // _MILLISECOND
    return Change(STATISTIC, values | {"kind": row.kind.value})


def _counted(
    request: Mapping[str, Any], receiver: str, status: str, response: Any, kind: Kind | Sending
) -> Change:
    sender, root = request["from_code"], request["root"]
    return noted(Row(request["system"], sender, receiver, root, status, request["sent_at"], response, kind))


def _by_state(answer: Message[Any]) -> Iterator[tuple[str | None, str]]:
    rows = getattr(answer.body, "member_states", ())
    for row in rows:
        yield row.member_state_code, row.status_code.value
    if not rows:
        yield None, _status_of(answer)


def _status_of(answer: Message[Any]) -> str:
    """Return the status of an answer. If it has rows of states and is ours, our row is the only one."""
    body = answer.body
    if isinstance(body, ErrorNotification):
        return f"{_ERROR}{body.status_code.value}"
    rows = getattr(body, "member_states", ()) or (body,)
    return str(rows[0].status_code.value)


# Reading rows.


def rows(connection: Connection, start: datetime, end: datetime) -> Iterator[Row]:
    """Yield the rows of requests that were sent between two instants."""
    columns = STATISTIC.c
    wanted = (
        select(STATISTIC).where(columns.sent_at >= start, columns.sent_at < end).order_by(columns.sent_at)
    )
    with connection.execute(wanted.execution_options(yield_per=1000)) as found:
        yield from map(_row, found.mappings())


def _row(found: Any) -> Row:
    response, kind = found["response_ms"], found["kind"]
    return Row(
        **{column.name: found[column.name] for column in (*_FIELDS, STATISTIC.c.sent_at)},
        response=None if response is None else response * _MILLISECOND,
        kind=Sending(kind) if kind in set(Sending) - set(Kind) else Kind(kind),
    )


def first_row(connection: Connection) -> datetime | None:
    """Return the earliest `sent_at` of all rows."""
    found: datetime | None = connection.execute(select(func.min(STATISTIC.c.sent_at))).scalar_one()
    return found


def totals(connection: Connection, start: datetime, end: datetime) -> list[dict[str, Any]]:
    """Count the requests between two instants by the fields of Annex VII, without heartbeats."""
    columns = STATISTIC.c
    counted = (
        select(*_FIELDS, func.count().label("times"), func.avg(columns.response_ms).label("mean"))
        .where(columns.sent_at >= start, columns.sent_at < end, columns.kind != Kind.HEARTBEAT.value)
        .group_by(*_FIELDS)
        .order_by(*_FIELDS)
    )
    return [
        {
            "system": row.system,
            "from": row.from_code,
            "to": row.to_code,
            "type": row.root,
            "status": row.status,
            "count": row.times,
            "mean_seconds": None if row.mean is None else round(float(row.mean)) / 1000,
        }
        for row in connection.execute(counted)
    ]


# Service levels: from rows to figures, without a database.


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

    @property
    def start(self) -> datetime:
        """Its first instant."""
        return datetime(self.year, self.month, 1, tzinfo=UTC)

    @property
    def end(self) -> datetime:
        """The first instant after it."""
        return datetime(self.year + self.month // 12, self.month % 12 + 1, 1, tzinfo=UTC)

    def __str__(self) -> str:
        """Return `2026-11`."""
        return f"{self.year:04}-{self.month:02}"


@dataclass(frozen=True, slots=True)
class Answering:
    """The answers to the requests that we received in a period."""

    requests: int
    answered: int
    in_time: int
    slowest: timedelta | None

    @property
    def rate(self) -> float | None:
        """The share of answered requests, or `None` without a request."""
        return self.answered / self.requests if self.requests else None

    @property
    def kept(self) -> bool:
        """Whether the law's 98 % were answered (Annex VI, 1.4). Without a request the law is not broken."""
        return self.rate is None or self.rate >= REQUIRED


def answering(rows: Iterable[Row], us: str) -> Answering:
    """Count the requests that other states sent to us, without heartbeats."""
    requests = answered = in_time = 0
    slowest: timedelta | None = None
    for row in rows:
        if row.from_code == us or row.kind not in _REQUESTS:
            continue
        requests += 1
        if row.answered and row.response is not None:
            answered += 1
            in_time += row.response <= ANSWER_WITHIN
            slowest = max(slowest or row.response, row.response)
    return Answering(requests, answered, in_time, slowest)


@dataclass(frozen=True, slots=True)
class Availability:
    """The length of a period, and the downtime in it."""

    of: timedelta
    down: timedelta

    @property
    def rate(self) -> float | None:
        """The share of the period in which the system was available, or `None` for an empty period."""
        return 1 - self.down / self.of if self.of else None

    @property
    def kept(self) -> bool:
        """Whether the system was available for the law's 98 % of the period (Annex VI, 1.3)."""
        return self.rate is None or self.rate >= REQUIRED


def proofs(rows: Iterable[Row], us: str) -> list[datetime]:
    """Return the instants that prove availability: we answered a heartbeat or search sent then."""
    return [row.sent_at for row in rows if row.from_code != us and row.kind in _PROOFS and row.answered]


def availability(
    proofs: Iterable[datetime], start: datetime, end: datetime, every: timedelta
) -> Availability:
    """Return the availability between two instants. `every` is the interval of the hub's heartbeats."""
    there, until = timedelta(0), start
    for proof in sorted(proofs):
        since, proof_until = max(proof, until), min(proof + every, end)
        if proof_until > since:
            there += proof_until - since
            until = proof_until
    whole = max(end - start, timedelta(0))
    return Availability(whole, whole - there)


# The monthly report: the figures of Annex VI and Annex VII as plain data.


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
        row.sent_at for row in rows(connection, start, end) if row.from_code != us and row.kind in _PROOFS
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
