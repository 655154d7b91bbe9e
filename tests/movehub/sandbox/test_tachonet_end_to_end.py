"""Every TACHOnet workflow through the HTTPS sandbox, in both roles, with names in every EU alphabet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from movehub.names.search_keys import BuiltinSearchKeys
from movehub.protocol.outcome import NotificationStatus, Outcome, SearchStatus
from movehub.protocol.workflow import HUB_AUTHORITY
from movehub.sandbox.network import Sandbox
from movehub.sandbox.registers.rows import rows

import tachonet_client as tachonet
from tests.support.alphabets import PEOPLE, Person
from tests.support.cards import ccs_request, icdl_request, mcs_request
from tests.support.examples import CANARY, cic_request

KEYS = BuiltinSearchKeys()


@pytest.fixture(
    scope="module",
    params=[pytest.param(False, id="rfc"), pytest.param(True, id="biztalk", marks=pytest.mark.slow)],
)
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with Sandbox("FI", late=["LV"], down=["GR"], patience=1.0, biztalk=request.param) as running:
        yield running


@pytest.fixture(scope="module")
def finland(sandbox: Sandbox) -> Iterator[tachonet.TachonetClient]:
    with client_of(sandbox, "FI") as client:
        yield client


def client_of(sandbox: Sandbox, code: str) -> tachonet.TachonetClient:
    return tachonet.TachonetClient(code, sandbox.transport("tachonet", sandbox.issued[code]))


def card_in(state: str, status: str = "HandedOver") -> dict[str, str]:
    return next(row for row in rows("drivers") if (row["state"], row["card_status"]) == (state, status))


def search_for(row: dict[str, str], **changes: Any) -> tachonet.CheckIssuedCardsRequest:
    driver = tachonet.SearchedDriver(
        family_name=row["family_name"],
        first_name=row["first_name"],
        date_of_birth=date.fromisoformat(row["date_of_birth"]),
    )
    return replace(cic_request(), searched_driver=replace(driver, **changes))


def question_about(number: str) -> tachonet.CheckCardStatusRequest:
    return replace(ccs_request(), searched_card=tachonet.SearchedCard(card_number=number))


def change_of(number: str, status: tachonet.CardStatus) -> tachonet.ModifyCardStatusRequest:
    request = mcs_request()
    changed = replace(request.modified_card, card_number=number, new_card_status=status)
    return replace(request, modified_card=changed)


# Check issued cards


def test_cic_asks_every_register_and_keeps_three_outcomes_apart(finland: tachonet.TachonetClient) -> None:
    reply = finland.send(search_for(card_in("PL")), to=tachonet.BROADCAST)
    outcomes = {state.member_state_code: state.outcome for state in reply.body.member_states}
    assert outcomes.pop("PL") is Outcome.FOUND
    assert {code for code, outcome in outcomes.items() if outcome is Outcome.NO_ANSWER} == {"GR", "LV"}
    assert not reply.complete
    assert set(outcomes) == tachonet.CODEC.participants - {"FI", "PL"}


def test_cic_says_of_each_card_which_search_found_it(finland: tachonet.TachonetClient) -> None:
    """Annex IV, 2 to 4: by the keys; with names swapped, or by the licence, only beside them."""
    row = card_in("PL")
    swapped = {"family_name": row["first_name"], "first_name": row["family_name"]}
    licence = {"family_name": CANARY, "driving_licence_number": row["driving_licence_number"]}
    found = [
        finland.send(search_for(row, **changes), to="PL").body.member_states[0].found
        for changes in ({}, swapped, licence)
    ]
    assert all([driver.card.card_number for driver in each] == [row["card_number"]] for each in found)
    custom = tachonet.SearchMechanism.CUSTOM
    assert [each[0].search_mechanism for each in found] == [tachonet.SearchMechanism.NYSIIS, custom, custom]


def test_cic_finds_a_workshop_card_with_its_workshop_and_without_a_licence(
    finland: tachonet.TachonetClient,
) -> None:
    """Annex III, appendix: the workshop's name and address; a licence only for a driver card."""
    row = next(row for row in rows("workshop_cards") if row["state"] == "PL")
    (state,) = finland.send(search_for(row), to="PL").body.member_states
    (found,) = state.found
    assert found.card.card_number == row["card_number"]
    assert (found.card.valid_for_driving, found.driving_licence) == (False, None)
    assert found.workshop == tachonet.WorkshopDetails(
        workshop_name=row["workshop_name"], workshop_address=row["workshop_address"]
    )


# Check card status


def test_ccs_tells_of_a_drivers_card_who_holds_it_and_whether_it_is_valid(
    finland: tachonet.TachonetClient,
) -> None:
    row = card_in("HU")
    answer = finland.send(question_about(row["card_number"]), to="HU").body
    assert answer.outcome is Outcome.FOUND
    assert answer.card is not None
    assert answer.card.card_number == row["card_number"]
    assert answer.card.holder is not None
    assert answer.card.holder.family_name == row["family_name"]
    assert answer.card.driving_licence is not None
    assert answer.card.driving_licence.driving_licence_number == row["driving_licence_number"]
    assert answer.card.workshop is None
    assert answer.card.valid_for_driving


def test_ccs_validity_is_not_the_status(finland: tachonet.TachonetClient) -> None:
    """Annex II, 5: here is a card that was handed over and is not valid for driving."""
    row = next(r for r in rows("drivers") if (r["state"], r["family_name"]) == ("NL", "Zwanenveldt"))
    card = finland.send(question_about(row["card_number"]), to="NL").body.card
    assert card is not None
    assert (card.card_status, card.valid_for_driving) == (tachonet.CardStatus.HANDED_OVER, False)


@pytest.mark.parametrize("row", list(rows("workshop_cards")), ids=lambda row: row["state"])
def test_ccs_tells_of_a_workshop_card_which_workshop_has_it(
    finland: tachonet.TachonetClient, row: dict[str, str]
) -> None:
    """Article 2 (j): a tachograph card is a driver's or a workshop's; the holder is optional."""
    card = finland.send(question_about(row["card_number"]), to=row["state"]).body.card
    assert card is not None
    assert card.workshop is not None
    told = card.card_number, card.workshop.workshop_name, card.workshop.workshop_address
    assert told == (row["card_number"], row["workshop_name"], row["workshop_address"])
    assert (card.holder.family_name if card.holder else "") == row["family_name"]
    assert card.driving_licence is None


def test_ccs_of_an_unknown_card_is_not_found(finland: tachonet.TachonetClient) -> None:
    answer = finland.send(question_about("SE00000000000000"), to="SE").body
    assert (answer.outcome, answer.card) == (Outcome.NOT_FOUND, None)


#: One card of each state that is not scripted to stay silent.
CARDS = {row["state"]: row for row in rows("drivers") if row["state"] not in {"GR", "LV"}}


@pytest.mark.parametrize("row", CARDS.values(), ids=CARDS)
def test_a_holders_name_comes_back_in_the_alphabet_of_the_state(
    finland: tachonet.TachonetClient, row: dict[str, str]
) -> None:
    card = finland.send(question_about(row["card_number"]), to=row["state"]).body.card
    assert card is not None
    assert card.holder is not None
    assert (card.holder.family_name, card.holder.first_name) == (row["family_name"], row["first_name"])


# Modify card status


def test_mcs_goes_through_all_four_legs_and_changes_the_card(sandbox: Sandbox) -> None:
    """Finland notifies, Poland acknowledges; Poland responds later, Finland acknowledges."""
    finland, poland = client_of(sandbox, "FI"), client_of(sandbox, "PL")
    number = card_in("PL")["card_number"]
    request = change_of(number, tachonet.CardStatus.STOLEN)
    receipt = finland.send(request, to="PL")
    assert receipt.body.delivered
    assert receipt.body.acknowledgement_type is tachonet.AcknowledgementType.NOTIFICATION

    register = sandbox.drivers["PL"]
    received: Any = register.notified[-1]
    assert received.body == request
    response = received.body.respond("GITD", *register.result_of(received))
    second = poland.respond(received, response)
    assert second.body.delivered
    assert second.body.acknowledgement_type is tachonet.AcknowledgementType.RESPONSE
    assert second.header.workflow_id == receipt.header.workflow_id

    arrived: Any = sandbox.drivers["FI"].notified[-1]
    assert (arrived.body, arrived.header.workflow_id) == (response, receipt.header.workflow_id)
    assert arrived.body.status_code is tachonet.ModificationStatus.OK
    assert arrived.body.card_number == number
    card = finland.send(question_about(number), to="PL").body.card
    assert card is not None
    assert (card.card_status, card.valid_for_driving) == (tachonet.CardStatus.STOLEN, False)
    assert arrived.body.recorded_status is card.card_status


@pytest.mark.parametrize(
    ("number", "status", "recorded"),
    [
        ("PT00000000000000", "CardNumberNotFound", None),
        (card_in("PT", "Withdrawn")["card_number"], "CardStatusInvalid", tachonet.CardStatus.WITHDRAWN),
    ],
)
def test_mcs_that_cannot_be_carried_out_is_acknowledged_and_the_response_says_why(
    sandbox: Sandbox, number: str, status: str, recorded: tachonet.CardStatus | None
) -> None:
    receipt = client_of(sandbox, "FI").send(change_of(number, tachonet.CardStatus.LOST), to="PT").body
    assert receipt.status_code is NotificationStatus.OK
    register = sandbox.drivers["PT"]
    received: Any = register.notified[-1]
    response = received.body.respond("IMT", *register.result_of(received))
    assert client_of(sandbox, "PT").respond(received, response).body.delivered
    arrived: Any = sandbox.drivers["FI"].notified[-1]
    assert (arrived.body.status_code.value, arrived.body.recorded_status) == (status, recorded)


def test_an_mcs_response_that_a_late_state_did_not_take_is_not_delivered(sandbox: Sandbox) -> None:
    request = change_of(card_in("SE")["card_number"], tachonet.CardStatus.CONFISCATED)
    assert client_of(sandbox, "LV").send(request, to="SE").body.delivered
    received: Any = sandbox.drivers["SE"].notified[-1]
    response = received.body.respond("TS", *sandbox.drivers["SE"].result_of(received))
    receipt = client_of(sandbox, "SE").respond(received, response).body
    assert (receipt.status_code, receipt.delivered) == (NotificationStatus.TIMEOUT, False)


# Issued card driving licence


def test_icdl_is_recorded_with_the_hubs_keys_and_answered_with_the_status_alone(
    finland: tachonet.TachonetClient, sandbox: Sandbox
) -> None:
    """Annex IV, 5; Annex VIII, 1.2 and 1.4."""
    row = card_in("SE")
    issued = replace(icdl_request().issued_card, driving_licence_number=row["driving_licence_number"])
    answer = finland.send(replace(icdl_request(), issued_card=issued), to="SE").body
    assert answer.status_code is tachonet.IssuedCardDrivingLicenceStatus.OK
    assert (answer.issued_card, answer.holder) == (None, None)
    recorded = sandbox.drivers["SE"].recorded[-1]
    assert recorded.notification.body.issued_card.without_search_keys() == issued
    assert recorded.notification.body.issued_card.family_name_search_key is not None
    assert recorded.keys == KEYS.keys(CANARY, "Ελένη")


def test_icdl_of_an_unknown_licence_is_delivered_and_not_recorded(
    finland: tachonet.TachonetClient, sandbox: Sandbox
) -> None:
    before = len(sandbox.drivers["DK"].recorded)
    answer = finland.send(icdl_request(), to="DK").body
    assert answer.status_code.value == "DrivingLicenceNumberNotFound"
    assert answer.delivered
    assert len(sandbox.drivers["DK"].recorded) == before


# No answer


@pytest.mark.parametrize(
    ("state", "status"), [("LV", SearchStatus.TIMEOUT), ("GR", SearchStatus.NOT_AVAILABLE)]
)
def test_ccs_without_an_answer_is_the_hubs_word_and_never_not_found(
    finland: tachonet.TachonetClient, state: str, status: SearchStatus
) -> None:
    answer = finland.send(ccs_request(), to=state).body
    assert (answer.status_code, answer.outcome) == (status, Outcome.NO_ANSWER)
    assert answer.responding_authority == HUB_AUTHORITY


# Annex III, 1.3: names in every alphabet


@pytest.mark.parametrize("person", PEOPLE.values(), ids=PEOPLE)
def test_an_invented_name_has_the_letters_of_its_language(person: Person) -> None:
    assert set(person.letters) <= set((person.family_name + person.first_name).lower())
    assert len(PEOPLE) == 24


@pytest.mark.parametrize("person", PEOPLE.values(), ids=PEOPLE)
def test_a_searched_name_arrives_letter_by_letter_with_its_keys(
    finland: tachonet.TachonetClient, sandbox: Sandbox, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tachonet.SearchedDriver] = []

    def remembered(driver: tachonet.SearchedDriver) -> tuple[()]:
        asked.append(driver)
        return ()

    # Of this state alone: one that is late may still be asked about an earlier test's driver.
    monkeypatch.setattr(sandbox.drivers["SE"], "check_issued_cards", remembered)
    driver = tachonet.SearchedDriver(
        family_name=person.family_name, first_name=person.first_name, date_of_birth=date(1985, 6, 7)
    )
    answer = finland.send(replace(cic_request(), searched_driver=driver), to="SE").body
    keys = KEYS.keys(person.family_name, person.first_name)
    assert asked == [driver.with_search_keys(keys)]
    assert answer.searched_driver == driver.with_search_keys(keys)


@pytest.mark.parametrize("person", PEOPLE.values(), ids=PEOPLE)
def test_a_notified_name_is_recorded_letter_by_letter_with_its_keys(
    finland: tachonet.TachonetClient, sandbox: Sandbox, person: Person
) -> None:
    issued = tachonet.NotifiedCard(
        card_number="FI00000000000100",
        driving_licence_number=card_in("SE")["driving_licence_number"],
        family_name=person.family_name,
        first_name=person.first_name,
        date_of_birth=date(1985, 6, 7),
    )
    assert finland.send(replace(icdl_request(), issued_card=issued), to="SE").body.delivered
    keys = KEYS.keys(person.family_name, person.first_name)
    recorded = sandbox.drivers["SE"].recorded[-1]
    assert recorded.notification.body.issued_card == issued.with_search_keys(keys)
    assert recorded.keys == keys
