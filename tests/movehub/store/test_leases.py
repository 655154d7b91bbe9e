"""Claims: what is due, whatever the clock did meanwhile."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from movehub.store import Store, inbox, outbox
from movehub.store.leases import FURTHEST, Work
from movehub.store.tables import INBOX, Kind, Received, Sent
from sqlalchemy import select

from tests.support.databases import Hands
from tests.support.stored import received, to_send

QUERIES = inbox.work((Kind.QUERY,))
BACK = [FURTHEST + timedelta(seconds=1), timedelta(minutes=50), timedelta(days=27000)]


def _claimed(store: Store, work: Work, **how: int) -> list[str]:
    return [each["technical_id"] for each in work.claim(store, **how)]  # type: ignore[arg-type]


@pytest.mark.parametrize("back", BACK)
def test_what_waits_when_the_clock_is_set_back_is_worked_on(
    store: Store, clock: Hands, back: timedelta
) -> None:
    came, to_go = received(store, Received.RECEIVED), to_send(store, Sent.PREPARED)
    clock.forward(-back.total_seconds())
    assert _claimed(store, QUERIES) == [came]
    assert _claimed(store, outbox.requests_to_send()) == [to_go]


def test_what_somebody_works_on_when_the_clock_is_set_back_stays_with_that_one(
    store: Store, clock: Hands
) -> None:
    """Its lease is renewed by that one in a moment; two must not work on it."""
    received(store, Received.RECEIVED)
    (claim,) = QUERIES.claim(store)
    clock.forward(-3000)
    assert _claimed(store, QUERIES) == []
    with store.writing() as connection:
        QUERIES.renew(connection, [claim], clock())
    assert _claimed(store, QUERIES) == []
    clock.forward(61)
    assert _claimed(store, QUERIES) == [claim["technical_id"]]


def test_a_pause_between_two_attempts_is_kept(store: Store, clock: Hands) -> None:
    received(store, Received.RECEIVED)
    (claim,) = QUERIES.claim(store)
    store.record(inbox.postponed(claim, clock() + FURTHEST, "not now"))
    assert _claimed(store, QUERIES) == []
    clock.forward(FURTHEST.total_seconds())
    assert _claimed(store, QUERIES) == [claim["technical_id"]]


def test_no_more_are_claimed_than_were_asked_for_and_the_longest_due_first(
    store: Store, clock: Hands
) -> None:
    came = []
    for _ in range(5):
        came.append(received(store, Received.RECEIVED))
        clock.forward(1)
    assert sorted(_claimed(store, QUERIES, most=3)) == sorted(came[:3])
    assert sorted(_claimed(store, QUERIES, most=3)) == sorted(came[3:])
    with store.reading() as connection:
        owners = connection.execute(select(INBOX.c.lease_owner)).scalars().all()
    assert None not in owners


def test_both_kinds_of_what_is_due_are_found_by_the_index(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path}/node.db") as sqlite, sqlite.reading() as connection:
        words = str(QUERIES._look.compile(dialect=sqlite.engine.dialect))
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {words}", (1, 2)).all()
    said = " ".join(str(row[-1]) for row in plan)
    assert said.count("USING INDEX inbox_work (state=? AND kind=? AND next_attempt_at") == 2
