"""A day of work and faults, drawn by a seed: what happens, and how often."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Final

#: Seconds between two of a kind, on average: what is asked and posted, and what goes wrong.
WORK: Final = {"asks": 60, "asks much at once": 14_400, "posts": 240, "responds": 480}
FAULTS: Final = {
    "sends again": 1800,
    "sends other bytes": 14_400,
    "sends garbage": 7200,
    "sends what nobody asked for": 7200,
    "sends an error": 7200,
    "register fails": 14_400,
    "outage": 21_600,
    "register is slow": 28_800,
    "power cut": 14_400,
    "line down": 14_400,
    "operator retries": 7200,
}
#: Seconds that each lasts, from and to.
LASTS: Final = {
    "register fails": (10, 180),
    "outage": (60, 1800),
    "power cut": (5, 300),
    "line down": (10, 600),
}
#: Of so many deliveries to the hub one meets with a trouble.
TROUBLED: Final = 12

#: Seconds after which a state responds to a check result of ours, from and to: some only after the day.
RESPONDED: Final = (600, 100_000)

#: What becomes of a request that the hub took: how often of 100, and after how many seconds.
ANSWERED: Final = {
    "answer": (79, (0.2, 9)),
    "not delivered": (3, (0.2, 9)),
    "late answer": (6, (30, 20_000)),
    "no answer": (4, (0, 0)),
    "error": (4, (0.2, 20)),
    "another state's answer": (2, (0.2, 20)),
    "answer twice": (2, (0.2, 9)),
}


class Timeline:
    """What is still to happen, in order."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._numbers = count()
        self._coming: list[tuple[datetime, int, Callable[[], None]]] = []

    def at(self, instant: datetime, happens: Callable[[], None]) -> None:
        """Have something happen once."""
        heapq.heappush(self._coming, (instant, next(self._numbers), happens))

    def again_and_again(
        self, start: datetime, end: datetime, every: float, happens: Callable[[], None]
    ) -> None:
        """Have something happen by chance, so often on average."""
        instant = start
        while (instant := instant + timedelta(seconds=self._random.expovariate(1 / every))) < end:
            self.at(instant, happens)

    def until(self, end: datetime) -> Iterator[tuple[datetime, Callable[[], None]]]:
        """Yield what happens before the end, and what comes up meanwhile."""
        while self._coming and self._coming[0][0] < end:
            instant, _, happens = heapq.heappop(self._coming)
            yield instant, happens
