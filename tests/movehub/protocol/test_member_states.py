"""Country codes: what a header has, what a card shows, and the two states that go by two codes."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from movehub.errors import InvalidConfiguration
from movehub.protocol.member_states import (
    COUNTRIES,
    MEMBER_STATES,
    Standing,
    country_of,
    distinguishing_sign,
    from_distinguishing_sign,
    header_code,
    participants_of,
)

STATES = [country for country in COUNTRIES if country.standing is not Standing.ADDRESS]


def test_the_union_has_27_member_states_and_five_states_are_associated_with_it() -> None:
    assert len(MEMBER_STATES) == 27
    beside = {country.code for country in COUNTRIES if country.standing is Standing.ASSOCIATED}
    assert beside == {"CH", "IS", "LI", "NO", "UK"}


def test_a_third_country_can_take_part_in_tachonet() -> None:
    """Article 3a of Regulation (EU) 2016/68."""
    assert participants_of(["FI", "TR", "ua "]) == {"FI", "TR", "UA"}


def test_a_participant_by_its_other_code_is_the_same_state() -> None:
    assert participants_of(["GB", "UK", "el", "GR"]) == {"UK", "GR"}


@pytest.mark.parametrize("code", ["EU", "ZZ", "US", "XX", "FIN", "D"])
def test_an_error_names_the_code_that_is_no_state_and_those_that_are(code: str) -> None:
    with pytest.raises(InvalidConfiguration, match=f"^{code} is no code of .*: AD, AL, AM, AT, .*, UZ$"):
        participants_of(["FI", code])


@pytest.mark.parametrize("entry", ["", " ", "Finland", "F\u0130", "\x1b[", "hunter2!"])
def test_an_entry_that_does_not_look_like_a_code_is_not_shown(entry: str) -> None:
    """It may be a secret that stands in the wrong place."""
    with pytest.raises(InvalidConfiguration, match="^an entry of another form is no code"):
        participants_of([entry])


CODES = [word for country in STATES for word in (country.code, *country.also)]


@given(st.lists(st.sampled_from([*CODES, *map(str.lower, CODES)])))
def test_participants_are_the_same_in_any_order_and_spelling(codes: list[str]) -> None:
    found = participants_of(codes)
    assert found == participants_of(map(str.upper, reversed(codes))) == participants_of(found)
    assert found <= {country.code for country in STATES}


@given(st.lists(st.sampled_from(CODES)), st.text())
def test_an_error_about_participants_shows_three_letters_at_most(codes: list[str], entry: str) -> None:
    assume(country_of(entry) is None)
    with pytest.raises(InvalidConfiguration) as caught:
        participants_of([*codes, entry])
    named, _, _ = caught.value.reason.partition(" is no code")
    assert named in {entry, "an entry of another form"}
    assert len(named) <= 3 or named != entry


def test_no_code_and_no_sign_stands_for_two_countries() -> None:
    words = [word for country in COUNTRIES for word in (country.code, *country.also)]
    signs = [country.sign for country in STATES]
    assert len(words) == len(set(words))
    assert len(signs) == len(set(signs))


def test_every_code_fits_a_header_and_every_sign_a_card() -> None:
    """Annex III, appendix: alpha-2. Annex IC, appendix 1: up to three letters."""
    assert all(len(country.code) == 2 for country in COUNTRIES)
    assert all(1 <= len(country.sign) <= 3 for country in STATES)


@pytest.mark.parametrize("country", STATES, ids=lambda country: country.code)
def test_code_and_sign_lead_to_each_other(country) -> None:
    assert distinguishing_sign(country.code) == country.sign
    assert from_distinguishing_sign(country.sign) == country.code
    assert from_distinguishing_sign(f"{country.sign:3}".lower()) == country.code


@pytest.mark.parametrize(("alias", "sent"), [("GB", "UK"), ("EL", "GR"), ("gb", "UK"), (" el ", "GR")])
def test_the_other_word_for_a_state_is_understood_and_never_sent(alias: str, sent: str) -> None:
    assert header_code(alias) == sent
    assert header_code(sent) == sent


def test_a_british_card_from_before_2021_shows_gb() -> None:
    assert from_distinguishing_sign("GB ") == from_distinguishing_sign("UK") == "UK"


@pytest.mark.parametrize("code", ["EU", "ZZ"])
def test_the_hub_and_the_broadcast_are_addresses_without_a_sign(code: str) -> None:
    assert header_code(code) == code
    with pytest.raises(ValueError, match="issues cards"):
        distinguishing_sign(code)


@pytest.mark.parametrize("text", ["XX", "D", "DEU", "", "EST"])
def test_what_is_no_code_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a country code"):
        header_code(text)


@pytest.mark.parametrize("sign", ["DE", "", "EC", "XXX"])
def test_what_is_no_sign_is_refused(sign: str) -> None:
    with pytest.raises(ValueError, match="not a distinguishing sign"):
        from_distinguishing_sign(sign)


def test_an_unknown_code_has_no_sign() -> None:
    with pytest.raises(ValueError, match="issues cards"):
        distinguishing_sign("XX")
