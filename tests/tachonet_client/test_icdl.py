"""Issued Card Driving Licence: a notification, its keys, and what became of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from movehub.errors import InvalidOutgoing, NotCorrelated
from movehub.names.search_keys import BuiltinSearchKeys, SearchKeys
from movehub.protocol.exchange import Exchange
from movehub.protocol.plain_data import from_dict, to_dict

from tachonet_client import (
    CODEC,
    HUB_AUTHORITY,
    TACHONET_3_0,
    DriverName,
    IssuedCardDrivingLicenceRequest,
    IssuedCardDrivingLicenceStatus,
    NotifiedCard,
    NotRecorded,
)
from tests.support.cards import icdl_request, licence_holder
from tests.support.examples import CANARY, DK_TACHONET, FI_TACHONET, NOW


def test_the_law_asks_for_card_and_licence_and_for_nothing_else() -> None:
    """Annex III, appendix. Names and keys are ours to add: Annex IV, 5."""
    card = NotifiedCard(card_number="FI00000000000100", driving_licence_number="12345")
    message = FI_TACHONET.request(replace(icdl_request(), issued_card=card), "DK")
    assert CODEC.decode(CODEC.encode(message)) == message
    for missing in ("card_number", "driving_licence_number"):
        with pytest.raises(TypeError):
            replace(card, **{missing: None})


def test_a_known_licence_is_answered_with_its_holder() -> None:
    answer = icdl_request().answer("Færdselsstyrelsen", licence_holder(), "ok")
    assert (answer.status_code, answer.holder) == (IssuedCardDrivingLicenceStatus.OK, licence_holder())
    assert (answer.responding_authority, answer.status_message) == ("Færdselsstyrelsen", "ok")
    assert answer.delivered


@pytest.mark.parametrize("why", list(NotRecorded))
def test_a_notification_that_is_not_recorded_is_answered_with_the_reason(why: NotRecorded) -> None:
    """The state was informed all the same: the duty of Annex VIII, 1.2 is done."""
    answer = icdl_request().answer("Færdselsstyrelsen", why)
    assert (answer.status_code, answer.holder) == (why.value, None)
    assert answer.delivered
    message = DK_TACHONET.answer(FI_TACHONET.request(icdl_request(), "DK"), answer)
    assert CODEC.decode(CODEC.encode(message)).body == answer


def test_a_state_has_no_word_for_an_answer_that_did_not_come() -> None:
    """`answer` takes a holder or a reason: neither is one of the hub's words."""
    hubs = {status.value for status in IssuedCardDrivingLicenceStatus if status.of_the_hub}
    assert hubs == {"Timeout", "NotAvailable"}
    assert hubs.isdisjoint({why.value for why in NotRecorded})


@pytest.mark.parametrize("status", ["Timeout", "NotAvailable"])
def test_where_the_hub_answers_the_state_was_not_informed(status: str) -> None:
    request = icdl_request()
    answer = request.unanswered(request.statuses(status), "prøv igen")
    assert answer.status_message == "prøv igen"
    assert not answer.delivered
    assert (answer.status_code, answer.responding_authority) == (status, HUB_AUTHORITY)


@pytest.mark.parametrize("status", ["OK", *(why.value for why in NotRecorded)])
def test_the_hub_cannot_say_what_only_a_state_knows(status: str) -> None:
    with pytest.raises(ValueError, match="no answer"):
        icdl_request().unanswered(IssuedCardDrivingLicenceStatus(status))


def test_the_hub_makes_keys_of_the_names_and_the_receiver_records_them() -> None:
    """Annex IV, 5: the keys stand in the notification."""
    request = icdl_request()
    name = request.name_searched
    assert name == DriverName(family_name=CANARY, first_name="Ελένη")
    keyed = request.with_search_keys(BuiltinSearchKeys().keys(name.family_name, name.first_name))
    assert keyed.issued_card.family_name_search_key == "CANARANVAGAL"
    assert keyed.issued_card.first_name_search_key == "ELAN"
    assert keyed.repeated() == request.repeated()


def test_without_a_name_there_is_nothing_to_make_keys_of() -> None:
    request = icdl_request()
    nameless = replace(request, issued_card=replace(request.issued_card, family_name=None))
    assert nameless.name_searched is None


def test_an_answer_repeats_case_authority_and_card_with_its_keys() -> None:
    request = icdl_request().with_search_keys(SearchKeys("CANAR", None))
    answer = request.answer("X", licence_holder())
    assert answer.issued_card is request.issued_card
    assert answer.repeated() == request.repeated() == icdl_request().repeated()


def test_an_answer_about_another_card_does_not_belong_to_the_notification() -> None:
    request = FI_TACHONET.request(icdl_request(), "DK")
    card = replace(request.body.issued_card, card_number="FI00000000000101")
    other = replace(request.body, issued_card=card)
    denmark = Exchange("DK", TACHONET_3_0, lambda: NOW)
    FI_TACHONET.check_answer(request, denmark.answer(request, request.body.answer("X", licence_holder())))
    with pytest.raises(NotCorrelated, match="does not repeat"):
        FI_TACHONET.check_answer(request, denmark.answer(request, other.answer("X", licence_holder())))


def test_one_state_is_notified_and_never_all() -> None:
    with pytest.raises(InvalidOutgoing, match="never all"):
        FI_TACHONET.request(icdl_request(), "ZZ")


def test_a_request_is_plain_data_too() -> None:
    request = icdl_request()
    assert from_dict(IssuedCardDrivingLicenceRequest, to_dict(request)) == request


def test_nothing_shows_who_is_meant() -> None:
    request = icdl_request().with_search_keys(SearchKeys("CANAR", "ALAN"))
    shown = repr(request) + repr(request.answer("X", licence_holder())) + repr(request.name_searched)
    for secret in (CANARY, "Ελένη", "1981", "CANAR", "ALAN", "FI000", "12345"):
        assert secret not in shown
