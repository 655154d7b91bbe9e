"""A batch of transport undertakings, each asked by CTUD: the columns of its file, and the request of a line.

    business_case_id,transport_undertaking_name,community_licence_number,vehicle_registration_number,vehicle_registration_country,to
    FI-2026-003101,,TP-532339,WA 40071,PL,PL

A line has at least two of name, licence number and vehicle (Annex VIII, 3.3), and the state of establishment.
"""

from __future__ import annotations

from typing import Final

from movehub.batch import TO, Cells, Kind

from .ctud import (
    CheckTransportUndertakingDataRequest,
    FoundUndertaking,
    SearchedCompany,
    search_by,
)
from .vocabulary import RequestPurpose, RequestSource, Vehicle

_CRITERIA: Final = (
    *("transport_undertaking_name", "community_licence_number"),
    *("vehicle_registration_number", "vehicle_registration_country"),
)


def vehicle(cells: Cells) -> Vehicle | None:
    """Return the vehicle of a line, or None."""
    if not cells.any("vehicle_registration_number", "vehicle_registration_country"):
        return None
    return Vehicle(
        vehicle_registration_number=cells.text("vehicle_registration_number"),
        vehicle_registration_country=cells.text("vehicle_registration_country"),
    )


def request(cells: Cells) -> CheckTransportUndertakingDataRequest:
    """Return the request of a line."""
    search = search_by(
        cells.text("transport_undertaking_name"), cells.text("community_licence_number"), vehicle(cells)
    )
    return CheckTransportUndertakingDataRequest(
        business_case_id=cells.text("business_case_id"),
        originating_authority=cells.authority,
        request_purpose=cells.word("request_purpose", RequestPurpose.CONTROL),
        request_source=cells.word("request_source", RequestSource.COMPETENT_AUTHORITY),
        searched_company=SearchedCompany(
            request_all_vehicles=cells.yes("request_all_vehicles"), search=search
        ),
    )


CTUD: Final = Kind(
    name="ERRU CTUD",
    items="undertakings",
    required=("business_case_id", TO),
    optional=(*_CRITERIA, "request_all_vehicles", "request_purpose", "request_source"),
    of_one_form=frozenset({"vehicle_registration_country", "request_all_vehicles", TO}),
    request=request,
    found="undertakings",
    found_class=FoundUndertaking,
    of_a_state=("responding_authority",),
    lists={"vehicles": "vehicle", "licences": "licence", "true_copies": "certified true copy"},
)
