"""A hub, a node, a register and a clock, through every fault in any order: no promise is broken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.faults.machine import Faults
from tests.faults.world import World

#: Conversations of 50 steps each, by profile: a look at every change, and what `make faults` does.
_CONVERSATIONS: Final = {"default": 30, "faults": 300}


def test_no_order_of_faults_breaks_a_promise(told_at_the_end: Callable[[str], None]) -> None:
    most = _CONVERSATIONS.get(settings.get_current_profile_name(), 30)
    World.seen.clear()
    run_state_machine_as_test(Faults, settings=settings(max_examples=most, stateful_step_count=50))
    told_at_the_end("faults: " + ", ".join(f"{times} {what}" for what, times in sorted(World.seen.items())))
    assert min(World.seen[what] for what in ("troubled deliveries", "power cuts")) > 0
