"""The invented holders, and the register that looks them up."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from itertools import islice
from pathlib import Path
from threading import Thread

import pytest
from movehub.names.custom_search import Holder, Register
from movehub.names.search_keys import BuiltinSearchKeys
from movehub.names.transliteration import UntransliterableCharacter, to_ascii
from movehub.sandbox.registers.holders import holders
from movehub.sandbox.registers.reference import ReferenceRegister
from movehub.sandbox.registers.rows import rows

KEYS = BuiltinSearchKeys()


def test_the_holders_are_the_same_in_every_run() -> None:
    assert list(holders(200)) == list(holders(200)) == list(islice(holders(500), 200))
    assert list(holders(200)) != list(holders(200, seed=1))


def test_every_name_that_can_be_invented_can_be_written_in_ascii() -> None:
    for language in rows("languages"):
        for part in " ".join(language.values()).split():
            assert to_ascii(part)


def test_holders_have_double_names_and_names_of_three_scripts() -> None:
    names = " ".join(holder.family_name for holder in holders(2000))
    assert all(char in names for char in "-öαв")
    assert len({holder.family_name for holder in holders(2000)}) > 1000


def test_each_look_up_finds_each_holder() -> None:
    with ReferenceRegister() as made:
        register: Register = made
        made.add(holders(500))
        assert len(made) == 500
        for holder in holders(500):
            born = holder.date_of_birth
            assert holder in register.by_keys(KEYS.keys(holder.family_name, holder.first_name), born)
            assert holder in register.by_birth(born)
            assert list(register.by_certificate(holder.certificate or "")) == [holder]


@pytest.mark.parametrize(
    ("condition", "index"),
    [
        ("family_key = ? AND first_key = ? AND date_of_birth = ?", "INDEX holder_by_keys"),
        ("date_of_birth = ?", "PRIMARY KEY"),
        ("certificate = ?", "INDEX holder_by_certificate"),
    ],
)
def test_each_look_up_has_its_index(condition: str, index: str) -> None:
    """Many share a birth date, as in a register of a million; else SQLite is right to look there first."""
    with ReferenceRegister() as register:
        register.add(replace(holder, date_of_birth=date(1980, 1, 1)) for holder in holders(500))
        query = f"EXPLAIN QUERY PLAN SELECT * FROM holder WHERE {condition}"
        plan = "; ".join(row[-1] for row in register._rows(query, *("",) * condition.count("?")))
    assert f"SEARCH holder USING {index}" in plan
    assert "SCAN" not in plan


def test_a_register_in_a_file_is_there_again(tmp_path: Path) -> None:
    path = tmp_path / "register.sqlite"
    with ReferenceRegister(path) as register:
        register.add(holders(10))
    with ReferenceRegister(path) as register:
        assert len(register) == 10


def test_a_holder_that_cannot_be_added_takes_the_others_along() -> None:
    unreadable = Holder(number=11, family_name="中", first_name="", date_of_birth=date(1980, 1, 1))
    with ReferenceRegister() as register:
        with pytest.raises(UntransliterableCharacter):
            register.add([*holders(10), unreadable])
        assert len(register) == 0
        with pytest.raises(sqlite3.IntegrityError):
            register.add([*holders(10), *holders(1)])
        assert len(register) == 0


def test_two_holders_of_one_certificate_take_the_others_along(tmp_path: Path) -> None:
    """In an empty register too, where the index that tells of it is made only then."""
    *others, last = holders(10)
    with ReferenceRegister(tmp_path / "register.sqlite") as register:
        for same in (last, replace(others[0], number=11, date_of_birth=date(1980, 1, 1))):
            with pytest.raises(sqlite3.IntegrityError):
                register.add([*others, replace(same, certificate=others[0].certificate)])
            assert len(register) == 0
        register.add(others)
        with pytest.raises(sqlite3.IntegrityError):
            register.add([replace(last, certificate=others[0].certificate)])
        assert len(register) == 9


def test_a_register_in_a_file_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "register.sqlite"
    with ReferenceRegister(path) as register:
        register.add(holders(1))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_holders_without_a_first_name_or_a_certificate_are_found_by_key() -> None:
    nameless = Holder(number=1, family_name="Petra", first_name="", date_of_birth=date(1980, 1, 1))
    with ReferenceRegister() as register:
        register.add([nameless])
        assert list(register.by_keys(KEYS.keys("Petra", None), date(1980, 1, 1))) == [nameless]


def test_several_threads_may_look_up_and_add_at_once() -> None:
    """Each look-up has its rows before another one begins."""
    with ReferenceRegister() as register:
        register.add(holders(100))

        def found(holder: Holder) -> bool:
            if holder.number % 10 == 0:
                register.add([replace(holder, number=holder.number + 1000, certificate=None)])
            return holder in register.by_birth(holder.date_of_birth)

        with ThreadPoolExecutor(8) as threads:
            assert all(threads.map(found, holders(100)))
        assert len(register) == 110


def test_an_addition_that_fails_takes_nobody_along_whom_another_thread_adds() -> None:
    """The other one waits for its turn; let in at once it would commit what is about to fail."""
    first, other = holders(2)
    unreadable = replace(first, number=3, family_name="中", certificate=None)
    with ReferenceRegister() as register:
        adding = Thread(target=register.add, args=([other],))

        def failing() -> Iterator[Holder]:
            yield first
            adding.start()
            adding.join(0.1)  # not a wait for something to happen: by then it would have happened
            yield unreadable

        with pytest.raises(UntransliterableCharacter):
            register.add(failing())
        adding.join()
        assert list(register.by_birth(first.date_of_birth)) == []
        assert list(register.by_birth(other.date_of_birth)) == [other]
