"""A batch of applications, each asked by CIC: the columns of its file, and the request of a line.

    business_case_id,family_name,first_name,date_of_birth,driving_licence_number,driving_licence_issuing_country,to
    FI-2026-000125,Brückenthaler,Jürgen,1984-03-17,,,ZZ

Without `to`, all states are asked (`ZZ`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from movehub.batch import TO, Cells, Kind, columns_of

from .card_status import StatusTranslation
from .cic import CheckIssuedCardsRequest, FoundDriver, SearchedDriver
from .vocabulary import ContactDetails

#: The column of the card status in your national procedure.
NATIONAL: Final = "national_status"

_OF_THE_DRIVER: Final = (
    *("first_name", "place_of_birth"),
    *("driving_licence_number", "driving_licence_issuing_country"),
)


def request(cells: Cells) -> CheckIssuedCardsRequest:
    """Return the request of a line."""
    driver: dict[str, Any] = {name: cells.text(name) for name in _OF_THE_DRIVER}
    return CheckIssuedCardsRequest(
        business_case_id=cells.text("business_case_id"),
        originating_authority=cells.authority,
        searched_driver=SearchedDriver(
            family_name=cells.text("family_name"), date_of_birth=cells.day("date_of_birth"), **driver
        ),
    )


def translated(statuses: StatusTranslation[str]) -> Kind:
    """Return the kind with your own values for the card statuses (Annex II, 4)."""
    return replace(CIC, adds=lambda driver: _national(driver, statuses))


def _national(driver: FoundDriver, statuses: StatusTranslation[str]) -> dict[str, str]:
    return {NATIONAL: statuses.to_local(driver.card.card_status)}


CIC: Final = Kind(
    name="TACHOnet CIC",
    items="applications",
    required=("business_case_id", "family_name", "date_of_birth"),
    optional=(*_OF_THE_DRIVER, TO),
    names=frozenset({"family_name", "first_name"}),
    of_one_form=frozenset({"date_of_birth", TO}),
    request=request,
    found_class=FoundDriver,
    added=(NATIONAL,),
    of_a_state=columns_of(ContactDetails),
)
