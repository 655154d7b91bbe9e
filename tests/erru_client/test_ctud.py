"""Check Transport Undertaking Data."""

from __future__ import annotations

from dataclasses import replace

import pytest
from lxml import etree
from movehub.errors import InvalidOutgoing, NotCorrelated

import erru_client as erru
from tests.support.erru_examples import VEHICLE, ctud_request, found_undertaking
from tests.support.examples import CANARY, FI_ERRU
from tests.support.official import specimens

LT_ERRU = replace(FI_ERRU, code="LT")


@pytest.mark.parametrize(
    "search",
    [
        erru.SearchByLicenceAndName(transport_undertaking_name="A", community_licence_number="1"),
        erru.SearchByLicenceAndVehicle(community_licence_number="1", vehicle=VEHICLE),
        erru.SearchByNameAndVehicle(transport_undertaking_name="A", vehicle=VEHICLE),
    ],
)
def test_two_criteria_are_enough_and_the_third_is_never_demanded(search) -> None:
    """Annex VIII, 3.3: nobody may have to type more than two."""
    company = erru.SearchedCompany(request_all_vehicles=False, search=search)
    message = FI_ERRU.request(replace(ctud_request(), searched_company=company), to="LT")
    assert erru.decode(erru.encode(message)) == message
    assert type(search).__name__.encode() in erru.encode(message)


@pytest.mark.parametrize(
    ("search", "missing"),
    [
        (erru.SearchByLicenceAndName, {"transport_undertaking_name": "A"}),
        (erru.SearchByLicenceAndVehicle, {"community_licence_number": "1"}),
        (erru.SearchByNameAndVehicle, {"transport_undertaking_name": "A"}),
    ],
)
def test_one_criterion_cannot_even_be_built(search, missing) -> None:
    with pytest.raises(TypeError):
        search(**missing)


def test_an_undertaking_that_was_found_is_reported_with_all_its_lists() -> None:
    copy = erru.CertifiedTrueCopy(
        true_copy_number="1",
        true_copy_issue_date=found_undertaking().licences[0].start_date,
        true_copy_expiry_date=found_undertaking().licences[0].expiry_date,
    )
    found = replace(found_undertaking(), true_copies=(copy, copy))
    request = FI_ERRU.request(ctud_request(), to="LT")
    answer = LT_ERRU.answer(request, request.body.answer("LTSA", (found,)))
    received = erru.decode(erru.encode(answer))
    FI_ERRU.check_answer(request, received)
    assert received.body.outcome is erru.Outcome.FOUND
    assert received.body.undertakings == (found,)


def test_lists_without_items_leave_no_empty_element() -> None:
    found = replace(found_undertaking(), vehicles=())
    request = FI_ERRU.request(ctud_request(), to="LT")
    sent = erru.encode(LT_ERRU.answer(request, request.body.answer("LTSA", (found,))))
    assert b"VehicleRegistrations" not in sent
    assert b"CertifiedTrueCopyDetails" not in sent
    assert erru.decode(sent).body.undertakings[0].vehicles == ()


@pytest.mark.parametrize("licences", [0, 5])
def test_an_undertaking_has_one_to_four_licences(licences: int) -> None:
    found = replace(found_undertaking(), licences=found_undertaking().licences * licences)
    request = FI_ERRU.request(ctud_request(), to="LT")
    with pytest.raises(InvalidOutgoing, match="an element is missing, out of place or repeated"):
        erru.encode(LT_ERRU.answer(request, request.body.answer("LTSA", (found,))))


def test_no_record_is_not_found() -> None:
    answer = ctud_request().answer("LTSA", (), "Unknown in the register")
    assert answer.status_code is erru.SearchStatus.NOT_FOUND
    assert answer.outcome is erru.Outcome.NOT_FOUND
    assert answer.status_message == "Unknown in the register"


@pytest.mark.parametrize("status", [erru.SearchStatus.TIMEOUT, erru.SearchStatus.NOT_AVAILABLE])
def test_no_answer_is_never_not_found(status: erru.SearchStatus) -> None:
    answer = ctud_request().unanswered(status)
    assert answer.outcome is erru.Outcome.NO_ANSWER
    assert answer.responding_authority == "European Commission"


@pytest.mark.parametrize("name", [n for n in specimens("erru", "3.5") if n.startswith("check_transport_u")])
def test_an_answer_repeats_the_search_to_the_letter(name: str) -> None:
    """Blanks and all, and the licence number asked for, though another one may have been found."""
    document = specimens("erru", "3.5")[name]
    searched = erru.decode(document).body.searched_company
    request = FI_ERRU.request(replace(ctud_request(), searched_company=searched), to="LT")
    sent = erru.encode(LT_ERRU.answer(request, request.body.answer("LTSA", ())))
    assert search_in(sent) == search_in(document)


def search_in(document: bytes) -> list[tuple[object, dict[object, object]]]:
    search = etree.fromstring(document).find(".//{*}SearchedCompany/*")
    assert search is not None
    return [(element.tag, dict(element.attrib)) for element in search.iter()]


def test_an_answer_to_another_search_is_refused() -> None:
    request = FI_ERRU.request(ctud_request(), to="LT")
    other = replace(ctud_request().searched_company, request_all_vehicles=False)
    answer = replace(request.body.answer("LTSA", ()), searched_company=other)
    with pytest.raises(NotCorrelated, match="search"):
        FI_ERRU.check_answer(request, LT_ERRU.answer(request, answer))


def test_there_is_no_broadcast() -> None:
    with pytest.raises(InvalidOutgoing, match="never all"):
        FI_ERRU.request(ctud_request(), to=erru.BROADCAST)


def test_nothing_shown_tells_which_undertaking_it_is() -> None:
    """An undertaking can be one person, under that person's name."""
    shown = repr(ctud_request()) + repr(ctud_request().answer("LTSA", (found_undertaking(),)))
    assert CANARY not in shown
    assert "KRV 118" not in shown
    assert "LT-7-118" not in shown
