"""How everything here is measured: in turn, on one core, as ratios.

A machine's speed drifts, and other programs come and go. So whatever is compared is measured in rounds, each
beside the floor of the same round, and what counts is the median of the ratios. What only computes is timed
by the processor's time, which other programs do not spend; what waits for a network, by the wall's. The
garbage collector is off while a round runs and collects between rounds, for the floor as for all others.
"""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median, quantiles

Function = Callable[[], object]
Clock = Callable[[], float]

#: Seconds that one contender has in one round, and rounds.
SLICE = 0.01
ROUNDS = 25
#: Calls before anything is measured: at first, things are compiled.
_FIRST = 8


@dataclass(frozen=True, slots=True)
class Ratio:
    """The median of the ratios, and its noise: half the range of the middle half of the rounds."""

    value: float
    noise: float
    #: Of one call, median.
    seconds: float


def pin() -> None:
    """Stay on one core, where the system lets a process choose."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def ratio_of(values: list[float], seconds: list[float]) -> Ratio:
    """Return what rounds have shown."""
    low, _, high = quantiles(values, n=4)
    return Ratio(median(values), (high - low) / 2, median(seconds))


def compared(
    floor: Function,
    contenders: Mapping[str, Function],
    rounds: int = ROUNDS,
    clock: Clock = time.process_time,
) -> dict[str, Ratio]:
    """Measure contenders beside a floor, and the floor beside itself under the name `floor`."""
    every = {"floor": floor, **contenders}
    calls = {name: _calls(function, clock) for name, function in every.items()}
    times: dict[str, list[float]] = {name: [] for name in every}
    floors: list[float] = []
    for _ in range(rounds):
        floors.append(_seconds(floor, calls["floor"], clock))
        for name, function in every.items():
            times[name].append(_seconds(function, calls[name], clock))
    return {
        name: ratio_of([one / under for one, under in zip(found, floors, strict=True)], found)
        for name, found in times.items()
    }


def _calls(function: Function, clock: Clock) -> int:
    for _ in range(_FIRST):
        function()
    calls = 1  # one alone would tell mostly what the collector has left of the caches
    while (taken := calls * _seconds(function, calls, clock)) < SLICE / 2:
        calls *= 2
    return max(1, round(calls * SLICE / taken))


def _seconds(function: Function, calls: int, clock: Clock) -> float:
    gc.collect()
    gc.disable()
    function()  # which fetches what the collector has thrown out of the caches
    started = clock()
    for _ in range(calls):
        function()
    taken = clock() - started
    gc.enable()
    return taken / calls
