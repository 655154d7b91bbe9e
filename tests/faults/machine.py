"""The steps: what a hub, an application, a network, a clock and a power cut do to a node, in any order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    precondition,
    rule,
)
from movehub.node.register_breaker import OPENS_AFTER
from movehub.protocol.exchange import Exchange
from movehub.protocol.message import Message
from movehub.protocol.workflow import HUB

import erru_client as erru
from tests.support.examples import cgr_request
from tests.support.nodes import written

from .documents import ASKED, POSTED, Document, answer_of, request_of, response_of_denmark, unanswered
from .promises import kept_at_any_time, kept_in_the_end
from .responses import responses_are_kept
from .troubles import TROUBLES, Trouble
from .world import CUTS, Cut, World

_TROUBLES = st.sampled_from(TROUBLES)
_ERRORS = st.sampled_from(erru.ErrorStatus)
#: More than the failures in a row after which messages wait.
_MUCH = OPENS_AFTER + 2
_CUTS = st.none() | st.tuples(st.sampled_from(CUTS), st.integers(1, 4))


class Faults(RuleBasedStateMachine):
    """One conversation between everybody, with every fault that comes along."""

    #: Gives the address of an empty database for each conversation. Set it in a class of your own.
    new_address: ClassVar[Callable[[], str]]

    documents: Bundle[Document] = Bundle("documents")

    def __init__(self) -> None:
        super().__init__()
        self.world = World(type(self).new_address())

    def teardown(self) -> None:
        """Let everything come to its end, and look at what is left."""
        try:
            self.world.settle()
            kept_at_any_time(self.world)
            kept_in_the_end(self.world)
            responses_are_kept(self.world)
            self.world.seen["conversations"] += 1
        finally:
            self.world.close()

    @initialize(when_stored=st.booleans())
    def acknowledges(self, when_stored: bool) -> None:
        """When a notification is stored, or when the register has it."""
        self.world.when_stored = when_stored
        self.world.restart()

    @invariant()
    def promises_are_kept(self) -> None:
        self.world.seen["steps"] += 1
        kept_at_any_time(self.world)

    # What the hub writes. It sends it in whatever order, several times, or never.

    @rule(
        target=documents,
        name=st.sampled_from(sorted(ASKED)),
        seconds=st.sampled_from((None, 1, 5, 10, 20)),
        to=st.sampled_from(("FI", "FI", "FI", "SE")),
        at_once=st.booleans(),
    )
    def writes_a_request(self, name: str, seconds: int | None, to: str, at_once: bool) -> Document:
        now = self.world.clock()
        until = None if seconds is None else now + timedelta(seconds=seconds)
        document = request_of(name, now, to=to, until=until)
        if at_once:
            self.world.send(document)
        return document

    @rule(target=documents)
    def writes_an_answer_to_nothing(self) -> Document:
        asked = Exchange("FI", erru.ERRU_3_5, self.world.clock).request(cgr_request(), "DK")
        return self._written("unsolicited", answer_of(asked, self.world.clock()))

    @rule(target=documents, about=documents, status=_ERRORS)
    def writes_an_error(self, about: Document, status: erru.ErrorStatus) -> Document:
        """About whatever it has written, and be it an error."""
        hub = Exchange(HUB, erru.ERRU_3_5, self.world.clock)
        return self._written("error", written(hub.error(about.message, status, "no", b"", to="FI")))

    @precondition(lambda self: self.world.owed)
    @rule(target=documents, data=st.data(), state=st.sampled_from(("DK", "DK", "SE")))
    def writes_an_answer(self, data: st.DataObject, state: str) -> Document:
        """At any time after it took a request: the right one or a wrong one, the first or one more."""
        return self._written("answer", answer_of(self._one_of_ours(data), self.world.clock(), state))

    @precondition(lambda self: self.world.owed)
    @rule(target=documents, data=st.data())
    def writes_that_a_request_did_not_arrive(self, data: st.DataObject) -> Document:
        return self._written("answer", unanswered(self._one_of_ours(data), self.world.clock()))

    @precondition(lambda self: self.world.notified())
    @rule(target=documents, data=st.data())
    def writes_a_later_response(self, data: st.DataObject) -> Document:
        """Denmark's, to a check result of ours: whether we have its receipt by then or not."""
        notification = data.draw(st.sampled_from(self.world.notified()))
        return response_of_denmark(notification, self.world.clock())

    @precondition(lambda self: self.world.owed)
    @rule(target=documents, data=st.data(), status=_ERRORS)
    def writes_an_error_in_the_place_of_an_answer(
        self, data: st.DataObject, status: erru.ErrorStatus
    ) -> Document:
        hub = Exchange(HUB, erru.ERRU_3_5, self.world.clock)
        error = hub.error(self._one_of_ours(data), status, "no", b"", to="FI")
        return self._written("error", written(error))

    def _one_of_ours(self, data: st.DataObject) -> Message[Any]:
        return self.world.owed[data.draw(st.sampled_from(sorted(self.world.owed)))]

    def _written(self, name: str, data: bytes) -> Document:
        return Document(name, erru.decode(data), data)

    # What it does with it.

    @rule(document=documents, cut=_CUTS)
    def sends(self, document: Document, cut: Cut | None) -> None:
        self.world.send(document, cut)

    @rule(document=consumes(documents))
    def sends_for_the_last_time(self, document: Document) -> None:
        self.world.send(document)

    @precondition(lambda self: self.world.accepted)
    @rule(data=st.data())
    def sends_other_bytes_under_a_known_identifier(self, data: st.DataObject) -> None:
        known = data.draw(st.sampled_from(sorted(self.world.accepted)))
        self.world.send_other_bytes(self.world.accepted[known])

    @rule(document=documents, at=st.floats(0, 0.999))
    def sends_what_was_cut(self, document: Document, at: float) -> None:
        self.world.send_garbage(document.data[: int(at * len(document.data.rstrip()))])

    # What else happens.

    @rule(name=st.sampled_from(sorted(POSTED)), cut=_CUTS)
    def posts(self, name: str, cut: Cut | None) -> None:
        self.world.post(POSTED[name], cut)

    @rule(name=st.sampled_from(sorted(POSTED)), trouble=_TROUBLES, cut=_CUTS)
    def posts_and_sends(self, name: str, trouble: Trouble, cut: Cut | None) -> None:
        self.world.post(POSTED[name])
        self.world.step("requester", trouble, cut=cut)

    @precondition(lambda self: self.world.recorded())
    @rule(data=st.data(), cut=_CUTS)
    def responds(self, data: st.DataObject, cut: Cut | None) -> None:
        """To a check result that the register has, once or again."""
        self.world.respond(data.draw(st.sampled_from(self.world.recorded())), cut)

    @rule(cut=_CUTS)
    def looks_for_responses_that_are_due(self, cut: Cut | None) -> None:
        self.world.look_at_the_calendar(cut)

    @rule(cut=_CUTS)
    def an_operator_retries(self, cut: Cut | None) -> None:
        self.world.retry(cut)

    @rule(part=st.sampled_from(("worker", "correlator", "reaper")), cut=_CUTS)
    def a_part_steps(self, part: str, cut: Cut | None) -> None:
        self.world.step(part, cut=cut)

    @rule(courier=st.sampled_from(("courier", "requester")), trouble=_TROUBLES, cut=_CUTS)
    def a_courier_steps(self, courier: str, trouble: Trouble, cut: Cut | None) -> None:
        self.world.step(courier, trouble, cut=cut)

    @rule(troubles=st.lists(_TROUBLES, max_size=4), cut=_CUTS)
    def all_parts_step(self, troubles: list[Trouble], cut: Cut | None) -> None:
        self.world.step("all", *troubles, cut=cut)

    @rule(seconds=st.sampled_from((1, 5, 20, 61, 3600, 1_000_000)))
    def time_passes(self, seconds: int) -> None:
        self.world.clock.forward(seconds)

    @rule(lame=st.booleans())
    def the_register_fails_or_not(self, lame: bool) -> None:
        self.world.fail(lame)

    @rule(name=st.sampled_from(("NU", "NCR", "CGR")), steps=st.integers(1, 3))
    def much_comes_while_the_register_is_down(self, name: str, steps: int) -> None:
        """So much that the others wait until the register works again."""
        self.world.fail(True)
        for _ in range(_MUCH):
            self.world.send(request_of(name, self.world.clock()))
        for _ in range(steps):
            self.world.step("all")
            self.world.clock.forward(20)

    @rule()
    def the_register_will_take_long(self) -> None:
        self.world.slow = True

    @rule(alone=st.booleans(), seconds=st.sampled_from((0, 30, 90)))
    def the_node_is_started_again(self, alone: bool, seconds: int) -> None:
        self.world.clock.forward(seconds)
        self.world.restart(alone=alone)
