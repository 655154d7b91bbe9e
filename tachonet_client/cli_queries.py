"""The commands `tachonet cic` and `ccs`: ask for the cards of a driver, or about one card."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer
from movehub.cli import (
    ANSWERED,
    COLOURS,
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
    out,
    print_states,
    read_body,
    send,
    show_plain,
)
from movehub.errors import InvalidOutgoing
from movehub.protocol.outcome import Outcome, StateRow
from movehub.protocol.plain_data import to_dict

from .card_status import definition_of
from .ccs import CheckCardStatusRequest, CheckCardStatusResponse, CheckedCard, SearchedCard
from .cic import CheckIssuedCardsRequest, CheckIssuedCardsResponse, SearchedDriver
from .client import TachonetClient
from .vocabulary import RequestPurpose, RequestSource

COLUMNS = ("Card", "Status", "Valid for driving", "Valid from/until", "By", "Workshop")

#: Annex II, 5. None is only possible in the edition 2016.
VALIDITY = {True: "yes", False: "no", None: "not said"}


def cic(
    context: typer.Context,
    config: Config,
    body: BodyFile = None,
    to: Annotated[str, typer.Option(help="The code of a Member State, or ZZ to ask all of them.")] = "ZZ",
    business_case_id: Case = "",
    originating_authority: Authority = "",
    purpose: RequestPurpose = RequestPurpose.ISSUE,
    source: RequestSource = RequestSource.CARD_ISSUING_AUTHORITY,
    family_name: Annotated[str, typer.Option(help="The driver's family name.")] = "",
    first_name: Annotated[
        str, typer.Option(help="The driver's first name. The search is not wider without it.")
    ] = "",
    date_of_birth: Day = None,
    place_of_birth: str = "",
    driving_licence_number: Annotated[str, typer.Option(help="Some registers also search by it.")] = "",
    driving_licence_issuing_country: str = "",
    json: Json = False,
) -> None:
    """Check issued cards: whether a driver holds one already, and in which state.

    Annex II, 1.1. Exit 0 every state has answered, found or not, 3 an answer is missing, 4 failed.
    """
    check_given(context, body, "business_case_id", "originating_authority", "family_name", "date_of_birth")
    with errors_printed(), TachonetClient.from_config(config) as tachonet:
        if body is not None:
            request = read_body(CheckIssuedCardsRequest, body)
        elif date_of_birth is None:
            raise InvalidOutgoing("a search by name needs --date-of-birth", workflow="TACHOnet CIC")
        else:
            request = CheckIssuedCardsRequest(
                business_case_id=business_case_id,
                originating_authority=originating_authority,
                request_purpose=purpose,
                request_source=source,
                searched_driver=SearchedDriver(
                    family_name=family_name,
                    first_name=first_name,
                    date_of_birth=date_of_birth,
                    place_of_birth=place_of_birth,
                    driving_licence_number=driving_licence_number,
                    driving_licence_issuing_country=driving_licence_issuing_country,
                ),
            )
        reply = send(tachonet, request, to)
    if json:
        show_plain(to_dict(reply.body), as_json=True)
    else:
        print_states("Issued cards", COLUMNS, lines(reply.body))
    finish(reply, quiet=json)


def lines(answer: CheckIssuedCardsResponse) -> Iterator[tuple[StateRow, tuple[str, ...]]]:
    """Yield one line for each card, and one for each state without cards."""
    for row in answer.member_states:
        if not row.found:
            yield row, ()
        for driver in row.found:
            card = driver.card
            validity = f"{card.start_of_validity_date}/{card.expiry_date}"
            valid = VALIDITY[card.valid_for_driving]
            found_by = driver.search_mechanism.value
            workshop = driver.workshop.workshop_name if driver.workshop else ""
            yield row, (card.card_number, card.card_status.value, valid, validity, found_by, workshop)


def ccs(
    context: typer.Context,
    config: Config,
    to: Annotated[str, typer.Option(help="The code of the Member State that issued the card.")],
    body: BodyFile = None,
    business_case_id: Case = "",
    originating_authority: Authority = "",
    purpose: RequestPurpose = RequestPurpose.ISSUE,
    source: RequestSource = RequestSource.CARD_ISSUING_AUTHORITY,
    card_number: Annotated[str, typer.Option(help="All 16 characters of the card number.")] = "",
    json: Json = False,
) -> None:
    """Check card status, and whether the card is valid for driving.

    Annex II, 1.2 and 5: only the state that issued the card can tell whether it is valid for driving. The
    status does not show that. Exit 0 the state has answered, found or not, 3 it has not, 4 failed.
    """
    check_given(context, body, "business_case_id", "originating_authority", "card_number")
    with errors_printed(), TachonetClient.from_config(config) as tachonet:
        if body is not None:
            request = read_body(CheckCardStatusRequest, body)
        else:
            request = CheckCardStatusRequest(
                business_case_id=business_case_id,
                originating_authority=originating_authority,
                request_purpose=purpose,
                request_source=source,
                searched_card=SearchedCard(card_number=card_number),
            )
        answer = send(tachonet, request, to).body
    if json:
        show_plain(to_dict(answer), as_json=True)
    else:
        _print_card(answer, to)
    if answer.outcome is Outcome.NO_ANSWER:
        err.print(f"[red]Incomplete:[/] no answer from {escape(to)}. Nothing is known of the card yet.")
    raise typer.Exit(INCOMPLETE if answer.outcome is Outcome.NO_ANSWER else ANSWERED)


def _print_card(answer: CheckCardStatusResponse, to: str) -> None:
    """Print the answer. The line about validity for driving is always printed."""
    outcome, card = answer.outcome, answer.card
    said = f"{escape(to)} [{COLOURS[outcome]}]{outcome.value}[/], says {escape(answer.responding_authority)}"
    out.print(said, soft_wrap=True)
    if answer.status_message:
        out.print(f"It adds: {escape(answer.status_message)}", soft_wrap=True)
    for label, value in _of_card(card) if card is not None else ():
        out.print(f"{label}: {escape(value)}", soft_wrap=True)
    if card is None:
        out.print("Valid for driving: not said")
    elif card.valid_for_driving:
        out.print("Valid for driving: [green]yes[/]")
    else:
        out.print("Valid for driving: [red]no[/]")


def _of_card(card: CheckedCard) -> Iterator[tuple[str, str]]:
    yield "Card status", f"{card.card_status.value}. {definition_of(card.card_status).meaning}"
    yield "Status since", card.status_modified_date.isoformat()
    yield "Issued by", card.card_issuing_authority
    yield "Period", f"{card.start_of_validity_date} to {card.expiry_date}"
    if card.temporary_card is not None:
        yield "Temporary card", "yes" if card.temporary_card else "no"
    workshop, holder, licence = card.workshop, card.holder, card.driving_licence
    if workshop is not None:
        yield "Workshop", f"{workshop.workshop_name}, {workshop.workshop_address}"
    if holder is not None:
        names = holder.family_name, holder.first_name, f"born {holder.date_of_birth}"
        yield "Holder", ", ".join(name for name in names if name)
    if licence is not None:
        status = licence.driving_licence_status
        named = f"{licence.driving_licence_number} of {licence.driving_licence_issuing_country}"
        yield "Driving licence", f"{named}, {status.value}" if status else named
