"""An answer repeats the search of its request: letter case and blanks may differ, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import date, timedelta
from enum import Enum
from typing import Any, Final
from unicodedata import normalize

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from movehub.codec.codec import Codec
from movehub.protocol.message import Body, Message
from movehub.protocol.repetition import respelt_fields, same_but_case_and_blanks

import erru_client as erru
import tachonet_client as tachonet
from tests.support.building import messages
from tests.support.cards import ccs_request, icdl_request
from tests.support.erru_messages import ctud_request
from tests.support.examples import cgr_request, cic_request

#: The requests whose answer repeats a search.
SEARCHES: Final[tuple[tuple[Codec, type[Body]], ...]] = (
    (tachonet.CODEC, tachonet.CheckIssuedCardsRequest),
    (tachonet.CODEC, tachonet.CheckCardStatusRequest),
    (erru.CODEC, erru.CheckGoodReputeRequest),
    (erru.CODEC, erru.CheckTransportUndertakingDataRequest),
)
REQUESTS: Final = (cic_request(), ccs_request(), icdl_request(), cgr_request(), ctud_request())
RESPELLINGS: Final[tuple[Callable[[str], str], ...]] = (
    str.upper,
    str.lower,
    str.title,
    str.swapcase,
    str.casefold,
    lambda text: "".join(text.split()),
    "\u00a0 ".join,
    lambda text: normalize("NFD", text),
)

respelling = st.sampled_from(RESPELLINGS)


def requests() -> st.SearchStrategy[Message[Any]]:
    return st.one_of(
        *(messages(codec, edition, body) for codec, body in SEARCHES for edition in codec.editions)
    )


def texts_in(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """Yield each text of a record, by the path of its field."""
    if is_dataclass(value):
        for each in fields(value):
            yield from texts_in(f"{name}.{each.name}", getattr(value, each.name))
    elif isinstance(value, str) and not isinstance(value, Enum):
        yield name, value


def with_texts(value: Any, change: Callable[[str], str]) -> Any:
    """Return a record with each text changed."""
    if is_dataclass(value):
        inside = {each.name: with_texts(getattr(value, each.name), change) for each in fields(value)}
        return replace(value, **inside)  # type: ignore[type-var]
    return change(value) if isinstance(value, str) and not isinstance(value, Enum) else value


class Repeating(Body):
    """A body that repeats what it is given."""

    def __init__(self, *values: Any) -> None:
        self.values = values

    def repeated(self) -> tuple[object, ...]:
        return self.values


@given(requests(), respelling)
def test_a_search_in_other_case_or_blanks_is_repeated_and_its_fields_are_named(
    request: Message[Any], respell: Callable[[str], str]
) -> None:
    case, authority, search = request.body.repeated()
    respelt = with_texts(search, respell)
    before, after = (dict(texts_in(type(search).__name__, each)) for each in (search, respelt))
    named = respelt_fields(request.body, Repeating(case, authority, respelt))
    assert set(named) == {name for name, text in before.items() if after[name] != text}


@given(requests())
def test_a_search_that_is_repeated_to_the_letter_names_no_field(request: Message[Any]) -> None:
    assert respelt_fields(request.body, Repeating(*request.body.repeated())) == ()


@given(requests(), st.data())
def test_one_other_letter_makes_it_another_search(request: Message[Any], data: st.DataObject) -> None:
    case, authority, search = request.body.repeated()
    text = data.draw(st.sampled_from([text for _, text in texts_in("", search)]))
    place = data.draw(st.integers(0, len(text)))
    letter = data.draw(st.sampled_from("aZé9-ßя"))
    other = with_texts(search, lambda each: f"{each[:place]}{letter}{each[place:]}" if each == text else each)
    assume(other != search)
    with pytest.raises(ValueError, match="does not repeat"):
        respelt_fields(request.body, Repeating(case, authority, other))


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda body: body.root)
def test_case_and_authority_are_repeated_to_the_letter(request_: Any) -> None:
    """`FI-1a` and `FI-1A` may be two cases of one authority."""
    for change in ({"business_case_id": "fi-1"}, {"originating_authority": "TRAFICOM"}):
        request = replace(request_, business_case_id="FI-1", originating_authority="Traficom")
        with pytest.raises(ValueError, match="does not repeat"):
            respelt_fields(request, replace(request, **change))


def test_a_date_and_a_code_are_repeated_as_they_are() -> None:
    driver = cic_request().searched_driver
    for other in (
        replace(driver, date_of_birth=driver.date_of_birth + timedelta(days=1)),
        replace(driver, first_name=None),
        replace(driver, driving_licence_number="1"),
    ):
        with pytest.raises(ValueError, match="does not repeat"):
            respelt_fields(cic_request(), replace(cic_request(), searched_driver=other))
    company = ctud_request().searched_company
    fewer = replace(company, request_all_vehicles=not company.request_all_vehicles)
    with pytest.raises(ValueError, match="does not repeat"):
        respelt_fields(ctud_request(), replace(ctud_request(), searched_company=fewer))


def test_another_kind_of_search_is_another_search() -> None:
    certificate = erru.Certificate(
        certificate_number="1", certificate_issue_date=date(2020, 1, 1), certificate_issue_country="DK"
    )
    other = replace(
        cgr_request(), searched_transport_manager=erru.SearchByCertificate(certificate=certificate)
    )
    with pytest.raises(ValueError, match="does not repeat"):
        respelt_fields(cgr_request(), other)


def test_a_body_that_repeats_less_does_not_repeat_the_search() -> None:
    with pytest.raises(ValueError, match="does not repeat"):
        respelt_fields(cic_request(), Repeating("FI-2", "Traficom"))


def test_search_keys_may_be_added_to_a_respelt_search() -> None:
    driver = replace(
        cic_request().searched_driver, family_name="KANARIENVOGEL", family_name_search_key="CANAR"
    )
    answer = replace(cic_request(), searched_driver=driver)
    assert respelt_fields(cic_request(), answer) == ("SearchedDriver.family_name",)


@given(st.text(), respelling)
def test_any_text_stays_the_same_in_other_case_and_blanks(text: str, respell: Callable[[str], str]) -> None:
    assert same_but_case_and_blanks(text, respell(text))
    assert same_but_case_and_blanks(respell(text), text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Straße", "STRASSE"),
        ("Ελένης", "ΕΛΈΝΗΣ"),
        ("Işıl", "IŞIL"),
        ("İzmir", "i\u0307zmir"),
        ("Žofia", "Z\u030cOFIA"),
        ("ABC 123", "abc123"),
        ("de la Cruz", "DELACRUZ"),
    ],
)
def test_names_that_differ_in_case_and_blanks_only(one: str, other: str) -> None:
    assert same_but_case_and_blanks(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Žofia", "Zofia"),
        ("Ελένη", "ΕΛΕΝΗ"),
        ("Müller", "Mueller"),
        ("AB-1", "AB1"),
        ("A", "\u0391"),
        ("O", "0"),
        ("1²", "12"),
        ("", "A"),
    ],
)
def test_accents_hyphens_and_scripts_are_no_letter_case(one: str, other: str) -> None:
    assert not same_but_case_and_blanks(one, other)
