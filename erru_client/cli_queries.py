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
    By,
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

Purpose = Annotated[RequestPurpose, typer.Option(metavar="Issue|Control|Other")]
Source = Annotated[
    RequestSource,
    typer.Option(metavar="CA|RSI|Other", help="A competent authority, or a roadside inspection."),
]

COLUMNS = ("Fitness", "Certificate", "Manages", "Vehicles", "By")


def cgr(
    context: typer.Context,
    config: Config,
    body: BodyFile = None,
    to: Annotated[str, typer.Option(help="The code of a Member State, or ZZ to ask all of them.")] = "ZZ",
    business_case_id: Case = "",
    originating_authority: Authority = "",
    purpose: Purpose = RequestPurpose.ISSUE,
    source: Source = RequestSource.COMPETENT_AUTHORITY,
    family_name: str = "",
    first_name: str = "",
    date_of_birth: Day = None,
    certificate_number: str = "",
    certificate_issue_date: Day = None,
    certificate_issue_country: str = "",
    by: By = None,
    json: Json = False,
) -> None:
    """Check good repute, by name, by certificate, or by both.

    Give --family-name and --date-of-birth, or all three options of the certificate, or both.

    Exit 0 every state has answered, found or not, 3 an answer is missing, 4 failed.
    """
    check_given(context, body, "business_case_id", "originating_authority")
    with errors_printed(), ErruClient.from_config(config, by=by) as erru:
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
    purpose: Purpose = RequestPurpose.CONTROL,
    source: Source = RequestSource.COMPETENT_AUTHORITY,
    name: str = "",
    licence: Annotated[
        str, typer.Option(help="The number of the licence, or of a certified true copy.")
    ] = "",
    plate: str = "",
    plate_country: str = "",
    all_vehicles: bool = False,
    by: By = None,
    json: Json = False,
) -> None:
    """Check transport undertaking data, by at least two of name, licence number and vehicle.

    Exit 0 the state has answered, found or not, 3 it has not, 4 failed.
    """
    check_given(context, body, "business_case_id", "originating_authority")
    with errors_printed(), ErruClient.from_config(config, by=by) as erru:
        if body is not None:
            request = read_body(CheckTransportUndertakingDataRequest, body)
        else:
            vehicle = _vehicle(plate, plate_country)
            if sum(map(bool, (name, licence, vehicle))) < 2:
                raise typer.BadParameter("give two of --name, --licence and --plate")
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
    """Return the name that the options give, or None. Raises BadParameter for a part of one."""
    if not family_name and not first_name and born is None:
        return None
    if not family_name or born is None:
        raise typer.BadParameter("a name needs --family-name and --date-of-birth")
    return cls(family_name=family_name, first_name=first_name, date_of_birth=born)


def certified(number: str, issued: date | None, country: str) -> Certificate | None:
    """Return the certificate of the options, or None. Raises BadParameter for a part of one."""
    if not number and not country and issued is None:
        return None
    if not number or not country or issued is None:
        raise typer.BadParameter(
            "a certificate needs --certificate-number, --certificate-issue-date and "
            "--certificate-issue-country"
        )
    return Certificate(
        certificate_number=number, certificate_issue_date=issued, certificate_issue_country=country
    )


def _search(name: SearchedName | None, certificate: Certificate | None) -> SearchByName | SearchByCertificate:
    if name is not None:
        return SearchByName(name=name, certificate=certificate)
    if certificate is not None:
        return SearchByCertificate(certificate=certificate)
    raise typer.BadParameter("give the name of a manager, or a certificate")


def _vehicle(plate: str, country: str) -> Vehicle | None:
    if not plate and not country:
        return None
    if not plate or not country:
        raise typer.BadParameter("a vehicle needs --plate and --plate-country")
    return Vehicle(vehicle_registration_number=plate, vehicle_registration_country=country)


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
