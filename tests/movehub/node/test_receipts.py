"""The receipt of a notification, stored together with it: within ten seconds, whatever the register does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from movehub.config import settings_of
from movehub.node.receiver import Receiver, SynchronousReceiver
from movehub.node.settings import Served
from movehub.protocol.exchange import Exchange
from movehub.protocol.workflow import HUB
from movehub.store import Store, workflows
from movehub.store.changes import Change, make
from movehub.store.tables import WORKFLOW, Conversation, LaterResponse
from sqlalchemy import select

import erru_client as erru
import tachonet_client as tachonet
from tests.support.cards import icdl_request, mcs_request
from tests.support.databases import Hands
from tests.support.erru_examples import ncr_request, nu_request, penalty, rsi_request
from tests.support.examples import cgr_request
from tests.support.nodes import Parts, from_denmark, written
from tests.support.recorded import statistics


@pytest.fixture
def node(store: Store, clock: Hands) -> Parts:
    return Parts(store, clock, when_stored=True)


def came(node: Parts, body: Any, **how: Any) -> Any:
    message = from_denmark(body, node.clock(), **how)
    node.receiver.accept(written(message))
    return message


@pytest.mark.parametrize("body", [nu_request(), ncr_request()])
def test_a_notification_is_acknowledged_before_the_register_has_it_and_once(node: Parts, body: Any) -> None:
    message = came(node, body)
    while node.courier.step():
        pass
    assert (node.register.asked, len(node.hub.given)) == (0, 1)
    (row,) = node.outbox()
    assert row["in_reply_to"] == str(message.header.technical_id)
    assert row["not_after"] == message.header.timeout_value
    node.all_steps()
    assert len(node.effects()) == len(node.hub.given) == 1
    assert [status for *_, status, _ in statistics(node)] == ["OK"]


def test_the_conversation_is_answered_and_the_response_is_owed_from_the_receipt_on(
    node: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also if another thread's change of a conversation comes first in the same transaction."""
    stored: list[Change] = []
    monkeypatch.setattr(node.store, "record", lambda *changes, notify: stored.extend(changes))
    came(node, ncr_request(penalty(1)))
    other = workflows.answered("ERRU", "other", "none", node.clock())
    with node.store.writing() as connection:
        make(connection, [other, *stored])
        ((state, response),) = connection.execute(select(WORKFLOW.c.state, WORKFLOW.c.response)).all()
    assert (state, response) == (Conversation.ANSWERED, LaterResponse.DUE)


@pytest.mark.parametrize("body", [rsi_request(), cgr_request()])
def test_an_answer_that_only_the_register_can_give_waits_for_it(node: Parts, body: Any) -> None:
    came(node, body)
    assert node.outbox() == []
    node.all_steps()
    assert len(node.hub.given) == 1


@pytest.mark.parametrize(("body", "waits"), [(mcs_request(), False), (icdl_request(), True)])
def test_an_mcs_is_acknowledged_at_once_and_an_icdl_says_what_was_recorded(body: Any, waits: bool) -> None:
    responder = tachonet.responder(object(), "FI", "Traficom")  # type: ignore[arg-type]
    message = Exchange("DK", tachonet.TACHONET_3_0).request(body, "FI")
    assert (responder.receipt(message) is None) == waits


def test_a_notification_for_another_state_is_refused_and_not_acknowledged(node: Parts) -> None:
    came(node, nu_request(), to="SE")
    node.all_steps()
    assert [message.body.root for message in node.hub.messages] == ["ErrorNotification"]


def test_a_heartbeat_needs_no_receipt(node: Parts) -> None:
    purpose, source = erru.RequestPurpose.HEARTBEAT, erru.RequestSource.HUB
    body = replace(ncr_request(), request_purpose=purpose, request_source=source)
    node.receiver.accept(written(Exchange(HUB, erru.ERRU_3_5, node.clock).request(body, "FI")))
    assert node.outbox() == []
    node.all_steps()
    assert (len(node.hub.given), node.register.asked) == (1, 0)


def test_a_repeated_delivery_stores_no_second_receipt(node: Parts) -> None:
    message = came(node, nu_request())
    node.receiver.accept(written(message))
    node.all_steps()
    assert (len(node.outbox()), len(node.effects())) == (1, 1)


def test_if_the_register_refuses_it_for_good_a_person_is_called_and_no_error_follows_the_ok(
    node: Parts,
) -> None:
    node.register.notify_unfitness = lambda _: "stored"  # type: ignore[method-assign, assignment, return-value]
    came(node, nu_request())
    node.all_steps()
    assert [message.body.root for message in node.hub.messages] == ["NotifyUnfitness_Acknowledgement"]
    assert ([row["state"] for row in node.inbox()], node.attention()) == (["failed"], ["register failed"])


def test_if_no_valid_receipt_can_be_made_the_notification_is_stored_all_the_same(
    node: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> Any:
        raise OSError

    receipts = node.receiver._receipts
    assert receipts is not None
    monkeypatch.setattr(receipts, "_written", failing)
    came(node, nu_request())
    node.all_steps()
    assert [message.body.root for message in node.hub.messages] == ["NotifyUnfitness_Acknowledgement"]


def test_the_synchronous_interface_returns_the_receipt_while_the_register_fails(node: Parts) -> None:
    responder = node.responders["ERRU"]
    receiver = Receiver(node.store, responder.codec, synchronous=True, receipts=responder)

    def not_called(_: str) -> bool:
        raise AssertionError

    node.register.fails = OSError()
    document = written(from_denmark(nu_request(), node.clock()))
    accept = SynchronousReceiver(receiver, node.store, not_called).accept
    answer = accept(document)
    assert erru.decode(answer).body.root == "NotifyUnfitness_Acknowledgement"
    assert accept(document) == answer
    node.register.fails = None
    node.all_steps()
    assert (len(node.effects()), node.hub.given) == (1, [])


def test_the_default_is_when_stored_and_another_word_is_refused(tmp_path: Path) -> None:
    declared = settings_of(Served)["acknowledge"]
    assert (declared.default, declared.kind.read("when recorded", tmp_path)) == (
        "when stored",
        "when recorded",
    )
    with pytest.raises(ValueError):  # noqa: PT011 - the section names the setting
        declared.kind.read("later", tmp_path)
