"""The anchor of the journal, in the log and in the memory of a serving node."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from movehub.store import Store
from movehub.store.anchors import AnchorWatch
from movehub.store.escalations import open_escalations
from movehub.store.journal import Access, Anchor, Entry, Journal
from movehub.store.tables import JOURNAL, JOURNAL_START
from sqlalchemy import delete, insert, select, update

from tests.support.databases import Hands

DAY = timedelta(days=1).total_seconds()


@pytest.fixture
def watch(store: Store) -> AnchorWatch:
    return AnchorWatch(store)


def noted(store: Store, lines: int) -> Anchor:
    with store.writing() as connection:
        return store.journal.note(connection, *[Entry(Access.COLLECTED, "CN=hub")] * lines)


def anchors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [
        each.getMessage().partition(": ")[2] for each in caplog.records if each.levelno == logging.WARNING
    ]


def problems(store: Store) -> list[str]:
    with store.reading() as connection:
        return [item.detail for item in open_escalations(connection)]


def test_the_last_line_is_logged_at_the_start_and_once_a_day(
    store: Store, watch: AnchorWatch, clock: Hands, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.clear()
    first = noted(store, 3)
    watch.step()
    clock.forward(DAY / 2)
    watch.step()
    second = noted(store, 2)
    clock.forward(DAY / 2)
    watch.step()
    clock.forward(-2 * DAY)
    watch.step()
    assert anchors(caplog) == [str(first), str(second), str(second)]
    assert Anchor.of(anchors(caplog)[0]) == first


def test_a_journal_that_grows_is_not_escalated(store: Store, watch: AnchorWatch) -> None:
    for _ in range(3):
        watch.step()
        noted(store, 2)
    assert problems(store) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (delete(JOURNAL).where(JOURNAL.c.seq > 3), "lines 4 to 5: cut off"),
        (delete(JOURNAL), "lines 1 to 5: cut off"),
        (update(JOURNAL).where(JOURNAL.c.seq == 5).values(digest="é"), "line 5: changed"),
    ],
)
def test_lines_that_were_cut_off_or_changed_since_are_escalated(
    store: Store, watch: AnchorWatch, change: object, problem: str
) -> None:
    """A check without an anchor cannot see that the end is missing."""
    noted(store, 5)
    watch.step()
    with store.writing() as connection:
        connection.execute(change)  # type: ignore[call-overload]
    watch.step()
    assert problems(store) == [problem]


def test_a_chain_that_was_cut_off_and_continued_is_escalated(store: Store, watch: AnchorWatch) -> None:
    noted(store, 5)
    watch.step()
    with store.writing() as connection:
        connection.execute(delete(JOURNAL).where(JOURNAL.c.seq > 3))
    with store.writing() as connection:
        store.journal.note(connection, *[Entry(Access.COLLECTED, "somebody else")] * 2)
    watch.step()
    assert problems(store) == ["line 5: changed"]


def test_lines_that_were_removed_at_the_beginning_too_early_are_escalated(
    store: Store, watch: AnchorWatch, clock: Hands
) -> None:
    noted(store, 5)
    watch.step()
    with store.writing() as connection:
        digest = connection.execute(select(JOURNAL.c.digest).where(JOURNAL.c.seq == 5)).scalar_one()
        start = {"seq": 5, "at": clock(), "digest": digest}
        connection.execute(delete(JOURNAL))
        connection.execute(insert(JOURNAL_START), start | {"seal": Journal(clock).seal_of(start)})
    watch.step()
    assert problems(store) == ["line 5: removed before the period was over"]


def test_lines_that_retention_removes_are_not_escalated(
    store: Store, watch: AnchorWatch, clock: Hands
) -> None:
    noted(store, 5)
    clock.forward(400 * DAY)
    watch.step()
    with store.writing() as connection:
        assert store.journal.prune(connection, clock()) == 5
    watch.step()
    assert problems(store) == []
