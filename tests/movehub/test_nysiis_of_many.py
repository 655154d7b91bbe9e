"""The keys of many names at once."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from movehub.names.nysiis import encode
from movehub.nysiis_of_many import encode_all

from tests.movehub.names.test_nysiis import CAPITALS, ROWS, ascii_names, dense_words, words


@given(st.lists(st.one_of(words, dense_words, ascii_names)))
@example(["EVE", "", "S", "SS", "AY", "AYS", "A", "AA", "EE", "RND", "SCHCH", "K", "HW", "WH"])
@example(["\x02", "\x03\x02", "A"])
def test_the_keys_of_many_names_are_those_of_each(names: list[str]) -> None:
    assert encode_all(names) == [encode(name) for name in names]


def test_every_short_name_has_the_same_key_among_many() -> None:
    names = [a + b + c for a in CAPITALS for b in CAPITALS for c in ["", *CAPITALS]]
    assert encode_all(names) == [encode(name) for name in names]


def test_every_vector_has_its_key_among_many() -> None:
    assert encode_all([row["name"] for row in ROWS]) == [row["key"] for row in ROWS]


def test_a_name_outside_ascii_is_refused_among_many() -> None:
    with pytest.raises(ValueError, match="transliteration"):
        encode_all(["BROWN", "MÜLLER"])
