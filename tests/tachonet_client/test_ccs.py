"""Check Card Status: a card, its status, and, apart from it, whether it is valid for driving."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from movehub.errors import InvalidOutgoing, NotCorrelated
from movehub.protocol.exchange import Exchange
from movehub.protocol.outcome import Outcome, SearchStatus
from movehub.protocol.plain_data import from_dict, to_dict

from tachonet_client import (
    CODEC,
    HUB_AUTHORITY,
    TACHONET_3_0,
    CardStatus,
    CheckCardStatusRequest,
    CheckCardStatusResponse,
    CheckedCard,
    Message,
    SearchedCard,
)
from tests.support.cards import CARD, ccs_request, checked_card, holder, licence, workshop, workshop_card
from tests.support.examples import CANARY, DK_TACHONET, FI_TACHONET, NOW


def test_a_card_makes_found_and_none_makes_not_found() -> None:
    request = ccs_request()
    for card, outcome in ((checked_card(), Outcome.FOUND), (None, Outcome.NOT_FOUND)):
        answer = request.answer("Færdselsstyrelsen", card)
        assert (answer.outcome, answer.card) == (outcome, card)


def test_a_card_in_an_answer_was_found_whatever_the_status_says() -> None:
    """Received answers can contradict themselves, and nobody is cleared by that."""
    answer = replace(
        ccs_request().answer("Færdselsstyrelsen", checked_card()), status_code=SearchStatus.NOT_FOUND
    )
    assert answer.outcome is Outcome.FOUND


def test_an_answer_repeats_case_authority_and_card() -> None:
    request = ccs_request()
    answer = request.answer("Færdselsstyrelsen", None, "read me")
    assert answer.searched_card is request.searched_card
    assert answer.repeated() == request.repeated()
    assert (answer.responding_authority, answer.status_message) == ("Færdselsstyrelsen", "read me")


@pytest.mark.parametrize("status", [SearchStatus.TIMEOUT, SearchStatus.NOT_AVAILABLE])
def test_the_hub_answers_for_a_silent_state(status: SearchStatus) -> None:
    answer = ccs_request().unanswered(ccs_request().statuses(status.value), "prøv igen")
    assert answer.status_message == "prøv igen"
    assert answer.outcome is Outcome.NO_ANSWER
    assert (answer.responding_authority, answer.card) == (HUB_AUTHORITY, None)


@pytest.mark.parametrize("status", [SearchStatus.FOUND, SearchStatus.NOT_FOUND])
def test_the_hub_cannot_say_what_only_a_state_knows(status: SearchStatus) -> None:
    with pytest.raises(ValueError, match="no answer"):
        ccs_request().unanswered(status)


def test_validity_for_driving_must_be_said_and_is_never_made_of_the_status() -> None:
    """Annex II, 5: every status goes with either."""
    told = {name: value for name, value in to_dict(checked_card()).items() if name != "valid_for_driving"}
    with pytest.raises(ValueError, match="valid_for_driving"):
        from_dict(CheckedCard, told)
    for status, valid in product(CardStatus, (True, False)):
        card = replace(checked_card(valid=valid), card_status=status)
        answer = DK_TACHONET.answer(
            FI_TACHONET.request(ccs_request(), "DK"), ccs_request().answer("Færdselsstyrelsen", card)
        )
        assert CODEC.decode(CODEC.encode(answer)).body.card.valid_for_driving is valid


def answered(card: CheckedCard) -> Message[CheckCardStatusResponse]:
    request = FI_TACHONET.request(ccs_request(), "DK")
    return DK_TACHONET.answer(request, request.body.answer("Færdselsstyrelsen", card))


@pytest.mark.parametrize("card", [checked_card(), workshop_card(), replace(workshop_card(), holder=holder())])
def test_a_card_has_its_holder_and_licence_or_its_workshop_and_perhaps_the_holder(card: CheckedCard) -> None:
    """Annex III, appendix: the conditions of the blocks."""
    assert CODEC.decode(CODEC.encode(answered(card))).body.card == card


@pytest.mark.parametrize(
    "blocks",
    [
        {"workshop": None, "holder": None, "driving_licence": None},
        {"workshop": None, "holder": holder(), "driving_licence": None},
        {"workshop": None, "holder": None, "driving_licence": licence()},
        {"workshop": workshop(), "holder": None, "driving_licence": licence()},
    ],
)
def test_a_card_with_other_blocks_cannot_be_sent(blocks: dict[str, Any]) -> None:
    with pytest.raises(InvalidOutgoing, match="CardDetails"):
        CODEC.encode(answered(replace(checked_card(), **blocks)))


def test_a_found_card_repeats_its_number() -> None:
    """Annex III, appendix: "Card number", mandatory."""
    with pytest.raises(InvalidOutgoing, match="CardDetails/@cardNumber: a required attribute is missing"):
        CODEC.encode(answered(replace(checked_card(), card_number=None)))


def test_nobody_asks_all_states_about_one_card() -> None:
    with pytest.raises(InvalidOutgoing, match="never all"):
        FI_TACHONET.request(ccs_request(), "ZZ")


def test_an_answer_about_another_card_does_not_belong_to_the_request() -> None:
    request = FI_TACHONET.request(ccs_request(), "DK")
    other = replace(ccs_request(), searched_card=SearchedCard(card_number=f"{CARD[:-1]}1"))
    denmark = Exchange("DK", TACHONET_3_0, lambda: NOW)
    FI_TACHONET.check_answer(request, denmark.answer(request, request.body.answer("X", None)))
    with pytest.raises(NotCorrelated, match="does not repeat"):
        FI_TACHONET.check_answer(request, denmark.answer(request, other.answer("X", None)))


def test_a_card_number_comes_back_as_it_was_sent() -> None:
    """Blanks and letter case of a number belong to the one who asked."""
    sent = CODEC.encode(FI_TACHONET.request(ccs_request(), "DK")).replace(
        CARD.encode(), b" " + CARD.encode()[:-1] + b"a"
    )
    request = CODEC.decode(sent)
    answer = CODEC.encode(DK_TACHONET.answer(request, request.body.answer("X", None)))
    assert b'cardNumber=" DK0000000000010a"' in answer


def test_a_request_is_plain_data_too() -> None:
    request = ccs_request()
    assert from_dict(CheckCardStatusRequest, to_dict(request)) == request
    assert from_dict(CheckedCard, to_dict(workshop_card())) == workshop_card()


def test_nothing_shows_who_is_meant() -> None:
    request = ccs_request()
    cards = [
        checked_card(),
        replace(workshop_card(), workshop=replace(workshop(), family_name=CANARY, first_name="Ib")),
    ]
    shown = repr(request) + "".join(repr(request.answer("X", card)) for card in cards)
    for secret in (CANARY, "Ελένη", "1981", CARD, "Ribe", "12345", "Værksted", "Ib'"):
        assert secret not in shown
