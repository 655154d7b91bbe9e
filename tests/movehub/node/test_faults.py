"""A hub, a node, a register and a clock, through every fault in any order: no promise is broken."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test
from movehub.node import couriers as delivering
from movehub.node.worker import Worker
from movehub.store import OUTBOX, workflows
from movehub.store.changes import Change
from movehub.store.statistics import answered_by_us

from tests.faults.documents import POSTED, request_of
from tests.faults.machine import Faults
from tests.faults.promises import kept_at_any_time, kept_in_the_end
from tests.faults.responses import responses_are_kept
from tests.faults.troubles import TROUBLES
from tests.faults.world import World
from tests.kill.breakages import not_marked
from tests.support.databases import DATABASES
from tests.support.erru_examples import nu_request

#: Conversations, of 50 steps at most: by profile, on SQLite and on PostgreSQL.
_CONVERSATIONS: Final = {"default": (5, 2), "faults": (260, 80)}
_STEPS: Final = 50


@pytest.fixture
def machine(request: pytest.FixtureRequest, tmp_path: Path, kind: str) -> type[Faults]:
    """The machine on one kind of database, an empty one for each conversation."""
    numbers = count()

    def on_sqlite() -> str:
        return f"sqlite:///{tmp_path}/{next(numbers)}.db"

    new_address = on_sqlite if kind == "sqlite" else request.getfixturevalue("postgres_server")
    return type("FaultsOnOne", (Faults,), {"new_address": staticmethod(new_address)})


@pytest.mark.parametrize("kind", DATABASES)
def test_no_order_of_faults_breaks_a_promise(
    request: pytest.FixtureRequest, machine: type[Faults], kind: str, told_at_the_end: Callable[[str], None]
) -> None:
    """`make faults` does more than 10,000 steps; here it is a look at every change."""
    profile, seed = settings.get_current_profile_name(), request.config.getoption("--hypothesis-seed")
    most = _CONVERSATIONS.get(profile, _CONVERSATIONS["default"])[DATABASES.index(kind)]
    World.seen.clear()
    run_state_machine_as_test(machine, settings=settings(max_examples=most, stateful_step_count=_STEPS))
    seen = ", ".join(f"{times} {what}" for what, times in sorted(World.seen.items()))
    told_at_the_end(f"faults: {kind}, {seen}, {'always the same' if seed is None else f'seed {seed}'}")
    assert min(World.seen[what] for what in ("troubled deliveries", "power cuts")) > 0


def test_a_node_that_does_not_mark_a_request_before_it_leaves_is_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the machine would prove nothing. The steps are those that it finds by itself."""
    monkeypatch.setattr(delivering.outbox, "departing", not_marked)
    world = World(f"sqlite:///{tmp_path}/node.db")
    with closing(world):
        world.post(nu_request())
        world.step("requester", cut=("delivery: after", 1))
        kept_at_any_time(world)
        world.step("requester")
        with pytest.raises(AssertionError, match="a request was sent twice"):
            kept_at_any_time(world)


def test_a_node_that_counts_an_answer_before_it_is_delivered_is_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = Worker._changes

    def counted_at_once(worker: Worker, *given: Any, **named: Any) -> list[Change]:
        made = changes(worker, *given, **named)
        answers = [each.values for each in made if each.table is OUTBOX]
        return [*made, *(change for each in answers for change in answered_by_us(each, worker._store.now()))]

    monkeypatch.setattr(Worker, "_changes", counted_at_once)
    world = World(f"sqlite:///{tmp_path}/node.db")
    with closing(world):
        world.send(request_of("CGR", world.clock(), until=world.clock() + timedelta(seconds=5)))
        world.step("worker")
        world.clock.forward(6)
        world.settle()
        with pytest.raises(AssertionError, match="counted as NotFound, and must be none"):
            kept_in_the_end(world)


@pytest.mark.parametrize("forgets", ["processed", "acknowledged"])
def test_a_node_that_forgets_a_later_response_is_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forgets: str
) -> None:
    monkeypatch.setattr(workflows, forgets, lambda *_, **__: [])
    world = World(f"sqlite:///{tmp_path}/node.db")
    with closing(world):
        world.send(request_of("NCR", world.clock()))
        world.post(POSTED["NCR"])
        at_once = next(each for each in TROUBLES if each.at_once)
        world.step("all", at_once, at_once)
        world.settle()
        with pytest.raises(AssertionError, match="response to NotifyCheckResult_Request is"):
            responses_are_kept(world)
