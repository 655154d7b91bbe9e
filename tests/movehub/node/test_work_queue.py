"""A desk: what a process has claimed is worked on once, however long that takes, and left at the end."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from movehub.errors import IdentifierReused, StoreFailed
from movehub.node.couriers import AnswerCourier
from movehub.node.receiver import Receiver
from movehub.node.work_queue import Desk
from movehub.node.worker import Worker
from movehub.store import inbox, outbox
from movehub.store.escalations import open_escalations
from movehub.store.tables import Kind
from sqlalchemy.exc import OperationalError

import erru_client as erru
from tests.support.erru_examples import nu_request
from tests.support.examples import cgr_request
from tests.support.nodes import Parts, from_denmark, written

KINDS = (Kind.QUERY, Kind.NOTIFICATION)
LEASE = inbox.LEASE.total_seconds()


def desk(node: Parts, room: int = 4, **how: Any) -> Desk:
    return Desk(node.store, inbox.work(KINDS), room=room, **how)


def receiver(node: Parts, desk: Desk) -> Receiver:
    return Receiver(node.store, erru.CODEC, desks=dict.fromkeys(KINDS, desk))


def states(rows: list[Any]) -> list[str]:
    return [row["state"] for row in rows]


def test_a_message_that_came_goes_straight_to_a_worker_and_is_on_the_disk_as_claimed(node: Parts) -> None:
    ours = desk(node, every=3600)
    message = from_denmark(nu_request(), node.clock())
    receiver(node, ours).accept(written(message))
    (row,) = node.inbox()
    assert (row["state"], row["attempts"], row["lease_owner"] is None) == ("processing", 1, False)
    claim = ours.take()
    assert claim is not None
    assert (claim["technical_id"], claim.message) == (str(message.header.technical_id), message)
    assert ours.take() is None


def test_an_answer_goes_straight_to_a_courier(node: Parts) -> None:
    ours = Desk(node.store, outbox.answers_to_deliver(), room=1, every=3600)
    node.receiver.accept(written(from_denmark(cgr_request(), node.clock())))
    worker = Worker(node.store, node.responders, desk(node), answers=ours)
    assert worker.step()
    claim = ours.take()
    (row,) = node.outbox()
    assert claim is not None
    assert (row["state"], row["lease_owner"]) == ("sending", claim.token)
    assert claim["document"] == row["document"]


def test_what_has_no_place_waits_in_the_database(node: Parts) -> None:
    ours = desk(node, room=2, every=3600)
    for _ in range(5):
        receiver(node, ours).accept(written(from_denmark(nu_request(), node.clock())))
    assert sorted(states(node.inbox())) == ["processing"] * 2 + ["received"] * 3
    worker = Worker(node.store, node.responders, ours)
    while worker.step():
        pass
    assert states(node.inbox()) == ["processed"] * 5
    assert len(node.effects()) == 5


def test_the_same_document_again_takes_no_place(node: Parts) -> None:
    ours = desk(node, room=2)
    document = written(from_denmark(nu_request(), node.clock()))
    for _ in range(4):
        receiver(node, ours).accept(document)
    other = document.replace(b"FI", b"SE", 1)
    with pytest.raises(IdentifierReused):
        receiver(node, ours).accept(other)
    assert ours.take() is not None
    assert [ours.promise() is not None for _ in range(2)] == [True, False]


def test_a_register_that_takes_long_is_not_asked_twice(node: Parts) -> None:
    """By the node's clock: while it is asked its lease is renewed, and nobody else finds it due."""
    ours, others = desk(node), desk(node)
    message = from_denmark(nu_request(), node.clock())
    receiver(node, ours).accept(written(message))
    claim = ours.take()
    for _ in range(10):
        node.clock.forward(LEASE / 2)
        assert ours.renew()
        assert others.take() is None
    assert claim is not None
    node.store.record(inbox.settled(claim, inbox.Received.PROCESSED, now=node.clock()))
    ours.let_go(claim)
    assert not ours.renew()


def test_a_lease_that_is_not_a_third_over_is_left_alone(node: Parts) -> None:
    ours = desk(node)
    receiver(node, ours).accept(written(from_denmark(nu_request(), node.clock())))
    node.clock.forward(LEASE / 3 - 1)
    assert not ours.renew()
    node.clock.forward(1)
    assert ours.renew()
    assert not ours.renew()


def test_what_is_renewed_too_late_belongs_to_who_took_it_up(node: Parts) -> None:
    ours, others = desk(node), desk(node)
    receiver(node, ours).accept(written(from_denmark(nu_request(), node.clock())))
    node.clock.forward(LEASE)
    taken = others.take()
    ours.renew()
    (row,) = node.inbox()
    assert taken is not None
    assert row["lease_owner"] == taken.token


def _forward(node: Parts, minutes: float, *desks: Desk) -> None:
    """Let time pass as a node does, which looks at its leases each second."""
    for _ in range(int(minutes * 6)):
        node.clock.forward(10)
        for each in desks:
            each.renew()


@pytest.mark.parametrize(("body", "minutes"), [(cgr_request(), 1), (nu_request(), 5)])
def test_a_register_that_hangs_calls_a_person_once_a_message(node: Parts, body: Any, minutes: int) -> None:
    """All workers may hang, and the node goes on saying 202."""
    ours = desk(node)
    receiver(node, ours).accept(written(from_denmark(body, node.clock())))
    claim = ours.take()
    _forward(node, minutes - 0.5, ours)
    assert node.attention() == []
    _forward(node, 3, ours)
    (item,) = _items(node)
    assert claim is not None
    assert (item.reason, item.technical_id, item.times) == ("register failed", claim["technical_id"], 1)


def _items(node: Parts) -> list[Any]:
    with node.store.reading() as connection:
        return open_escalations(connection)


def test_what_is_only_waiting_at_a_desk_calls_nobody_for_itself(node: Parts) -> None:
    ours = desk(node)
    for _ in range(2):
        receiver(node, ours).accept(written(from_denmark(nu_request(), node.clock())))
    ours.take()
    _forward(node, 8, ours)
    assert [item.times for item in _items(node)] == [1]


def test_messages_that_nobody_takes_up_call_a_person_once_for_all(node: Parts) -> None:
    for _ in range(3):
        node.receiver.accept(written(from_denmark(nu_request(), node.clock())))
    node.clock.forward(299)
    assert not node.sweeper.step()
    node.clock.forward(1)
    assert node.sweeper.step()
    assert not node.sweeper.step()
    assert [(item.reason, item.technical_id, item.times) for item in _items(node)] == [
        ("register failed", None, 1)
    ]


def test_a_query_that_hangs_is_let_go_after_ten_minutes_and_expires(node: Parts) -> None:
    ours, others = desk(node), Worker(node.store, node.responders, desk(node))
    receiver(node, ours).accept(written(from_denmark(cgr_request(), node.clock())))
    ours.take()
    _forward(node, 9.5, ours)
    assert not others.step()
    _forward(node, 2, ours)
    assert others.step()
    assert states(node.inbox()) == ["expired"]
    assert node.register.asked == 0


def test_a_notification_that_hangs_is_taken_up_by_another_process_with_one_effect(
    node: Parts,
) -> None:
    """The slow one has lost its token: what it wrote by transaction() is undone when it comes back."""
    ours, others = desk(node), Worker(node.store, node.responders, desk(node))
    message = from_denmark(nu_request(), node.clock())
    receiver(node, ours).accept(written(message))
    store = node.register._kept

    def slow(received: Any) -> None:
        node.register._kept = store  # type: ignore[method-assign]
        with ThreadPoolExecutor(1) as elsewhere:
            elsewhere.submit(_forward, node, 12, ours).result()
            assert elsewhere.submit(others.step).result()
        store(received)

    node.register._kept = slow  # type: ignore[method-assign]
    assert Worker(node.store, node.responders, ours).step()
    assert (node.register.asked, node.effects()) == (2, [str(message.header.technical_id)])
    assert states(node.inbox()) == ["processed"]
    assert len(node.outbox()) == 1


def test_a_message_that_hangs_holds_up_no_second_thread_of_its_process(node: Parts) -> None:
    """One message at which the register hangs each time would else hold up one worker after the other."""
    ours = desk(node)
    receiver(node, ours).accept(written(from_denmark(nu_request(), node.clock())))
    hung = ours.take()
    _forward(node, 12, ours)
    assert Worker(node.store, node.responders, ours).step()
    assert (node.register.asked, states(node.inbox())) == (0, ["failed"])
    assert [(item.reason, item.times) for item in _items(node)] == [("register failed", 2)]
    assert hung is not None
    ours.let_go(hung)
    receiver(node, ours).accept(node.inbox()[0]["document"])  # the hub sends it once more
    assert Worker(node.store, node.responders, ours).step()
    assert len(node.effects()) == 1


def test_what_nobody_began_in_ten_minutes_is_left_to_others(node: Parts) -> None:
    ours, others = desk(node), desk(node)
    for _ in range(2):
        receiver(node, ours).accept(written(from_denmark(nu_request(), node.clock())))
    begun = ours.take()
    _forward(node, 12, ours)
    assert ours._waiting == deque()
    assert [others.take() is not None for _ in range(3)] == [True, True, False]
    assert begun is not None
    ours.let_go(begun)
    assert [ours.promise() is not None for _ in range(5)] == [True] * 4 + [False]


def test_what_is_in_hand_is_left_to_others_when_a_node_ends(node: Parts) -> None:
    ours, others = desk(node), desk(node)
    for _ in range(3):
        receiver(node, ours).accept(written(from_denmark(nu_request(), node.clock())))
    assert others.take() is None
    ours.leave()
    assert [others.take() is not None for _ in range(4)] == [True, True, True, False]
    assert ours.take() is None


@contextmanager
def _acknowledgement_lost(node: Parts, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each commit of records is on the disk, and the connection is cut before the database says so."""
    committer = node.store._committer
    writing = committer._writing

    @contextmanager
    def cut() -> Iterator[Any]:
        with writing() as connection:
            yield connection
        raise OperationalError("COMMIT", None, Exception("the server closed the connection"))

    with monkeypatch.context() as patched:
        patched.setattr(committer, "_writing", cut)
        yield


@pytest.mark.parametrize("comes_again", [True, False])
def test_a_query_that_was_kept_though_the_database_did_not_say_so_is_answered_in_time(
    node: Parts, monkeypatch: pytest.MonkeyPatch, comes_again: bool
) -> None:
    """It is on the disk as claimed, and nobody holds the claim: not for a minute, where ten seconds count."""
    ours = desk(node, room=1)
    document = written(from_denmark(cgr_request(), node.clock()))
    with _acknowledgement_lost(node, monkeypatch), pytest.raises(StoreFailed):
        receiver(node, ours).accept(document)
    assert states(node.inbox()) == ["processing"]
    if comes_again:
        receiver(node, ours).accept(document)
    else:
        ours.renew()
    assert Worker(node.store, node.responders, ours).step()
    assert (states(node.inbox()), node.register.asked) == (["processed"], 1)
    node.clock.forward(LEASE)
    ours.renew()
    assert ours._doubted == {}
    assert (ours.promise() is not None, ours.take()) == (True, None)


def test_an_answer_that_was_kept_though_the_database_did_not_say_so_is_delivered_in_time(
    node: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, given = desk(node), Desk(node.store, outbox.answers_to_deliver(), room=1)
    receiver(node, ours).accept(written(from_denmark(cgr_request(), node.clock())))
    with _acknowledgement_lost(node, monkeypatch):
        assert Worker(node.store, node.responders, ours, answers=given).step()
    assert (states(node.outbox()), given.take()) == (["sending"], None)
    given.renew()
    assert AnswerCourier(node.store, node.routes, given).step()
    assert (len(node.hub.given), states(node.outbox())) == (1, ["delivered"])


def test_what_is_worked_on_is_not_freed_by_a_doubt_of_before(
    node: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, others = desk(node), desk(node)
    document = written(from_denmark(nu_request(), node.clock()))
    with _acknowledgement_lost(node, monkeypatch), pytest.raises(StoreFailed):
        receiver(node, ours).accept(document)
    ours.renew()
    taken = others.take()
    ours.renew()
    assert taken is not None
    assert node.inbox()[0]["next_attempt_at"] == node.clock() + inbox.LEASE
    assert ours.take() is None


def test_a_receipt_that_was_not_kept_gives_its_place_back(
    node: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = desk(node, room=1)

    def fails(*_: object, **__: object) -> None:
        raise StoreFailed("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(node.store, "record", fails)
        with pytest.raises(StoreFailed):
            receiver(node, ours).accept(written(from_denmark(nu_request(), node.clock())))
    assert ours.promise() is not None
