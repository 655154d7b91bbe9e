"""Each rule of the table: messages that break just it, and one of every kind that breaks none."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from movehub.errors import InvalidOutgoing, NotCorrelated
from movehub.protocol.exchange import Exchange
from movehub.protocol.message import ErrorStatus, Message
from movehub.protocol.outcome import NotificationStatus, SearchStatus
from movehub.protocol.rules import Level
from movehub.protocol.workflow import BROADCAST, HUB

import tachonet_client as tachonet
from tachonet_client import (
    CODEC,
    CardStatus,
    IssuedCardDrivingLicenceStatus,
    ModificationStatus,
    RecordingStatus,
    SearchedCard,
)
from tachonet_client.rules import RULES
from tests.support.cards import CARD, ccs_request, checked_card, icdl_request, mcs_request
from tests.support.examples import CANARY, DK_TACHONET, FI_TACHONET, NOW, cic_request, found_driver

CIC, CCS, MCS, ICDL = cic_request(), ccs_request(), mcs_request(), icdl_request()
MODIFIED, NOTIFIED = MCS.modified_card, ICDL.issued_card
FOUND = CIC.answer("DK", (found_driver(),))
ROW, NOT_FOUND = FOUND.member_states[0], SearchStatus.NOT_FOUND


def sent(body: Any, **header: Any) -> Message[Any]:
    message = FI_TACHONET.request(body, "DK")
    return replace(message, header=replace(message.header, **header))


#: An answer about another card than the one asked for.
OF_ANOTHER_CARD = CCS.answer("X", replace(checked_card(), card_number=CARD[:-1] + "1"))


def answered(body: Any, request: Any = CCS) -> Message[Any]:
    return DK_TACHONET.answer(sent(request), body)


def modified(**changes: Any) -> Message[Any]:
    return sent(replace(MCS, modified_card=replace(MODIFIED, **changes)))


def notified(**changes: Any) -> Message[Any]:
    return sent(replace(ICDL, issued_card=replace(NOTIFIED, **changes)))


#: Messages that break the rule, and no other of the table.
BREAKING: tuple[tuple[str, Callable[[], Message[Any]]], ...] = (
    ("HDR-1", lambda: sent(CCS, timeout_value=NOW)),
    ("HDR-2", lambda: sent(MCS, to="FI")),
    ("HDR-3", lambda: sent(CCS, to=BROADCAST)),
    ("HDR-3", lambda: sent(MCS, to=BROADCAST)),
    ("HDR-3", lambda: sent(ICDL, to=BROADCAST)),
    ("HDR-4", lambda: sent(CIC, to=HUB)),
    ("HDR-5", lambda: sent(CIC, to="TR")),
    ("HDR-5", lambda: sent(CCS, from_="GB")),
    ("HDR-5", lambda: sent(MCS, to="GB")),
    ("HDR-6", lambda: answered(CIC.answered_with(CIC.unanswered("DK", SearchStatus.TIMEOUT)), CIC)),
    ("HDR-6", lambda: answered(CCS.unanswered(SearchStatus.NOT_AVAILABLE))),
    ("HDR-6", lambda: answered(MCS.unanswered(NotificationStatus.TIMEOUT), MCS)),
    ("HDR-6", lambda: answered(ICDL.unanswered(IssuedCardDrivingLicenceStatus.TIMEOUT), ICDL)),
    ("EN-1", lambda: DK_TACHONET.error(sent(CCS), ErrorStatus.RESPONSE_NOT_CORRELATED, "x", b"")),
    ("CIC-1", lambda: answered(replace(FOUND, member_states=(replace(ROW, found=()),)), CIC)),
    ("CIC-1", lambda: answered(replace(FOUND, member_states=(replace(ROW, status_code=NOT_FOUND),)), CIC)),
    ("CIC-2", lambda: answered(CIC.answer("PL", (found_driver(),)), CIC)),
    ("CIC-2", lambda: answered(CIC.answered_with(ROW, replace(ROW, member_state_code="PL")), CIC)),
    ("CIC-3", lambda: Exchange(HUB, tachonet.TACHONET_3_0).answer(sent(CIC), CIC.answered_with(ROW, ROW))),
    ("CCS-1", lambda: answered(replace(CCS.answer("X", None), status_code=SearchStatus.FOUND))),
    ("CCS-1", lambda: answered(replace(CCS.answer("X", checked_card()), status_code=NOT_FOUND))),
    ("CCS-2", lambda: replace(answered(CCS.answer("X", checked_card())), body=OF_ANOTHER_CARD)),
    ("CARD-1", lambda: sent(replace(CCS, searched_card=SearchedCard(card_number="DK1")))),
    ("CARD-1", lambda: modified(card_number="DK0000000000010a")),
    ("CARD-1", lambda: notified(card_number="FI-0000000000100")),
    ("MCS-1", lambda: modified(new_card_status=CardStatus.RENEWED)),
    ("NAME-1", lambda: notified(family_name=f"{CANARY}’s")),
)

LEVELS = {rule.id: rule.level for rule in RULES}

every_message = pytest.mark.parametrize(("rule", "make"), BREAKING, ids=[name for name, _ in BREAKING])


def broken(message: Message[Any]) -> list[str]:
    return [
        rule.id for rule in RULES if isinstance(message.body, rule.applies_to) and rule.is_broken(message)
    ]


def test_every_rule_has_its_source_and_a_message_that_breaks_it() -> None:
    assert list(dict.fromkeys(name for name, _ in BREAKING)) == [rule.id for rule in RULES]
    assert all(rule.source for rule in RULES)


@every_message
def test_a_rule_is_seen_to_be_broken_and_it_alone(rule: str, make: Callable[[], Message[Any]]) -> None:
    assert broken(make()) == [rule]


@every_message
def test_an_error_stops_what_is_sent_and_a_warning_does_not(
    rule: str, make: Callable[[], Message[Any]]
) -> None:
    """Annex II, 4: a message is not rejected for its status; a card number has no check digit."""
    message = make()
    if LEVELS[rule] is Level.WARNING:
        assert CODEC.decode(CODEC.encode(message)) == message
        return
    with pytest.raises(InvalidOutgoing, match=rule) as caught:
        CODEC.encode(message)
    assert CANARY not in str(caught.value)


@every_message
def test_nothing_stops_what_is_received(rule: str, make: Callable[[], Message[Any]]) -> None:
    received = CODEC.decode(CODEC.write(make()))
    assert [each.id for each in CODEC.reported(received)] == ([] if rule in {"HDR-1", "NAME-1"} else [rule])


def test_no_number_and_no_status_of_a_card_stops_a_message() -> None:
    """Annex II, 4: the receiver does not reject a message for a status that the appendix lists."""
    stopping = {name for name, level in LEVELS.items() if level is Level.ERROR}
    header = {f"HDR-{number}" for number in range(1, 7)}
    assert stopping == header | {"CIC-1", "CIC-2", "CCS-1", "CCS-2"}


def test_an_mcs_response_has_the_card_number_of_its_request() -> None:
    """Annex III, appendix: "The requested driver card number"."""
    other = replace(MCS, modified_card=replace(MODIFIED, card_number="DK00000000000101"))
    responses = [each.respond("X", ModificationStatus.OK, CardStatus.STOLEN) for each in (MCS, other)]
    assert [response.contradicts(MCS) for response in responses] == [False, True]
    assert DK_TACHONET.answer(sent(MCS), responses[0]).body == responses[0]
    with pytest.raises(InvalidOutgoing, match="not about what the request is about"):
        DK_TACHONET.answer(sent(MCS), responses[1])


def test_an_answer_about_another_card_is_not_the_answer() -> None:
    """Its holder may drive with that card. It says nothing of the card that was asked for."""
    request = sent(CCS)
    answer = DK_TACHONET.answer(request, CCS.answer("X", checked_card()))
    assert FI_TACHONET.check_answer(request, answer) == ()
    with pytest.raises(NotCorrelated, match="not about what the request is about"):
        FI_TACHONET.check_answer(request, replace(answer, body=OF_ANOTHER_CARD))
    with pytest.raises(InvalidOutgoing, match="not about what the request is about"):
        answered(OF_ANOTHER_CARD)


def test_a_register_may_spell_a_card_number_in_other_letter_case_or_with_blanks() -> None:
    """It finds the card without regard to them, and answers with the number that it has."""
    spelt = f"{CARD[:-2].lower()} {CARD[-2:]}"
    asked = replace(CCS, searched_card=replace(CCS.searched_card, card_number=CARD.lower()))
    assert broken(answered(asked.answer("X", checked_card()), asked)) == []
    response = MCS.respond("X", ModificationStatus.OK, CardStatus.STOLEN)
    assert not replace(response, card_number=spelt).contradicts(MCS)


@pytest.mark.parametrize("status", [SearchStatus.TIMEOUT, SearchStatus.NOT_AVAILABLE])
def test_the_hub_may_answer_for_many_states_and_without_records(status: SearchStatus) -> None:
    hub = Exchange(HUB, tachonet.TACHONET_3_0)
    rows = ROW, CIC.unanswered("PL", status)
    assert broken(hub.answer(sent(CIC, to=BROADCAST), CIC.answered_with(*rows))) == []


@pytest.mark.parametrize(
    "message",
    [
        sent(CIC),
        sent(CIC, to=BROADCAST),
        sent(CCS),
        sent(MCS),
        sent(ICDL),
        answered(CIC.answer("DK", (found_driver(),)), CIC),
        answered(CCS.answer("X", checked_card())),
        answered(MCS.acknowledge("X"), MCS),
        answered(MCS.respond("X", ModificationStatus.CARD_STATUS_INVALID, CardStatus.RENEWED), MCS),
        answered(ICDL.answer("X", RecordingStatus.OK), ICDL),
        DK_TACHONET.error(sent(CCS), ErrorStatus.SERVER_ERROR, "x", b""),
    ],
    ids=lambda message: message.body.root,
)
def test_a_regular_message_breaks_no_rule(message: Message[Any]) -> None:
    assert broken(message) == []


def test_the_hub_may_say_what_no_state_may() -> None:
    hub = Exchange(HUB, tachonet.TACHONET_3_0)
    for request, body in (
        (CCS, CCS.unanswered(SearchStatus.TIMEOUT)),
        (MCS, MCS.unanswered(NotificationStatus.NOT_AVAILABLE)),
        (ICDL, ICDL.unanswered(IssuedCardDrivingLicenceStatus.TIMEOUT)),
    ):
        assert broken(hub.answer(sent(request), body)) == []
    timed = sent(CCS, from_=HUB, timeout_value=NOW)
    assert broken(timed) == []


@pytest.mark.parametrize(("to", "named"), [("TR", "breaks HDR-5 (TR): the sender"), ("Ankara", "HDR-5: the")])
def test_the_error_names_the_state_that_does_not_take_part(to: str, named: str) -> None:
    with pytest.raises(InvalidOutgoing, match=re.escape(named)) as caught:
        CODEC.encode(sent(CIC, to=to))
    assert "Ankara" not in str(caught.value)
