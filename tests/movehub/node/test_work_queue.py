"""A work queue: a claimed message is processed once, however long that takes, and left at the end."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from movehub.errors import StoreFailed
from movehub.node import work_queue
from movehub.node.work_queue import WorkQueue
from movehub.node.worker import Worker
from movehub.store import inbox
from movehub.store.changes import make
from movehub.store.escalations import open_escalations
from movehub.store.tables import Kind
from movehub.store.wakeups import Topic, WakeUp
from sqlalchemy.exc import OperationalError

from tests.support.erru_examples import nu_request
from tests.support.examples import cgr_request
from tests.support.nodes import Parts, from_denmark, written

KINDS = (Kind.QUERY, Kind.NOTIFICATION)
LEASE = inbox.LEASE.total_seconds()


def queue(node: Parts, capacity: int = 4, **how: Any) -> WorkQueue:
    return WorkQueue(node.store, inbox.work(KINDS), capacity=capacity, **how)


def arrive(node: Parts, body: Any, times: int = 1) -> str:
    """Have the hub send so many messages, and return the identifier of the last one."""
    for _ in range(times):
        message = from_denmark(body, node.clock())
        node.receiver.accept(written(message))
    return str(message.header.technical_id)


def states(rows: list[Any]) -> list[str]:
    return [row["state"] for row in rows]


def test_a_queue_claims_no_more_than_its_capacity_and_the_others_wait_in_the_database(node: Parts) -> None:
    ours = queue(node, capacity=2)
    arrive(node, nu_request(), 5)
    assert ours.claim() is not None
    assert sorted(states(node.inbox())) == ["processing"] * 2 + ["received"] * 3
    worker = Worker(node.store, node.responders, ours)
    assert [worker.step() for _ in range(5)] == [True] * 4 + [False]
    assert len(node.effects()) == 4


def test_a_wake_up_has_the_database_looked_into_before_the_next_poll(node: Parts) -> None:
    wakeup = node.store.wakeups[Topic.NOTIFICATION]
    ours = queue(node, wakeup=wakeup, poll=3600)
    assert ours.claim() is None
    with node.store.writing() as connection:  # as another process does
        message = from_denmark(nu_request(), node.clock())
        _, changes = inbox.new_message(
            "ERRU", message, written(message), now=node.clock(), answer_by=None, peer=""
        )
        make(connection, changes)
    assert ours.claim() is None
    node.store.notify(Topic.NOTIFICATION)
    assert ours.claim() is not None


def test_the_receiver_wakes_the_queue_of_the_message(node: Parts) -> None:
    notifications = queue(node, wakeup=node.store.wakeups[Topic.NOTIFICATION], poll=3600)
    queries = queue(node, wakeup=node.store.wakeups[Topic.QUERY], poll=3600)
    assert (notifications.claim(), queries.claim()) == (None, None)
    arrive(node, nu_request())
    assert queries.claim() is None
    assert notifications.claim() is not None


def test_a_thread_is_woken_for_each_message_of_a_batch(node: Parts) -> None:
    wakeup = WakeUp()
    ours = queue(node, capacity=4, wakeup=wakeup, poll=3600)
    arrive(node, nu_request(), 3)
    assert ours.claim() is not None
    assert wakeup.count == 2
    claimed = [ours.claim() is not None for _ in range(3)]
    assert claimed == [True, True, False]
    assert wakeup.count == 2  # its own wake-ups have it look for nothing


def test_a_register_that_takes_long_is_not_asked_twice(node: Parts) -> None:
    """By the node's clock: while it is asked its lease is renewed, and nobody else finds it due."""
    ours, others = queue(node), queue(node)
    arrive(node, nu_request())
    claim = ours.claim()
    for _ in range(10):
        node.clock.forward(LEASE / 2)
        assert ours.renew()
        assert others.claim() is None
    assert claim is not None
    node.store.record(inbox.settled(claim, inbox.Received.PROCESSED, now=node.clock()))
    ours.release(claim)
    assert not ours.renew()


def test_a_lease_that_is_not_a_third_over_is_left_alone(node: Parts) -> None:
    ours = queue(node)
    arrive(node, nu_request())
    ours.claim()
    node.clock.forward(LEASE / 3 - 1)
    assert not ours.renew()
    node.clock.forward(1)
    assert ours.renew()
    assert not ours.renew()


def test_a_lease_that_is_renewed_too_late_stays_with_the_worker_that_has_claimed_it_since(
    node: Parts,
) -> None:
    ours, others = queue(node), queue(node)
    arrive(node, nu_request())
    ours.claim()
    node.clock.forward(LEASE)
    taken = others.claim()
    ours.renew()
    (row,) = node.inbox()
    assert taken is not None
    assert row["lease_owner"] == taken["lease_owner"]


def _forward(node: Parts, minutes: float, *queues: WorkQueue) -> None:
    """Let time pass as a node does, which looks at its leases each second."""
    for _ in range(int(minutes * 6)):
        node.clock.forward(10)
        for each in queues:
            each.renew()


@pytest.mark.parametrize(("body", "minutes"), [(cgr_request(), 1), (nu_request(), 5)])
def test_a_register_that_hangs_is_escalated_once_a_message(node: Parts, body: Any, minutes: int) -> None:
    """All workers may hang, and the node goes on saying 202."""
    ours = queue(node)
    arrive(node, body)
    claim = ours.claim()
    _forward(node, minutes - 0.5, ours)
    assert node.attention() == []
    _forward(node, 3, ours)
    (item,) = _items(node)
    assert claim is not None
    assert (item.reason, item.technical_id, item.times) == ("register failed", claim["technical_id"], 1)


def _items(node: Parts) -> list[Any]:
    with node.store.reading() as connection:
        return open_escalations(connection)


def test_a_message_that_only_waits_in_a_queue_is_not_escalated(node: Parts) -> None:
    ours = queue(node)
    arrive(node, nu_request(), 2)
    ours.claim()
    _forward(node, 8, ours)
    assert [item.times for item in _items(node)] == [1]


def test_messages_without_a_worker_are_escalated_once_for_all(node: Parts) -> None:
    arrive(node, nu_request(), 3)
    node.clock.forward(299)
    assert not node.reaper.step()
    node.clock.forward(1)
    assert node.reaper.step()
    assert not node.reaper.step()
    assert [(item.reason, item.technical_id, item.times) for item in _items(node)] == [
        ("register failed", None, 1)
    ]


def test_a_query_that_hangs_is_released_after_ten_minutes_and_expires(node: Parts) -> None:
    ours, others = queue(node), Worker(node.store, node.responders, queue(node))
    arrive(node, cgr_request())
    ours.claim()
    _forward(node, 9.5, ours)
    assert not others.step()
    _forward(node, 2, ours)
    assert others.step()
    assert states(node.inbox()) == ["expired"]
    assert node.register.asked == 0


def test_a_notification_that_hangs_is_claimed_by_another_process_with_one_effect(
    node: Parts,
) -> None:
    """The slow one has lost its token: what it wrote by transaction() is undone when it comes back."""
    ours, others = queue(node), Worker(node.store, node.responders, queue(node))
    technical_id = arrive(node, nu_request())
    store = node.register._kept

    def slow(received: Any) -> None:
        node.register._kept = store  # type: ignore[method-assign]
        with ThreadPoolExecutor(1) as elsewhere:
            elsewhere.submit(_forward, node, 12, ours).result()
            assert elsewhere.submit(others.step).result()
        store(received)

    node.register._kept = slow  # type: ignore[method-assign]
    assert Worker(node.store, node.responders, ours).step()
    assert (node.register.asked, node.effects()) == (2, [technical_id])
    assert states(node.inbox()) == ["processed"]
    assert len(node.outbox()) == 1


def test_a_message_that_hangs_holds_up_no_second_thread_of_its_process(node: Parts) -> None:
    """One message at which the register hangs each time would else hold up one worker after the other."""
    ours = queue(node)
    arrive(node, nu_request())
    hung = ours.claim()
    _forward(node, 12, ours)
    assert Worker(node.store, node.responders, ours).step()
    assert (node.register.asked, states(node.inbox())) == (0, ["failed"])
    assert [(item.reason, item.times) for item in _items(node)] == [("register failed", 2)]
    assert hung is not None
    ours.release(hung)
    node.receiver.accept(node.inbox()[0]["document"])  # the hub sends it once more
    assert Worker(node.store, node.responders, ours).step()
    assert len(node.effects()) == 1


def test_a_message_that_no_thread_has_begun_within_a_lease_is_left_to_others(node: Parts) -> None:
    """The thread hangs in another message. That one is still renewed, for ten minutes."""
    ours, others = queue(node), queue(node)
    arrive(node, nu_request(), 2)
    begun = ours.claim()
    _forward(node, 3, ours)
    assert begun is not None
    assert [others.claim() is not None for _ in range(2)] == [True, False]


def test_claims_that_the_database_did_not_confirm_are_released_in_one_statement_of_bounded_length(
    node: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Writing may fail for hours while reading works: the leases of the others run out by themselves."""
    ours = queue(node)
    arrive(node, nu_request())

    def failing(*_: Any, **__: Any) -> Any:
        raise StoreFailed("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(node.store, "write", failing)
        for _ in range(3 * work_queue._MOST_UNCERTAIN):
            with pytest.raises(StoreFailed):
                ours.claim()
    assert len(ours._uncertain) == work_queue._MOST_UNCERTAIN
    ours.renew()
    assert ours._uncertain == []


def test_claimed_messages_are_left_to_others_when_a_node_ends(node: Parts) -> None:
    ours, others = queue(node), queue(node)
    arrive(node, nu_request(), 3)
    ours.claim()
    assert others.claim() is None
    ours.release_all()
    assert [others.claim() is not None for _ in range(4)] == [True, True, True, False]
    assert ours.claim() is None


@contextmanager
def _acknowledgement_lost(node: Parts, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each commit is on the disk, and the connection is cut before the database says so."""
    in_turn = node.store._in_turn

    @contextmanager
    def cut(**how: Any) -> Iterator[Any]:
        with in_turn(**how) as connection:
            yield connection
        raise OperationalError("COMMIT", None, Exception("the server closed the connection"))

    with monkeypatch.context() as patched:
        patched.setattr(node.store, "_in_turn", cut)
        yield


def test_a_claim_that_the_database_did_not_confirm_is_made_again_at_once(
    node: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No thread holds the claim. Its lease would run for a minute, and the hub waits ten seconds."""
    ours = queue(node)
    arrive(node, cgr_request())
    with _acknowledgement_lost(node, monkeypatch), pytest.raises(StoreFailed):
        ours.claim()
    assert states(node.inbox()) == ["processing"]
    assert ours.claim() is None
    ours.renew()
    assert Worker(node.store, node.responders, ours).step()
    assert (states(node.inbox()), node.register.asked) == (["processed"], 1)


def test_a_claim_that_was_not_confirmed_is_not_taken_from_the_worker_that_has_made_it_since(
    node: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, others = queue(node), queue(node)
    arrive(node, nu_request())
    with _acknowledgement_lost(node, monkeypatch), pytest.raises(StoreFailed):
        ours.claim()
    node.clock.forward(LEASE)
    assert others.claim() is not None
    ours.renew()
    assert node.inbox()[0]["next_attempt_at"] == node.clock() + inbox.LEASE
    assert ours.claim() is None
