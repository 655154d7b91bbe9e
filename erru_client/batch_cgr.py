"""A batch of transport managers, each asked by CGR: the columns of its file, and the request of a line.

    business_case_id,family_name,first_name,date_of_birth,certificate_number,certificate_issue_date,certificate_issue_country,to
    FI-2026-002041,Konstantakelis,Paraskevas,1974-06-15,,,,ZZ
    FI-2026-002042,,,,AT-BKA-21261,2021-10-18,AT,AT

A line has a name, a certificate, or both. Without `to`, all states are asked (`ZZ`).
"""

from __future__ import annotations

from typing import Final

from movehub.batch import TO, Cells, Kind

from .cgr import (
    CheckGoodReputeRequest,
    FoundTransportManager,
    SearchByCertificate,
    SearchByName,
    SearchedName,
)
from .vocabulary import Certificate, RequestPurpose, RequestSource

_NAME: Final = ("family_name", "first_name", "date_of_birth")
_CERTIFICATE: Final = ("certificate_number", "certificate_issue_date", "certificate_issue_country")


def request(cells: Cells) -> CheckGoodReputeRequest:
    """Return the request of a line."""
    return CheckGoodReputeRequest(
        business_case_id=cells.text("business_case_id"),
        originating_authority=cells.authority,
        request_purpose=cells.word("request_purpose", RequestPurpose.ISSUE),
        request_source=cells.word("request_source", RequestSource.COMPETENT_AUTHORITY),
        searched_transport_manager=_searched(cells),
    )


def _searched(cells: Cells) -> SearchByName | SearchByCertificate:
    certificate = None
    if cells.any(*_CERTIFICATE):
        certificate = Certificate(
            certificate_number=cells.text("certificate_number"),
            certificate_issue_date=cells.day("certificate_issue_date"),
            certificate_issue_country=cells.text("certificate_issue_country"),
        )
    if cells.any(*_NAME):
        name = SearchedName(
            family_name=cells.text("family_name"),
            first_name=cells.text("first_name"),
            date_of_birth=cells.day("date_of_birth"),
        )
        return SearchByName(name=name, certificate=certificate)
    if certificate is None:
        raise ValueError("give the name of a manager, or a certificate")
    return SearchByCertificate(certificate=certificate)


CGR: Final = Kind(
    name="ERRU CGR",
    items="managers",
    required=("business_case_id",),
    optional=(*_NAME, *_CERTIFICATE, "request_purpose", "request_source", TO),
    names=frozenset({"family_name", "first_name"}),
    of_one_form=frozenset({"date_of_birth", "certificate_issue_date", "certificate_issue_country", TO}),
    request=request,
    found_class=FoundTransportManager,
    lists={"undertakings": "managed undertaking"},
)
