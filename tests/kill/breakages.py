"""Nodes that are broken on purpose: each breaks one promise, and the harness must notice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import count
from threading import Timer
from typing import Any, Final

from movehub.node import couriers as delivering
from movehub.node import couriers as routes
from movehub.node import receiver as receiving
from movehub.protocol.message import Message
from movehub.store import engine
from movehub.store import leases as claims
from movehub.store.changes import Change
from movehub.store.leases import Claim
from movehub.store.tables import OUTBOX

from . import registers


def not_marked(claim: Claim, _: datetime) -> Change:
    """Stand in for what marks a request before it leaves: its claim stays, and nothing else is said."""
    return claims.settled(OUTBOX, claim, lease_owner=claim["lease_owner"])


def _accepted_before_it_is_kept() -> None:
    receive = receiving.Receiver.receive

    def later(receiver: Any, data: bytes, peer: str = "") -> Message[Any]:
        Timer(0.2, receive, (receiver, data, peer)).start()
        message: Message[Any] = receiver._codec.decode(data)
        return message

    receiving.Receiver.receive = later  # type: ignore[method-assign]


def _effect_in_a_transaction_of_its_own() -> None:
    effect = registers.effect

    def apart(message: Message[Any], what: str) -> None:
        unit = engine._CURRENT.get()
        assert unit is not None
        if unit.begun:  # SQLite has no second writer
            effect(message, what)
            return
        token = engine._CURRENT.set(None)
        try:
            with unit.store.unit():
                effect(message, what)
        finally:
            engine._CURRENT.reset(token)

    registers.effect = apart


def _answer_that_is_written_anew() -> None:
    deliver, attempts = routes.Route.deliver, count()

    def anew(route: Any, document: bytes) -> bytes:
        return deliver(route, document + b"\n" * next(attempts))

    routes.Route.deliver = anew  # type: ignore[method-assign]


def _request_that_is_not_marked_before_it_leaves() -> None:
    delivering.outbox.departing = not_marked


#: What each of them does wrong.
BREAKAGES: Final[dict[str, Callable[[], None]]] = {
    "202 before the commit": _accepted_before_it_is_kept,
    "the effect in a transaction of its own": _effect_in_a_transaction_of_its_own,
    "an answer that is written anew": _answer_that_is_written_anew,
    "a request that is not marked before it leaves": _request_that_is_not_marked_before_it_leaves,
}
