"""The phonetic key of a name."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import jellyfish
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from movehub.names.nysiis import Step, encode, explain

VECTORS = Path(__file__).parents[2] / "vectors" / "nysiis.csv"
with VECTORS.open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))

CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
words = st.text(st.sampled_from(CAPITALS))
#: The letters that the rules name, so that the rules meet more often than in random words.
dense_words = st.text(st.sampled_from("AEHKMNPRSTCDFVWYIZQ"))
ascii_names = st.text(st.characters(max_codepoint=0x7F))


@pytest.mark.parametrize("row", ROWS, ids=[f"{row['name']}-{row['source']}" for row in ROWS])
def test_every_vector_has_its_key(row: dict[str, str]) -> None:
    assert encode(row["name"]) == row["key"]


@pytest.mark.parametrize("row", [row for row in ROWS if row["published"]], ids=lambda row: row["name"])
def test_a_vector_that_departs_from_its_publication_says_why(row: dict[str, str]) -> None:
    assert row["published"] != row["key"]
    assert row["note"]


def test_the_pairs_of_the_commission_are_all_met_as_published() -> None:
    official = [row for row in ROWS if row["source"] == "Commission test data"]
    assert {row["name"]: row["key"] for row in official} == {
        "CREIGHTON-WARD": "CRAGTANWAD",
        "PENELOPE": "PANALAP",
        "AACHEN": "ACAN",
        "PETRA": "PATR",
    }
    assert not any(row["published"] for row in official)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("MACX", "MCX"),
        ("KNX", "NX"),
        ("KX", "CX"),
        ("PHX", "FX"),
        ("PFX", "FX"),
        ("SCHX", "SX"),
    ],
)
def test_step_1_rewrites_the_first_letters(name: str, key: str) -> None:
    assert encode(name) == key


@pytest.mark.parametrize("ending", ["DT", "RT", "RD", "NT", "ND"])
def test_step_2_makes_two_last_consonants_a_d(ending: str) -> None:
    assert encode(f"X{ending}") == "XD"


@pytest.mark.parametrize("ending", ["EE", "IE"])
def test_step_2_makes_two_last_vowels_a_y(ending: str) -> None:
    assert encode(f"X{ending}") == "XY"


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("BXEVX", "BXAFX"),
        ("BXQX", "BXGX"),
        ("BXZX", "BXSX"),
        ("BXMX", "BXNX"),
        ("BXKNX", "BXNX"),
        ("BXKX", "BXCX"),
        ("BXSCHX", "BXSX"),
        ("BXPHX", "BXFX"),
    ],
)
def test_step_4_rewrites_the_letters_within(name: str, key: str) -> None:
    assert encode(name) == key


def test_step_4_keeps_an_h_only_between_two_vowels() -> None:
    assert [encode(name) for name in ("AHAB", "ATHB", "AHTB", "TAHB", "TAH")] == [
        "AHAB",
        "ATB",
        "ATB",
        "TAB",
        "T",
    ]


def test_step_4_keeps_a_w_only_where_no_vowel_goes_before() -> None:
    assert [encode(name) for name in ("BROWN", "TWIN", "ODWIN")] == ["BRAN", "TWAN", "ODWAN"]


def test_step_4_counts_the_first_letter_as_previous() -> None:
    assert [encode(name) for name in ("OHLO", "OWEN", "SHOM", "WHEELER")] == ["OL", "OAN", "SAN", "WALAR"]


def test_step_5_6_and_7_follow_each_other() -> None:
    assert [encode(name) for name in ("XAYS", "XAS", "RASCH", "XAY")] == ["XY", "X", "R", "XY"]


def test_no_step_takes_the_first_letter_of_the_key() -> None:
    assert [encode(name) for name in ("A", "AS", "S", "SS", "AY", "AAA")] == ["A", "A", "S", "S", "AY", "A"]


def test_a_key_is_not_cut_after_six_letters() -> None:
    assert encode("MONTGOMERY") == "MANTGANARY"


def test_only_letters_count() -> None:
    assert encode("  van der-Berg, 3. ") == encode("VANDERBERG") == "VANDARBARG"
    assert encode("O'BRIEN") == encode("OBRIEN")


def test_a_name_without_a_letter_has_an_empty_key() -> None:
    assert encode("") == encode(" -'3") == ""
    assert explain(" -'3") == ()


def test_a_letter_outside_ascii_is_refused_and_not_shown() -> None:
    for make in (encode, explain):
        with pytest.raises(ValueError, match="to_ascii") as refused:
            make("Müller")
        assert "ü" not in str(refused.value)
        assert "ller" not in str(refused.value)


def test_the_explanation_names_each_rule_that_fired() -> None:
    assert [(step.step, step.after) for step in explain("Knuths")] == [
        (1, "NNUTHS"),
        (4, "NNATHS"),
        (4, "NNATTS"),
        (4, "NATS"),
        (5, "NAT"),
    ]
    assert explain("Knuths")[0].rule == "first letters KN become NN"


def test_a_step_does_not_show_the_name_in_its_repr() -> None:
    assert repr(explain("KOE")[0]) == "Step(step=1, rule='first letters K become C')"


@given(ascii_names)
def test_any_ascii_text_has_a_key_of_capitals(name: str) -> None:
    key = encode(name)
    assert re.fullmatch("[A-Z]*", key)
    assert bool(key) == any(map(str.isalpha, name))
    assert encode(name) == key


@given(words | dense_words)
def test_case_and_separators_never_matter(word: str) -> None:
    assert encode(word.lower()) == encode("-".join(word)) == encode(word)


@given(words | dense_words)
@example("SCHCH")
@example("AHWA")
@example("AWHHA")
@example("KKN")
@example("EHV")
def test_the_fast_form_and_the_explanation_give_one_key(word: str) -> None:
    steps = explain(word)
    assert encode(word) == (steps[-1].after if steps else word)


@given(words | dense_words)
def test_each_step_starts_where_the_last_one_ended_and_the_numbers_never_fall(word: str) -> None:
    steps: tuple[Step, ...] = explain(word)
    starts = [word, *(step.after for step in steps[:-1])]
    assert [step.before for step in steps] == starts[: len(steps)]
    assert [step.step for step in steps] == sorted(step.step for step in steps)


@given(dense_words)
def test_a_key_repeats_no_letter_but_where_ay_became_y(word: str) -> None:
    key = encode(word)
    assert not re.search(r"(.)\1", key.removesuffix("Y"))


@given(st.from_regex(r"[BDFGJLRTV]([AIOU]?[BDFGJLNRTVX])+[BGLX]", fullmatch=True))
def test_another_implementation_agrees_where_the_rules_are_not_in_dispute(word: str) -> None:
    assert encode(word) == jellyfish.nysiis(word)
