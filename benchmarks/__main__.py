"""`make bench`: our figures beside the physical floor and beside what a user would pick instead.

`python -m benchmarks codec keys` measures some subjects only, and then leaves the page as it is. Fails where
a figure misses what is wanted by more than the noise that was measured with it.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from . import codec, keys, report, scaling, starting, transport
from .measuring import pin

SUBJECTS = {"codec": codec, "scaling": scaling, "starting": starting, "transport": transport, "keys": keys}

PAGE = Path(__file__).parent.parent / "docs" / "performance"


def main() -> int:
    """Measure, print, and write the page where everything was measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("subjects", nargs="*", choices=[*SUBJECTS, []], help="all where none is named")
    chosen = parser.parse_args().subjects
    pin()
    results = []
    for name in chosen or SUBJECTS:
        for result in SUBJECTS[name].results():
            report.show(result)
            results.append(result)
    if not chosen:
        report.write_page(results, PAGE)
    missed = [result for result in results if result.verdict == "missed"]
    for result in missed:
        sys.stdout.write(f"Missed: {result.subject}, {result.what}: {result.value:.2f}, {result.wanted}\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
