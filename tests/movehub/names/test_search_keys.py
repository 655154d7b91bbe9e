"""Which part of a name makes which key."""

from __future__ import annotations

import dataclasses
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from movehub.names.punctuation import with_plain_punctuation
from movehub.names.search_keys import (
    BuiltinSearchKeys,
    SearchKeyProvider,
    SearchKeys,
    family_name_key,
    first_name_key,
    search_keys_of,
)
from movehub.names.transliteration import SUPPORTED, UntransliterableCharacter, to_ascii

supported_text = st.text(
    st.one_of(
        *(st.characters(min_codepoint=codes.start, max_codepoint=codes.stop - 1) for codes in SUPPORTED)
    )
)


def key_of(name: str) -> str | None:
    """The key, or None for a refusal."""
    try:
        return family_name_key(name)
    except UntransliterableCharacter:
        return None


def test_the_family_name_counts_as_a_complete_string() -> None:
    assert family_name_key("Creighton-Ward") == "CRAGTANWAD"
    assert family_name_key("van der Berg") == "VANDARBARG"


def test_of_the_first_names_only_the_first_counts() -> None:
    assert first_name_key("Penelope Jane") == first_name_key("Penelope") == "PANALAP"
    assert first_name_key("  Penelope\u00a0Jane") == "PANALAP"


def test_a_hyphen_does_not_end_a_first_name() -> None:
    assert first_name_key("Jean-Pierre Marie") == "JANPAR"


def test_a_name_in_another_script_meets_its_latin_spelling() -> None:
    assert family_name_key("Παπαδόπουλος") == family_name_key("Papadopoulos")
    assert family_name_key("Ковальчук", "UA") == family_name_key("Kovalchuk")
    assert family_name_key("Щърбанов", "BG") == family_name_key("Shtarbanov")
    assert family_name_key("Живковић", "RS") == family_name_key("Živković")
    assert family_name_key("Müller") == family_name_key("Mueller")


def test_the_builtin_provider_makes_both_keys() -> None:
    provider: SearchKeyProvider = BuiltinSearchKeys()
    assert provider.keys("Creighton-Ward", "Penelope Jane") == SearchKeys("CRAGTANWAD", "PANALAP")


def test_the_builtin_provider_reads_as_its_state_does() -> None:
    assert BuiltinSearchKeys("BG").keys("Щърбанов", None) == SearchKeys("STARBANAV")
    assert BuiltinSearchKeys().keys("Щърбанов", None) != SearchKeys("STARBANAV")


@pytest.mark.parametrize("first_name", [None, "", " ", "-"])
def test_without_a_first_name_there_is_no_key_for_it(first_name: str | None) -> None:
    assert BuiltinSearchKeys().keys("Petra", first_name).first_name is None


def test_keys_are_frozen_and_never_shown() -> None:
    keys = SearchKeys("CRAGTANWAD", "PANALAP")
    assert repr(keys) == "SearchKeys()"
    with pytest.raises(dataclasses.FrozenInstanceError):
        keys.family_name = "X"  # type: ignore[misc]


def test_a_refusal_shows_nothing_of_the_name() -> None:
    with pytest.raises(UntransliterableCharacter) as refused:
        BuiltinSearchKeys().keys("Müller中", "Żaneta")
    assert str(refused.value) == "U+4E2D at position 6 has no reading in ASCII"


@given(supported_text)
def test_composed_and_decomposed_names_give_one_key(name: str) -> None:
    assert (
        key_of(unicodedata.normalize("NFC", name))
        == key_of(unicodedata.normalize("NFD", name))
        == key_of(name)
    )


@given(supported_text)
def test_a_name_with_a_letter_has_a_key_or_is_refused(name: str) -> None:
    key = key_of(name)
    assert key is None or bool(key) == any(map(str.isalpha, name))


@given(st.text() | supported_text)
def test_any_text_has_a_key_of_capitals_or_the_named_error_and_always_the_same(name: str) -> None:
    key = key_of(name)
    assert key is None or re.fullmatch("[A-Z]*", key)
    assert key_of(name) == key


@given(st.text(st.sampled_from("aäßÄœþαΑάήΰςΣγμπυчщьЪїЙґўA'- ʼé\u0301")))
def test_case_never_changes_a_key(name: str) -> None:
    assert key_of(name.upper()) == key_of(name.lower()) == key_of(name)


@given(supported_text)
def test_a_name_and_what_it_is_written_as_have_one_key(name: str) -> None:
    key = key_of(name)
    if key is not None:
        assert family_name_key(to_ascii(with_plain_punctuation(name))) == key


@dataclasses.dataclass
class Notified:
    family_name: str | None
    first_name: str | None = None
    family_name_search_key: str | None = None
    first_name_search_key: str | None = None


def test_the_keys_of_the_hub_come_before_the_states_own() -> None:
    """Annex IV, 1 and 2."""
    assert search_keys_of(Notified("Müller", "Petra", "X", "Y")) == SearchKeys("X", "Y")
    assert search_keys_of(Notified("Müller", "Petra", "X")) == SearchKeys("X", None)
    assert search_keys_of(Notified("Müller", "Petra")) == BuiltinSearchKeys().keys("Müller", "Petra")
    assert search_keys_of(Notified("Petra")) == SearchKeys("PATR", None)


def test_the_states_own_keys_come_from_its_own_provider() -> None:
    class Official:
        def keys(self, family_name: str, first_name: str | None) -> SearchKeys:
            return SearchKeys("OFFICIAL")

    assert search_keys_of(Notified("Müller"), Official()) == SearchKeys("OFFICIAL")
    assert search_keys_of(Notified("Müller", None, "X"), Official()) == SearchKeys("X", None)


def test_who_is_not_named_has_no_keys() -> None:
    assert search_keys_of(Notified(None)) is None
