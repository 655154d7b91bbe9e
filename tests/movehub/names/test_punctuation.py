"""A person is found under plain and under typographic punctuation, whichever side has which."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from movehub.names.custom_search import FoundBy, Holder, Wanted, search
from movehub.names.explain import preparation
from movehub.names.key_service import SearchKeyService
from movehub.names.punctuation import PLAIN_PUNCTUATION, with_plain_punctuation
from movehub.names.search_keys import BuiltinSearchKeys, SearchKeys, family_name_key, first_name_key
from movehub.sandbox.registers.reference import ReferenceRegister

BORN = date(1981, 4, 2)

#: A name as typed, and as registers and word processors have it.
SPELLED = [
    ("O'Neil", "O’Neil"),
    ("O'Neil", "O‘Neil"),
    ("O'Neil", "O\u2032Neil"),
    ("O'Neil", "O＇Neil"),
    ("Müller-Knuths", "Müller‐Knuths"),
    ("Müller-Knuths", "Müller\u2011Knuths"),
    ("Müller-Knuths", "Müller\u2012Knuths"),
    ("Müller-Knuths", "Müller–Knuths"),
    ("Müller Knuths", "Müller/Knuths"),
    ("Van der Berg", "Van\u202fder\u2009Berg"),
    ("Papadopoulos", "Papa\u200bdopoulos"),
    ("Papadopoulos", "\ufeffPapadopoulos\u200e"),
    ("Kowalska Nowak", "Kowalska (Nowak)"),
    ("Kowalska Nowak", "Kowalska [Nowak]"),
    ("Παπα-Δόπουλος", "Παπα–Δόπουλος"),
]


@pytest.mark.parametrize(("plain", "typographic"), SPELLED)
def test_both_spellings_have_one_key(plain: str, typographic: str) -> None:
    assert family_name_key(plain) == family_name_key(typographic)
    assert first_name_key(plain) == first_name_key(typographic)
    assert preparation(plain)[-1] == preparation(typographic)[-1]


@pytest.mark.parametrize(("one", "other"), SPELLED + [(other, one) for one, other in SPELLED])
def test_each_spelling_finds_the_other(one: str, other: str) -> None:
    """By the keys of both sides, and by likeness if the keys of the hub lead nowhere."""
    wanted = Wanted(family_name=one, first_name="Anna", date_of_birth=BORN)
    with ReferenceRegister() as register:
        register.add([Holder(number=1, family_name=other, first_name="Anna", date_of_birth=BORN)])
        for keys, found_by in ((None, FoundBy.NYSIIS), (SearchKeys("X", "X"), FoundBy.CUSTOM)):
            (hit,) = search(register, replace(wanted, keys=keys))
            assert (hit.found_by, hit.score) == (found_by, 1.0)


def test_a_service_gets_names_with_plain_punctuation() -> None:
    asked: list[str] = []

    class Service(SearchKeyService):
        def _ask(self, name: str, use_full_name: bool) -> str:
            asked.append(name)
            return "KEY"

    with Service() as service:
        service.keys("O’Neil", "Anna–Maria")
        service.keys("\u200b", None)
        assert asked == ["Anna-Maria", "O'Neil"]
        service.key("O’Brien", use_full_name=True)
    assert asked[2:] == ["O’Brien"], "a comparison with the service is of the name as it is"


def test_every_other_character_stays() -> None:
    name = "ÀÉ中Ж·ʼ´`-' .,1\x00\t@"
    assert with_plain_punctuation(name) == name


@given(st.text(st.sampled_from("".join(PLAIN_PUNCTUATION.values()) + "aÄЖ-' ")))
def test_plain_punctuation_is_accepted_by_the_tables_and_is_final(name: str) -> None:
    plain = with_plain_punctuation(name)
    assert with_plain_punctuation(plain) == plain
    BuiltinSearchKeys().keys(plain, None)
