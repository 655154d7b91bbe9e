"""Stamping and correlation, without any I/O."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from movehub.errors import ErrorNotified, InvalidConfiguration, InvalidOutgoing, NotCorrelated
from movehub.names.search_keys import SearchKeys
from movehub.protocol.exchange import Exchange
from movehub.protocol.message import ErrorStatus, Message
from movehub.protocol.workflow import BROADCAST, HUB
from movehub.records.values import Uuid

from erru_client import RequestPurpose
from tests.support.examples import CANARY, FI_ERRU, FI_TACHONET, NOW, cgr_request, cic_request

DK = Exchange("DK", FI_ERRU.edition, lambda: NOW)


def answered(request: Message[Any]) -> Message[Any]:
    return DK.answer(request, request.body.answer("DK", ()))


def with_header(message: Message[Any], **changes: Any) -> Message[Any]:
    return replace(message, header=replace(message.header, **changes))


def test_a_request_is_stamped_with_all_that_no_caller_should_write() -> None:
    header = FI_ERRU.request(cgr_request(), to="DK", test_id="T1").header
    assert (header.from_, header.to, header.version, header.test_id) == ("FI", "DK", "3.5", "T1")
    assert header.sent_at == NOW
    assert header.technical_id != header.workflow_id


def test_the_timeout_is_never_set_on_a_request() -> None:
    assert FI_ERRU.request(cgr_request(), to=BROADCAST).header.timeout_value is None


@pytest.mark.parametrize("to", ["FI", HUB, "dk", "DNK", "", "Δ"])
def test_a_receiver_that_cannot_be_asked_is_refused(to: str) -> None:
    with pytest.raises(InvalidOutgoing, match="ERRU CGR"):
        FI_ERRU.request(cgr_request(), to=to)


def test_an_answer_does_not_open_a_workflow() -> None:
    with pytest.raises(InvalidOutgoing, match="does not open"):
        FI_ERRU.request(cgr_request().answer("FI", ()), to="DK")


def test_an_own_code_that_is_none_is_a_fault_of_the_configuration() -> None:
    with pytest.raises(InvalidConfiguration):
        Exchange("Finland", FI_ERRU.edition)


def test_an_edition_is_given_as_a_value_and_not_by_its_version() -> None:
    with pytest.raises(InvalidConfiguration, match="such as ERRU_3_5"):
        Exchange("FI", "3.5")  # type: ignore[arg-type]


def test_an_answer_takes_over_workflow_and_test_and_has_a_technical_identifier_of_its_own() -> None:
    request = FI_ERRU.request(cgr_request(), to="DK", test_id="T1")
    header = answered(request).header
    assert header.workflow_id == request.header.workflow_id
    assert header.technical_id != request.header.technical_id
    assert (header.from_, header.to, header.test_id) == ("DK", "FI", "T1")


def test_an_answer_can_be_addressed_to_the_hub_where_national_practice_wants_it() -> None:
    request = FI_ERRU.request(cgr_request(), to="DK")
    assert DK.answer(request, request.body.answer("DK", ()), to=HUB).header.to == HUB


def test_an_answer_to_the_request_is_accepted() -> None:
    request = FI_ERRU.request(cgr_request(), to="DK")
    FI_ERRU.check_answer(request, answered(request))


def test_the_hub_may_have_added_search_keys() -> None:
    request = FI_ERRU.request(cgr_request(), to="DK")
    keyed = replace(request, body=request.body.with_search_keys(SearchKeys("CANAR", "SAF")))
    FI_ERRU.check_answer(request, answered(keyed))


def test_a_uuid_in_other_letters_is_the_same_workflow() -> None:
    request = FI_ERRU.request(cgr_request(), to="DK")
    upper = Uuid(request.header.workflow_id.text.upper())
    FI_ERRU.check_answer(request, with_header(answered(request), workflow_id=upper))


def test_an_answer_about_somebody_else_is_refused() -> None:
    request = FI_ERRU.request(cgr_request(), to="DK")
    search = request.body.searched_transport_manager
    other = replace(search, name=replace(search.name, family_name="Somebody Else"))  # type: ignore[union-attr]
    wrong = replace(request, body=replace(request.body, searched_transport_manager=other))
    with pytest.raises(NotCorrelated, match="the search of the request") as caught:
        FI_ERRU.check_answer(request, answered(wrong))
    assert "Somebody" not in str(caught.value)


def test_an_answer_in_other_letter_case_or_blanks_is_accepted_and_its_fields_are_returned() -> None:
    request = FI_ERRU.request(cgr_request(), to="DK")
    search = request.body.searched_transport_manager
    respelt = replace(search, name=replace(search.name, family_name=f"{CANARY[:3]} {CANARY[3:]}".upper()))  # type: ignore[union-attr]
    shouted = replace(request, body=replace(request.body, searched_transport_manager=respelt))
    assert FI_ERRU.check_answer(request, answered(shouted)) == ("SearchByName.name.family_name",)
    assert FI_ERRU.check_answer(request, answered(request)) == ()


@pytest.mark.parametrize("change", [{"workflow_id": Uuid.new()}, {"to": "SE"}])
def test_an_answer_of_another_workflow_or_for_another_state_is_refused(change: dict[str, Any]) -> None:
    request = FI_ERRU.request(cgr_request(), to="DK")
    with pytest.raises(NotCorrelated):
        FI_ERRU.check_answer(request, with_header(answered(request), **change))


def test_an_answer_of_another_kind_is_refused() -> None:
    request = FI_TACHONET.request(cic_request(), to="DK")
    with pytest.raises(NotCorrelated, match="this type of message"):
        FI_TACHONET.check_answer(request, replace(request, header=replace(request.header, to="FI")))


def test_another_business_case_is_refused() -> None:
    request = FI_TACHONET.request(cic_request(), to="DK")
    answer = replace(request.body.answer("DK", ()), business_case_id="other")
    with pytest.raises(NotCorrelated):
        FI_TACHONET.check_answer(request, DK.answer(request, answer))


def test_an_error_notification_is_never_an_answer() -> None:
    request = FI_ERRU.request(cgr_request(), to="DK")
    error = DK.error(request, ErrorStatus.SERVER_ERROR, f"text about {CANARY}", b"<x/>", to="FI")
    with pytest.raises(ErrorNotified, match="ServerError.*not 'not found'") as caught:
        FI_ERRU.check_answer(request, error)
    assert CANARY not in str(caught.value)
    assert caught.value.notification.status_message == f"text about {CANARY}"


def test_an_error_notification_goes_to_the_hub_and_keeps_case_and_workflow() -> None:
    request = FI_ERRU.request(cgr_request(), to="DK")
    error = DK.error(request, ErrorStatus.INVALID_DATA, "no", "ö".encode())
    assert error.header.to == HUB
    assert error.header.workflow_id == request.header.workflow_id
    assert (error.body.business_case_id, error.body.original_message) == ("FI-1", "ö")


def test_an_answer_of_a_state_that_was_not_asked_is_refused() -> None:
    request = FI_ERRU.request(cgr_request(), to="DK")
    for sender in ("SE", "FI"):
        with pytest.raises(NotCorrelated, match="not asked"):
            FI_ERRU.check_answer(request, with_header(answered(request), from_=sender))
    FI_ERRU.check_answer(request, with_header(answered(request), from_=HUB))


def test_a_broadcast_is_answered_by_the_hub_alone() -> None:
    request = FI_ERRU.request(cgr_request(), to=BROADCAST)
    with pytest.raises(NotCorrelated, match="not asked"):
        FI_ERRU.check_answer(request, answered(request))
    FI_ERRU.check_answer(request, with_header(answered(request), from_=HUB))


@pytest.mark.parametrize("codes", [["SE"], ["DK", "SE"], ["DK", "DK"]])
def test_the_answer_of_one_state_has_its_row_and_no_other(codes: list[str]) -> None:
    """Otherwise "not found in Sweden" would clear somebody whom Denmark was asked about."""
    request = FI_ERRU.request(cgr_request(), to="DK")
    rows = [request.body.answer(code, ()).member_states[0] for code in codes]
    answer = DK.answer(request, request.body.answered_with(*rows))
    with pytest.raises(NotCorrelated, match="rows"):
        FI_ERRU.check_answer(request, answer)


@pytest.mark.parametrize("codes", [["DK", "DK"], ["FI"], ["ZZ"], ["EU", "DK"]])
def test_a_broadcast_has_each_other_states_row_once(codes: list[str]) -> None:
    request = FI_ERRU.request(cgr_request(), to=BROADCAST)
    rows = [request.body.answer(code, ()).member_states[0] for code in codes]
    answer = with_header(DK.answer(request, request.body.answered_with(*rows)), from_=HUB)
    with pytest.raises(NotCorrelated, match="rows"):
        FI_ERRU.check_answer(request, answer)


def test_an_answer_in_another_edition_is_refused() -> None:
    request = FI_ERRU.request(cgr_request(), to="DK")
    with pytest.raises(NotCorrelated, match="edition"):
        FI_ERRU.check_answer(request, with_header(answered(request), version="3.4"))


def test_an_error_notification_is_told_even_where_its_workflow_is_another() -> None:
    """A hub that could not read our identifier has no other to put there."""
    request = FI_ERRU.request(cgr_request(), to="DK")
    error = DK.error(request, ErrorStatus.INVALID_FORMAT, "x", b"", to="FI")
    with pytest.raises(ErrorNotified):
        FI_ERRU.check_answer(request, with_header(error, workflow_id=Uuid.new()))


@pytest.mark.parametrize(
    ("asked", "change", "why"),
    [
        ("DK", {"to": "SE"}, "another receiver"),
        ("DK", {"from_": "SE"}, "not asked"),
        ("DK", {"from_": "FI"}, "not asked"),
        (BROADCAST, {}, "not asked"),
        (BROADCAST, {"from_": BROADCAST}, "not asked"),
    ],
)
def test_an_error_notification_for_another_or_of_a_state_not_asked_is_not_about_our_request(
    asked: str, change: dict[str, str], why: str
) -> None:
    request = FI_ERRU.request(cgr_request(), to=asked)
    error = DK.error(request, ErrorStatus.SERVER_ERROR, "x", b"", to="FI")
    with pytest.raises(NotCorrelated, match=why):
        FI_ERRU.check_answer(request, with_header(error, **change))
    for to in ("FI", HUB):
        with pytest.raises(ErrorNotified):
            FI_ERRU.check_answer(request, with_header(error, from_=HUB, to=to))


def test_a_heartbeat_is_not_a_states_to_send() -> None:
    probe = replace(cgr_request(), request_purpose=RequestPurpose.HEARTBEAT)
    with pytest.raises(InvalidOutgoing, match="heartbeat"):
        FI_ERRU.request(probe, to="DK")


def test_what_xml_forbids_is_replaced_in_the_message_that_an_error_quotes() -> None:
    request = FI_ERRU.request(cgr_request(), to="DK")
    assert DK.error(request, ErrorStatus.OTHER, "x", b"a\x00\xffb").body.original_message == "a\ufffd\ufffdb"


@pytest.mark.parametrize(("alias", "code"), [("EL", "GR"), ("GB", "UK")])
def test_an_alias_of_a_country_is_understood_and_never_sent(alias: str, code: str) -> None:
    request = FI_ERRU.request(cgr_request(), to=alias)
    assert request.header.to == code
    other = Exchange(code, FI_ERRU.edition, lambda: NOW)
    answer = other.answer(request, request.body.answer(alias, ()))
    FI_ERRU.check_answer(request, with_header(answer, from_=alias))
    asked = with_header(request, from_=alias, to="DK")
    assert DK.answer(asked, asked.body.answer("DK", ())).header.to == code
