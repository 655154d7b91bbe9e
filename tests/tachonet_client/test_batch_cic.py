"""What only a batch of applications has: the columns of an answer to a CIC."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from movehub.batch.rows import Row, rows_of

from tachonet_client import CardStatus, CheckIssuedCardsResponse, ContactDetails, WorkshopDetails
from tachonet_client.batch_cic import CIC, translated
from tachonet_client.card_status import StatusTranslation
from tests.support.examples import cic_request, found_driver


def rows(answer: CheckIssuedCardsResponse) -> Iterator[Row]:
    asked = Row(line="2", attempt="1", outcome="asked")
    for state in answer.member_states:
        yield from rows_of(CIC, asked, state.member_state_code, state)


def test_a_row_says_whether_the_card_is_valid_for_driving_and_names_its_workshop() -> None:
    """Annex II, 5, and the appendix of Annex III: a workshop card has a workshop and no licence."""
    workshop = WorkshopDetails(workshop_name="Værksted ApS", workshop_address="Gade 1, 6760 Ribe")
    driver = replace(found_driver(), place_of_birth="Ribe")
    fitter = replace(driver, driving_licence=None, workshop=workshop)
    fitter = replace(fitter, card=replace(fitter.card, valid_for_driving=False))
    one, other = (row.cells for row in rows(cic_request().answer("DK", (driver, fitter))))
    assert (one["valid_for_driving"], one["place_of_birth"], one["workshop_name"]) == ("yes", "Ribe", "")
    assert one["driving_licence_number"] != ""
    assert (other["valid_for_driving"], other["driving_licence_number"]) == ("no", "")
    assert (other["workshop_name"], other["workshop_address"]) == ("Værksted ApS", "Gade 1, 6760 Ribe")


def test_the_person_of_a_workshop_card_of_2016_is_not_taken_for_the_driver() -> None:
    """Edition 2016 alone names both, and their fields have the same names."""
    workshop = WorkshopDetails(workshop_name="V", workshop_address="G 1", family_name="Smed")
    (row,) = rows(cic_request().answer("DK", (replace(found_driver(), workshop=workshop),)))
    assert row.cells["family_name"] == found_driver().family_name
    assert row.cells["workshop_family_name"] == "Smed"


def test_a_row_has_the_day_of_the_status_and_what_the_state_says_of_the_licence() -> None:
    (row,) = rows(cic_request().answer("DK", (found_driver(),)))
    assert row.cells["status_modified_date"] == "2024-01-02"
    assert {"temporary_card", "driving_licence_status", "driving_licence_expiry_date"} <= row.cells.keys()


def test_a_row_has_the_status_in_the_national_procedure() -> None:
    """Annex II, 4."""
    statuses = StatusTranslation.default()
    (state,) = cic_request().answer("DK", (found_driver(),)).member_states
    asked = Row(line="2", attempt="1", outcome="asked")
    (row,) = rows_of(translated(statuses), asked, "DK", state)
    assert row.cells["national_status"] == statuses.to_local(CardStatus.HANDED_OVER)
    assert "national_status" in CIC.columns


def test_the_contact_of_a_state_that_does_not_answer_has_its_columns() -> None:
    """Edition 2016 alone has it."""
    answer = cic_request().answer("DK", ())
    (state,) = answer.member_states
    (row,) = rows(replace(answer, member_states=(replace(state, contact=ContactDetails(phone="112")),)))
    assert row.cells["phone"] == "112"
