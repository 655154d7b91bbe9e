"""Check Card Status: a card, its status, and, apart from it, whether it is valid for driving."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

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
    CheckedCard,
    ContactDetails,
    SearchedCard,
)
from tests.support.cards import CARD, ccs_request, checked_card, holder, workshop
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
def test_the_hub_answers_for_a_silent_state_and_says_whom_to_ask(status: SearchStatus) -> None:
    """Annex I, 2.6.2: the contacts stand in the answer."""
    contact = ContactDetails(phone="+45 1")
    answer = ccs_request().unanswered(ccs_request().statuses(status.value), "prøv igen", contact)
    assert answer.status_message == "prøv igen"
    assert answer.outcome is Outcome.NO_ANSWER
    assert (answer.responding_authority, answer.contact, answer.card) == (HUB_AUTHORITY, contact, None)


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


@pytest.mark.parametrize("held_by", [holder(), workshop()])
def test_a_card_names_its_holder_or_its_workshop(held_by) -> None:
    request = FI_TACHONET.request(ccs_request(), "DK")
    answer = DK_TACHONET.answer(request, request.body.answer("Færdselsstyrelsen", checked_card(held_by)))
    assert CODEC.decode(CODEC.encode(answer)).body.card.holder == held_by


def test_a_card_without_holder_and_workshop_cannot_be_told() -> None:
    with pytest.raises(TypeError, match="WorkshopDetails or HolderDetails"):
        replace(checked_card(), holder=None)  # type: ignore[arg-type]


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
    assert from_dict(CheckedCard, to_dict(checked_card(workshop()))) == checked_card(workshop())


def test_nothing_shows_who_is_meant() -> None:
    request = ccs_request()
    cards = [
        checked_card(),
        checked_card(replace(workshop(), family_name=CANARY, first_name="Ib")),
    ]
    shown = repr(request) + "".join(repr(request.answer("X", card)) for card in cards)
    for secret in (CANARY, "Ελένη", "1981", CARD, "Ribe", "12345", "Værksted", "Ib'"):
        assert secret not in shown
