"""Availability, answer rate and response time as Annex VI counts them. From rows to figures; no database.

Both regulations, Annex VI: 98 % availability, watched by the hub's heartbeat (1.2 and 1.3); 98 % of the
requests of a calendar month answered (1.4); each within 10 seconds (1.5; 2016/480: 1.5.1).

**Inferred**, since the law does not say: a calendar month is one in UTC. A request that is answered late
counts as answered, and as late. A heartbeat or search that was answered shows that the system was there, and
goes on to show it until the next heartbeat is due; so time counts as unavailable from when a heartbeat was
due and nothing was answered. How often the hub sends one is not public: it has to be given. A notification
shows nothing of the instant when it was sent, since it may be handed over long after that.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from movehub.store.statistics import Row
from movehub.store.tables import Kind

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
