"""`python -m benchmarks.search`: searches, on a register of a million invented holders.

Prints the 50th and 99th percentile of a keyed look-up and of a custom search, and what either finds of the
published list of invented misspellings. The register is a file in a temporary folder, built anew; `--holders`
sets its size. Nothing is asserted here; how fast keys are made is measured in `benchmarks.keys`.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random
from statistics import quantiles
from tempfile import TemporaryDirectory

from movehub.names.custom_search import FoundBy, Wanted, search
from movehub.names.search_keys import BuiltinSearchKeys
from movehub.sandbox.registers.holders import holders
from movehub.sandbox.registers.reference import ReferenceRegister

from tests.support.misspellings import misspellings

SEARCHES = 5000


def say(line: str = "") -> None:
    """Print one line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def percentiles(calls: Iterable[Callable[[], object]]) -> str:
    """Time each call once."""
    times = []
    for call in calls:
        started = time.perf_counter()
        call()
        times.append((time.perf_counter() - started) * 1000)
    cuts = quantiles(times, n=100)
    return f"p50 {cuts[49]:6.2f} ms   p99 {cuts[98]:6.2f} ms   worst {max(times):6.2f} ms"


def print_times(register: ReferenceRegister, count: int) -> None:
    """Print how long a look-up and a search take, for holders and for their misspelled likes."""
    chosen = set(Random(7).sample(range(1, count + 1), min(SEARCHES, count)))  # noqa: S311 - no secret
    people = [holder for holder in holders(count) if holder.number in chosen]
    keys = [BuiltinSearchKeys().keys(each.family_name, each.first_name) for each in people]
    keyed = (
        lambda asked=asked, born=each.date_of_birth: list(register.by_keys(asked, born))
        for asked, each in zip(keys, people, strict=True)
    )
    wanted = [
        Wanted(
            family_name=each.family_name[:2] + each.family_name[3:],
            first_name=each.first_name,
            date_of_birth=each.date_of_birth,
        )
        for each in people
    ]
    say(f"{len(people):,} searches on {count:,} holders")
    say(f"  keyed look-up   {percentiles(keyed)}")
    say(f"  custom search   {percentiles(lambda asked=asked: search(register, asked) for asked in wanted)}")


def print_recall(register: ReferenceRegister, count: int) -> None:
    """Print what is found of the misspellings, kind by kind."""
    listed = list(misspellings(first_number=count + 1))
    register.add(known for _, known, _ in listed)
    asked, by_keys, in_all = Counter[str](), Counter[str](), Counter[str]()
    others: Counter[FoundBy] = Counter()
    for kind, known, wanted in listed:
        hits = search(register, wanted)
        asked[kind] += 1
        by_keys[kind] += any(hit.holder == known and hit.found_by is FoundBy.NYSIIS for hit in hits)
        in_all[kind] += any(hit.holder == known for hit in hits)
        others.update(hit.found_by for hit in hits if hit.holder.number <= count)
    say("Found of the published misspellings (tests/vectors/misspellings.csv)")
    say(f"  {'kind of error':42}{'asked':>6}{'NYSIIS alone':>14}{'with custom':>13}")
    for kind in asked:
        say(f"  {kind:42}{asked[kind]:>6}{by_keys[kind]:>14}{in_all[kind]:>13}")
    total = asked.total()
    say(f"  {'in all':42}{total:>6}{by_keys.total():>14}{in_all.total():>13}")
    say(f"  {'recall':48}{by_keys.total() / total:>14.1%}{in_all.total() / total:>13.1%}")
    say(
        f"  Others that came along: {others[FoundBy.NYSIIS]} by NYSIIS, {others[FoundBy.CUSTOM]} by the "
        f"custom search, in {total} searches."
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search", description=__doc__)
    parser.add_argument("--holders", type=int, default=1_000_000)
    count = parser.parse_args().holders
    with TemporaryDirectory() as folder, ReferenceRegister(Path(folder) / "register.sqlite") as register:
        started = time.perf_counter()
        register.add(holders(count))
        say(f"A register of {count:,} holders made in {time.perf_counter() - started:.0f} s")
        print_times(register, count)
        print_recall(register, count)


if __name__ == "__main__":
    main()
