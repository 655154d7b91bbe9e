"""What a CTUD answer of 100,000 vehicles takes: time per vehicle beside 5,000, and memory beside its size.

Time per vehicle is what a vehicle adds: an answer without any is subtracted. Memory is what a process of its
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

#: Vehicles of the longest answer, and of the one beside it.
LONGEST, SHORTER = 100_000, 5_000

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
    """Measure the time per vehicle and the memory of the longest answer."""
    documents = {size: CODEC.encode(fleet(size)) for size in (0, SHORTER, LONGEST)}
    found = compared(
        partial(CODEC.decode, documents[SHORTER]),
        {str(size): partial(CODEC.decode, document) for size, document in documents.items()},
    )
    base, longest = found["0"].value, found[str(LONGEST)]
    scale = SHORTER / LONGEST / (found[str(SHORTER)].value - base)
    yield Result(
        "CTUD by size",
        f"time per vehicle of {LONGEST:,}, beside that of {SHORTER:,}",
        (longest.value - base) * scale,
        longest.noise * scale,
        note=f"{longest.seconds * 1e3:,.2f} ms in all",
    )
    yield _memory(documents[LONGEST])


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
        most=12,
        note=note,
    )
