"""A hub, a node, a register and a clock, through every fault in any order: no promise is broken."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Final

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test
from movehub.node import couriers as delivering

from tests.faults.machine import Faults
from tests.faults.promises import kept_at_any_time
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
