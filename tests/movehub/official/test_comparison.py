"""Which name there stands for which of ours: certain only where there is no doubt."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st
from movehub.official.comparison import Pair, paired
from movehub.official.tree import Facets, Node

TEXT, DAY = Facets("string", (), 1, 100), Facets("date")


def attribute(name: str, facets: Facets = TEXT) -> Node:
    return Node(f"@{name}", required=True, facets=facets)


def element(name: str, *below: Node) -> Node:
    return Node(name, required=True, below=below)


def pairs(ours: list[Node], theirs: list[Node]) -> list[Pair]:
    return list(paired(ours, theirs, {node.name: node.name.lstrip("@") for node in ours}))


def names(found: list[Pair]) -> dict[str, tuple[str, bool]]:
    return {pair.ours.name: (pair.theirs.name, pair.certain) for pair in found}


def test_the_same_letters_are_certain_whatever_the_case_and_the_separators() -> None:
    found = pairs([attribute("familyName")], [attribute("first_name"), attribute("FAMILY_NAME")])
    assert names(found) == {"@familyName": ("@FAMILY_NAME", True)}


def test_another_name_of_the_same_type_is_a_guess() -> None:
    assert names(pairs([attribute("familyName")], [attribute("surname")])) == {
        "@familyName": ("@surname", False)
    }


def test_a_name_that_looks_alike_is_guessed_before_one_that_stands_nearer() -> None:
    found = pairs([attribute("familyName")], [attribute("town"), attribute("familyNames")])
    assert names(found)["@familyName"] == ("@familyNames", False)


def test_an_attribute_is_never_taken_for_an_element_nor_a_date_for_a_text() -> None:
    assert pairs([attribute("a")], [element("a")]) == []
    assert pairs([attribute("born", DAY)], [attribute("town", TEXT)]) == []


def test_an_element_with_the_same_content_is_a_guess_and_no_more() -> None:
    """The applicant is not the holder, although both have a name and a date of birth."""
    ours = element("HolderDetails", attribute("familyName"), attribute("dateOfBirth", DAY))
    other = element("ApplicantDetails", attribute("familyName"), attribute("dateOfBirth", DAY))
    assert names(pairs([ours], [other])) == {"HolderDetails": ("ApplicantDetails", False)}


def test_what_is_told_is_certain() -> None:
    found = list(paired([attribute("familyName")], [attribute("a"), attribute("b")], {"@familyName": "b"}))
    assert names(found) == {"@familyName": ("@b", True)}


@given(
    st.lists(st.from_regex(r"[a-z]{3,9}([A-Z][a-z]{2,6}){0,2}", fullmatch=True), unique_by=str.lower),
    st.integers(),
)
def test_names_in_another_case_and_order_are_all_found(known: list[str], seed: int) -> None:
    theirs = [attribute(name.upper()) for name in known]
    Random(seed).shuffle(theirs)
    found = pairs([attribute(name) for name in known], theirs)
    assert names(found) == {f"@{name}": (f"@{name.upper()}", True) for name in known}


@given(
    st.lists(st.text("abcdef", min_size=1, max_size=4)), st.lists(st.text("abcdef", min_size=1, max_size=4))
)
def test_no_name_is_in_two_pairs(ours: list[str], theirs: list[str]) -> None:
    found = pairs(
        [attribute(name) for name in dict.fromkeys(ours)], [attribute(name) for name in dict.fromkeys(theirs)]
    )
    assert len({pair.ours.name for pair in found}) == len(found) == len({pair.theirs.name for pair in found})
