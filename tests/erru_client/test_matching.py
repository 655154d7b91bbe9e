"""Licence numbers and plates that are the same however they are written (Annex VIII, 3.4)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erru_client.matching import matching_form, same_number


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("AB-123-CD", "ab 123 cd"),
        ("[D] 0815/4711", "D08154711"),
        ("ΙΚΖ-1234", "ικζ1234"),
        ("ＡＢ１２", "AB12"),
        ("A\u00a0B", "AB"),
        ("UKGB/OB1234567/00000", "UKGB OB1234567 00000"),
    ],
)
def test_special_characters_blanks_and_case_do_not_count(left: str, right: str) -> None:
    assert same_number(left, right)


@pytest.mark.parametrize(
    ("left", "right"), [("AB123", "AB124"), ("0123", "123"), ("O1", "01"), ("--", "--"), ("", "")]
)
def test_anything_else_counts(left: str, right: str) -> None:
    """Leading zeros stay: nobody has said that they may go. And nothing is the same as nothing."""
    assert not same_number(left, right)


@given(st.text())
def test_the_matching_form_holds_letters_and_digits_alone_and_is_its_own(number: str) -> None:
    form = matching_form(number)
    assert all(letter.isalnum() for letter in form)


@given(
    st.text(st.characters(categories=["Lu", "Ll", "Nd"], max_codepoint=0x4FF)),
    st.text("-[]()/. ", max_size=5),
)
def test_special_characters_can_stand_anywhere(number: str, special: str) -> None:
    assert matching_form(special.join(number)) == matching_form(number)
