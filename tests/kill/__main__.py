"""Kill a node at hundreds of instants: `python -m tests.kill --help`, or `make kill`."""

from __future__ import annotations

import argparse
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor

from tests.support.databases import DATABASES

from .points import Point
from .whole import killed_on


def main() -> int:
    """Do what the command line says, and return how many runs broke an invariant."""
    given = _parser().parse_args()
    kinds = given.database or DATABASES
    with ProcessPoolExecutor(len(kinds), multiprocessing.get_context("spawn")) as together:
        told = [together.submit(killed_on, kind, given) for kind in kinds]
        return sum(each.result() for each in told)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.kill", description=__doc__)
    parser.add_argument("--database", choices=DATABASES, action="append", help="both where it is left out")
    parser.add_argument("--points", type=int, default=320, help="how often to kill, on each database")
    parser.add_argument("--seed", type=int, default=1, help="which points come first")
    parser.add_argument("--at", type=Point.of, nargs="+", help="kill at these points, one after the other")
    parser.add_argument("--synchronous", action="store_true", help="the synchronous interface")
    return parser


if __name__ == "__main__":
    sys.exit(min(main(), 100))
