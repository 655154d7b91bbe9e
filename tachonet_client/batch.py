"""Many applications, each asked by CIC: within the law's pace, interrupted at any moment, and resumed.

Regulation (EU) 2016/68, Annex VI, 1.5 and 1.7: an answer may take 20 seconds and you may send two requests a
second, so several are sent at once. Each result is stored in `batch_results` before the next step. If you run
the same batch again, it asks only about lines that are not complete. A query may be repeated: it changes no
register.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Final

from movehub.errors import MovehubError, TransportError
from movehub.protocol.outcome import Outcome
from movehub.protocol.rate_limit import RateLimit
from movehub.protocol.workflow import BROADCAST

from .batch_applications import Applications, Line
from .batch_results import Results
from .batch_rows import Closing
from .cic import CheckIssuedCardsResponse

#: How many requests are under way at once: with answers of 8 seconds, two a second.
AT_ONCE: Final = 16
#: After so many failures of the way in a row the rest is left for another day.
GIVE_UP_AFTER: Final = 5

Ask = Callable[[Line], CheckIssuedCardsResponse]


@dataclass(slots=True)
class Summary:
    """How a run ended, counted in lines."""

    ended: Counter[Closing] = field(default_factory=Counter)
    #: Complete from an earlier run.
    before: int = 0
    #: Lines about which a state said "found", of those asked in this run, whether or not it named a card.
    with_cards: int = 0
    #: Lines that were left for another run.
    left: int = 0
    #: What went wrong where the run gave up.
    gave_up: MovehubError | None = None

    @property
    def complete(self) -> bool:
        """Whether every line of the batch is answered by every state."""
        return self.left == 0 and set(self.ended) <= {Closing.COMPLETE}


class _Run:
    """One run over a batch. The results are written by one thread, and requests leave in others."""

    def __init__(
        self, results: Results, ask: Ask, expected: Collection[str], heard: Callable[[Closing], None]
    ) -> None:
        self._results = results
        self._ask = ask
        self._expected = expected
        self._heard = heard
        self._under_way: dict[Future[CheckIssuedCardsResponse], Line] = {}
        self._way_failed = 0
        self.summary = Summary()

    def start(self, threads: ThreadPoolExecutor, line: Line) -> None:
        """Record that a line is asked about, and ask."""
        self._results.asked(line)
        self._under_way[threads.submit(self._ask, line)] = line

    def take(self, *, leaving: int) -> None:
        """Record answers until no more than so many requests are under way."""
        while len(self._under_way) > leaving:
            done, _ = wait(self._under_way, return_when=FIRST_COMPLETED)
            for each in done:
                self._record(self._under_way.pop(each), each)

    def _record(self, line: Line, done: Future[CheckIssuedCardsResponse]) -> None:
        try:
            answer = done.result()
        except MovehubError as error:
            closing = self._results.failed(line, error)
            self._way_failed = self._way_failed + 1 if isinstance(error, TransportError) else 0
            if self._way_failed >= GIVE_UP_AFTER:
                self.summary.gave_up = error
        else:
            expected = self._expected if line.to == BROADCAST else ()
            closing = self._results.answered(line, answer, expected)
            self._way_failed = 0
            self.summary.with_cards += any(state.outcome is Outcome.FOUND for state in answer.member_states)
        self.summary.ended[closing] += 1
        self._heard(closing)


def run(
    applications: Applications,
    results: Results,
    ask: Ask,
    *,
    pace: RateLimit,
    at_once: int = AT_ONCE,
    expected: Collection[str] = (),
    stopping: Callable[[], bool] = lambda: False,
    heard: Callable[[Closing], None] = lambda _: None,
) -> Summary:
    """Ask about every line that is not complete, and return how it ended.

    A broadcast is complete when each `expected` state has answered. The default is the states that the answer
    of the hub names. Once `stopping` returns True, it sends no more requests, and waits at most 20 seconds
    for the answers to the others. It calls `heard` after each line. A failure of one line is recorded. Only
    an exception that is not a `MovehubError` is raised, and it leaves the lines without an answer open, as a
    kill does.
    """
    todo = [line for line in applications.lines if not results.is_complete(line.number)]
    current = _Run(results, ask, expected, heard)
    summary = current.summary
    summary.before, summary.left = len(applications.lines) - len(todo), len(todo)
    with ThreadPoolExecutor(at_once) as threads:
        for line in todo:
            current.take(leaving=at_once - 1)
            pace.ready()
            if stopping() or summary.gave_up is not None:
                break
            current.start(threads, line)
            summary.left -= 1
        current.take(leaving=0)
    return summary
