"""Issued Card Driving Licence: a notification, its keys, and what became of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from lxml import etree
from movehub.errors import InvalidOutgoing, NotCorrelated
from movehub.names.search_keys import BuiltinSearchKeys, SearchKeys
from movehub.protocol.exchange import Exchange
from movehub.protocol.plain_data import from_dict, to_dict
from movehub.records import plan_of, record_fields

from tachonet_client import (
    CODEC,
    HUB_AUTHORITY,
    TACHONET_3_0,
    TACHONET_2016,
    DriverName,
    IssuedCardDrivingLicenceRequest,
    IssuedCardDrivingLicenceStatus,
    LicenceHolder,
    NotifiedCard,
    RecordingStatus,
)
from tests.support.cards import icdl_request
from tests.support.examples import CANARY, DK_TACHONET, FI_TACHONET, NOW


def test_the_law_asks_for_card_licence_family_name_and_birth_date_and_for_nothing_else() -> None:
    """Annex III, appendix. The keys are the hub's to add: Annex IV, 5."""
    card = NotifiedCard(
        card_number="FI00000000000100",
        driving_licence_number="12345",
        family_name=CANARY,
        date_of_birth=date(1981, 4, 2),
    )
    message = FI_TACHONET.request(replace(icdl_request(), issued_card=card), "DK")
    assert CODEC.decode(CODEC.encode(message)) == message
    for missing in ("card_number", "driving_licence_number"):
        with pytest.raises(TypeError):
            replace(card, **{missing: None})
    for missing, name in (("family_name", "familyName"), ("date_of_birth", "dateOfBirth")):
        nameless = replace(icdl_request(), issued_card=replace(card, **{missing: None}))
        with pytest.raises(InvalidOutgoing, match=f"IssuedCard/@{name}: a required attribute is missing"):
            CODEC.encode(FI_TACHONET.request(nameless, "DK"))


@pytest.mark.parametrize("result", list(RecordingStatus))
def test_a_notification_is_answered_with_the_status_alone(result: RecordingStatus) -> None:
    """If it is not recorded, the state was informed all the same: the duty of Annex VIII, 1.2 is done."""
    answer = icdl_request().answer("Færdselsstyrelsen", result, "fordi")
    assert (answer.status_code, answer.status_message) == (result.value, "fordi")
    assert answer.responding_authority == "Færdselsstyrelsen"
    assert answer.delivered
    message = DK_TACHONET.answer(FI_TACHONET.request(icdl_request(), "DK"), answer)
    assert CODEC.decode(CODEC.encode(message)).body == answer


def test_the_bytes_of_an_answer_have_no_personal_data() -> None:
    """Annex III, appendix: status code and status message. No name, date, card or licence comes back."""
    driver = replace(icdl_request().issued_card, place_of_birth="Ribe")
    request = replace(icdl_request(), issued_card=driver).with_search_keys(SearchKeys("CANAR", "ALAN"))
    sent = FI_TACHONET.request(request, "DK")
    document = CODEC.encode(DK_TACHONET.answer(sent, request.answer("X", RecordingStatus.OK)))
    personal = {field.field for field in plan_of(NotifiedCard).values if field.personal}
    assert personal == {field.name for field in record_fields(driver)}
    for name in personal:
        value = getattr(driver if "key" not in name else request.issued_card, name)
        text = value.isoformat() if isinstance(value, date) else value
        assert text.encode() not in document
    elements = {etree.QName(each).localname for each in etree.fromstring(document).iter("*")}
    assert elements == {"IssuedCardDrivingLicence_Response", "Header", "Body"}


def test_only_the_edition_2016_can_name_the_holder_of_the_licence() -> None:
    request = icdl_request()
    driver = LicenceHolder(family_name=CANARY, first_name="Ελένη", date_of_birth=date(1981, 4, 2))
    answer = replace(request.answer("X", RecordingStatus.OK), holder=driver, issued_card=request.issued_card)
    with pytest.raises(
        InvalidOutgoing, match="TACHOnet 3.0 has no field IssuedCardDrivingLicenceResponse"
    ) as caught:
        CODEC.encode(DK_TACHONET.answer(FI_TACHONET.request(request, "DK"), answer))
    assert CANARY not in repr(caught.value)
    finland, denmark = (Exchange(code, TACHONET_2016, lambda: NOW) for code in ("FI", "DK"))
    message = denmark.answer(finland.request(request, "DK"), answer)
    assert CODEC.decode(CODEC.encode(message)) == message


def test_a_state_has_no_word_for_an_answer_that_did_not_come() -> None:
    """`answer` takes a `RecordingStatus`, and none of them is one of the hub's words."""
    hubs = {status.value for status in IssuedCardDrivingLicenceStatus if status.of_the_hub}
    assert hubs == {"Timeout", "NotAvailable"}
    assert hubs.isdisjoint({result.value for result in RecordingStatus})


@pytest.mark.parametrize("status", ["Timeout", "NotAvailable"])
def test_where_the_hub_answers_the_state_was_not_informed(status: str) -> None:
    request = icdl_request()
    answer = request.unanswered(request.statuses(status), "prøv igen")
    assert answer.status_message == "prøv igen"
    assert not answer.delivered
    assert (answer.status_code, answer.responding_authority) == (status, HUB_AUTHORITY)


def test_a_notification_that_the_hub_did_not_forward_is_not_delivered() -> None:
    """The hub takes back an OK in words, as in ERRU's test case NCR_11."""
    said = "Denmark is still using v2 messages. The notification has not been forwarded."
    assert not icdl_request().answer("X", RecordingStatus.OK, said).delivered
    assert all(icdl_request().answer("X", result, "ok").delivered for result in RecordingStatus)


@pytest.mark.parametrize("status", [result.value for result in RecordingStatus])
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


def test_an_answer_repeats_case_and_authority() -> None:
    request = icdl_request().with_search_keys(SearchKeys("CANAR", None))
    answer = request.answer("X", RecordingStatus.OK)
    assert answer.repeated() == request.repeated() == icdl_request().repeated()


def test_an_answer_about_another_case_does_not_belong_to_the_notification() -> None:
    request = FI_TACHONET.request(icdl_request(), "DK")
    other = replace(request.body, business_case_id="FI-6")
    denmark = Exchange("DK", TACHONET_3_0, lambda: NOW)
    FI_TACHONET.check_answer(request, denmark.answer(request, request.body.answer("X", RecordingStatus.OK)))
    with pytest.raises(NotCorrelated, match="does not repeat"):
        FI_TACHONET.check_answer(request, denmark.answer(request, other.answer("X", RecordingStatus.OK)))


def test_one_state_is_notified_and_never_all() -> None:
    with pytest.raises(InvalidOutgoing, match="never all"):
        FI_TACHONET.request(icdl_request(), "ZZ")


def test_a_request_is_plain_data_too() -> None:
    request = icdl_request()
    assert from_dict(IssuedCardDrivingLicenceRequest, to_dict(request)) == request


def test_nothing_shows_who_is_meant() -> None:
    request = icdl_request().with_search_keys(SearchKeys("CANAR", "ALAN"))
    driver = LicenceHolder(family_name=CANARY, first_name="Ελένη", date_of_birth=date(1981, 4, 2))
    shown = repr(request) + repr(driver) + repr(request.name_searched)
    for secret in (CANARY, "Ελένη", "1981", "CANAR", "ALAN", "FI000", "12345"):
        assert secret not in shown
