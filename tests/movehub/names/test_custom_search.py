"""Search beside the keys."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from movehub.names.custom_search import (
    FoundBy,
    Hit,
    Holder,
    Wanted,
    likeness,
    search,
    spellings,
    swapped_day_and_month,
)
from movehub.names.search_keys import SearchKeys
from movehub.names.transliteration import UntransliterableCharacter
from movehub.sandbox.registers.holders import holders
from movehub.sandbox.registers.reference import ReferenceRegister

from tests.support.misspellings import misspellings

BORN = date(1980, 3, 7)


def holder(number: int, family_name: str, first_name: str, born: date = BORN) -> Holder:
    return Holder(
        number=number,
        family_name=family_name,
        first_name=first_name,
        date_of_birth=born,
        certificate=f"C-{number}",
    )


PEOPLE = (
    holder(1, "Müller-Lindenfeld", "Sabine"),
    holder(2, "Kowalczyk", "Barbara"),
    holder(3, "Щърбанов", "Юлиян"),
    holder(4, "Brandhofer", "Norbert Uwe", date(1980, 7, 3)),
    holder(5, "Kowalczyk", "Barbara", date(1980, 3, 8)),
    holder(6, "Sundström", ""),
)


@pytest.fixture(scope="module")
def register() -> Iterator[ReferenceRegister]:
    with ReferenceRegister() as made:
        made.add(PEOPLE)
        yield made


def found(
    register: ReferenceRegister, family_name: str, first_name: str | None = None, born: date = BORN
) -> list[tuple[int, FoundBy]]:
    wanted = Wanted(family_name=family_name, first_name=first_name, date_of_birth=born)
    return [(hit.holder.number, hit.found_by) for hit in search(register, wanted)]


def test_who_has_both_keys_and_the_birth_date_is_found_by_nysiis(register: ReferenceRegister) -> None:
    assert found(register, "Kovalczyk", "Barbara") == [(2, FoundBy.CUSTOM)]
    assert found(register, "Kowalczyk", "Barbora") == [(2, FoundBy.NYSIIS)]


def test_the_keys_that_the_hub_has_sent_count_and_not_those_made_here(register: ReferenceRegister) -> None:
    keys = SearchKeys("CALCSYC", "BARBAR")
    assert register.add(()) is None
    wanted = Wanted(family_name="Xyz", first_name="Xyz", date_of_birth=BORN, keys=keys)
    by_keys = [hit.holder.number for hit in search(register, wanted)]
    assert by_keys == [each.number for each in register.by_keys(keys, BORN)]


def test_somebody_without_a_first_name_is_found_by_the_family_name(register: ReferenceRegister) -> None:
    assert found(register, "Sundström") == [(6, FoundBy.NYSIIS)]
    assert found(register, "Sundstrom", "Gösta") == [(6, FoundBy.CUSTOM)]
    assert found(register, "Kowalczyk") == [(2, FoundBy.CUSTOM)]
    assert found(register, "Kowal") == []


def test_a_certificate_finds_its_holder_whatever_the_name(register: ReferenceRegister) -> None:
    wanted = Wanted(family_name="Xyz", first_name="Xyz", date_of_birth=BORN, certificate="C-4")
    (hit,) = search(register, wanted)
    assert (hit.holder, hit.found_by) == (PEOPLE[3], FoundBy.CPC)
    assert hit.explain() == "CPC, 1.00: the certificate has this number"


def test_nobody_is_found_twice_and_the_keys_go_before_the_guess(register: ReferenceRegister) -> None:
    wanted = Wanted(family_name="Kowalczyk", first_name="Barbara", date_of_birth=BORN, certificate="C-5")
    assert [(hit.holder.number, hit.found_by) for hit in search(register, wanted)] == [
        (5, FoundBy.CPC),
        (2, FoundBy.NYSIIS),
    ]


@pytest.mark.parametrize(
    ("family_name", "first_name", "number"),
    [
        ("Sabine", "Müller-Lindenfeld", 1),
        ("Lindenfeld", "Sabine", 1),
        ("Muller", "Sabine", 1),
        ("Lindenfeld Mueller", "Sabine", 1),
        ("Kowlaczyk", "Barbara", 2),
        ("Barbara", "Kowalcyk", 2),
        ("Shtarbanov", "Yuliyan", 3),
        ("Scherbanov", "Iuliian", 3),
    ],
)
def test_a_misspelled_name_is_found_beside_the_keys(
    register: ReferenceRegister, family_name: str, first_name: str, number: int
) -> None:
    assert found(register, family_name, first_name) == [(number, FoundBy.CUSTOM)]


def test_day_and_month_swapped_is_found_beside_the_keys(register: ReferenceRegister) -> None:
    assert found(register, "Brandhofer", "Norbert") == [(4, FoundBy.CUSTOM)]
    assert found(register, "Brandhofer", "Norbert", date(1980, 7, 3)) == [(4, FoundBy.NYSIIS)]


def test_another_day_is_another_person(register: ReferenceRegister) -> None:
    assert found(register, "Kowalczyk", "Barbara", date(1981, 3, 7)) == []


def test_one_name_alike_is_not_enough(register: ReferenceRegister) -> None:
    assert found(register, "Kowalczyk", "Zdzisław") == []
    assert found(register, "Żeromska", "Barbara") == []


@pytest.mark.parametrize(
    ("wanted", "line"),
    [
        (("Lindenfeld", "Sabine", BORN), "family names 0.97 alike, first names 1.00 alike; born on this day"),
        (("Barbara", "Kowalczyk", BORN), "family and first name swapped, 1.00 alike; born on this day"),
        (
            ("Brandhofer", "Norbert", BORN),
            "family names 1.00 alike, first names 0.97 alike; born on this day with day and month swapped",
        ),
        (("Sundström", "Gösta", BORN), "family names 1.00 alike, a first name is missing; born on this day"),
    ],
)
def test_a_hit_explains_itself_without_a_name(
    register: ReferenceRegister, wanted: tuple[str, str, date], line: str
) -> None:
    family_name, first_name, born = wanted
    (hit,) = search(register, Wanted(family_name=family_name, first_name=first_name, date_of_birth=born))
    assert hit.explain().endswith(line)
    assert hit.explain().startswith("Custom, ")
    assert not any(name in repr(hit) for name in (family_name, first_name, hit.holder.family_name, "1980"))


def test_what_is_looked_for_is_not_in_its_repr() -> None:
    wanted = Wanted(family_name="Petra", first_name="Penelope", date_of_birth=BORN, certificate="C-1")
    assert repr(wanted) == "Wanted(keys=None)"


def test_the_best_hit_comes_first() -> None:
    with ReferenceRegister() as register:
        register.add([holder(1, "Lindquist", "Sigrid"), holder(2, "Lindqvist", "Sigrid")])
        hits = search(register, Wanted(family_name="Lindqviste", first_name="Zigrid", date_of_birth=BORN))
    assert [hit.holder.number for hit in hits] == [2, 1]
    assert hits[0].score > hits[1].score


def test_a_name_in_the_register_that_has_no_reading_does_not_end_the_search(
    register: ReferenceRegister,
) -> None:
    class Unreadable:
        def by_keys(self, keys: SearchKeys, born: date) -> list[Holder]:
            return []

        def by_birth(self, born: date) -> list[Holder]:
            return [holder(7, "中", "中"), PEOPLE[1]]

        def by_certificate(self, certificate: str) -> list[Holder]:
            return []

    wanted = Wanted(family_name="Kowalczyk", first_name="Barbara", date_of_birth=date(2000, 1, 1))
    assert [hit.holder.number for hit in search(Unreadable(), wanted)] == [2]


def test_a_name_asked_for_that_has_no_reading_is_refused(register: ReferenceRegister) -> None:
    with pytest.raises(UntransliterableCharacter):
        search(register, Wanted(family_name="中", date_of_birth=BORN, keys=SearchKeys("A")))


@pytest.mark.parametrize(
    ("born", "swapped"),
    [
        (date(1980, 3, 7), date(1980, 7, 3)),
        (date(1980, 12, 1), date(1980, 1, 12)),
        (date(1980, 3, 13), None),
        (date(1980, 5, 5), None),
    ],
)
def test_day_and_month_are_swapped_where_that_is_another_date(born: date, swapped: date | None) -> None:
    assert swapped_day_and_month(born) == swapped


@given(st.dates())
def test_swapping_twice_gives_the_date_again(born: date) -> None:
    swapped = swapped_day_and_month(born)
    assert swapped is None or swapped_day_and_month(swapped) == born


@given(st.sampled_from(list(holders(300))), st.sampled_from(list(holders(300))))
def test_likeness_is_the_same_both_ways_and_1_for_a_name_itself(one: Holder, other: Holder) -> None:
    mine, theirs = spellings(one.family_name), spellings(other.family_name)
    assert likeness(mine, theirs) == pytest.approx(likeness(theirs, mine))
    assert likeness(mine, mine) == 1.0
    assert 0.0 <= likeness(mine, theirs) <= 1.0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Müller", "Mueller"),
        ("Müller", "Muller"),
        ("Ångström", "Angstrom"),
        ("Щърбанов", "Shtarbanov"),
        ("Григорій", "Hryhorii"),
        ("Jean-Pierre", "Jean Pierre"),
        ("O'Brien", "OBrien"),
    ],
)
def test_two_habits_of_spelling_are_one_name(one: str, other: str) -> None:
    assert likeness(spellings(one), spellings(other)) == 1.0


def test_a_particle_alone_makes_no_two_names_alike() -> None:
    assert likeness(spellings("van der Berg"), spellings("van der Zwaan")) < 0.9
    assert likeness(spellings("van Berg"), spellings("Zwaan van")) < 0.75


def test_a_spelling_does_not_show_the_name_in_its_repr() -> None:
    assert repr(spellings("Petra")) == "(Spelling(),)"


def test_the_custom_search_finds_nineteen_in_twenty_of_the_published_misspellings() -> None:
    """Among 20,000 others, so that who was found stands beside who must not be."""
    listed = list(misspellings(first_number=1_000_001))
    assert len(listed) >= 200
    counted: Counter[FoundBy | None] = Counter()
    others = 0
    with ReferenceRegister() as register:
        register.add([*holders(20_000), *(known for _, known, _ in listed)])
        for _, known, wanted in listed:
            hits: dict[Holder, Hit] = {hit.holder: hit for hit in search(register, wanted)}
            assert all(hit.explain() for hit in hits.values())
            counted[hits[known].found_by if known in hits else None] += 1
            others += sum(each.number <= 20_000 for each in hits)
    assert counted[FoundBy.NYSIIS] + counted[FoundBy.CUSTOM] >= 0.95 * len(listed)
    assert counted[FoundBy.NYSIIS] < 0.4 * len(listed)
    assert others <= 2


def test_a_misspelling_differs_from_what_stands_in_the_register() -> None:
    seen = set()
    for kind, known, wanted in misspellings():
        asked = wanted.family_name, wanted.first_name, wanted.date_of_birth
        assert kind
        assert asked != (known.family_name, known.first_name, known.date_of_birth)
        row = kind, known.family_name, known.first_name, asked
        assert row not in seen
        seen.add(row)
