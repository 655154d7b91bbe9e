"""Country codes: what a header has, what a card shows, and the two states that go by two codes."""

from __future__ import annotations

import pytest
from movehub.protocol.member_states import (
    COUNTRIES,
    Standing,
    distinguishing_sign,
    from_distinguishing_sign,
    header_code,
    takes_part,
)

STATES = [country for country in COUNTRIES if country.standing is not Standing.ADDRESS]


def test_the_union_has_27_member_states_and_five_states_take_part_beside_them() -> None:
    members = {country.code for country in COUNTRIES if country.standing is Standing.MEMBER_STATE}
    beside = {country.code for country in COUNTRIES if country.standing is Standing.ASSOCIATED}
    assert len(members) == 27
    assert beside == {"CH", "IS", "LI", "NO", "UK"}
    assert all(takes_part(code) for code in members | beside)


@pytest.mark.parametrize("code", ["UA", "EU", "ZZ", "US", ""])
def test_nobody_else_can_be_asked(code: str) -> None:
    assert not takes_part(code)


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
