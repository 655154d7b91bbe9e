"""As many kills as are wanted on one kind of database, and a table of what came of them."""

from __future__ import annotations

import logging
import shlex
import time
from argparse import Namespace
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from .choosing import databases, pairs, remove
from .invariants import INVARIANTS, breaches
from .points import Point
from .runs import Evidence, Stage


def killed_on(kind: str, given: Namespace) -> int:
    """Kill as often as is wanted on one kind of database, print what came of it, and count what broke."""
    logging.disable()
    killed: Counter[str] = Counter()
    again = missed = broken = 0
    with (
        TemporaryDirectory(prefix="movehub-kill-") as folder,
        Stage(Path(folder)) as stage,
        databases(kind, Path(folder)) as address,
    ):
        tried = partial(_tried, stage, kind, address, given)
        whole, said = tried()
        began = time.monotonic()
        for points in [given.at] if given.at else pairs(whole.points, given.seed):
            if killed.total() == given.points:
                break
            run, said = tried(*points)
            killed[points[0].place] += run.kills > 0
            again += run.kills > 1
            missed += run.kills == 0
            broken += bool(said)
        took = (time.monotonic() - began) * 1000 / max(killed.total() + missed, 1)
    counted = (*sorted(killed.items()), ("killed once more", again), ("never come to", missed))
    lines = [f"{place:<22}{times:>5}" for place, times in counted]
    lines.append(f"{len(INVARIANTS)} invariants after each, broken in {broken} runs; {took:.0f} ms a run")
    interface = "synchronous" if given.synchronous else "asynchronous"
    first = f"killed at {killed.total()} different points of {len(whole.points)}, seed {given.seed}"
    print("\n  ".join((f"{kind}, {interface}: {first}", *lines)), flush=True)
    return broken


def _tried(
    stage: Stage, kind: str, address: Callable[[], str], given: Namespace, *at: Point
) -> tuple[Evidence, list[str]]:
    """Do one run, and return what it left and what it broke, which is printed with the command for it."""
    evidence = stage.run(address(), *at, seed=given.seed, synchronous=given.synchronous)
    said = breaches(evidence)
    if said:
        where = ["--at", *map(str, at)] if at else []
        interface = ["--synchronous"] if given.synchronous else []
        print(shlex.join([*_COMMAND, kind, "--seed", str(given.seed), *interface, *where]))
        print("\n".join(f"    {each}" for each in said), flush=True)
    remove(evidence.address)
    if said and not at:
        raise SystemExit("that was without a kill")
    return evidence, said


_COMMAND = ("python", "-m", "tests.kill", "--database")
