"""The commands `erru cgr` and `erru ctud`: ask about a manager or an undertaking, and print the answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, TypeVar

import typer
from movehub.cli import (
    ANSWERED,
    INCOMPLETE,
    Authority,
    BodyFile,
    Case,
    Config,
    Day,
    Json,
    check_given,
    err,
    errors_printed,
    escape,
    finish,
    print_states,
    read_body,
    send,
    show_plain,
)
from movehub.errors import InvalidOutgoing
from movehub.protocol.outcome import StateRow

from .cgr import (
    CheckGoodReputeRequest,
    CheckGoodReputeResponse,
    SearchByCertificate,
    SearchByName,
    SearchedName,
)
from .cli_records import fitness, plain_managers, plain_undertakings, print_managers, print_undertakings
from .client import ErruClient
from .ctud import (
    CheckTransportUndertakingDataRequest,
    SearchedCompany,
    search_by,
)
from .vocabulary import Certificate, ManagerName, RequestPurpose, RequestSource, Vehicle

Name = TypeVar("Name", bound=ManagerName)

COLUMNS = ("Fitness", "Certificate", "Manages", "Vehicles", "By")


def cgr(
    context: typer.Context,
    config: Config,
    body: BodyFile = None,
    to: Annotated[str, typer.Option(help="The code of a Member State, or ZZ to ask all of them.")] = "ZZ",
    business_case_id: Case = "",
    originating_authority: Authority = "",
    purpose: RequestPurpose = RequestPurpose.ISSUE,
    source: RequestSource = RequestSource.COMPETENT_AUTHORITY,
    family_name: str = "",
    first_name: str = "",
    date_of_birth: Day = None,
    certificate_number: str = "",
    certificate_issue_date: Day = None,
    certificate_issue_country: str = "",
    json: Json = False,
) -> None:
    """Check good repute, by name, by certificate, or by both."""
    check_given(context, body, "business_case_id", "originating_authority")
    with errors_printed(), ErruClient.from_config(config) as erru:
        if body is not None:
            request = read_body(CheckGoodReputeRequest, body)
        else:
            named_as = named(SearchedName, family_name, first_name, date_of_birth)
            certificate = certified(certificate_number, certificate_issue_date, certificate_issue_country)
            request = CheckGoodReputeRequest(
                business_case_id=business_case_id,
                originating_authority=originating_authority,
                request_purpose=purpose,
                request_source=source,
                searched_transport_manager=_search(named_as, certificate),
            )
        reply = send(erru, request, to)
    if json:
        show_plain(plain_managers(reply), as_json=True)
    else:
        print_states("Good repute", COLUMNS, lines(reply.body))
        print_managers(reply.body)
    finish(reply, quiet=json)


def ctud(
    context: typer.Context,
    config: Config,
    to: Annotated[str, typer.Option(help="The code of the Member State of establishment.")],
    body: BodyFile = None,
    business_case_id: Case = "",
    originating_authority: Authority = "",
    purpose: RequestPurpose = RequestPurpose.CONTROL,
    source: RequestSource = RequestSource.COMPETENT_AUTHORITY,
    name: str = "",
    licence: Annotated[
        str, typer.Option(help="The number of the licence, or of a certified true copy.")
    ] = "",
    plate: str = "",
    plate_country: str = "",
    all_vehicles: bool = False,
    json: Json = False,
) -> None:
    """Check transport undertaking data, by at least two of name, licence number and vehicle."""
    check_given(context, body, "business_case_id", "originating_authority")
    with errors_printed(), ErruClient.from_config(config) as erru:
        if body is not None:
            request = read_body(CheckTransportUndertakingDataRequest, body)
        else:
            vehicle = None
            if plate:
                vehicle = Vehicle(
                    vehicle_registration_number=plate, vehicle_registration_country=plate_country
                )
            request = CheckTransportUndertakingDataRequest(
                business_case_id=business_case_id,
                originating_authority=originating_authority,
                request_purpose=purpose,
                request_source=source,
                searched_company=SearchedCompany(
                    request_all_vehicles=all_vehicles, search=search_by(name, licence, vehicle)
                ),
            )
        reply = send(erru, request, to)
    if json:
        show_plain(plain_undertakings(reply), as_json=True)
    else:
        print_undertakings(reply)
    if not reply.complete:
        silent = escape(", ".join(reply.missing))
        err.print(f"[red]Incomplete:[/] no answer from {silent}. Nothing is known of the undertaking yet.")
    raise typer.Exit(ANSWERED if reply.complete else INCOMPLETE)


def named(cls: type[Name], family_name: str, first_name: str, born: date | None) -> Name | None:
    """Return the name that the options give, as a record, or None."""
    if not family_name and not first_name and born is None:
        return None
    if born is None:
        raise InvalidOutgoing("a search by name needs --date-of-birth")
    return cls(family_name=family_name, first_name=first_name, date_of_birth=born)


def certified(number: str, issued: date | None, country: str) -> Certificate | None:
    """Return the certificate that the options give, or None."""
    if not number and not country and issued is None:
        return None
    if issued is None:
        raise InvalidOutgoing("a search by certificate needs --certificate-issue-date")
    return Certificate(
        certificate_number=number, certificate_issue_date=issued, certificate_issue_country=country
    )


def _search(name: SearchedName | None, certificate: Certificate | None) -> SearchByName | SearchByCertificate:
    if name is not None:
        return SearchByName(name=name, certificate=certificate)
    if certificate is not None:
        return SearchByCertificate(certificate=certificate)
    raise InvalidOutgoing("give the name of a manager, or a certificate", workflow="ERRU CGR")


def lines(answer: CheckGoodReputeResponse) -> Iterator[tuple[StateRow, tuple[str, ...]]]:
    """Yield one line for each manager, and one for each state without managers."""
    for row in answer.member_states:
        if not row.found:
            yield row, ()
        for manager in row.found:
            managed, certificate = manager.transport_undertakings, manager.certificate
            validity = certificate.certificate_validity
            cells = (
                fitness(certificate.fitness),
                validity.value if validity else "not said",
                str(managed.total_managed_undertakings),
                str(managed.total_managed_vehicles),
                manager.search_method.value,
            )
            yield row, cells
