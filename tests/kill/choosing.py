"""Which points of all that a run passes are killed at, and on which databases."""

from __future__ import annotations

import itertools
import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import make_url

from tests.support.databases import postgres

from .points import Point


def chosen(points: list[Point], seed: int) -> list[Point]:
    """Return all points in an order of the seed's; each place and role comes up as soon as it can."""
    order, groups = random.Random(seed), defaultdict[tuple[str, str], list[Point]](list)
    for point in points:
        groups[point.place, point.role].append(point)
    for group in groups.values():
        order.shuffle(group)
    ranks = list(groups.values())
    order.shuffle(ranks)
    return [point for rank in itertools.zip_longest(*ranks) for point in rank if point is not None]


def pairs(points: list[Point], seed: int) -> list[tuple[Point, Point]]:
    """Return each point once as the first to be killed at, with any other for the process that follows."""
    first, then = chosen(points, seed), list(points)
    random.Random(seed).shuffle(then)
    return list(zip(first, then, strict=True))


@contextmanager
def databases(kind: str, folder: Path) -> Iterator[Callable[[], str]]:
    """Yield what makes empty databases of a kind."""
    if kind == "postgresql":
        with postgres() as made:
            yield made
        return
    numbers = itertools.count()
    yield lambda: f"sqlite:///{folder}/node-{next(numbers)}.db"


def remove(address: str) -> None:
    """Remove the files of a run that is over. PostgreSQL's are emptied for the next."""
    url = make_url(address)
    if url.get_backend_name() == "sqlite":
        file = Path(str(url.database))
        for each in file.parent.glob(f"{file.name}*"):
            each.unlink()
