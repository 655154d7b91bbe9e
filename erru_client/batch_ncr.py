"""A batch of clean checks, each notified by NCR: the columns of its file, and the notification of a line.

    business_case_id,transport_undertaking_name,community_licence_number,vehicle_registration_number,vehicle_registration_country,date_of_check,to
    FI-2026-004001,Źródło Cargo Sp. z o.o.,TP-532339,WA 40071,PL,2026-11-22,PL

A clean check has no infringement at all, not even a minor one. The law has it notified too (Annex VIII, 2.2).
Any other result needs `erru ncr`, with its infringements.

A notification that is sent twice counts twice, so each line is sent once: see `movehub.batch.results`.
"""

from __future__ import annotations

from typing import Any, Final

from movehub.batch import AUTHORITY, TO, Cells, Kind

from .matching import matching_form
from .ncr import (
    CheckedUndertaking,
    CheckResult,
    CheckSummary,
    NotifyCheckResultRequest,
)
from .vocabulary import RequestPurpose, RequestSource, Vehicle


def request(cells: Cells) -> NotifyCheckResultRequest:
    """Return the notification of a line."""
    return NotifyCheckResultRequest(
        business_case_id=cells.text("business_case_id"),
        originating_authority=cells.authority,
        request_purpose=cells.word("request_purpose", RequestPurpose.CONTROL),
        request_source=cells.word("request_source", RequestSource.COMPETENT_AUTHORITY),
        transport_undertaking=CheckedUndertaking(
            transport_undertaking_name=cells.text("transport_undertaking_name"),
            community_licence_number=cells.text("community_licence_number"),
            vehicle=Vehicle(
                vehicle_registration_number=cells.text("vehicle_registration_number"),
                vehicle_registration_country=cells.text("vehicle_registration_country"),
            ),
            check_summary=CheckSummary(
                check_result=CheckResult.CLEAN_CHECK, date_of_check=cells.day("date_of_check")
            ),
        ),
    )


def same(request: Any, to: str) -> object:
    """Return what two lines about one check have in common, however their numbers are written."""
    notification: NotifyCheckResultRequest = request
    checked = notification.transport_undertaking
    return (
        matching_form(checked.community_licence_number),
        matching_form(checked.vehicle.vehicle_registration_number),
        checked.vehicle.vehicle_registration_country,
        checked.check_summary.date_of_check,
        to,
    )


NCR: Final = Kind(
    name="ERRU NCR",
    items="clean checks",
    required=(
        *("business_case_id", "transport_undertaking_name", "community_licence_number"),
        *("vehicle_registration_number", "vehicle_registration_country", "date_of_check", TO),
    ),
    optional=(AUTHORITY, "request_purpose", "request_source"),
    of_one_form=frozenset({"vehicle_registration_country", "date_of_check", TO}),
    request=request,
    found_class=None,
    of_a_state=("responding_authority", "acknowledgement_type"),
    notifies=True,
    same=same,
)
