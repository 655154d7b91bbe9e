"""Later responses to check results, ours and theirs: escalated before their day, and ended by a response."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from movehub.store.tables import ESCALATIONS, INBOX, OUTBOX, WORKFLOW, LaterResponse
from sqlalchemy import Table, select

from tests.support.later_responses import Key, wrong_states

from .documents import response_of_denmark
from .world import World

_HOUR = timedelta(hours=1)


def responses_are_kept(world: World) -> None:
    """Look at all later responses, once nothing else is in hand any more."""
    said = list(broken_responses(world))
    assert not said, said


def broken_responses(world: World) -> Iterator[str]:
    """Say which responses are in a wrong state, then let their days come, give them all, and look again.

    The clock of the world goes on by weeks.
    """
    yield from _wrong(world)
    yield from _not_escalated(world)
    for notification in world.recorded():
        if _key(notification) in _due(world):
            world.respond(notification)
    for notification in world.notified():
        if _key(notification) in _due(world):
            world.send(response_of_denmark(notification, world.clock()))
    world.settle(answered=True)
    world.clock.forward(2 * _HOUR.total_seconds())
    world.look_at_the_calendar()
    yield from _wrong(world)
    if _due(world):
        yield "a response was given, and is still due"
    if _called(world):
        yield "a response was given, and its escalation is open"


def _wrong(world: World) -> Iterator[str]:
    inbox, outbox = ({row["technical_id"]: row for row in _rows(world, table)} for table in (INBOX, OUTBOX))
    yield from wrong_states(inbox, outbox, _rows(world, WORKFLOW))


def _not_escalated(world: World) -> Iterator[str]:
    """Look an hour before each day on which a response is due, if it has not passed.

    A node looks once an hour. So what is due within an hour of a look was escalated by that.
    """
    due = _due(world)
    world.clock.forward(_HOUR.total_seconds())
    world.look_at_the_calendar()
    looked = world.clock()
    for until in sorted(set(due.values())):
        if until - _HOUR >= looked + _HOUR:
            world.clock.forward((until - _HOUR - world.clock()).total_seconds())
            world.look_at_the_calendar()
            looked = world.clock()
        called = Counter(_called(world))
        for key in (key for key, day in due.items() if day == until):
            if called[key] != 1:
                yield f"a response that is due has {called[key]} open escalations"
    if set(_called(world)) != set(due):
        yield "a response that is not due is escalated"


def _key(message: Any) -> Key:
    return "ERRU", str(message.header.workflow_id).lower()


def _due(world: World) -> dict[Key, Any]:
    return {
        (row["system"], row["workflow_id"]): row["response_due"]
        for row in _rows(world, WORKFLOW)
        if row["response"] == LaterResponse.DUE
    }


def _called(world: World) -> list[Key]:
    """Return the workflows whose response is escalated now."""
    return [
        (row["system"], row["workflow_id"])
        for row in _rows(world, ESCALATIONS)
        if row["reason"] == "response due" and row["done_at"] is None
    ]


def _rows(world: World, table: Table) -> list[Any]:
    with world.node.store.reading() as connection:
        return [dict(row) for row in connection.execute(select(table)).mappings()]
