"""One run over a batch: within the law's pace, interrupted at any moment, and resumed by the next run.

An answer may take 20 seconds and you may send two requests a second, so several are sent at once. Each result
is stored in `results` before the next step. Regulation (EU) 2016/68, Annex VI, 1.5 and 1.7; Regulation (EU)
2016/480, Annex VI, 1.5.2 and 1.6.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any, Final

from movehub.errors import MovehubError, TransportError
from movehub.protocol.message import Message, Request
from movehub.protocol.outcome import Outcome
from movehub.protocol.rate_limit import RateLimit
from movehub.protocol.reply import Reply
from movehub.protocol.workflow import BROADCAST

from .kinds import Closing
from .lines import Line
from .results import Results
from .rows import outcome_of

#: How many requests are under way at once: with answers of 8 seconds, two a second.
AT_ONCE: Final = 16
#: After so many failures of the way in a row the rest is left for another day. After so many notifications in
#: a row that one state did not get, the rest for this state is.
GIVE_UP_AFTER: Final = 5


@dataclass(frozen=True, slots=True)
class Way:
    """How requests leave: `prepare` makes the message of a request to a receiver, `send` returns its answer.

    The two are apart because the identifier of a message must be on the disk before it leaves.
    """

    prepare: Callable[[Request[Any], str], Message[Any]]
    send: Callable[[Message[Any]], Reply[Any]]


@dataclass(slots=True)
class Summary:
    """How a run ended, counted in lines."""

    ended: Counter[Closing] = field(default_factory=Counter)
    #: Complete from an earlier run.
    before: int = 0
    #: Lines about which a state said "found", of those asked in this run, whether or not it sent a record.
    found: int = 0
    #: Lines that were left for another run.
    left: int = 0
    #: Notifications of an earlier run that only a person may have sent again.
    held: int = 0
    #: The states to which the run sent no more, since they did not get the last notifications.
    out_of_reach: tuple[str, ...] = ()
    #: What went wrong where the run gave up.
    gave_up: MovehubError | None = None

    @property
    def complete(self) -> bool:
        """Whether every line of the batch is answered by every state, or delivered."""
        return self.left == self.held == 0 and set(self.ended) <= {Closing.COMPLETE}


class _Run:
    """One run over a batch. The results are written by one thread, and requests leave in others."""

    def __init__(
        self, results: Results, way: Way, expected: Collection[str], heard: Callable[[Closing], None]
    ) -> None:
        self._results = results
        self._way = way
        self._expected = expected
        self._heard = heard
        self._under_way: dict[Future[Reply[Any]], Line] = {}
        self._way_failed = 0
        #: How many notifications in a row a state did not get.
        self._not_delivered: Counter[str] = Counter()
        self.summary = Summary()

    def start(self, threads: ThreadPoolExecutor, line: Line) -> None:
        """Record that a message is about to leave, and send it."""
        message = self._way.prepare(line.request, line.to)
        self._results.asked(line, message)
        self._under_way[threads.submit(self._way.send, message)] = line
        self.summary.left -= 1

    def is_out_of_reach(self, line: Line) -> bool:
        """Whether the receiver did not get the last notifications. What is not sent can be sent later."""
        return self._not_delivered[line.to] >= GIVE_UP_AFTER

    def take(self, *, leaving: int) -> None:
        """Record the answers that are there, and wait until no more than so many requests are under way."""
        while self._under_way:
            is_full = len(self._under_way) > leaving
            done, _ = wait(self._under_way, None if is_full else 0, return_when=FIRST_COMPLETED)
            for each in done:
                self._record(self._under_way.pop(each), each)
            if not is_full:
                return

    def end(self) -> Summary:
        """Wait for the last answers, and return how the run ended."""
        self.take(leaving=0)
        short = [state for state, times in self._not_delivered.items() if times >= GIVE_UP_AFTER]
        self.summary.out_of_reach = tuple(sorted(short))
        return self.summary

    def _record(self, line: Line, done: Future[Reply[Any]]) -> None:
        try:
            reply = done.result()
        except MovehubError as error:
            closing = self._results.failed(line, error)
            self._way_failed = self._way_failed + 1 if isinstance(error, TransportError) else 0
            if self._way_failed >= GIVE_UP_AFTER:
                self.summary.gave_up = error
        else:
            if self._expected and line.to == BROADCAST:
                reply = Reply.of(reply, self._expected)
            closing = self._results.answered(line, reply)
            self._way_failed = 0
            self.summary.found += any(outcome_of(row) == Outcome.FOUND.value for _, row in reply.rows)
        self.summary.ended[closing] += 1
        self._count_delivery(line, closing)
        self._heard(closing)

    def _count_delivery(self, line: Line, closing: Closing) -> None:
        if not self._results.kind.notifies:
            return
        if closing is Closing.COMPLETE:
            self._not_delivered[line.to] = 0
        elif closing is Closing.INCOMPLETE:
            self._not_delivered[line.to] += 1


def run(
    results: Results,
    way: Way,
    *,
    pace: RateLimit,
    at_once: int = AT_ONCE,
    expected: Collection[str] = (),
    again: Collection[str] = (),
    stopping: Callable[[], bool] = lambda: False,
    heard: Callable[[Closing], None] = lambda _: None,
) -> Summary:
    """Send each line that is to be sent, and return how it ended.

    These are the searches that are not complete, the notifications that were not sent, and those `again` that
    did not arrive: see `Results.to_do`. A broadcast is complete when each `expected` state has answered. The
    default is all other participants.

    Once `stopping` returns True, it sends no more requests, and waits at most 20 seconds for the answers to
    the others. It calls `heard` after each line. A failure of one line is recorded. Only an exception that is
    not a `MovehubError` is raised, and it leaves the lines without an answer open, as a kill does.
    """
    todo = results.to_do(again)
    current = _Run(results, way, expected, heard)
    summary = current.summary
    numbers = {line.number for line in todo}
    for line in results.lines.lines:
        if line.number not in numbers:
            summary.before += results.is_done(line)
            summary.held += not results.is_done(line)
    summary.left = len(todo)
    with ThreadPoolExecutor(at_once) as threads:
        for line in todo:
            current.take(leaving=at_once - 1)
            if current.is_out_of_reach(line):
                continue
            pace.ready()
            current.take(leaving=at_once)  # a kill must not make a person ask for these answers
            if stopping() or summary.gave_up is not None:
                break
            current.start(threads, line)
        return current.end()
