"""What came of some hours of work and faults: as the node counts it, as the hub saw it, and what broke."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from movehub.protocol.workflow import answer_to
from movehub.store import open_responses
from movehub.store.statistics import (
    ANSWER_WITHIN,
    Answering,
    Availability,
    answering,
    availability,
    grouped,
    proofs,
    rows,
)
from movehub.store.tables import Kind

import erru_client as erru

from .documents import Document
from .promises import broken_in_the_end, kept_at_any_time
from .responses import broken_responses
from .world import World


@dataclass(frozen=True, slots=True)
class Outcome:
    """The figures, and what does not hold."""

    answers: Answering
    there: Availability
    #: Of what the hub wanted to ask: how much, how much of it was answered, and within 10 s.
    hub: tuple[int, int, int]
    counts: Counter[str]
    happened: Counter[str]
    #: Accepted and not there as it was; an effect, or a request of ours that was taken, more than once.
    lost: int
    doubled: int
    broken: list[str]

    @property
    def kept(self) -> bool:
        """Whether every promise was kept."""
        return not (self.lost or self.doubled or self.broken)

    def __str__(self) -> str:
        asked, answered, in_time = self.hub
        ours, there, minute = self.answers, self.there, timedelta(minutes=1)
        slowest = (ours.slowest or timedelta(0)).total_seconds()
        lines = [
            f"availability   {there.rate or 0:.2%} of the 98 % of Annex VI, 1.3: "
            f"down {there.down / minute:.1f} of {there.of / minute:.0f} minutes",
            f"answer rate    {ours.rate or 0:.2%} of the 98 % of 1.4: {ours.answered} of {ours.requests} "
            f"that came, {ours.in_time} within 10 s, the slowest after {slowest:.1f} s",
            f"the hub saw    {answered} of {asked} that it wanted to ask answered, {in_time} within 10 s",
            f"messages       {_listed(self.counts)}",
            f"what happened  {_listed(self.happened)}",
            f"lost {self.lost}, doubled {self.doubled}, promises broken {len(self.broken)}",
        ]
        return "\n".join(chain(lines, self.broken))


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{times} {name}" for name, times in sorted(counts.items()))


def outcome(
    world: World,
    asked: list[Document],
    happened: Counter[str],
    start: datetime,
    end: datetime,
    heartbeat_every: timedelta,
) -> Outcome:
    """Count, once nothing is in hand any more."""
    with world.node.store.reading() as connection:
        counted = list(rows(connection, start, end, world.node.clock()))
    kept = {row["technical_id"]: row["document"] for row in world.node.inbox()}
    effects = Counter(world.node.effects())
    taken = Counter(
        each.technical_id
        for each in world.arrivals
        if each.taken and answer_to(erru.decode(each.data).body.root) is not None
    )
    calls = Counter({"calls for a person": len(world.node.attention())})
    with world.node.store.reading() as connection:
        calls.update(f"responses {each.side}" for each in open_responses(connection))
    return Outcome(
        answers=answering(grouped(counted)),
        there=availability(proofs(counted), start, end, heartbeat_every),
        hub=_of_the_hub(world, asked),
        counts=Counter({"received": len(kept), "sent": len(world.node.outbox()), "effects": effects.total()})
        + calls,
        happened=happened,
        lost=sum(kept.get(key) != each.data for key, each in world.accepted.items()),
        doubled=sum(times > 1 for times in chain(effects.values(), taken.values())),
        broken=[*_broken_at_any_time(world), *broken_in_the_end(world), *broken_responses(world)],
    )


def _broken_at_any_time(world: World) -> list[str]:
    try:
        kept_at_any_time(world)
    except AssertionError as error:
        return [str(error).partition("\n")[0]]
    return []


def _of_the_hub(world: World, asked: list[Document]) -> tuple[int, int, int]:
    """An ErrorNotification is no answer, and a heartbeat is no request."""
    first: dict[str, datetime] = {}
    for arrival in world.arrivals:
        message = erru.decode(arrival.data)
        if arrival.taken and message.body.root != "ErrorNotification":
            first.setdefault(str(message.header.workflow_id), arrival.at)
    requests = [each.message.header for each in asked if each.kind is not Kind.HEARTBEAT]
    took = [
        first[str(each.workflow_id)] - each.sent_at for each in requests if str(each.workflow_id) in first
    ]
    return len(requests), len(took), sum(each <= ANSWER_WITHIN for each in took)
