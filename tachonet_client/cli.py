"""The command `tachonet`."""

from __future__ import annotations

try:
    import typer
except ImportError:  # pragma: no cover - shown by the wheel test
    raise SystemExit("The command line needs its extra: pip install 'movehub-client[cli]'") from None

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from movehub.console import finish, out, print_states, told, validate_command
from movehub.outcome import StateRow

from .cic import CheckIssuedCardsRequest, CheckIssuedCardsResponse, SearchedDriver
from .client import TachonetClient
from .editions import CODEC

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.command()(validate_command(CODEC))

COLUMNS = ("Card", "Status", "Valid from/until", "By")


@app.callback()
def _group() -> None:
    """Take part in TACHOnet. Its wire format is reconstructed from Regulation (EU) 2016/68, Annex III."""


@app.command()
def cic(
    config: Path = typer.Option(..., help="The configuration file (TOML)."),
    to: str = typer.Option("ZZ", help="A Member State's code, or ZZ to ask all of them."),
    business_case_id: str = typer.Option(..., help="Your case number, at most 36 characters."),
    originating_authority: str = typer.Option(..., help="The authority that asks."),
    family_name: str = typer.Option(..., help="As on the card."),
    first_name: str = typer.Option("", help="As on the card."),
    date_of_birth: datetime = typer.Option(..., formats=["%Y-%m-%d"]),
    driving_licence_number: str = typer.Option(""),
    driving_licence_issuing_country: str = typer.Option(""),
) -> None:
    """Check issued cards: who holds a driver card already, and where. Exit 0, 3 incomplete, 4 failed."""
    with told(), TachonetClient.from_config(config) as tachonet:
        driver = SearchedDriver(
            family_name=family_name,
            first_name=first_name,
            date_of_birth=date_of_birth.date(),
            driving_licence_number=driving_licence_number,
            driving_licence_issuing_country=driving_licence_issuing_country,
        )
        request = CheckIssuedCardsRequest(
            business_case_id=business_case_id,
            originating_authority=originating_authority,
            searched_driver=driver,
        )
        answer = tachonet.send(request, to).body
    print_states("Issued cards", COLUMNS, lines(answer))
    out.print("A status says nothing about validity for driving (Annex II, 5): ask by CCS.")
    finish(answer)


def lines(answer: CheckIssuedCardsResponse) -> Iterator[tuple[StateRow, tuple[str, ...]]]:
    """Yield one line a card, and one a state without any."""
    for row in answer.member_states:
        if not row.found:
            yield row, ()
        for driver in row.found:
            card = driver.card
            validity = f"{card.start_of_validity_date}/{card.expiry_date}"
            yield row, (card.card_number, card.card_status.value, validity, driver.search_mechanism.value)


def main() -> None:
    """Run the command."""
    app()
