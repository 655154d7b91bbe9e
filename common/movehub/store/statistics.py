"""Statistics without persons: one row a request, kept for good.

Regulation (EU) 2016/68, Annex VII, 4, and (EU) 2016/480, Annex VII, 5: who asked, who was asked, the kind of
message, the status of the answer, date and hour, response time. Nothing else goes in, so nothing else can
come out. `service_levels` counts the rows as Annex VI does.

What is written into journal and statistics at each step of a message, in the transaction of that step.

Annex VII of both regulations (statistics), and the French arrêté of 13 October 2004 (who had access, to which
message). A message of the hub's heartbeat is in the statistics, which availability is counted from, and not
in the journal: it is about nobody.

Availability, answer rate and response time as Annex VI counts them. From rows to figures; no database.

Both regulations, Annex VI: 98 % availability, watched by the hub's heartbeat (1.2 and 1.3); 98 % of the
requests of a calendar month answered (1.4); each within 10 seconds (1.5; 2016/480: 1.5.1).

**Inferred**, since the law does not say: a calendar month is one in UTC. A request that is answered late
counts as answered, and as late. A heartbeat or search that was answered shows that the system was there, and
goes on to show it until the next heartbeat is due; so time counts as unavailable from when a heartbeat was
due and nothing was answered. How often the hub sends one is not public: it has to be given. A notification
shows nothing of the instant when it was sent, since it may be handed over long after that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, func, select

from movehub.protocol.message import ErrorNotification, ErrorStatus, Message
from movehub.store.changes import Change
from movehub.store.journal import Access, Entry, Journal
from movehub.store.tables import STATISTIC, Kind, Sending

#: The status of a request that nobody has answered.
UNANSWERED: Final = "none"

_ERROR: Final = "error:"
_MILLISECOND: Final = timedelta(milliseconds=1)


#: Who is told to have had access where a program did.
REGISTER, COURIER = "register", "courier"

#: What the register does with a message of each kind, as the arrêté calls it.
_DONE: Final[Mapping[str, Access]] = {Kind.QUERY: Access.CONSULTED, Kind.NOTIFICATION: Access.CHANGED}


#: Annex VI, 1.3 and 1.4.
REQUIRED: Final = 0.98
#: Annex VI, 1.5; 2016/480: 1.5.1.
ANSWER_WITHIN: Final = timedelta(seconds=10)
#: What 98 % is in hours of downtime, rounded by the law itself (Annex VI, 1.3). Days are a wish, months and
#: years bind.
DOWN_A_DAY, DOWN_A_MONTH, DOWN_A_YEAR = timedelta(hours=0.5), timedelta(hours=15), timedelta(days=7.5)

_RECEIVED: Final = frozenset({Kind.QUERY, Kind.NOTIFICATION})
#: Worth an answer within seconds of when they were sent, and to nobody after that.
_PROOFS: Final = frozenset({Kind.QUERY, Kind.HEARTBEAT})


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


def collected(journal: Journal, message: Mapping[str, Any]) -> list[Change]:
    """Note that a message came. `message` has the columns of the inbox."""
    return _noted(journal, Access.COLLECTED, message["peer"], message)


def worked_on(journal: Journal, message: Mapping[str, Any], actor: str = REGISTER) -> list[Change]:
    """Note that the register was asked, or changed, for a message that came."""
    return _noted(journal, _DONE.get(message["kind"], Access.CONSULTED), actor, message)


def delivered(journal: Journal, message: Mapping[str, Any], actor: str = COURIER) -> list[Change]:
    """Note that a message went out. `message` has the columns of the outbox."""
    return _noted(journal, Access.COMMUNICATED, actor, message)


def answered_by_us(request: Mapping[str, Any], answer: Message[Any] | None, now: datetime) -> list[Change]:
    """Count a request that came. `request` has the columns of the inbox; no answer is None."""
    status = UNANSWERED if answer is None else _status_of(answer)
    response = None if answer is None else now - request["received_at"]
    return [_counted(request, request["to_code"], status, response, Kind(request["kind"]))]


def answered_to_us(request: Mapping[str, Any], answer: Message[Any] | None, now: datetime) -> list[Change]:
    """Count a request of ours: once for each state that has a row in the answer (Annex VII, "receiver").

    `request` has the columns of the outbox; no answer is None.
    """
    if answer is None:
        return [_counted(request, request["to_code"], UNANSWERED, None, Sending.REQUEST)]
    response = now - request["prepared_at"]
    return [
        _counted(request, receiver or request["to_code"], status, response, Sending.REQUEST)
        for receiver, status in _by_state(answer)
    ]


def _by_state(answer: Message[Any]) -> Iterator[tuple[str | None, str]]:
    rows = getattr(answer.body, "member_states", ())
    for row in rows:
        yield row.member_state_code, row.status_code.value
    if not rows:
        yield None, _status_of(answer)


def _status_of(answer: Message[Any]) -> str:
    """Return the status of an answer. One that has a row a state, and is ours, has our row alone."""
    body = answer.body
    if isinstance(body, ErrorNotification):
        return error_status(body.status_code)
    rows = getattr(body, "member_states", ()) or (body,)
    return str(rows[0].status_code.value)


def _noted(journal: Journal, access: Access, actor: str, message: Mapping[str, Any]) -> list[Change]:
    if message["kind"] == Kind.HEARTBEAT:
        return []
    ids = message["technical_id"], message["workflow_id"]
    return [journal.noted(Entry(access, actor, message["system"], *ids))]


def _counted(
    request: Mapping[str, Any], receiver: str, status: str, response: Any, kind: Kind | Sending
) -> Change:
    asker, root = request["from_code"], request["root"]
    return noted(Row(request["system"], asker, receiver, root, status, request["sent_at"], response, kind))


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month in UTC."""

    year: int
    month: int

    @classmethod
    def of(cls, text: str) -> Month:
        """Read `2026-11`. Raises ValueError."""
        first = datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC)
        if len(text) != len("2026-11"):
            raise ValueError("the form is YYYY-MM")
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
        """Return it as `2026-11`."""
        return f"{self.year:04}-{self.month:02}"


@dataclass(frozen=True, slots=True)
class Answering:
    """How the requests of a time that came to us were answered."""

    requests: int
    answered: int
    in_time: int
    slowest: timedelta | None

    @property
    def rate(self) -> float | None:
        """The share that was answered; None where nobody has asked."""
        return self.answered / self.requests if self.requests else None

    @property
    def kept(self) -> bool:
        """Whether 98 % were answered (Annex VI, 1.4). No request, no breach."""
        return self.rate is None or self.rate >= REQUIRED


@dataclass(frozen=True, slots=True)
class Availability:
    """How long the system was there, of a time."""

    of: timedelta
    down: timedelta

    @property
    def rate(self) -> float | None:
        """The share of the time; None of no time at all."""
        return 1 - self.down / self.of if self.of else None

    @property
    def kept(self) -> bool:
        """Whether it was 98 % (Annex VI, 1.3)."""
        return self.rate is None or self.rate >= REQUIRED


def answering(rows: Iterable[Row], us: str) -> Answering:
    """Count the requests that others sent to us; heartbeats are none."""
    requests = answered = in_time = 0
    slowest: timedelta | None = None
    for row in rows:
        if row.from_code == us or row.kind not in _RECEIVED:
            continue
        requests += 1
        if row.answered and row.response is not None:
            answered += 1
            in_time += row.response <= ANSWER_WITHIN
            slowest = max(slowest or row.response, row.response)
    return Answering(requests, answered, in_time, slowest)


def proofs(rows: Iterable[Row], us: str) -> list[datetime]:
    """Return when a heartbeat or search that others sent to us was answered: we were there."""
    return [row.sent_at for row in rows if row.from_code != us and row.kind in _PROOFS and row.answered]


def availability(
    proofs: Iterable[datetime], start: datetime, end: datetime, every: timedelta
) -> Availability:
    """Return how long we were there between two instants, if the hub sends a heartbeat `every` so often."""
    there, until = timedelta(0), start
    for proof in sorted(proofs):
        since, proof_until = max(proof, until), min(proof + every, end)
        if proof_until > since:
            there += proof_until - since
            until = proof_until
    whole = max(end - start, timedelta(0))
    return Availability(whole, whole - there)
