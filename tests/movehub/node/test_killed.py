"""Killed with SIGKILL at any instant, a node loses nothing and does nothing twice.

`make test` tries one instant on each database, and one broken node. `make kill` tries hundreds of
instants, and every broken node.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

import pytest

from tests.kill.breakages import BREAKAGES
from tests.kill.choosing import chosen, pairs
from tests.kill.invariants import breaches
from tests.kill.points import Point
from tests.kill.runs import Stage
from tests.support.databases import DATABASES

#: How many runs with a kill, and at which instants.
_SAMPLE, _SEED = 1, 1

#: Where each broken node is killed, if it must be, and what shows then. How often a thread has been there
#: when it shows depends on the threads' turns, so a few instants of the kind are tried.
_CAUGHT = {
    "202 before the commit": ("reply: after@server", "was accepted, and is not there"),
    "the effect in a transaction of its own": ("commit: before@notification", "had its effect 2 times"),
    "an answer that is written anew": (None, "came with other bytes"),
    "a request that is not marked before it leaves": ("delivery: after@request", "was sent 2 times"),
}
_TRIES = 12
#: The one that is caught without a search for the instant.
_CAUGHT_AT_ONCE = "a request that is not marked before it leaves"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with Stage(tmp_path_factory.mktemp("kill")) as opened:
        yield opened


@pytest.fixture
def new_address(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], str]:
    """Makes one empty database after the other."""
    numbers, folder = count(), tmp_path_factory.mktemp("databases")

    def address(kind: str) -> str:
        if kind == "sqlite":
            return f"sqlite:///{folder}/{next(numbers)}.db"
        made: str = request.getfixturevalue("postgres_server")()
        return made

    return address


@pytest.mark.parametrize("kind", DATABASES)
def test_a_kill_at_any_instant_loses_nothing_and_does_nothing_twice(
    stage: Stage, new_address: Callable[[str], str], kind: str, told_at_the_end: Callable[[str], None]
) -> None:
    """A run without a kill says which instants there are."""
    whole = stage.run(new_address(kind))
    assert breaches(whole) == []
    places = {point.place for point in whole.points}
    assert {"commit: during", "statement: after", "reply: half", "delivery: half"} <= places
    killed = 0
    for points in pairs(whole.points, _SEED):
        run = stage.run(new_address(kind), *points, seed=_SEED)
        again = f"python -m tests.kill --database {kind} --seed {_SEED} --at '{points[0]}' '{points[1]}'"
        assert (breaches(run), again) == ([], again)
        killed += run.kills > 0
        if killed == _SAMPLE:
            break
    assert killed == _SAMPLE
    told_at_the_end(
        f"kill: {kind}, at {killed} points of {len(whole.points)}, seed {_SEED}; `make kill` for more"
    )


def test_each_broken_node_has_an_instant_at_which_it_is_caught() -> None:
    assert _CAUGHT.keys() == BREAKAGES.keys()


@pytest.mark.parametrize(
    "broken",
    [pytest.param(broken, marks=() if broken == _CAUGHT_AT_ONCE else pytest.mark.slow) for broken in _CAUGHT],
)
def test_a_broken_node_is_caught(stage: Stage, new_address: Callable[[str], str], broken: str) -> None:
    """Else the harness would prove nothing."""
    at, shown = _CAUGHT[broken]
    instants = [[Point.of(f"{at}#{nth}")] for nth in range(2, _TRIES)] if at else [[]]
    runs = (stage.run(new_address("sqlite"), *instant, broken=broken) for instant in instants)
    assert any(shown in said for run in runs for said in breaches(run))


def test_an_instant_is_written_and_read() -> None:
    point = Point("commit: during", "courier", 7)
    assert Point.of(str(point)) == point


def test_each_place_comes_up_before_any_comes_up_again() -> None:
    points = [
        Point(place, "courier", nth) for place in ("commit: before", "reply: half") for nth in (1, 2, 3)
    ]
    order = chosen(points, 1)
    assert sorted(order) == sorted(points)
    assert all(len({each.place for each in order[at : at + 2]}) == 2 for at in (0, 2, 4))
    assert chosen(points, 1) == order != chosen(points, 2)
