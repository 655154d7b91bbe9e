"""How long a fresh process takes until it can work: processor time of import and of first decoding."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from statistics import median
from tempfile import NamedTemporaryFile

from .documents import CODEC, measured
from .measuring import ratio_of
from .results import Result

ROUNDS = 15

#: What is installed has its bytecode beside it, so a checkout is given its own by a run that is not counted.
_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

_TIMED = "import time; started = time.process_time()\n{}\nprint(time.process_time() - started)"
_FIRST = """
import sys, time, erru_client
with open(sys.argv[1], "rb") as file: document = file.read()
started = time.process_time()
erru_client.decode(document)
print(time.process_time() - started)
"""


def results() -> Iterator[Result]:
    """Measure both, each in processes of their own, in turn."""
    rounds: dict[str, list[float]] = {"lxml.etree": [], "tachonet_client": [], "erru_client": []}
    first = []
    with NamedTemporaryFile(suffix=".xml") as file:
        file.write(CODEC.encode(measured()["CGR request"]))
        file.flush()
        _run(_FIRST, file.name)
        _run(_TIMED.format("import tachonet_client"))
        for _ in range(ROUNDS):
            for name, taken in rounds.items():
                taken.append(_run(_TIMED.format(f"import {name}")))
            first.append(_run(_FIRST, file.name))
    floor = rounds.pop("lxml.etree")
    for name, taken in rounds.items():
        found = ratio_of([one / under for one, under in zip(taken, floor, strict=True)], taken)
        note = f"{found.seconds * 1e3:.0f} ms; lxml.etree {median(floor) * 1e3:.0f} ms"
        what = f"import {name}, in times import lxml.etree"
        yield Result("Start", what, found.value, found.noise, most=3, note=note)
    milliseconds = ratio_of([taken * 1e3 for taken in first], first)
    yield Result(
        "Start",
        "first decoding of a process, CGR request",
        milliseconds.value,
        milliseconds.noise,
        "ms",
        most=60,
        note="compiles the schema and the plan",
    )


def _run(code: str, *arguments: str) -> float:
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, capture_output=True, check=True, text=True, env=_ENVIRONMENT)
    return float(done.stdout)
