"""The command `erru`."""

from __future__ import annotations

try:
    import typer
except ImportError:  # pragma: no cover - shown by the wheel test
    raise SystemExit("The command line needs its extra: pip install 'movehub-client[cli]'") from None

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from movehub.console import finish, print_states, told, validate_command
from movehub.errors import InvalidOutgoing
from movehub.outcome import StateRow

from .cgr import (
    CheckGoodReputeRequest,
    CheckGoodReputeResponse,
    Fitness,
    SearchByCertificate,
    SearchByName,
    SearchedName,
)
from .client import ErruClient
from .editions import CODEC
from .vocabulary import Certificate, RequestPurpose, RequestSource

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.command()(validate_command(CODEC))

COLUMNS = ("Authority", "Fitness", "Certificate", "Manages", "Vehicles", "By")


@app.callback()
def _group() -> None:
    """Take part in ERRU (Regulation (EU) 2016/480), editions 3.4 and 3.5."""


@app.command()
def cgr(
    config: Path = typer.Option(..., help="The configuration file (TOML)."),
    to: str = typer.Option("ZZ", help="A Member State's code, or ZZ to ask all of them."),
    business_case_id: str = typer.Option(..., help="Your case number, at most 36 characters."),
    originating_authority: str = typer.Option(..., help="The authority that asks."),
    purpose: RequestPurpose = typer.Option(RequestPurpose.ISSUE),
    source: RequestSource = typer.Option(RequestSource.COMPETENT_AUTHORITY),
    family_name: str = typer.Option("", help="As on the certificate of professional competence."),
    first_name: str = typer.Option("", help="All first names, as on the certificate."),
    date_of_birth: datetime = typer.Option(None, formats=["%Y-%m-%d"]),
    certificate_number: str = typer.Option(""),
    certificate_issue_date: datetime = typer.Option(None, formats=["%Y-%m-%d"]),
    certificate_issue_country: str = typer.Option(""),
) -> None:
    """Check good repute, by name, by certificate, or by both. Exit 0, 3 incomplete, 4 failed."""
    with told(), ErruClient.from_config(config) as erru:
        request = CheckGoodReputeRequest(
            business_case_id=business_case_id,
            originating_authority=originating_authority,
            request_purpose=purpose,
            request_source=source,
            searched_transport_manager=_search(
                _name(family_name, first_name, date_of_birth),
                _certificate(certificate_number, certificate_issue_date, certificate_issue_country),
            ),
        )
        answer = erru.send(request, to).body
    print_states("Good repute", COLUMNS, lines(answer))
    finish(answer)


def _name(family_name: str, first_name: str, born: datetime | None) -> SearchedName | None:
    if not family_name and not first_name and born is None:
        return None
    if born is None:
        raise InvalidOutgoing("a search by name needs --date-of-birth", workflow="ERRU CGR")
    return SearchedName(family_name=family_name, first_name=first_name, date_of_birth=born.date())


def _certificate(number: str, issued: datetime | None, country: str) -> Certificate | None:
    if not number and not country and issued is None:
        return None
    if issued is None:
        raise InvalidOutgoing("a search by certificate needs --certificate-issue-date", workflow="ERRU CGR")
    return Certificate(
        certificate_number=number, certificate_issue_date=issued.date(), certificate_issue_country=country
    )


def _search(name: SearchedName | None, certificate: Certificate | None) -> SearchByName | SearchByCertificate:
    if name is not None:
        return SearchByName(name=name, certificate=certificate)
    if certificate is not None:
        return SearchByCertificate(certificate=certificate)
    raise InvalidOutgoing("name somebody, or a certificate", workflow="ERRU CGR")


def lines(answer: CheckGoodReputeResponse) -> Iterator[tuple[StateRow, tuple[str, ...]]]:
    """Yield one line a manager, and one a state without any."""
    for row in answer.member_states:
        if not row.found:
            yield row, ()
        for manager in row.found:
            managed, certificate = manager.transport_undertakings, manager.certificate
            validity = certificate.certificate_validity
            yield (
                row,
                (
                    manager.responding_authority,
                    fitness(certificate.fitness),
                    validity.value if validity else "not said",
                    str(managed.total_managed_undertakings),
                    str(managed.total_managed_vehicles),
                    manager.search_method.value,
                ),
            )


def fitness(given: Fitness) -> str:
    """Say in one phrase whether somebody is fit, and where not, from when until when."""
    begins, ends = given.unfit_start_date, given.unfit_end_date
    parts = [given.fitness_status.value, f"from {begins}" if begins else "", f"until {ends}" if ends else ""]
    return " ".join(part for part in parts if part)


def main() -> None:
    """Run the command."""
    app()
