"""`erru ncr`, `erru nu` and `erru rsi`: notify, and print whether it was delivered."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from movehub.console import COLOURS, INCOMPLETE, out, read_body, show_plain, told
from movehub.errors import InvalidOutgoing
from movehub.outcome import Outcome
from movehub.plain import to_plain
from rich.markup import escape

from .cli_queries import Authority, Case, Config, Day, Json, certified, named
from .client import ErruClient
from .ncr import NotifyCheckResultRequest
from .nu import (
    NotifiedTransportManager,
    NotifyUnfitnessRequest,
    TransportManagerCertificateDetails,
    TransportManagerNameDetails,
)
from .rsi import RoadSideInspectionRequest
from .vocabulary import Certificate, ManagerName, RequestPurpose, RequestSource

Body = Annotated[Path, typer.Argument(help="The body as JSON, as `erru show --json` prints it.")]
To = Annotated[str, typer.Option(help="The code of the Member State to be told.")]


def ncr(body: Body, config: Config, to: To, json: Json = False) -> None:
    """Notify a check result, from a JSON file, to the Member State of establishment."""
    with told(), ErruClient.from_config(config) as erru:
        answer = erru.send(read_body(NotifyCheckResultRequest, body), to).body
    _finish([(to, answer)], answer, as_json=json)


def rsi(body: Body, config: Config, to: To, json: Json = False) -> None:
    """Notify a roadside inspection, from a JSON file, to the Member State of registration."""
    with told(), ErruClient.from_config(config) as erru:
        answer = erru.send(read_body(RoadSideInspectionRequest, body), to).body
    if answer.outcome is Outcome.NOT_FOUND:
        out.print(f"{to} does not know whom the inspection is about.")
    _finish([(to, answer)], answer, as_json=json)


def nu(
    config: Config,
    business_case_id: Case,
    originating_authority: Authority,
    to: Annotated[str, typer.Option(help="A Member State's code, or ZZ to tell all of them.")] = "ZZ",
    unfit_start_date: Day = None,
    possibly_reinstated: Annotated[
        bool, typer.Option(help="Send without a start date; others may read it as a reinstatement.")
    ] = False,
    family_name: str = "",
    first_name: str = "",
    date_of_birth: Day = None,
    certificate_number: str = "",
    certificate_issue_date: Day = None,
    certificate_issue_country: str = "",
    json: Json = False,
) -> None:
    """Notify that a transport manager is unfit."""
    with told(), ErruClient.from_config(config) as erru:
        if (unfit_start_date is None) is not possibly_reinstated:
            raise InvalidOutgoing("give either --unfit-start-date or --possibly-reinstated")
        name = named(ManagerName, family_name, first_name, date_of_birth)
        certificate = certified(certificate_number, certificate_issue_date, certificate_issue_country)
        request = NotifyUnfitnessRequest(
            business_case_id=business_case_id,
            originating_authority=originating_authority,
            request_purpose=RequestPurpose.CONTROL,
            request_source=RequestSource.OTHER,
            transport_manager=NotifiedTransportManager(
                unfit_start_date=unfit_start_date.date() if unfit_start_date else None,
                details=_details(name, certificate),
            ),
        )
        answer = erru.send(request, to).body
    _finish([(row.member_state_code, row) for row in answer.member_states], answer, as_json=json)


def _details(
    name: ManagerName | None, certificate: Certificate | None
) -> TransportManagerNameDetails | TransportManagerCertificateDetails:
    if name is not None:
        return TransportManagerNameDetails(transport_manager=name, certificate=certificate)
    if certificate is not None:
        return TransportManagerCertificateDetails(certificate=certificate)
    raise InvalidOutgoing("name somebody, or a certificate", workflow="ERRU NU")


def _finish(receipts: list[tuple[str, Any]], answer: Any, *, as_json: bool) -> None:
    """Print who has the notification and who has not, and exit with 3 where somebody has not."""
    if as_json:
        show_plain(to_plain(answer), as_json=True)
    for code, receipt in [] if as_json else receipts:
        colour = COLOURS[Outcome.NOT_FOUND if receipt.delivered else Outcome.NO_ANSWER]
        word = "delivered" if receipt.delivered else "not delivered"
        status = receipt.status_code.value
        message = f": {receipt.status_message}" if receipt.status_message else ""
        out.print(f"{code} [{colour}]{word}[/] ({status}{escape(message)})", soft_wrap=True)
    raise typer.Exit(0 if all(receipt.delivered for _, receipt in receipts) else INCOMPLETE)
