"""Conversations: opened by the first message, known from then on, and closed by an answer."""

from __future__ import annotations

from typing import Any

from movehub.store import Store
from movehub.store.changes import make
from movehub.store.tables import WORKFLOW, Conversation
from movehub.store.workflows import answered, is_known, opened
from sqlalchemy import select

from tests.support.databases import Hands

MESSAGE = {
    "system": "ERRU",
    "workflow_id": "workflow",
    "technical_id": "first",
    "root": "CheckGoodRepute_Request",
    "from_code": "DK",
    "to_code": "FI",
}


def conversation(store: Store) -> Any:
    with store.reading() as connection:
        return connection.execute(select(WORKFLOW)).mappings().one()


def test_the_partner_is_the_other_state(store: Store, clock: Hands) -> None:
    with store.writing() as connection:
        make(connection, [opened(MESSAGE, clock(), by_us=False)])
        make(connection, [opened({**MESSAGE, "workflow_id": "ours"}, clock(), by_us=True)])
        rows = connection.execute(select(WORKFLOW.c.partner, WORKFLOW.c.opened_by_us))
        assert {tuple(row) for row in rows} == {("DK", False), ("FI", True)}


def test_a_later_message_does_not_change_its_conversation(store: Store, clock: Hands) -> None:
    with store.writing() as connection:
        make(connection, [opened(MESSAGE, clock(), by_us=False)])
    clock.forward(60)
    with store.writing() as connection:
        make(connection, [opened({**MESSAGE, "technical_id": "second"}, clock(), by_us=False)])
    found = conversation(store)
    assert (found["request"], found["opened_at"] < clock()) == ("first", True)


def test_an_answer_closes_its_conversation(store: Store, clock: Hands) -> None:
    with store.writing() as connection:
        make(connection, [opened(MESSAGE, clock(), by_us=False)])
        make(connection, [answered("ERRU", "workflow", "the answer", clock())])
    found = conversation(store)
    assert (found["state"], found["answer"]) == (Conversation.ANSWERED, "the answer")


def test_a_conversation_is_known_by_system_and_identifier(store: Store, clock: Hands) -> None:
    with store.writing() as connection:
        make(connection, [opened(MESSAGE, clock(), by_us=False)])
        assert is_known(connection, "ERRU", "workflow")
        assert not is_known(connection, "TACHOnet", "workflow")
        assert not is_known(connection, "ERRU", "another")
