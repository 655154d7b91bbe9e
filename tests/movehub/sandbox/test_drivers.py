"""The sandbox's register of cards: what it finds, what it changes, what it records."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from movehub.names.search_keys import BuiltinSearchKeys, SearchKeys
from movehub.sandbox.network import PARTICIPANTS
from movehub.sandbox.registers.drivers import FINAL, DriverRegister
from movehub.sandbox.registers.rows import rows, rows_of

import tachonet_client as tachonet
from tachonet_client import CardStatus, ModificationStatus, SearchMechanism
from tests.support.cards import icdl_request, mcs_request
from tests.support.examples import CANARY, FI_TACHONET

POLES = rows_of("drivers", "PL")


@pytest.fixture
def poland() -> Iterator[DriverRegister]:
    register = DriverRegister("PL")
    yield register
    register.close()


def driver(row: dict[str, str], **changes: Any) -> tachonet.SearchedDriver:
    searched = tachonet.SearchedDriver(
        family_name=row["family_name"],
        first_name=row["first_name"],
        date_of_birth=date.fromisoformat(row["date_of_birth"]),
    )
    return replace(searched, **changes)


def change(number: str, status: CardStatus) -> Any:
    changed = replace(mcs_request().modified_card, card_number=number, new_card_status=status)
    return FI_TACHONET.request(replace(mcs_request(), modified_card=changed), "PL")


def card(register: DriverRegister, number: str) -> tachonet.CheckedCard:
    found = register.check_card_status(tachonet.SearchedCard(card_number=number))
    assert found is not None
    return found


def test_the_keys_of_the_hub_are_those_that_count(poland: DriverRegister) -> None:
    """Annex IV, 2: whatever the name, the keys that came with it are searched by."""
    row = POLES[0]
    keys = BuiltinSearchKeys().keys(row["family_name"], row["first_name"])
    searched = driver(row, family_name=CANARY, first_name="X").with_search_keys(keys)
    (found,) = poland.check_issued_cards(searched)
    assert found.search_mechanism is SearchMechanism.NYSIIS
    other = driver(row).with_search_keys(SearchKeys("CANARANVAGAL", "X"))
    assert [each.search_mechanism for each in poland.check_issued_cards(other)] == [SearchMechanism.CUSTOM]


def test_without_keys_of_the_hub_the_register_makes_its_own(poland: DriverRegister) -> None:
    for row in POLES:
        (found,) = poland.check_issued_cards(driver(row))
        assert (found.card.card_number, found.search_mechanism) == (
            row["card_number"],
            SearchMechanism.NYSIIS,
        )


def test_somebody_else_is_not_found(poland: DriverRegister) -> None:
    assert poland.check_issued_cards(driver(POLES[0], family_name=CANARY)) == ()
    assert poland.check_issued_cards(driver(POLES[0], date_of_birth=date(1931, 1, 31))) == ()


def test_every_card_of_the_data_can_be_checked() -> None:
    for code in PARTICIPANTS:
        register = DriverRegister(code)
        for row in (*rows_of("drivers", code), *rows_of("workshop_cards", code)):
            checked = card(register, row["card_number"])
            assert checked.card_status == row["card_status"]
            assert checked.valid_for_driving == (row["valid_for_driving"] == "true")
        register.close()


@pytest.mark.parametrize("row", list(rows("workshop_cards")), ids=lambda row: row["state"])
def test_a_workshop_card_whose_person_is_known_is_found_with_its_workshop_and_no_licence(
    row: dict[str, str],
) -> None:
    """Annex III, appendix: Workshop Card Details, "Yes if a workshop card is found"."""
    register = DriverRegister(row["state"])
    if not row["family_name"]:
        assert card(register, row["card_number"]).holder is None
        return
    found = [each for each in register.check_issued_cards(driver(row)) if each.workshop is not None]
    [(number, workshop, licence, valid)] = [
        (each.card.card_number, each.workshop, each.driving_licence, each.card.valid_for_driving)
        for each in found
    ]
    assert (number, licence, valid) == (row["card_number"], None, False)
    assert workshop == tachonet.WorkshopDetails(
        workshop_name=row["workshop_name"], workshop_address=row["workshop_address"]
    )
    register.close()


def test_no_two_cards_of_a_state_have_one_number() -> None:
    """Regulation (EU) 2016/799, Annex IC, definition (g)."""
    numbers = [
        (row["state"], row["card_number"]) for name in ("drivers", "workshop_cards") for row in rows(name)
    ]
    assert len(numbers) == len(set(numbers))
    assert all(not tachonet.CardNumber(number).faults() for _, number in numbers)


@pytest.mark.parametrize(
    ("status", "valid"),
    [(CardStatus.STOLEN, False), (CardStatus.IN_EXCHANGE, True), (CardStatus.HANDED_OVER, True)],
)
def test_a_notified_status_changes_the_card_and_what_the_state_says_of_it(
    poland: DriverRegister, status: CardStatus, valid: bool
) -> None:
    number = next(row["card_number"] for row in POLES if row["valid_for_driving"] == "true")
    message = change(number, status)
    poland.modify_card_status(message)
    changed = card(poland, number)
    assert (changed.card_status, changed.valid_for_driving) == (status, valid)
    assert changed.status_modified_date == date(2026, 11, 22)
    assert poland.notified == [message]
    assert poland.result_of(message) == (ModificationStatus.OK, status)


def test_a_change_of_an_unknown_card_is_kept_and_said_to_be_so(poland: DriverRegister) -> None:
    message = change("PL99999999999900", CardStatus.LOST)
    poland.modify_card_status(message)
    assert poland.notified == [message]
    assert poland.result_of(message) == (ModificationStatus.CARD_NUMBER_NOT_FOUND, None)


def test_a_final_status_is_not_taken_back(poland: DriverRegister) -> None:
    number = POLES[0]["card_number"]
    poland.modify_card_status(change(number, CardStatus.WITHDRAWN))
    message = change(number, CardStatus.HANDED_OVER)
    poland.modify_card_status(message)
    assert CardStatus.WITHDRAWN in FINAL
    assert card(poland, number).card_status is CardStatus.WITHDRAWN
    assert poland.result_of(message) == (ModificationStatus.CARD_STATUS_INVALID, CardStatus.WITHDRAWN)


def test_a_change_that_is_notified_twice_has_one_result(poland: DriverRegister) -> None:
    """A sender that does not know whether it arrived sends it again, in the same workflow."""
    message = change(POLES[0]["card_number"], CardStatus.WITHDRAWN)
    for _ in range(2):
        poland.modify_card_status(message)
        assert poland.result_of(message) == (ModificationStatus.OK, CardStatus.WITHDRAWN)
    assert poland.notified == [message, message]


@pytest.mark.parametrize("earlier", [timedelta(seconds=1), timedelta(days=400)])
def test_an_older_change_that_arrives_later_changes_nothing(
    poland: DriverRegister, earlier: timedelta
) -> None:
    """Stolen, and then the word of before that it was handed over: it stays stolen."""
    number = next(row["card_number"] for row in POLES if row["valid_for_driving"] == "true")
    poland.modify_card_status(change(number, CardStatus.STOLEN))
    message = change(number, CardStatus.HANDED_OVER)
    modified = message.body.modified_card
    before = replace(modified, status_modified_at=modified.status_modified_at - earlier)
    message = replace(message, body=replace(message.body, modified_card=before))
    poland.modify_card_status(message)
    assert poland.result_of(message) == (ModificationStatus.CARD_STATUS_INVALID, CardStatus.STOLEN)
    assert (card(poland, number).card_status, card(poland, number).valid_for_driving) == (
        CardStatus.STOLEN,
        False,
    )


def notify(licence: str, **changes: Any) -> Any:
    issued = replace(icdl_request().issued_card, driving_licence_number=licence, **changes)
    return FI_TACHONET.request(replace(icdl_request(), issued_card=issued), "AT")


def test_a_licence_is_known_where_it_was_issued_and_not_where_the_card_was() -> None:
    """The German register has a card on an Austrian licence."""
    austria, germany = DriverRegister("AT"), DriverRegister("DE")
    assert austria.issued_card_driving_licence(notify("01669920")) is tachonet.RecordingStatus.OK
    missing = tachonet.RecordingStatus.DRIVING_LICENCE_NUMBER_NOT_FOUND
    assert germany.issued_card_driving_licence(notify("01669920")) is missing
    assert [len(register.recorded) for register in (austria, germany)] == [1, 0]
    assert [len(register.notified) for register in (austria, germany)] == [1, 1]
    for register in (austria, germany):
        register.close()


def test_a_recorded_licence_has_the_hubs_keys_or_the_states_own_or_none() -> None:
    """2016/68, Annex IV, 5."""
    austria = DriverRegister("AT")
    hubs = {"family_name_search_key": "HAB", "first_name_search_key": "CAY"}
    for changes in (hubs, {}, {"family_name": None, "first_name": None}):
        austria.issued_card_driving_licence(notify("01669920", **changes))
    keys = [recorded.keys for recorded in austria.recorded]
    assert keys == [SearchKeys("HAB", "CAY"), BuiltinSearchKeys().keys(CANARY, "Ελένη"), None]
    assert CANARY not in repr(austria.recorded)
    austria.close()


def test_a_licence_of_somebody_whose_name_has_no_ascii_form_is_recorded_without_keys() -> None:
    """It is on record still: to raise would lose the notification."""
    austria = DriverRegister("AT")
    result = austria.issued_card_driving_licence(notify("01669920", family_name="山田"))
    assert result is tachonet.RecordingStatus.OK
    assert [recorded.keys for recorded in austria.recorded] == [None]
    austria.close()


def test_several_threads_may_ask_and_notify_at_once(poland: DriverRegister) -> None:
    def ask(number: int) -> int:
        row = POLES[number % len(POLES)]
        poland.modify_card_status(change(row["card_number"], CardStatus.HANDED_OVER))
        return len(poland.check_issued_cards(driver(row)))

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(ask, range(200))) == {1}
    assert len(poland.notified) == 200
