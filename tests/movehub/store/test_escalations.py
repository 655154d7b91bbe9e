"""Escalations: reason, article and next step (Annex VI, 2.2)."""

from __future__ import annotations

from threading import Event, Thread

import pytest
from movehub.store import Store
from movehub.store.escalations import GUIDANCE, Reason, escalate, open_counts, open_escalations, resolve
from movehub.store.tables import ESCALATIONS
from sqlalchemy import Connection, event, select

from tests.support.databases import Hands


def escalated(store: Store, clock: Hands, reason: Reason, technical_id: str | None = None) -> None:
    with store.writing() as connection:
        escalate(connection, reason, "detail", now=clock(), system="ERRU", technical_id=technical_id)


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_an_article_and_a_next_step(reason: Reason) -> None:
    guidance = GUIDANCE[reason]
    assert str(guidance.article)
    assert guidance.do.endswith(".")


def test_the_oldest_comes_first_with_article_and_next_step(store: Store, clock: Hands) -> None:
    escalated(store, clock, Reason.UNSOLICITED, "a")
    clock.forward(60)
    escalated(store, clock, Reason.REFUSED, "b")
    with store.reading() as connection:
        first, second = open_escalations(connection)
    assert (first.technical_id, second.technical_id) == ("a", "b")
    assert first.plain() | {"id": 1} == {
        "id": 1,
        "reason": "unsolicited",
        "detail": "detail",
        "since": "2026-11-23T10:00:00Z",
        "last": "2026-11-23T10:00:00Z",
        "times": 1,
        "system": "ERRU",
        "technical_id": "a",
        "workflow_id": None,
        "article": "2016/68, Annex VI, 1.8 (d); 2016/480, Annex VI, 1.7 (d)",
        "do": "The message answers no open request of yours. Read it with `movehub node show`, then ask its"
        " sender which request it belongs to.",
    }


def test_a_repeated_problem_is_counted_in_its_open_entry(store: Store, clock: Hands) -> None:
    escalated(store, clock, Reason.NOT_REACHED)
    clock.forward(60)
    escalated(store, clock, Reason.NOT_REACHED)
    with store.reading() as connection:
        (item,) = open_escalations(connection)
    assert (item.times, (item.last_at - item.at).total_seconds()) == (2, 60)


def test_an_entry_is_resolved_once_and_the_problem_may_come_up_again(store: Store, clock: Hands) -> None:
    escalated(store, clock, Reason.NOT_REACHED)
    with store.writing() as connection:
        (item,) = open_escalations(connection)
        assert resolve(connection, item.id, by="service 7", at=clock())
        assert not resolve(connection, item.id, by="service 8", at=clock())
        assert open_escalations(connection) == []
    escalated(store, clock, Reason.NOT_REACHED)
    with store.reading() as connection:
        (again,) = open_escalations(connection)
    assert (again.id != item.id, again.times) == (True, 1)


def test_each_reason_is_counted_including_the_zeros(store: Store, clock: Hands) -> None:
    for technical_id in ("a", "b"):
        escalated(store, clock, Reason.REFUSED, technical_id)
    with store.reading() as connection:
        counts = open_counts(connection)
    assert set(counts) == set(Reason)
    assert {reason: count for reason, count in counts.items() if count} == {Reason.REFUSED: 2}


def test_two_transactions_that_escalate_the_same_problem_make_one_entry(store: Store) -> None:
    """Neither can see the entry of the other before its transaction ends."""
    looked = Event()

    def add(connection: Connection) -> None:
        escalate(connection, Reason.NOT_REACHED, "no connection", now=store.now(), system="ERRU")

    def another() -> None:
        with store.writing() as connection:
            event.listen(connection, "after_cursor_execute", lambda *_: looked.set())
            add(connection)

    thread = Thread(target=another)
    with store.writing() as connection:
        add(connection)
        thread.start()
        if store.shared:  # on SQLite the thread waits for its turn
            assert looked.wait(10)
    thread.join()
    with store.reading() as connection:
        assert connection.execute(select(ESCALATIONS.c.times)).scalars().all() == [2]
