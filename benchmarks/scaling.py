"""Whether time and memory grow with a document and no faster: CTUD answers of 10 to 100,000 vehicles.

Time per vehicle is what a vehicle adds: an answer without any is taken off. Memory is what a process of its
own takes more for one decoding than it had before, with the document already in it, over the document's size.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from functools import partial

from .documents import CODEC, fleet
from .measuring import compared
from .results import Result

#: Measured apart, each beside 1,000: what a document of eight megabytes leaves of the heap and the caches is
#: not what a short one finds otherwise.
SIZES = (10, 100, 1_000), (10_000, 100_000)

#: Asks Linux for the highest resident size; `getrusage` would count that of the process before it.
_MEMORY = """
import re, sys
from benchmarks.documents import CODEC, fleet
def peak():
    with open("/proc/self/status") as status: found = re.search(r"VmHWM:\\s+(\\d+)", status.read())
    return int(found[1]) * 1024
with open(sys.argv[1], "rb") as file: document = file.read()
CODEC.decode(CODEC.encode(fleet(10)))
before = peak()
CODEC.decode(document)
print((peak() - before) / len(document))
"""


def results() -> Iterator[Result]:
    """Measure time by size, beside the time for 1,000 vehicles, and the memory of the largest."""
    for sizes in SIZES:
        yield from _times(sizes)
    yield _memory(CODEC.encode(fleet(100_000)))


def _times(sizes: tuple[int, ...]) -> Iterator[Result]:
    documents = {size: CODEC.encode(fleet(size)) for size in sorted({0, 1_000, *sizes})}
    found = compared(
        partial(CODEC.decode, documents[1_000]),
        {str(size): partial(CODEC.decode, document) for size, document in documents.items()},
        rounds=101,
    )
    base, of_1000 = found["0"].value, found["1000"].value
    for size in sizes:
        measured = found[str(size)]
        per_vehicle = (measured.value - base) / size * 1_000 / (of_1000 - base)
        yield Result(
            "CTUD by size",
            f"time per vehicle of {size:,}, beside that of 1,000",
            per_vehicle,
            measured.noise / size * 1_000,
            most=1.1,
            note=f"{measured.seconds * 1e3:,.2f} ms in all",
        )


def _memory(document: bytes) -> Result:
    from pathlib import Path
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        path = Path(folder) / "document.xml"
        path.write_bytes(document)
        command = [sys.executable, "-c", _MEMORY, str(path)]
        shares = [
            float(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
            for _ in range(3)
        ]
    note = f"{len(document) / 1e6:.1f} MB, 100,000 vehicles"
    return Result(
        "CTUD by size",
        "peak memory, in times the document",
        sorted(shares)[1],
        (max(shares) - min(shares)) / 2,
        most=8,
        note=note,
    )
