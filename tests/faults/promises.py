"""What a node promises, as a hub, an application and a person can see it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from movehub.node.receiver import LONGEST_DELAY
from movehub.store.escalations import Reason
from movehub.store.journal import COURIER, Access, check
from movehub.store.tables import ESCALATIONS, INBOX, JOURNAL, OUTBOX, STATISTIC, Kind, Received, Sending, Sent
from sqlalchemy import select

from tests.support.counted import wrong_counts

from .world import World

_ASKS = {Kind.QUERY, Kind.NOTIFICATION, Kind.HEARTBEAT}
#: What the hub has, or may have.
_WENT_OUT = {Sent.DELIVERED, Sent.ANSWERED, Sent.UNKNOWN, Sent.REFUSED}
#: Where an answer may end, and a request of ours; and what a person is told where it is no good end.
_ENDS_OF_ANSWERS = {Sent.DELIVERED: None, Sent.EXPIRED: "too late", Sent.REFUSED: "refused"}
_ENDS_OF_REQUESTS = {
    Sent.ANSWERED: (),
    Sent.UNKNOWN: ("outcome unknown", "no answer"),
    Sent.EXPIRED: ("not sent",),
    Sent.REFUSED: ("refused",),
}


#: A message of ours about a register that raised.
_FAILS: Final = "the register failed with"


def kept_at_any_time(world: World) -> None:
    """Look at what came to the hub, and at the register."""
    effects = Counter(world.node.effects())
    assert not [key for key, times in effects.items() if times > 1], "an effect happened twice"
    inbox, outbox = (
        {row["technical_id"]: row for row in rows} for rows in (world.node.inbox(), world.node.outbox())
    )
    taken = Counter(each.technical_id for each in world.arrivals if each.taken)
    for arrival in world.arrivals:
        row = outbox[arrival.technical_id]
        assert row["document"] == arrival.data, "it came with other bytes"
        if row["kind"] == Sending.ANSWER:
            assert arrival.at < row["not_after"], "it came after its deadline"
            until = world.tried[row["in_reply_to"]].message.header.timeout_value
            if until is not None and _is_believed(until, inbox[row["in_reply_to"]]["received_at"]):
                in_time = arrival.at < until or row["root"] == "ErrorNotification"
                assert in_time, "it came after its asker's deadline"
        else:
            assert taken[arrival.technical_id] <= 1, "a request was sent twice"


def _is_believed(deadline: datetime, received_at: datetime) -> bool:
    """Whether a deadline is not of weeks before the arrival of its request: then it is of a wrong clock."""
    return deadline >= received_at - LONGEST_DELAY


def kept_in_the_end(world: World) -> None:
    """Look at everything, once nothing is in hand any more."""
    said = list(broken_in_the_end(world))
    assert not said, said


class _Left:
    """What stands in the database."""

    def __init__(self, world: World) -> None:
        with world.node.store.reading() as connection:

            def rows(table: Any) -> list[Any]:
                return [dict(row) for row in connection.execute(select(table)).mappings()]

            self.inbox = {row["technical_id"]: row for row in rows(INBOX)}
            self.outbox = {row["technical_id"]: row for row in rows(OUTBOX)}
            self.counted = rows(STATISTIC)
            self.statistics = Counter(row["kind"] for row in self.counted)
            self.escalations = rows(ESCALATIONS)
            self.called = {(row["reason"], row["technical_id"]) for row in self.escalations}
            self.reasons = {reason for reason, _ in self.called}
        self.effects = Counter(world.node.effects())
        self.answers = {row["in_reply_to"]: row for row in self.outbox.values() if row["in_reply_to"]}
        self.answered_by = {row["answered_by"] for row in self.outbox.values() if row["answered_by"]}
        #: When a request of ours had its answer, and not an error in its place, by workflow.
        self.answered = {
            row["workflow_id"]: self.inbox[row["answered_by"]]["done_at"]
            for row in self.outbox.values()
            if row["answered_by"] and self.inbox[row["answered_by"]]["kind"] == Kind.ANSWER
        }


def broken_in_the_end(world: World) -> Iterator[str]:
    """Say what does not hold of what is left."""
    left = _Left(world)
    for identifier, document in world.accepted.items():
        row = left.inbox.get(identifier)
        if row is None or row["document"] != document.data:
            yield f"{document.name} is lost"
        elif document.kind in _ASKS:
            yield from _of_a_question(left, document.name, row)
        else:
            yield from _of_an_answer(left, document.name, row)
    for identifier, row in left.inbox.items():
        if identifier not in world.tried and identifier not in left.answered_by and row["state"] != "parked":
            yield f"{row['root']} came from nowhere"
    for identifier in world.tickets:
        if identifier not in left.outbox:
            yield "a ticket has no request"
    for row in left.outbox.values():
        if row["kind"] == Sending.REQUEST:
            yield from _of_a_request(left, row)
    for identifier in world.reused:
        if ("identifier reused", identifier) not in left.called:
            yield "nobody was called about a reused identifier"
    yield from _of_outages(world, left)
    yield from _of_journal_and_statistics(world, left)


def _of_a_question(left: _Left, name: str, row: Any) -> Iterator[str]:
    """A request of theirs: its effect once, its one answer, and a person wherever it came to no good end."""
    identifier, state = row["technical_id"], row["state"]
    answer = left.answers.get(identifier)
    recorded = row["kind"] == Kind.NOTIFICATION and row["to_code"] == "FI" and state == Received.PROCESSED
    if left.effects[identifier] != recorded:
        yield f"{name}, {state}, had its effect {left.effects[identifier]} times"
    if state == Received.EXPIRED:
        if row["kind"] == Kind.NOTIFICATION or answer is not None or "too late" not in left.reasons:
            yield f"{name} expired"
        return
    is_called = ("register failed", identifier) in left.called or Reason.REGISTER_DOWN in left.reasons
    if state == Received.FAILED and not is_called:
        yield f"{name} failed, and nobody was called"
    if state not in {Received.PROCESSED, Received.FAILED}:
        yield f"{name} is {state}"
    if answer is None:
        yield f"{name} has no answer"
        return
    reason = _ENDS_OF_ANSWERS.get(answer["state"], "never this")
    is_counted = reason == "too late" and reason in left.reasons  # for the system, not for each answer
    if reason is not None and not is_counted and (reason, answer["technical_id"]) not in left.called:
        yield f"the answer to {name} is {answer['state']}, and nobody was called"


def _of_an_answer(left: _Left, name: str, row: Any) -> Iterator[str]:
    """An answer or error of theirs: it has its request, or a person has it; it is never answered."""
    identifier, state = row["technical_id"], row["state"]
    if identifier in left.answers:
        yield f"{name} was answered"
    if state == Received.PARKED:
        if not {("unsolicited", identifier), ("not correlated", identifier)} & left.called:
            yield f"{name} is parked, and nobody was called"
    elif state != Received.PROCESSED:
        yield f"{name} is {state}"
    elif row["kind"] == Kind.ANSWER and identifier not in left.answered_by:
        yield f"{name} is processed, and belongs to nothing"
    elif row["kind"] == Kind.ERROR and ("error notified", identifier) not in left.called:
        yield f"nobody was called about an {name}"
    told, is_error = left.effects[identifier], row["kind"] == Kind.ERROR
    # An error takes the place of an answer until there is one, and was told of then.
    answered_at = left.answered.get(row["workflow_id"])
    gave_way = told == 1 and is_error and answered_at is not None and row["done_at"] <= answered_at
    if told != (identifier in left.answered_by) and not gave_way:
        yield f"{name} was told {told} times"


def _of_a_request(left: _Left, row: Any) -> Iterator[str]:
    reasons = _ENDS_OF_REQUESTS.get(row["state"])
    if reasons is None:
        yield f"{row['root']} of ours is {row['state']}"
    elif reasons and not {(reason, row["technical_id"]) for reason in reasons} & left.called:
        yield f"{row['root']} of ours is {row['state']}, and nobody was called"


def _of_outages(world: World, left: _Left) -> Iterator[str]:
    """An outage of the register fails no notification for good, and its one escalation closes by itself."""
    for row in left.inbox.values():
        if row["kind"] == Kind.NOTIFICATION and row["state"] == Received.FAILED and _FAILS in row["reason"]:
            yield f"{row['root']} failed for good, because the register was down"
    down = [row for row in left.escalations if row["reason"] == Reason.REGISTER_DOWN]
    if len(down) > world.outages:
        yield f"{world.outages} outages were escalated {len(down)} times"
    if any(row["done_at"] is None for row in down):
        yield "the register works, and its outage is still escalated"
    World.seen["escalated outages"] += len(down)


def _of_journal_and_statistics(world: World, left: _Left) -> Iterator[str]:
    store = world.node.store
    with store.reading() as connection:
        finding = check(store.journal, connection).finding
    if finding is not None:
        yield f"the journal is broken: {finding}"
    with store.reading() as connection:
        out = select(JOURNAL.c.technical_id, JOURNAL.c.actor).where(JOURNAL.c.access == Access.COMMUNICATED)
        by_actor = Counter((key, actor == COURIER) for key, actor in connection.execute(out))
    lines = {key: times for (key, is_courier), times in by_actor.items() if is_courier}
    for identifier, row in left.outbox.items():
        if by_actor[identifier, False] != (row["kind"] == Sending.REQUEST):
            yield f"{row['root']} has {by_actor[identifier, False]} authors in the journal"
        asked = left.inbox.get(row["in_reply_to"] or "", {}).get("kind")
        went_out = lines.get(identifier, 0)
        if asked != Kind.HEARTBEAT and went_out != (row["state"] in _WENT_OUT):
            yield f"{row['root']}, {row['state']}, went out {went_out} times by the journal"
    at_the_hub = {arrival.technical_id for arrival in world.arrivals if arrival.taken}
    yield from wrong_counts(left.inbox, left.outbox, left.counted, at_the_hub)
    ended = (Sent.ANSWERED, Sent.UNKNOWN)
    ours = sum(row["kind"] == Sending.REQUEST and row["state"] in ended for row in left.outbox.values())
    if left.statistics[Sending.REQUEST] != ours:
        yield f"{ours} requests of ours ended, and {left.statistics[Sending.REQUEST]} were counted"
