"""Statistics without personal data, and the service levels that the law counts from them.

Statistics: Regulation (EU) 2016/68, Annex VII, 4, and (EU) 2016/480, Annex VII, 5. One row a request, with
exactly these fields: sender, receiver, kind of message, status of the answer, date and time, and response
time. Heartbeats have rows, too, because availability is counted from them. The instant of a row leads to its
message, so `monthly_figures` replaces the rows of an old month by sums.

All instants and times are by our clock, so that a wrong clock of another system changes no figure: the month
of a request is that of its arrival here. A received request has its row from its arrival on, without an
answer. The delivery of the answer adds its status and its instant, in the transaction that stores the
delivery. So each request counts once, and an answer that never left counts as no answer, whatever became of
it: expired, refused, lost, or failed.

Service levels: both regulations, Annex VI. The law requires 98 % availability, which the hub's heartbeat
measures (1.2 and 1.3), and answers to 98 % of the requests of a calendar month (1.4). An answer to a search
or an ICDL, and the acknowledgement of an MCS, NCR or NU, is due within 10 seconds (2016/68, Annex VI, 1.5;
2016/480, Annex VI, 1.5.1).

**Inferred**, because the law is silent:

* A calendar month is a month in UTC.
* A late answer counts as an answer, and as late. This includes an answer that a retry has delivered.
* A request that waits for its answer does not count for `ANSWER_WITHIN`. Then it counts as not answered,
  until the answer is delivered after all.
* A request whose ErrorNotification was delivered has had its answer. A later retry sends no second one.
* In the synchronous interface, an answer is delivered when it is handed to the connection.
* An answered heartbeat or search proves that the system was available until the next heartbeat was due. If
  no such proof covers an instant, it counts as downtime. A notification proves no availability, because its
  answer may be delivered long after it came.
* The interval of the hub's heartbeats is not public, so you have to configure it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, or_, select

from movehub.protocol.message import ErrorNotification, Message
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
FIELDS: Final = ("system", "from_code", "to_code", "root", "status")

#: The requests of other states that count for the answer rate.
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
    #: The arrival of the request here, or its preparation if it is ours: by our clock.
    at: datetime
    #: From then to the end of the delivery of its answer, or to the arrival of the answer to ours, in whole
    #: milliseconds. `None` without an answer.
    response: timedelta | None
    kind: Kind | Sending = Kind.QUERY

    @property
    def answered(self) -> bool:
        """Whether it has an answer. An ErrorNotification is not an answer."""
        return _is_answer(self.status)


def _is_answer(status: str) -> bool:
    return status != UNANSWERED and not status.startswith(_ERROR)


# Writing rows: of a received request when it arrives, of a request of ours at its end.


def asked_of_us(request: Mapping[str, Any]) -> Change:
    """Count a received request as not answered. `request` has the columns of the inbox."""
    values = {name: request[name] for name in ("system", "from_code", "to_code", "root", "kind")}
    values |= {"status": UNANSWERED, "at": request["received_at"], "request": request["technical_id"]}
    return Change(STATISTIC, values)


def answered_by_us(answer: Mapping[str, Any], now: datetime) -> list[Change]:
    """Count a received request as answered: `answer`, with columns of the outbox, is delivered.

    The first delivery counts, because the row of an answered request is not found again.
    """
    unanswered = {"request": answer["in_reply_to"], "status": UNANSWERED}
    return [Change(STATISTIC, {"status": answer["status"], "answered_at": now}, of=unanswered)]


def answered_to_us(request: Mapping[str, Any], answer: Message[Any] | None, now: datetime) -> list[Change]:
    """Count a request of ours, once for each state with a row in the answer (Annex VII, "receiver")."""
    if answer is None:
        return [_counted(request, request["to_code"], UNANSWERED, None)]
    response = now - request["prepared_at"]
    return [
        _counted(request, receiver or request["to_code"], status, response)
        for receiver, status in _by_state(answer)
    ]


def noted(row: Row) -> Change:
    """Return the change that writes one row."""
    values = asdict(row)
    response = values.pop("response")
    values["answered_at"] = None if response is None else row.at + response
    return Change(STATISTIC, values | {"kind": row.kind.value})


def _counted(request: Mapping[str, Any], receiver: str, status: str, response: timedelta | None) -> Change:
    system, sender, root, at = (request[name] for name in ("system", "from_code", "root", "prepared_at"))
    return noted(Row(system, sender, receiver, root, status, at, response, Sending.REQUEST))


def _by_state(answer: Message[Any]) -> Iterator[tuple[str | None, str]]:
    rows = getattr(answer.body, "member_states", ())
    for row in rows:
        yield row.member_state_code, row.status_code.value
    if not rows:
        yield None, status_of(answer)


def status_of(answer: Message[Any]) -> str:
    """Return the status of an answer. If it has rows of states and is ours, our row is the only one."""
    body = answer.body
    if isinstance(body, ErrorNotification):
        return f"{_ERROR}{body.status_code.value}"
    rows = getattr(body, "member_states", ()) or (body,)
    return str(rows[0].status_code.value)


# Reading rows.


def rows(connection: Connection, start: datetime, end: datetime, now: datetime) -> Iterator[Row]:
    """Yield the rows of requests between two instants, without those that still have time for an answer."""
    at = STATISTIC.c.at
    wanted = select(STATISTIC).where(at >= start, at < end, _counts(now)).order_by(at)
    with connection.execute(wanted.execution_options(yield_per=1000)) as found:
        yield from map(row_of, found.mappings())


def _counts(now: datetime) -> ColumnElement[bool]:
    """Select rows with an answer, and those whose time for it is over. A request of ours has no such time."""
    columns = STATISTIC.c
    is_over = columns.request.is_(None) | (columns.at <= now - ANSWER_WITHIN)
    return or_(columns.status != UNANSWERED, is_over)


def row_of(found: Any) -> Row:
    """Return a row of the table as a value. If the clock was set back since, the response took no time."""
    at, answered_at = found["at"], found["answered_at"]
    response = None if answered_at is None else max(answered_at - at, timedelta(0))
    return Row(
        **{name: found[name] for name in (*FIELDS, "at")},
        response=None if response is None else response // _MILLISECOND * _MILLISECOND,
        kind=kind_of_row(found["kind"]),
    )


def kind_of_row(kind: str) -> Kind | Sending:
    """Return the kind that a row of the table has as a text."""
    return Sending(kind) if kind in set(Sending) - set(Kind) else Kind(kind)


# Service levels: from rows to figures, without a database.


@dataclass(frozen=True, slots=True)
class Group:
    """Requests that have all fields of Annex VII in common, except the instant: their number and the sums."""

    system: str
    from_code: str
    to_code: str
    root: str
    status: str
    kind: Kind | Sending
    times: int
    #: How many of them have a response time; the sum of these, and the longest.
    responses: int
    response: timedelta
    in_time: int
    slowest: timedelta | None

    @property
    def key(self) -> tuple[str, ...]:
        """What its requests have in common."""
        return (*(getattr(self, name) for name in FIELDS), self.kind.value)

    def __add__(self, other: Group) -> Group:
        """Return the group of the requests of both, which must have the same key."""
        longest = [each for each in (self.slowest, other.slowest) if each is not None]
        return replace(
            self,
            times=self.times + other.times,
            responses=self.responses + other.responses,
            response=self.response + other.response,
            in_time=self.in_time + other.in_time,
            slowest=max(longest, default=None),
        )


def grouped(rows: Iterable[Row]) -> list[Group]:
    """Count rows by what they have in common, in the order of that."""
    return added(
        Group(
            **{name: getattr(row, name) for name in (*FIELDS, "kind")},
            times=1,
            responses=int(row.response is not None),
            response=row.response or timedelta(0),
            in_time=int(row.response is not None and row.response <= ANSWER_WITHIN),
            slowest=row.response,
        )
        for row in rows
    )


def added(groups: Iterable[Group]) -> list[Group]:
    """Add groups that have the same key, and sort them by it."""
    sums: dict[tuple[str, ...], Group] = {}
    for group in groups:
        known = sums.get(group.key)
        sums[group.key] = group if known is None else known + group
    return [sums[key] for key in sorted(sums)]


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


def answering(groups: Iterable[Group]) -> Answering:
    """Count the requests that other states sent to us, without heartbeats."""
    asked = [group for group in groups if group.kind in _REQUESTS]
    answered = [group for group in asked if _is_answer(group.status)]
    return Answering(
        requests=sum(group.times for group in asked),
        answered=sum(group.responses for group in answered),
        in_time=sum(group.in_time for group in answered),
        slowest=max((each.slowest for each in answered if each.slowest is not None), default=None),
    )


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


def asks(row: Row) -> bool:
    """Whether a row is a heartbeat or search of another state, whose answer proves availability."""
    return row.kind in _PROOFS


def proofs(rows: Iterable[Row]) -> list[datetime]:
    """Return the instants that prove availability: we answered a heartbeat or search that came then."""
    return [row.at for row in rows if asks(row) and row.answered]


def availability(
    proofs: Iterable[datetime], start: datetime, end: datetime, every: timedelta
) -> Availability:
    """Return the availability between two instants. `every` is the interval of the hub's heartbeats."""
    there, until = timedelta(0), start
    for proof in sorted(proofs):
        since, proof_until = max(proof, until), proof + min(every, end - proof)
        if proof_until > since:
            there += proof_until - since
            until = proof_until
    whole = max(end - start, timedelta(0))
    return Availability(whole, whole - there)
