"""The commands `erru ncr`, `erru nu` and `erru rsi`: notify, and print whether it was delivered."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from movehub.cli import (
    Authority,
    BodyFile,
    By,
    Case,
    Config,
    Day,
    Json,
    RequiredBodyFile,
    check_given,
    err,
    errors_printed,
    escape,
    finish_notification,
    out,
    read_body,
    send,
)
from movehub.cli.responding import (
    Again,
    NodeConfig,
    Posting,
    Request,
    RespondingAuthority,
    Wait,
    post_response,
)
from movehub.cli.responding import To as Receiver
from movehub.protocol.message import Message
from movehub.protocol.outcome import Outcome

from .cli_queries import certified, named
from .client import ErruClient
from .ncr import CheckResultResponseStatus, NotifyCheckResultRequest, NotifyCheckResultResponse
from .nu import (
    NotifiedTransportManager,
    NotifyUnfitnessRequest,
    TransportManagerCertificateDetails,
    TransportManagerNameDetails,
)
from .rsi import RoadSideInspectionRequest
from .vocabulary import Certificate, ManagerName, RequestPurpose, RequestSource

To = Annotated[str, typer.Option(help="The code of the Member State to notify.")]


def ncr(body: RequiredBodyFile, config: Config, to: To, by: By = None, json: Json = False) -> None:
    """Notify the Member State of establishment of a check result, from a JSON file."""
    with errors_printed(), ErruClient.from_config(config, by=by) as erru:
        reply = send(erru, read_body(NotifyCheckResultRequest, body), to)
    finish_notification(reply, as_json=json)


def respond_to_ncr(
    identifier: Request,
    config: NodeConfig,
    body: BodyFile = None,
    not_found: Annotated[
        bool, typer.Option("--not-found", help="The undertaking is not in your register.")
    ] = False,
    status_message: Annotated[str, typer.Option(help="A message with `--not-found`.")] = "",
    authority: RespondingAuthority = "",
    to: Receiver = "",
    again: Again = False,
    wait: Wait = 0,
    by: By = None,
    json: Json = False,
) -> None:
    """Respond to a stored notification: which of the requested penalties were imposed.

    BODY has `transport_undertaking`, `penalties_imposed` and perhaps `status_message`, as JSON. The command
    fills in what the response repeats from the notification (Annex VIII, 2.5).

    The node sends it. Exit 0 stored, or delivered with `--wait`; 3 not delivered in that time; 4 failed.
    """
    if (body is None) is not not_found:
        raise typer.BadParameter("give BODY, or --not-found")
    if status_message and not not_found:
        raise typer.BadParameter("write the status_message into BODY")

    def answering(request: Message[Any], responding: str) -> NotifyCheckResultResponse:
        if body is None:
            answer: NotifyCheckResultResponse = request.body.respond(
                responding, None, status_message=status_message or None
            )
            return answer
        return _responding_to(request.body, body, responding)

    how = Posting(config, by, authority, to, again, wait, json)
    post_response(ErruClient, NotifyCheckResultRequest.root, identifier, answering, how)


def _responding_to(
    request: NotifyCheckResultRequest, body: Path, authority: str
) -> NotifyCheckResultResponse:
    """Return the response in a JSON file. Raises InvalidOutgoing."""
    known = {
        "business_case_id": request.business_case_id,
        "originating_authority": request.originating_authority,
        "responding_authority": authority,
        "status_code": CheckResultResponseStatus.OK.value,
    }
    response = read_body(NotifyCheckResultResponse, body, known=known)
    request.respond(authority, response.transport_undertaking, response.penalties_imposed)  # checks it
    undecided = len(request.undecided(response))
    if undecided:
        err.print(f"[yellow]warning[/] {undecided} requested penalties are not in the response")
    return response


def rsi(body: RequiredBodyFile, config: Config, to: To, by: By = None, json: Json = False) -> None:
    """Notify the Member State of registration of a roadside inspection, from a JSON file."""
    with errors_printed(), ErruClient.from_config(config, by=by) as erru:
        reply = send(erru, read_body(RoadSideInspectionRequest, body), to)
    if reply.body.outcome is Outcome.NOT_FOUND and not json:
        out.print(f"{escape(to)} does not know the vehicle or the undertaking.", soft_wrap=True)
    finish_notification(reply, as_json=json)


def nu(
    context: typer.Context,
    config: Config,
    body: BodyFile = None,
    to: Annotated[str, typer.Option(help="The code of a Member State, or ZZ to notify all of them.")] = "ZZ",
    business_case_id: Case = "",
    originating_authority: Authority = "",
    unfit_start_date: Day = None,
    undated: Annotated[
        bool,
        typer.Option(
            "--undated",
            help="Notify without a start date, against the law. Other states may read it as a reinstatement.",
        ),
    ] = False,
    family_name: str = "",
    first_name: str = "",
    date_of_birth: Day = None,
    certificate_number: str = "",
    certificate_issue_date: Day = None,
    certificate_issue_country: str = "",
    by: By = None,
    json: Json = False,
) -> None:
    """Notify that a transport manager is unfit.

    Give --family-name and --date-of-birth, or all three options of the certificate, or both.

    Exit 0 delivered to every state, 3 not delivered to some, 4 failed.
    """
    check_given(context, body, "business_case_id", "originating_authority")
    if undated and unfit_start_date is not None:
        raise typer.BadParameter("give --unfit-start-date or --undated, not both")
    if body is None and unfit_start_date is None and not undated:
        raise typer.BadParameter(
            "give --unfit-start-date: the law requires it (NU-1). Only if you mean a notification without a "
            "date, give --undated instead"
        )
    with errors_printed(), ErruClient.from_config(config, by=by) as erru:
        if body is not None:
            request = read_body(NotifyUnfitnessRequest, body)
        else:
            name = named(ManagerName, family_name, first_name, date_of_birth)
            certificate = certified(certificate_number, certificate_issue_date, certificate_issue_country)
            request = NotifyUnfitnessRequest(
                business_case_id=business_case_id,
                originating_authority=originating_authority,
                request_purpose=RequestPurpose.CONTROL,
                request_source=RequestSource.OTHER,
                transport_manager=NotifiedTransportManager(
                    unfit_start_date=unfit_start_date, details=_details(name, certificate)
                ),
            )
        reply = send(erru, request, to, despite=["NU-1"] if undated else ())
    finish_notification(reply, as_json=json)


def _details(
    name: ManagerName | None, certificate: Certificate | None
) -> TransportManagerNameDetails | TransportManagerCertificateDetails:
    if name is not None:
        return TransportManagerNameDetails(transport_manager=name, certificate=certificate)
    if certificate is not None:
        return TransportManagerCertificateDetails(certificate=certificate)
    raise typer.BadParameter("give the name of a manager, or a certificate")
