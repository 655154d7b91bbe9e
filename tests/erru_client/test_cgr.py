"""Check Good Repute: what a request and an answer hold, and what they cannot say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from movehub.names.search_keys import SearchKeys
from movehub.protocol.outcome import Outcome, SearchStatus

from erru_client import (
    Certificate,
    CheckGoodReputeRequest,
    RequestPurpose,
    RequestSource,
    SearchByCertificate,
    SearchByName,
)
from tests.support.examples import CANARY, cgr_request, found_manager

CERTIFICATE = Certificate(
    certificate_number="DK-17", certificate_issue_date=date(2001, 2, 3), certificate_issue_country="DK"
)


def by_certificate() -> CheckGoodReputeRequest:
    search = SearchByCertificate(certificate=CERTIFICATE)
    return replace(cgr_request(), searched_transport_manager=search)


def test_a_search_has_a_name_or_a_certificate_or_both() -> None:
    """Annex III, appendix: each is mandatory where the other is missing."""
    named = cgr_request().searched_transport_manager
    assert isinstance(named, SearchByName)
    assert replace(named, certificate=CERTIFICATE).certificate == CERTIFICATE
    for neither in (SearchByName, SearchByCertificate):
        with pytest.raises(TypeError):
            neither()


def test_a_search_that_is_none_is_refused() -> None:
    with pytest.raises(TypeError, match="searched_transport_manager takes SearchByName or"):
        CheckGoodReputeRequest(
            business_case_id="1",
            originating_authority="x",
            request_purpose=RequestPurpose.ISSUE,
            request_source=RequestSource.COMPETENT_AUTHORITY,
            searched_transport_manager=None,  # type: ignore[arg-type]
        )


def test_records_make_found_and_none_make_not_found() -> None:
    for found, outcome in (((found_manager(),), Outcome.FOUND), ((), Outcome.NOT_FOUND)):
        (row,) = cgr_request().answer("DK", found).member_states
        assert (row.outcome, row.found) == (outcome, found)


@pytest.mark.parametrize("request_", [cgr_request(), by_certificate()])
def test_search_keys_do_not_make_it_another_search(request_: CheckGoodReputeRequest) -> None:
    keyed = request_.with_search_keys(SearchKeys("CANAR", "SAF"))
    assert keyed.repeated() == request_.repeated()
    assert keyed.answer("DK", ()).repeated() == request_.repeated()


def test_a_search_by_certificate_alone_has_no_name_to_make_keys_of() -> None:
    assert by_certificate().name_searched is None
    assert by_certificate().with_search_keys(SearchKeys("X", "Y")) == by_certificate()


def test_a_search_by_another_certificate_is_another_search() -> None:
    other = SearchByCertificate(certificate=replace(CERTIFICATE, certificate_number="DK-18"))
    assert (
        replace(by_certificate(), searched_transport_manager=other).repeated() != by_certificate().repeated()
    )


def test_a_row_of_the_hub_is_no_answer() -> None:
    assert cgr_request().unanswered("GR", SearchStatus.NOT_AVAILABLE).outcome is Outcome.NO_ANSWER


def test_nothing_shows_who_is_meant() -> None:
    request = replace(
        cgr_request(),
        searched_transport_manager=SearchByName(
            name=cgr_request().name_searched,
            certificate=CERTIFICATE,  # type: ignore[arg-type]
        ),
    )
    shown = repr(request) + repr(request.answer("DK", (found_manager(),)))
    for secret in (CANARY, "Žofia", "1970", "DK-17", "DK-1", "2001"):
        assert secret not in shown
