"""A register that fails for some messages of a type: the others do not wait, and each failure is visible."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from movehub.node.register_breaker import OPENS_AFTER
from movehub.protocol.message import Message
from movehub.store import ESCALATIONS, Store
from sqlalchemy import select

from tests.support.databases import Hands
from tests.support.erru_examples import nu_request
from tests.support.nodes import Parts, from_denmark, written

#: More than open the breaker.
POISONED = 20


@pytest.fixture
def node(store: Store, clock: Hands) -> Parts:
    return Parts(store, clock, when_stored=True)


@pytest.fixture
def poisoned(node: Parts) -> set[str]:
    """The identifiers of the messages for which the register fails."""
    ids: set[str] = set()
    kept: Callable[[Message[Any]], None] = node.register._kept

    def picky(message: Message[Any]) -> None:
        kept(message)
        if str(message.header.technical_id) in ids:
            raise KeyError

    node.register._kept = picky  # type: ignore[method-assign]
    return ids


def came(node: Parts, poisoned: set[str] | None = None) -> str:
    message = from_denmark(nu_request(), node.clock())
    technical_id = str(message.header.technical_id)
    if poisoned is not None:
        poisoned.add(technical_id)
    node.receiver.accept(written(message))
    return technical_id


def steps(node: Parts, seconds: int, stride: int = 5) -> None:
    for _ in range(seconds // stride):
        node.all_steps()
        node.clock.forward(stride)
    node.all_steps()


def escalated(node: Parts, reason: str) -> list[Any]:
    of_it = select(ESCALATIONS).where(ESCALATIONS.c.reason == reason)
    with node.store.reading() as connection:
        return list(connection.execute(of_it.order_by(ESCALATIONS.c.id)).mappings())


def test_many_messages_that_fail_make_the_others_wait_for_a_minute_at_most(
    node: Parts, poisoned: set[str]
) -> None:
    for _ in range(POISONED):
        came(node, poisoned)
    steps(node, 300)
    for _ in range(10):
        healthy = came(node)
        steps(node, 60)
        assert healthy in node.effects()


def test_many_messages_that_fail_while_others_succeed_are_each_escalated_as_failed(
    node: Parts, poisoned: set[str]
) -> None:
    """An outage that began with them ends when another message succeeds. Each can begin only one."""
    for _ in range(POISONED):
        came(node, poisoned)
    steps(node, 120)
    for _ in range(30):
        came(node)
        steps(node, 60)
    assert {item["technical_id"] for item in escalated(node, "register failed")} == poisoned
    assert {item["done_by"] for item in escalated(node, "register down")} == {"movehub serve"}
    assert len(escalated(node, "register down")) <= POISONED // OPENS_AFTER
    assert len(node.effects()) == 30
    poisoned.clear()
    steps(node, 300)
    assert len(node.effects()) == 30 + POISONED
    assert {item["done_by"] for item in escalated(node, "register failed")} == {"movehub serve"}
