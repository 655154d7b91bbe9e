"""Card numbers: 16 characters, two indices, and what can be said of a number that is not regular."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tachonet_client.card_number import CONSECUTIVE_ORDER, INDEX_ORDER, CardForm, CardNumber

DRIVER = CardNumber("IS10004528562000")
WORKSHOP = CardNumber("HU0000000W301a10", CardForm.OWNER)

indices = st.sampled_from(INDEX_ORDER)
numbers = st.builds(
    lambda head, replacement, renewal: CardNumber(head + replacement + renewal),
    st.text(CONSECUTIVE_ORDER, min_size=14, max_size=14),
    indices,
    indices,
)


def test_a_driver_card_has_14_characters_of_identification_and_two_indices() -> None:
    """Annex IC, definitions (h) to (j)."""
    assert DRIVER.identification == "IS100045285620"
    assert (DRIVER.consecutive_index, DRIVER.replacement_index, DRIVER.renewal_index) == (None, "0", "0")
    assert DRIVER.faults() == ()


def test_a_workshop_card_has_13_characters_of_identification_and_three_indices() -> None:
    assert WORKSHOP.identification == "HU0000000W301"
    assert WORKSHOP.consecutive_index == "a"
    assert (WORKSHOP.replacement_index, WORKSHOP.renewal_index) == ("1", "0")
    assert WORKSHOP.faults() == ()


@pytest.mark.parametrize(("before", "after"), [("0", "1"), ("8", "9"), ("9", "A"), ("A", "B"), ("Y", "Z")])
def test_an_index_goes_from_0_to_9_and_then_from_a_to_z(before: str, after: str) -> None:
    """Annex IC, appendix 1, 2.30 and 2.31."""
    head = "IS100045285620"
    assert CardNumber(f"{head}{before}3").next_replacement() == CardNumber(f"{head}{after}3")
    assert CardNumber(f"{head}3{before}").next_renewal() == CardNumber(f"{head}3{after}")


def test_a_renewal_leaves_the_replacement_index_as_it_is() -> None:
    """Annex II, appendix, "Renewed": the number stays the same except for the renewal index."""
    assert DRIVER.next_replacement().next_renewal().text == "IS10004528562011"


def test_no_index_comes_after_z() -> None:
    with pytest.raises(ValueError, match="after Z"):
        CardNumber("IS100045285620Z0").next_replacement()
    with pytest.raises(ValueError, match="after Z"):
        CardNumber("IS1000452856200Z").next_renewal()


def test_the_form_stays_when_the_number_goes_on() -> None:
    assert WORKSHOP.next_renewal().form is CardForm.OWNER
    assert WORKSHOP.next_replacement().text == "HU0000000W301a20"


@given(numbers)
def test_a_replacement_and_a_renewal_supersede_the_card_and_never_the_reverse(number: CardNumber) -> None:
    for follow in (number.next_replacement, number.next_renewal):
        try:
            after = follow()
        except ValueError:
            continue
        assert after.supersedes(number)
        assert not number.supersedes(after)
        assert after.identification == number.identification


def test_a_renewal_beats_any_number_of_replacements() -> None:
    """Annex IC: the renewal index counts first."""
    renewed, replaced = CardNumber("IS10004528562001"), CardNumber("IS100045285620Z0")
    assert renewed.supersedes(replaced)
    assert not replaced.supersedes(renewed)


def test_a_card_does_not_supersede_itself_nor_a_card_of_somebody_else() -> None:
    assert not DRIVER.supersedes(DRIVER)
    assert not CardNumber("IS10004528562109").supersedes(DRIVER)


def test_another_card_of_the_same_workshop_is_not_superseded() -> None:
    """The consecutive index tells cards of one owner apart that are valid beside each other."""
    assert not CardNumber("HU0000000W301b10", CardForm.OWNER).supersedes(WORKSHOP)


def test_numbers_are_equal_where_every_character_is() -> None:
    assert CardNumber("IS1000452856200A") != CardNumber("IS1000452856200a")
    assert CardNumber(WORKSHOP.text, CardForm.DRIVER) == WORKSHOP


@pytest.mark.parametrize(
    ("text", "form", "said"),
    [
        ("BG000000000099", CardForm.DRIVER, "14 characters instead of 16"),
        ("", CardForm.DRIVER, "0 characters instead of 16"),
        ("IS1000452856-000", CardForm.DRIVER, "neither a letter"),
        ("IS1000452856Å000", CardForm.DRIVER, "neither a letter"),
        ("IS100045285620a0", CardForm.DRIVER, "replacement index"),
        ("IS1000452856200b", CardForm.DRIVER, "renewal index"),
        ("IS1000452856200 ", CardForm.DRIVER, "renewal index"),
        ("HU0000000W301-10", CardForm.OWNER, "consecutive index"),
    ],
)
def test_an_irregular_number_is_taken_as_it_is_and_its_faults_are_told(
    text: str, form: CardForm, said: str
) -> None:
    """No check digit is defined and no schema enforces the form: a fault is a warning."""
    number = CardNumber(text, form)
    assert any(said in fault for fault in number.faults())
    assert str(number) == text
    assert not number.supersedes(DRIVER)
    assert not DRIVER.supersedes(number)


def test_an_irregular_number_has_no_next_one() -> None:
    with pytest.raises(ValueError, match="with faults"):
        CardNumber("X").next_renewal()


def test_neither_a_repr_nor_a_fault_shows_a_number() -> None:
    odd = CardNumber("IS1000452856-0a!")
    shown = repr(DRIVER) + repr(odd) + " ".join(odd.faults())
    assert "IS1000" not in shown


def test_the_whole_number_is_replacement_then_renewal() -> None:
    assert DRIVER.text == DRIVER.identification + DRIVER.replacement_index + DRIVER.renewal_index
