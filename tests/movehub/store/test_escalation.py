"""The queue of what needs a person: reason, article, what to do (Annex VI, 2.2)."""

from __future__ import annotations

from threading import Event, Thread

import pytest
from movehub.store import Store
from movehub.store.escalations import REMEDIES, Reason, call_for, done, open_counts, open_items
from movehub.store.tables import ATTENTION
from sqlalchemy import Connection, event, select

from tests.support.databases import Hands


def raised(store: Store, clock: Hands, reason: Reason, technical_id: str | None = None) -> None:
    with store.writing() as connection:
        call_for(connection, reason, "detail", now=clock(), system="ERRU", technical_id=technical_id)


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_says_by_which_law_and_what_to_do(reason: Reason) -> None:
    remedy = REMEDIES[reason]
    assert remedy.article
    assert remedy.do.endswith(".")


def test_the_oldest_comes_first_with_all_that_a_person_needs(store: Store, clock: Hands) -> None:
    raised(store, clock, Reason.UNSOLICITED, "a")
    clock.forward(60)
    raised(store, clock, Reason.REFUSED, "b")
    with store.reading() as connection:
        first, second = open_items(connection)
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
        "article": "2016/68 Annex VI, 1.9 (d); 2016/480 Annex VI, 1.7 (d)",
        "do": "It answers nothing that is open here. `movehub node show` it; "
        "ask its sender what it is about.",
    }


def test_the_same_again_is_counted_and_not_repeated(store: Store, clock: Hands) -> None:
    raised(store, clock, Reason.NOT_REACHED)
    clock.forward(60)
    raised(store, clock, Reason.NOT_REACHED)
    with store.reading() as connection:
        (item,) = open_items(connection)
    assert (item.times, (item.last_at - item.at).total_seconds()) == (2, 60)


def test_what_is_done_is_done_once_and_may_come_up_again(store: Store, clock: Hands) -> None:
    raised(store, clock, Reason.NOT_REACHED)
    with store.writing() as connection:
        (item,) = open_items(connection)
        assert done(connection, item.id, by="service 7", at=clock())
        assert not done(connection, item.id, by="service 8", at=clock())
        assert open_items(connection) == []
    raised(store, clock, Reason.NOT_REACHED)
    with store.reading() as connection:
        (again,) = open_items(connection)
    assert (again.id != item.id, again.times) == (True, 1)


def test_each_reason_is_counted_those_without_any_too(store: Store, clock: Hands) -> None:
    for technical_id in ("a", "b"):
        raised(store, clock, Reason.REFUSED, technical_id)
    with store.reading() as connection:
        counts = open_counts(connection)
    assert set(counts) == set(Reason)
    assert {reason: count for reason, count in counts.items() if count} == {Reason.REFUSED: 2}


def test_two_who_call_for_the_same_at_the_same_moment_make_one_entry(store: Store) -> None:
    """Neither sees the entry of the other before its transaction has ended."""
    looked = Event()

    def call(connection: Connection) -> None:
        call_for(connection, Reason.NOT_REACHED, "no connection", now=store.now(), system="ERRU")

    def another() -> None:
        with store.writing() as connection:
            event.listen(connection, "after_cursor_execute", lambda *_: looked.set())
            call(connection)

    thread = Thread(target=another)
    with store.writing() as connection:
        call(connection)
        thread.start()
        if store.shared:  # on SQLite it does not get so far
            assert looked.wait(10)
    thread.join()
    with store.reading() as connection:
        assert connection.execute(select(ATTENTION.c.times)).scalars().all() == [2]
