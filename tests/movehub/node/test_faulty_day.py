"""Some of a day of work and faults in simulated time: nothing is lost or doubled, all is counted."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.faults.day import Day
from tests.faults.outcome import Outcome
from tests.faults.script import FAULTS
from tests.support.nodes import Register

_SEED = 3


def _lived(address: str, hours: float, *, harsher: float = 10) -> Outcome:
    """Have faults come so often that an hour has nearly as many kinds of them as a day."""
    day = Day(address, _SEED, hours, harsher=harsher)
    with closing(day.world):
        return day.run()


@pytest.mark.slow
def test_an_hour_of_faults_loses_and_doubles_nothing_and_is_counted_as_the_law_does(
    tmp_path: Path, told_at_the_end: Callable[[str], None]
) -> None:
    """Annex VI, 1.3 and 1.4. `make day` is 24 hours of it."""
    found = _lived(f"sqlite:///{tmp_path}/node.db", 1)
    asked, answered, in_time = found.hub
    told_at_the_end(f"day: 1 h, seed {_SEED}, {answered} of {asked} answered; `make day` for 24")
    assert (found.lost, found.doubled, found.broken) == (0, 0, [])
    assert len(found.happened.keys() & FAULTS.keys()) > len(FAULTS) / 2
    assert 0 < found.answers.in_time <= found.answers.answered <= found.answers.requests <= asked
    assert 0 < in_time <= answered < asked, "faults that nobody notices prove nothing"
    assert found.there.of == timedelta(hours=1)
    assert "lost 0, doubled 0, promises broken 0" in str(found)


def test_the_same_seed_is_the_same_time_with_nothing_lost_or_doubled(tmp_path: Path) -> None:
    first, again = (_lived(f"sqlite:///{tmp_path}/{name}.db", 0.2) for name in ("first", "again"))
    assert str(first) == str(again)
    assert (first.lost, first.doubled, first.broken) == (0, 0, [])
    assert first.happened.keys() & FAULTS.keys()


def test_a_register_that_records_twice_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the day would prove nothing."""
    kept = Register._kept

    def twice(self: Register, message: Any) -> None:
        kept(self, message)
        kept(self, message)

    monkeypatch.setattr(Register, "_kept", twice)
    found = _lived(f"sqlite:///{tmp_path}/node.db", 0.1, harsher=1)
    assert found.doubled > 0
    assert "an effect happened twice" in found.broken
    assert not found.kept
