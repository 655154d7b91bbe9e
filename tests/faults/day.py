"""Twenty-four hours in simulated time: `python -m tests.faults.day --seed 1`, or `make day`.

Work and faults come as `script` draws them. In the end it prints availability and answer rate as Annex VI
counts them (`movehub.store.statistics`), what the hub saw, what was lost, and what happened twice.
"""

from __future__ import annotations

import argparse
import logging
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, Final

from movehub.protocol.exchange import Exchange
from movehub.protocol.message import Message
from movehub.protocol.workflow import HUB
from movehub.store.tables import Kind

import erru_client as erru
from tests.support.nodes import written

from .documents import ASKED, POSTED, Document, answer_of, request_of, response_of_denmark, unanswered
from .outcome import Outcome, outcome
from .script import ANSWERED, FAULTS, LASTS, RESPONDED, TROUBLED, WORK, Timeline
from .troubles import NONE, TROUBLES, UNREACHABLE
from .world import CUTS, NOTIFICATION, Cut, World

#: The hub's deadline for an answer (Annex VI, 1.5), and how often it looks whether we are there (assumed).
ANSWER_WITHIN: Final = timedelta(seconds=10)
HEARTBEAT_EVERY: Final = timedelta(minutes=5)
#: How often a node looks for later responses that are due.
_CALENDAR_EVERY: Final = timedelta(hours=1)
#: Seconds after which the hub tries again to hand over a notification (assumed).
_INSISTS: Final = timedelta(seconds=30)
#: The longest that a node is not looked at while it has something in hand, in seconds.
_LOOK: Final = 16


class Day:
    """A hub, a node, and so many hours. Faults are `harsher` times as frequent as `script` has them."""

    def __init__(self, address: str, seed: int, hours: float, *, harsher: float = 1) -> None:
        self.world = World(address)
        self.random = Random(seed)
        self.start = self.world.clock()
        self.end = self.start + timedelta(hours=hours)
        self.happened: Counter[str] = Counter()
        #: What the hub wanted to ask, whether it got through or not.
        self.asked: list[Document] = []
        self._sent: list[Document] = []
        self._promised: set[str] = set()
        self._cut: Cut | None = None
        self._node_is_back = self._line_is_back = self.start
        self._timeline = Timeline(self.random)
        for name, every in WORK.items():
            self._timeline.again_and_again(self.start, self.end, every, partial(self._happens, name))
        for name, every in FAULTS.items():
            self._timeline.again_and_again(
                self.start, self.end, every / harsher, partial(self._happens, name)
            )
        self._every(HEARTBEAT_EVERY, partial(self._asks, "heartbeat"))
        self._every(_CALENDAR_EVERY, self._looks_at_the_calendar)

    def _every(self, apart: timedelta, happens: Callable[[], None]) -> None:
        instant = self.start
        while instant < self.end:
            self._timeline.at(instant, happens)
            instant += apart

    def run(self) -> Outcome:
        """Live through it, mend everything, and return what came of it."""
        for instant, happens in self._timeline.until(self.end):
            self._time_passes((instant - self.world.clock()).total_seconds())
            happens()
        self._time_passes((self.end - self.world.clock()).total_seconds())
        self.world.settle()
        return outcome(self.world, self.asked, self.happened, self.start, self.end, HEARTBEAT_EVERY)

    def _time_passes(self, seconds: float) -> None:
        """Let the node do what falls due; it looks less often the longer it waits for something."""
        until, gap = self.world.clock() + timedelta(seconds=max(seconds, 0)), 1.0
        while (left := (until - self.world.clock()).total_seconds()) > 0:
            if self._is_down() or not self.world.in_hand():
                self.world.clock.forward(min(left, 60) if self._is_down() else left)
            else:
                self.world.clock.forward(min(gap, left))
                gap = min(2 * gap, _LOOK)
            self._works()

    def _happens(self, name: str) -> None:
        self.happened[name] += 1
        getattr(self, "_" + name.replace(" ", "_"))()
        self._works()

    def _is_down(self) -> bool:
        return self.world.clock() < self._node_is_back

    def _works(self) -> None:
        """Have the node do all that it can, and the hub answer what it was given."""
        if self._is_down() or not self.world.in_hand():
            return
        is_cut_off = self.world.clock() < self._line_is_back
        chosen = [
            self.random.choice(TROUBLES) if self.random.randrange(TROUBLED) == 0 else NONE for _ in ".." * 20
        ]
        self._powered(self.world.step, "all", *([UNREACHABLE] * 40 if is_cut_off else chosen))
        for identifier, request in self.world.owed.items():
            if identifier not in self._promised:
                self._promised.add(identifier)
                self._promises(request)

    def _powered(self, does: Any, *arguments: Any) -> None:
        """Do something that a power cut may end, and stay away as long as it lasts."""
        cuts, cut, self._cut = World.seen["power cuts"], self._cut, None
        does(*arguments, cut=cut)
        if World.seen["power cuts"] > cuts:
            self._node_is_back = self.world.clock() + self._lasts("power cut")
            self._timeline.at(self._node_is_back, self.world.restart)

    def _lasts(self, name: str) -> timedelta:
        return timedelta(seconds=self.random.uniform(*LASTS[name]))

    # What the hub does.

    def _asks(self, name: str = "") -> None:
        name = name or self.random.choice([each for each in ASKED if each != "heartbeat"])
        now = self.world.clock()
        document = request_of(name, now, until=now + ANSWER_WITHIN)
        self.asked.append(document)
        self._sends(document)
        self._works()

    def _asks_much_at_once(self) -> None:
        for _ in range(20):
            self._asks()

    def _sends(self, document: Document) -> None:
        """A search that does not get through is over; with everything else the hub insists."""
        now = self.world.clock()
        if not self._is_down() and now >= self._line_is_back:
            self._powered(self.world.send, document)
            self._sent.append(document)
        if document.technical_id not in self.world.accepted and document.kind not in _OVER:
            self._timeline.at(now + _INSISTS, partial(self._sends, document))

    def _promises(self, request: Message[Any]) -> None:
        """Choose what becomes of a request that the hub took."""
        (chosen,) = self.random.choices(list(ANSWERED), [often for often, _ in ANSWERED.values()])
        self.happened[chosen] += 1
        after = timedelta(seconds=self.random.uniform(*ANSWERED[chosen][1]))
        for _ in range({"no answer": 0, "answer twice": 2}.get(chosen, 1)):
            self._timeline.at(self.world.clock() + after, partial(self._answers, request, chosen))
        if request.body.root == NOTIFICATION:
            weeks = timedelta(seconds=self.random.uniform(*RESPONDED))
            self._timeline.at(self.world.clock() + weeks, partial(self._denmark_responds, request))

    def _denmark_responds(self, notification: Message[Any]) -> None:
        self._sends(response_of_denmark(notification, self.world.clock()))
        self._works()

    def _answers(self, request: Message[Any], how: str) -> None:
        now = self.world.clock()
        hub = Exchange(HUB, erru.ERRU_3_5, lambda: now)
        if how == "error":
            data = written(hub.error(request, erru.ErrorStatus.TIMEOUT, "no", b"", to="FI"))
        elif how == "not delivered":
            data = unanswered(request, now)
        else:
            data = answer_of(request, now, "SE" if how == "another state's answer" else "DK")
        self._sends(Document(how, erru.decode(data), data))
        self._works()

    # What goes wrong. Each is called by its name in `script`.

    def _posts(self) -> None:
        if not self._is_down():
            self._powered(self.world.post, POSTED[self.random.choice(sorted(POSTED))])

    def _responds(self) -> None:
        recorded = self.world.recorded()
        if recorded and not self._is_down():
            self._powered(self.world.respond, self.random.choice(recorded))

    def _looks_at_the_calendar(self) -> None:
        if not self._is_down():
            self._powered(self.world.look_at_the_calendar)

    def _operator_retries(self) -> None:
        if not self._is_down():
            self._powered(self.world.retry)

    def _sends_again(self) -> None:
        if self._sent:
            self._sends(self.random.choice(self._sent))

    def _sends_other_bytes(self) -> None:
        if self.world.accepted and not self._is_down():
            known = self.random.choice(list(self.world.accepted))
            self.world.send_other_bytes(self.world.accepted[known])

    def _sends_garbage(self) -> None:
        if self._sent and not self._is_down():
            data = self.random.choice(self._sent).data
            self.world.send_garbage(data[: self.random.randrange(len(data) - 10)])

    def _sends_what_nobody_asked_for(self) -> None:
        asked = Exchange("FI", erru.ERRU_3_5, self.world.clock).request(ASKED["CGR"], "DK")
        self._answers(asked, "answer")

    def _sends_an_error(self) -> None:
        if self._sent:
            self._answers(self.random.choice(self._sent).message, "error")

    def _register_fails(self, name: str = "register fails") -> None:
        self.world.fail(True)
        back = self.world.clock() + self._lasts(name)
        self._timeline.at(back, partial(self.world.fail, False))

    def _outage(self) -> None:
        """The register fails while notifications come, minute after minute."""
        self._register_fails("outage")
        for minute in range(10):
            at = self.world.clock() + timedelta(minutes=minute)
            self._timeline.at(at, partial(self._asks, "NU"))
        for _ in range(20):
            self._asks("NU")

    def _register_is_slow(self) -> None:
        self.world.slow = True

    def _power_cut(self) -> None:
        self._cut = (self.random.choice(CUTS), self.random.randint(1, 4))

    def _line_down(self) -> None:
        self._line_is_back = self.world.clock() + self._lasts("line down")


_OVER: Final = {Kind.QUERY, Kind.HEARTBEAT}


def main() -> int:
    """Do what the command line says, and return 1 where something was lost, doubled or broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.day", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="which day it is")
    parser.add_argument("--hours", type=float, default=24, help="how long it is")
    given = parser.parse_args()
    logging.disable()
    began = time.monotonic()
    with TemporaryDirectory(prefix="movehub-day-") as folder:
        day = Day(f"sqlite:///{Path(folder)}/node.db", given.seed, given.hours)
        with closing(day.world):
            found = day.run()
    print(f"{given.hours:g} simulated hours in {time.monotonic() - began:.0f} s, seed {given.seed}")
    print(found)
    return int(not found.kept)


if __name__ == "__main__":
    sys.exit(main())
