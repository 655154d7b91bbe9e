"""The five troubles that a national system has to cope with, each by its name, on a node and both databases.

Regulation (EU) 2016/68, Annex VI, 1.8 and (EU) 2016/480, Annex VI, 1.7. `docs/operating.md` has a section for
each. For who sends without a node see `tests/movehub/sandbox/test_fault_outcomes.py`.
"""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from movehub.errors import AnswerPending, HubUnreachable, OutcomeUnknown, TransportError
from movehub.http.proxy import Proxy
from movehub.node.access import AccessControl
from movehub.node.reaper import ANSWER_AFTER
from movehub.protocol.reply import Reply
from movehub.store.tables import Sent

import erru_client as erru
from tests.support.databases import Hands
from tests.support.erru_examples import nu_request
from tests.support.examples import cgr_request, found_manager
from tests.support.nodes import Parts, answer_of_the_hub, error_of_the_hub, from_denmark, written

#: Longer than anything is tried, or waited for.
_A_WEEK = timedelta(days=7).total_seconds()
_LOST = OutcomeUnknown("the connection ended")
_NOT_MADE = HubUnreachable("no connection")


def _settled(node: Parts) -> None:
    """Let everything happen that still would."""
    for _ in range(3):
        node.all_steps()
        node.clock.forward(_A_WEEK)
    node.all_steps()


def _answer(request: Any, clock: Hands) -> bytes:
    return answer_of_the_hub(request, request.body.answer("DK", (found_manager(),)), clock())


def _came(node: Parts, data: bytes) -> int:
    """Have the hub post a document, and return the status that it gets."""
    proxy = Proxy(frozenset({"10.0.0.1"}), "X-Client-Subject")
    statuses: list[int] = []
    environ = {
        "REQUEST_METHOD": "POST",
        "CONTENT_LENGTH": str(len(data)),
        "wsgi.input": BytesIO(data),
        "REMOTE_ADDR": "10.0.0.1",
        "HTTP_X_CLIENT_SUBJECT": "CN=hub",
    }
    doors = AccessControl(node.receiver.accept, ["CN=hub"], proxy=proxy)
    b"".join(doors(environ, lambda status, *_: statuses.append(int(status[:3]))))
    return statuses[0]


# Point (a)


@pytest.mark.parametrize("error", [_LOST, _NOT_MADE], ids=["on the way", "not made"])
def test_connection_lost_under_an_answer_and_the_same_bytes_go_out_again(
    node: Parts, error: TransportError
) -> None:
    node.hub.replies = [error]
    assert _came(node, written(from_denmark(nu_request(), node.clock()))) == 202
    node.all_steps()
    node.clock.forward(1)
    node.all_steps()
    assert len(node.hub.given) == 2
    assert len(set(node.hub.given)) == len(node.effects()) == 1
    assert [row["state"] for row in node.outbox()] == [Sent.DELIVERED]


def test_connection_lost_under_a_request_and_it_is_shown_and_never_repeated(node: Parts) -> None:
    node.hub.replies = [_LOST]
    ticket = node.sender.post(nu_request(), "DK")
    _settled(node)
    assert (len(node.hub.given), node.attention()) == (1, ["outcome unknown"])
    with pytest.raises(OutcomeUnknown):
        ticket.wait(0)


def test_connection_lost_before_a_request_left_and_it_is_sent_when_there_is_one(node: Parts) -> None:
    node.hub.replies = [_NOT_MADE]
    ticket = node.sender.post(nu_request(), "DK")
    node.all_steps()
    node.clock.forward(1)
    node.all_steps()
    assert ticket.state is Sent.DELIVERED
    assert node.attention() == []


# Point (b)


def test_no_answer_and_the_request_is_shown_and_never_taken_for_not_found(node: Parts) -> None:
    ticket = node.sender.post(cgr_request(), "DK")
    node.all_steps()
    with pytest.raises(AnswerPending):
        ticket.wait(0)
    node.clock.forward(ANSWER_AFTER.total_seconds())
    node.all_steps()
    with pytest.raises(OutcomeUnknown):
        ticket.wait(0)
    _settled(node)
    assert (len(node.hub.given), node.attention(), node.told) == (1, ["no answer"], [])


# Point (c)


def test_late_answer_and_it_still_finds_its_request(node: Parts) -> None:
    ticket = node.sender.post(cgr_request(), "DK")
    _settled(node)
    (request,) = node.hub.messages
    late = _answer(request, node.clock)
    assert _came(node, late) == 202
    node.all_steps()
    answer = Reply.of(erru.decode(late), ["DK"])
    assert ticket.wait(0) == answer
    assert node.told == [(request, answer)]


def test_late_answer_and_it_is_never_taken_for_that_of_the_next_request(node: Parts) -> None:
    node.sender.post(cgr_request(), "DK")
    _settled(node)
    following = node.sender.post(cgr_request(), "DK")
    node.all_steps()
    first, _ = node.hub.messages
    _came(node, _answer(first, node.clock))
    node.all_steps()
    assert following.state is Sent.DELIVERED
    with pytest.raises(AnswerPending):
        following.wait(0)


def test_late_answer_of_our_register_and_it_does_not_leave(node: Parts) -> None:
    """Whoever searched has been told of the time that is up; the answer would reach nobody."""
    _came(node, written(from_denmark(cgr_request(), node.clock())))
    node.worker.step()
    node.clock.forward(10)
    _settled(node)
    assert (node.hub.given, node.attention()) == ([], ["too late"])


# Point (d)


@pytest.mark.parametrize("kind", ["answer", "error"])
def test_unsolicited_message_and_it_is_kept_shown_and_not_answered(node: Parts, kind: str) -> None:
    nothing = erru.decode(written(node.sender._exchange.request(cgr_request(), "DK")))
    stray = _answer(nothing, node.clock)
    if kind == "error":
        stray = error_of_the_hub(nothing, erru.ErrorStatus.INVALID_DATA, node.clock())
    assert _came(node, stray) == 202
    _settled(node)
    (row,) = node.inbox()
    assert (row["state"], row["document"]) == ("parked", stray)
    assert (node.hub.given, node.told, node.register.asked) == ([], [], 0)
    assert node.attention() == ["unsolicited"]


# Point (e)


@pytest.mark.parametrize(
    "broken",
    [
        lambda data: data[: len(data) // 2],
        lambda data: data.replace(b"unfitStartDate", b"unfitBegan"),
        lambda _: b"\xff\x00 no XML",
        lambda _: b"",
    ],
    ids=["cut", "against the schema", "no XML", "empty"],
)
def test_invalid_message_and_it_gets_400_and_nothing_is_kept(node: Parts, broken: Any) -> None:
    assert _came(node, broken(written(from_denmark(nu_request(), node.clock())))) == 400
    _settled(node)
    assert (node.inbox(), node.outbox(), node.effects(), node.hub.given) == ([], [], [], [])


def test_invalid_message_in_the_place_of_an_answer_and_it_is_none(node: Parts) -> None:
    node.hub.replies = [b"<html>all is well</html>"]
    ticket = node.sender.post(cgr_request(), "DK")
    node.all_steps()
    assert (ticket.state, node.inbox()) == (Sent.DELIVERED, [])
    _settled(node)
    assert (len(node.hub.given), node.attention()) == (1, ["unreadable", "no answer"])


def test_invalid_message_for_another_state_and_it_is_answered_so_and_not_recorded(node: Parts) -> None:
    assert _came(node, written(from_denmark(nu_request(), node.clock(), to="SE"))) == 202
    node.all_steps()
    (error,) = node.hub.messages
    assert error.body.status_code is erru.ErrorStatus.INVALID_DATA
    assert node.effects() == []
