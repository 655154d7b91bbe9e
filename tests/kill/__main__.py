"""Kill a node at hundreds of instants: `python -m tests.kill --help`, or `make kill`."""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import shlex
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support.databases import DATABASES

from .choosing import chosen, databases, remove
from .invariants import INVARIANTS, breaches
from .points import Point
from .runs import Stage


def main() -> int:
    """Do what the command line says, and return how many runs broke an invariant."""
    given = _parser().parse_args()
    kinds = given.database or DATABASES
    with ProcessPoolExecutor(len(kinds), multiprocessing.get_context("spawn")) as together:
        told = [together.submit(_killed_on, kind, given.points, given.seed, given.at) for kind in kinds]
        return sum(each.result() for each in told)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.kill", description=__doc__)
    parser.add_argument("--database", choices=DATABASES, action="append", help="both where it is left out")
    parser.add_argument("--points", type=int, default=320, help="how often to kill, on each database")
    parser.add_argument("--seed", type=int, default=1, help="which points come first")
    parser.add_argument("--at", type=Point.of, help="kill at this point only")
    return parser


def _killed_on(kind: str, most: int, seed: int, at: Point | None) -> int:
    """Kill as often as is wanted on one kind of database, print what came of it, and count what broke."""
    logging.disable()
    killed: Counter[str] = Counter()
    missed = broken = 0
    with (
        TemporaryDirectory(prefix="movehub-kill-") as folder,
        Stage(Path(folder)) as stage,
        databases(kind, Path(folder)) as address,
    ):
        whole = _checked(stage, kind, address(), None, seed)
        began = time.monotonic()
        for point in [at] if at else chosen(whole.points, seed):
            if killed.total() == most:
                break
            run = _checked(stage, kind, address(), point, seed)
            killed[point.place] += run.killed
            missed += not run.killed
            broken += bool(run.breaches)
        took = (time.monotonic() - began) * 1000 / max(killed.total() + missed, 1)
    lines = [
        f"{place:<22}{times:>5}" for place, times in (*sorted(killed.items()), ("never come to", missed))
    ]
    lines.append(f"{len(INVARIANTS)} invariants after each, broken in {broken} runs; {took:.0f} ms a run")
    first = f"{kind}: killed at {killed.total()} different points of {len(whole.points)}, seed {seed}"
    print("\n  ".join((first, *lines)), flush=True)
    return broken + bool(whole.breaches)


class _Checked:
    """One run, and what it broke, which is printed with the command that does it again."""

    def __init__(self, killed: bool, points: list[Point], said: list[str]) -> None:
        self.killed, self.points, self.breaches = killed, points, said


def _checked(stage: Stage, kind: str, address: str, at: Point | None, seed: int) -> _Checked:
    evidence = stage.run(address, at, seed=seed)
    said = breaches(evidence)
    if said:
        where = f" --at {shlex.quote(str(at))}" if at else ""
        print(f"python -m tests.kill --database {kind} --seed {seed}{where}")
        print("\n".join(f"    {each}" for each in said), flush=True)
    remove(address)
    return _Checked(evidence.killed, evidence.points, said)


if __name__ == "__main__":
    sys.exit(min(main(), 100))
