"""What the processes of a node use and hold, and how each minute of a long load was.

A virtual machine may have to wait for its processors, as others use them: a minute in which much time was
stolen says nothing of the node. Reads Linux's `/proc`.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from statistics import quantiles
from typing import Final

_TICKS: Final = os.sysconf("SC_CLK_TCK")
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
_MINUTE: Final = 60.0
#: The place of stolen time in the first line of `/proc/stat`, after its name.
_STOLEN: Final = 7


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process has used and holds."""

    cpu: float
    megabytes: float
    descriptors: int
    threads: int

    @classmethod
    def of(cls, process: int) -> Usage:
        """Read it of Linux."""
        folder = Path(f"/proc/{process}")
        stat = (folder / "stat").read_text("ascii").rpartition(")")[2].split()
        pages = int((folder / "statm").read_text("ascii").split()[1])
        open_files = len(list((folder / "fd").iterdir()))
        return cls((int(stat[11]) + int(stat[12])) / _TICKS, pages * _PAGE / 1e6, open_files, int(stat[17]))

    @classmethod
    def of_all(cls, processes: Sequence[int]) -> Usage:
        """Add up what several have used and hold."""
        each = [astuple(cls.of(process)) for process in processes]
        return cls(*map(sum, zip(*each, strict=True)))

    def __str__(self) -> str:
        return f"{self.megabytes:.0f} MB, {self.descriptors} descriptors, {self.threads} threads"


async def minutes(processes: Sequence[int], answers: Callable[[], list[float]], lines: list[str]) -> None:
    """Add a line for each minute: the slowest answer of a hundred, what the node holds, what was stolen."""
    seen, stolen = len(answers()), _stolen()
    for minute in range(1, 1_000_000):
        await asyncio.sleep(_MINUTE)
        before, seen, was, stolen = seen, len(answers()), stolen, _stolen()
        share = (stolen - was) / _TICKS / _MINUTE / (os.cpu_count() or 1)
        _, ninety_ninth = percentiles(answers()[before:seen])
        lines.append(
            f"minute {minute:2}: p99 {ninety_ninth:5.0f} ms, {Usage.of_all(processes)}, {share:.0%} stolen"
        )


def percentiles(seconds: list[float]) -> tuple[float, float]:
    """Return in milliseconds what half, and what one in a hundred, took longer than."""
    if len(seconds) < 2:
        return float("nan"), float("nan")
    cut = quantiles(seconds, n=100)
    return cut[49] * 1e3, cut[98] * 1e3


def _stolen() -> int:
    first = Path("/proc/stat").read_text("ascii").split("\n", 1)[0]
    return int(first.split()[1:][_STOLEN])
