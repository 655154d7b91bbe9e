"""Notify Unfitness: who is unfit, what a missing date means, and who has been told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from movehub.errors import NotCorrelated
from movehub.names.search_keys import SearchKeys

import erru_client as erru
from tests.support.erru_examples import CERTIFICATE, NAME, nu_request
from tests.support.examples import CANARY, FI_ERRU

DK_ERRU = replace(FI_ERRU, code="DK")
KEYS = SearchKeys(family_name="CANARANVAGAL", first_name="SAF")
BY_NAME = erru.TransportManagerNameDetails(transport_manager=NAME, certificate=CERTIFICATE)
BY_CERTIFICATE = erru.TransportManagerCertificateDetails(certificate=CERTIFICATE)
BY_BOTH = erru.TransportManagerCertificateDetails(certificate=CERTIFICATE, transport_manager=NAME)


@pytest.mark.parametrize("details", [BY_NAME, BY_CERTIFICATE, BY_BOTH])
@pytest.mark.parametrize("to", ["DK", erru.BROADCAST])
def test_one_state_or_all_are_told_by_name_or_by_certificate(details, to: str) -> None:
    message = FI_ERRU.request(nu_request(details), to=to)
    assert erru.decode(erru.encode(message)) == message


def test_a_notification_with_a_date_says_that_the_manager_is_unfit() -> None:
    assert nu_request().reading is erru.UnfitnessReading.UNFIT_FROM


def test_a_notification_without_a_date_has_both_readings_and_neither_is_chosen() -> None:
    """Unfit costs somebody the trade, reinstated clears somebody who is unfit: only the sender knows."""
    reading = nu_request(unfit_from=None).reading
    assert reading is erru.UnfitnessReading.UNDATED
    assert "unfit from the day of reception" in reading.value
    assert "reinstatement" in reading.value
    assert "Confirm with the originating authority" in reading.value


@pytest.mark.parametrize("details", [BY_NAME, BY_BOTH])
def test_the_hub_adds_search_keys_wherever_there_is_a_name(details) -> None:
    request = nu_request(details).with_search_keys(KEYS)
    assert request.name_searched is not None
    assert request.name_searched.family_name_search_key == "CANARANVAGAL"
    assert request.name_searched.first_name_search_key == "SAF"
    assert request.name_searched.without_search_keys() == NAME
    assert erru.decode(erru.encode(FI_ERRU.request(request, to="DK"))).body == request


def test_without_a_name_there_is_nothing_to_make_keys_of() -> None:
    request = nu_request(BY_CERTIFICATE)
    assert request.name_searched is None
    assert request.with_search_keys(KEYS) is request


def test_search_keys_of_the_hub_do_not_part_an_acknowledgement_from_its_notification() -> None:
    request = FI_ERRU.request(nu_request(), to="DK")
    forwarded = request.body.with_search_keys(KEYS)
    answer = DK_ERRU.answer(request, forwarded.acknowledge("DK", "Færdselsstyrelsen"))
    FI_ERRU.check_answer(request, erru.decode(erru.encode(answer)))


def test_an_acknowledgement_of_another_case_is_refused() -> None:
    request = FI_ERRU.request(nu_request(), to="DK")
    other = replace(request.body, business_case_id="FI-99").acknowledge("DK", "Færdselsstyrelsen")
    with pytest.raises(NotCorrelated):
        FI_ERRU.check_answer(request, DK_ERRU.answer(request, other))


def test_a_member_state_acknowledges_for_itself_alone() -> None:
    answer = nu_request().acknowledge("DK", "Færdselsstyrelsen")
    assert [row.member_state_code for row in answer.member_states] == ["DK"]
    assert answer.member_states[0].status_code is erru.NotificationStatus.OK
    assert answer.member_states[0].delivered


def test_of_a_broadcast_each_row_tells_whether_its_state_has_it() -> None:
    request = nu_request()
    told = request.acknowledge("DK", "Færdselsstyrelsen").member_states[0]
    silent = request.unanswered("LV", erru.NotificationStatus.TIMEOUT)
    outside = request.unanswered("GR", erru.NotificationStatus.OK, "The notification has not been forwarded.")
    gathered = request.answered_with(told, silent, outside)
    assert [row.delivered for row in gathered.member_states] == [True, False, False]


def test_nothing_shown_tells_who_it_is() -> None:
    shown = repr(nu_request(BY_NAME))
    assert CANARY not in shown
    assert "1970" not in shown
    assert "LT-7" not in shown
    assert "2026" not in shown
