"""Check Issued Cards: what a request and an answer hold, and what they cannot say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from movehub.names.search_keys import SearchKeys
from movehub.protocol.outcome import Outcome, SearchStatus

from tachonet_client import CardsInState, RequestPurpose, RequestSource, SearchedDriver
from tests.support.examples import CANARY, cic_request, found_driver


def test_a_request_is_for_an_issue_by_a_card_issuing_authority_unless_said_otherwise() -> None:
    request = cic_request()
    assert request.request_purpose is RequestPurpose.ISSUE
    assert request.request_source is RequestSource.CARD_ISSUING_AUTHORITY


def test_the_first_name_may_be_missing_and_the_date_of_birth_may_not() -> None:
    """Annex III, appendix: the absence of a first name does not make a wildcard search."""
    assert SearchedDriver(family_name="X", date_of_birth=date(1970, 1, 1)).first_name is None
    with pytest.raises(TypeError):
        SearchedDriver(family_name="X")  # type: ignore[call-arg]


def test_records_make_found_and_none_make_not_found() -> None:
    request = cic_request()
    for found, outcome in (((found_driver(),), Outcome.FOUND), ((), Outcome.NOT_FOUND)):
        (row,) = request.answer("DK", found).member_states
        assert (row.outcome, row.found) == (outcome, found)


def test_an_answer_repeats_case_authority_and_search() -> None:
    request = cic_request().with_search_keys(SearchKeys("CANAR", "ALAN"))
    answer = request.answer("DK", (), status_message="read me")
    assert answer.searched_driver is request.searched_driver
    assert answer.repeated() == request.repeated()
    assert answer.member_states[0].status_message == "read me"


def test_search_keys_do_not_make_it_another_search() -> None:
    request = cic_request()
    assert request.with_search_keys(SearchKeys("CANAR", None)).repeated() == request.repeated()


def test_a_row_of_the_hub_is_no_answer() -> None:
    row = cic_request().unanswered("LV", SearchStatus.TIMEOUT)
    assert row == CardsInState(member_state_code="LV", status_code=SearchStatus.TIMEOUT)
    assert row.outcome is Outcome.NO_ANSWER


def test_nothing_shows_who_is_meant() -> None:
    request = cic_request()
    keyed = request.with_search_keys(SearchKeys("CANAR", "ALAN"))
    answer = keyed.answer("DK", (replace(found_driver(), place_of_birth="Ribe"),))
    shown = repr(request) + repr(keyed) + repr(answer)
    for secret in (CANARY, "Ελένη", "1981", "CANAR", "ALAN", "DK00000000000100", "Ribe", "123"):
        assert secret not in shown
