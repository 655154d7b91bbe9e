"""Notified licences: recorded once, found by number and by keys, and deleted after their period."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from movehub.names import BuiltinSearchKeys
from movehub.protocol import NotifiedLicence, SearchedLicence
from movehub.store import FoundBy, FoundNotification, Store, find_notifications, prune
from movehub.store.changes import make
from movehub.store.notified_licences import recorded
from movehub.store.periods import Period, Periods
from movehub.store.tables import JOURNAL, NOTIFIED_LICENCE
from sqlalchemy import func, select, update

from tests.support.databases import Hands
from tests.support.examples import CANARY

BY = "service 7"
BORN = date(1981, 4, 2)
KEYS = BuiltinSearchKeys()


def licence(
    name: str | None = "Thomassen", first: str | None = "Mathilde", **changes: Any
) -> NotifiedLicence:
    keys = None if name is None else KEYS.keys(name, first)
    given = NotifiedLicence(
        driving_licence_number="64988-92128",
        card_number="SE00147296746711",
        family_name_search_key=None if keys is None else keys.family_name,
        first_name_search_key=None if keys is None else keys.first_name,
        date_of_birth=BORN,
    )
    return replace(given, **changes)


def asked(name: str, first: str | None = "Mathilde", number: str = "1", born: date = BORN) -> SearchedLicence:
    keys = KEYS.keys(name, first)
    return SearchedLicence(
        driving_licence_number=number,
        family_name_search_key=keys.family_name,
        first_name_search_key=keys.first_name,
        date_of_birth=born,
    )


def record(store: Store, technical_id: str, notified: NotifiedLicence, sender: str = "SE") -> None:
    message = {"technical_id": technical_id, "from_code": sender}
    with store.writing() as connection:
        make(connection, [recorded(message, notified, store.now())])


def find(store: Store, searched: SearchedLicence) -> tuple[FoundNotification, ...]:
    return store.write(lambda connection: find_notifications(connection, store.journal, searched, by=BY))


def found(store: Store, searched: SearchedLicence) -> list[tuple[str, FoundBy]]:
    return [(each.technical_id, each.found_by) for each in find(store, searched)]


def count(store: Store) -> int:
    with store.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(NOTIFIED_LICENCE)).scalar_one())


def journal(store: Store) -> list[Any]:
    wanted = select(JOURNAL.c.access, JOURNAL.c.actor, JOURNAL.c.technical_id).order_by(JOURNAL.c.seq)
    with store.reading() as connection:
        return [tuple(row) for row in connection.execute(wanted)]


@pytest.mark.parametrize("number", ["64988-92128", "64988 92128", "6498892128", "6498 892128-"])
def test_a_notification_is_found_by_the_number_of_the_licence_in_any_spelling(
    store: Store, number: str
) -> None:
    record(store, "a", licence())
    (one,) = find(store, asked("Nowak", number=number))
    assert (one.notified_by, one.card_number, one.found_by, one.recorded_at) == (
        "SE",
        "SE00147296746711",
        FoundBy.LICENCE_NUMBER,
        store.now(),
    )


def test_a_notification_is_found_by_the_keys_of_a_misspelt_name_and_the_date_of_birth(store: Store) -> None:
    record(store, "a", licence("Thomassen"))
    assert found(store, asked("Tomassen")) == [("a", FoundBy.SEARCH_KEYS)]
    assert found(store, asked("Tomassen", born=date(1981, 2, 4))) == []
    assert found(store, asked("Nowak")) == []


def test_the_number_comes_first_and_no_notification_twice(store: Store) -> None:
    """2016/68, Annex VIII, 1.3: first by licence number, secondly by keys and date of birth."""
    record(store, "a", licence(driving_licence_number="2"), "EE")
    record(store, "b", licence())
    both = asked("Thomassen", number="64988-92128")
    assert found(store, both) == [("b", FoundBy.LICENCE_NUMBER), ("a", FoundBy.SEARCH_KEYS)]


@pytest.mark.parametrize(
    ("notified", "searched", "is_found"),
    [
        ("Mathilde", "Mathilde", True),
        ("Mathilde", "Joanna", False),
        (None, "Mathilde", True),
        ("Mathilde", None, True),
        (None, None, True),
    ],
)
def test_first_names_are_compared_if_both_sides_have_one(
    store: Store, notified: str | None, searched: str | None, is_found: bool
) -> None:
    """A first name is optional in both messages, and its absence must not hide a card."""
    record(store, "a", licence(first=notified))
    assert bool(find(store, asked("Thomassen", searched))) is is_found


def test_a_name_without_a_letter_has_no_key_to_be_found_by(store: Store) -> None:
    record(store, "a", licence("-", None))
    assert find(store, asked("-", None)) == ()


def test_a_notification_without_a_name_is_found_by_its_number_alone(store: Store) -> None:
    record(store, "a", licence(None, date_of_birth=None))
    assert find(store, asked("Thomassen")) == ()
    assert found(store, asked("Thomassen", number="6498892128")) == [("a", FoundBy.LICENCE_NUMBER)]


def test_a_message_that_is_processed_twice_is_recorded_once(store: Store) -> None:
    for _ in range(2):
        record(store, "a", licence())
    assert count(store) == 1


def test_the_journal_says_who_has_searched_whatever_was_found(store: Store) -> None:
    find(store, asked("Thomassen"))
    record(store, "a", licence())
    record(store, "b", licence())
    find(store, asked("Thomassen"))
    assert journal(store) == [
        ("consulted", BY, None),
        ("consulted", BY, "a"),
        ("consulted", BY, "b"),
    ]


def test_no_repr_shows_a_number_a_key_or_a_date(store: Store) -> None:
    record(store, "a", licence(CANARY))
    shown = repr((licence(CANARY), asked(CANARY), find(store, asked(CANARY))))
    keys = KEYS.keys(CANARY, "Mathilde")
    for hidden in ("64988", "SE00147296746711", keys.family_name, keys.first_name or "", "1981", CANARY):
        assert hidden not in shown


def test_a_record_is_deleted_six_years_later_with_a_line_in_the_journal(store: Store, clock: Hands) -> None:
    record(store, "a", licence())
    clock.instant = clock.instant.replace(year=2032)
    assert prune(store, store.journal).notified_licences == 0
    clock.forward(1)
    pruned = prune(store, store.journal)
    assert (pruned.notified_licences, pruned.plain()["notified_licences"], count(store)) == (1, 1, 0)
    assert journal(store) == [("erased", "movehub prune", "a")]


def test_the_period_of_the_records_is_a_setting(store: Store, clock: Hands) -> None:
    record(store, "a", licence())
    clock.forward(timedelta(days=31).total_seconds())
    month = Periods(notified_licences=Period.of("1 month"))
    assert prune(store, store.journal, month).notified_licences == 1


def test_more_records_than_one_transaction_deletes_are_all_deleted(store: Store, clock: Hands) -> None:
    for number in range(201):
        record(store, str(number), licence())
    clock.instant = clock.instant.replace(year=2033)
    assert prune(store, store.journal).notified_licences == 201
    assert count(store) == 0


def test_a_record_from_a_clock_that_was_ahead_is_not_stored_for_ever(store: Store, clock: Hands) -> None:
    record(store, "a", licence())
    with store.writing() as connection:
        connection.execute(update(NOTIFIED_LICENCE).values(recorded_at=clock().replace(year=2099)))
    assert prune(store, store.journal).notified_licences == 0
    clock.instant = clock.instant.replace(year=2033)
    assert prune(store, store.journal).notified_licences == 1
