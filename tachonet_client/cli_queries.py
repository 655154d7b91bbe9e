"""The commands `tachonet cic` and `ccs`: ask for the cards of a driver, or about one card."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer
from movehub.cli import (
    ANSWERED,
    COLOURS,
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
    out,
    plain_reply,
    print_states,
    read_body,
    send,
    show_plain,
)
from movehub.cli.comparison import Field, compared, numbered, print_comparison, text
from movehub.errors import InvalidOutgoing
from movehub.protocol.outcome import Outcome, StateRow
from movehub.protocol.reply import Reply

from .card_status import StatusTranslation, definition_of
from .ccs import CheckCardStatusRequest, CheckCardStatusResponse, CheckedCard, SearchedCard
from .cic import CheckIssuedCardsRequest, CheckIssuedCardsResponse, FoundDriver, IssuedCard, SearchedDriver
from .client import TachonetClient
from .vocabulary import DrivingLicence, RequestPurpose, RequestSource, WorkshopDetails

COLUMNS = ("Card", "Status", "Here", "Valid for driving")

Purpose = Annotated[RequestPurpose, typer.Option(metavar="Issue|Control|Exchange|Other")]
Source = Annotated[
    RequestSource,
    typer.Option(
        metavar="CIA|RSI|Other", help="A card-issuing authority, or a roadside inspection (inferred)."
    ),
]

#: Annex II, 5. None is only possible in the edition 2016.
VALIDITY = {True: "yes", False: "no", None: "not said"}
YES_OR_NO = {True: "yes", False: "no", None: ""}


def cic(
    context: typer.Context,
    config: Config,
    body: BodyFile = None,
    to: Annotated[str, typer.Option(help="The code of a Member State, or ZZ to ask all of them.")] = "ZZ",
    business_case_id: Case = "",
    originating_authority: Authority = "",
    purpose: Purpose = RequestPurpose.ISSUE,
    source: Source = RequestSource.CARD_ISSUING_AUTHORITY,
    family_name: Annotated[str, typer.Option(help="The driver's family name.")] = "",
    first_name: Annotated[
        str, typer.Option(help="The driver's first name. The search is not wider without it.")
    ] = "",
    date_of_birth: Day = None,
    place_of_birth: str = "",
    driving_licence_number: Annotated[str, typer.Option(help="Some registers also search by it.")] = "",
    driving_licence_issuing_country: str = "",
    by: By = None,
    json: Json = False,
) -> None:
    """Check issued cards: whether a driver holds one already, and in which state.

    Annex II, 1.1. Exit 0 every state has answered, found or not, 3 an answer is missing, 4 failed.
    """
    check_given(context, body, "business_case_id", "originating_authority", "family_name", "date_of_birth")
    with errors_printed(), TachonetClient.from_config(config, by=by) as tachonet:
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
        show_plain(_plain(reply, tachonet.statuses), as_json=True)
    else:
        print_states("Issued cards", COLUMNS, lines(reply.body, tachonet.statuses))
        for state, driver in _found(reply.body):
            title = f"{state}, card {driver.card.card_number}"
            print_comparison(title, "Applicant", beside(reply.body.searched_driver, driver))
    finish(reply, quiet=json)


def lines(
    answer: CheckIssuedCardsResponse, statuses: StatusTranslation[str]
) -> Iterator[tuple[StateRow, tuple[str, ...]]]:
    """Yield one line for each card, and one for each state without cards."""
    for row in answer.member_states:
        if not row.found:
            yield row, ()
        for driver in row.found:
            card = driver.card
            here = statuses.to_local(card.card_status)
            yield row, (card.card_number, card.card_status.value, here, VALIDITY[card.valid_for_driving])


def _found(answer: CheckIssuedCardsResponse) -> Iterator[tuple[str, FoundDriver]]:
    for row in answer.member_states:
        yield from ((row.member_state_code, driver) for driver in row.found)


def beside(applicant: SearchedDriver, driver: FoundDriver) -> tuple[Field, ...]:
    """Return the person found beside the applicant, then what the answer says of the card."""
    card, licence, workshop = driver.card, driver.driving_licence, driver.workshop
    return (
        Field("Family name", driver.family_name, applicant.family_name),
        Field("First name", text(driver.first_name), text(applicant.first_name)),
        Field("Date of birth", text(driver.date_of_birth), text(applicant.date_of_birth)),
        Field("Place of birth", text(driver.place_of_birth), text(applicant.place_of_birth)),
        _licence_beside(applicant, licence),
        *(Field(name, found, asked_for=False) for name, found in _of_found_card(card)),
        Field("Workshop", workshop_line(workshop), asked_for=False),
        Field("Found by", driver.search_mechanism.value, asked_for=False),
    )


def _licence_beside(applicant: SearchedDriver, licence: DrivingLicence | None) -> Field:
    """Compare what the request has of the licence. The same country alone makes no licence the same."""
    number, country = applicant.driving_licence_number, applicant.driving_licence_issuing_country
    asked = numbered(number, country)
    if licence is None:
        return Field("Driving licence", "", asked)
    found = licence.driving_licence_number, licence.driving_licence_issuing_country
    if not number and country == found[1]:
        asked = ""
    return Field("Driving licence", numbered(*found), asked, part="" if country else found[0])


def _of_found_card(card: IssuedCard) -> Iterator[tuple[str, str]]:
    yield "Issued by", card.card_issuing_authority
    yield "Valid from/until", f"{card.start_of_validity_date}/{card.expiry_date}"
    yield "Status since", card.status_modified_date.isoformat()
    yield "Temporary card", YES_OR_NO[card.temporary_card]


def workshop_line(workshop: WorkshopDetails | None) -> str:
    """Return a workshop with its address, empty for None."""
    return f"{workshop.workshop_name}, {workshop.workshop_address}" if workshop else ""


def _plain(reply: Reply[CheckIssuedCardsResponse], statuses: StatusTranslation[str]) -> dict[str, Any]:
    """Return the answer with all that the screen adds: states asked, national statuses, comparisons."""
    answer = reply.body
    return {
        **plain_reply(reply),
        "national_statuses": {
            driver.card.card_status.value: statuses.to_local(driver.card.card_status)
            for _, driver in _found(answer)
        },
        "compared": [
            {
                "member_state_code": state,
                "card_number": driver.card.card_number,
                "fields": compared(beside(answer.searched_driver, driver)),
            }
            for state, driver in _found(answer)
        ],
    }


def ccs(
    context: typer.Context,
    config: Config,
    to: Annotated[str, typer.Option(help="The code of the Member State that issued the card.")],
    body: BodyFile = None,
    business_case_id: Case = "",
    originating_authority: Authority = "",
    purpose: Purpose = RequestPurpose.ISSUE,
    source: Source = RequestSource.CARD_ISSUING_AUTHORITY,
    card_number: Annotated[str, typer.Option(help="All 16 characters of the card number.")] = "",
    by: By = None,
    json: Json = False,
) -> None:
    """Check card status, and whether the card is valid for driving.

    Annex II, 1.2 and 5: only the state that issued the card can tell whether it is valid for driving. The
    status does not show that. Exit 0 the state has answered, found or not, 3 it has not, 4 failed.
    """
    check_given(context, body, "business_case_id", "originating_authority", "card_number")
    with errors_printed(), TachonetClient.from_config(config, by=by) as tachonet:
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
        reply = send(tachonet, request, to)
    answer = reply.body
    if json:
        show_plain(_plain_card(reply, tachonet.statuses), as_json=True)
    else:
        _print_card(answer, to, tachonet.statuses)
    if answer.outcome is Outcome.NO_ANSWER:
        err.print(f"[red]Incomplete:[/] no answer from {escape(to)}. Nothing is known of the card yet.")
    raise typer.Exit(INCOMPLETE if answer.outcome is Outcome.NO_ANSWER else ANSWERED)


def _plain_card(reply: Reply[CheckCardStatusResponse], statuses: StatusTranslation[str]) -> dict[str, Any]:
    card = reply.body.card
    here = {} if card is None else {card.card_status.value: statuses.to_local(card.card_status)}
    return {**plain_reply(reply), "national_statuses": here}


def _print_card(answer: CheckCardStatusResponse, to: str, statuses: StatusTranslation[str]) -> None:
    """Print the answer. The line about validity for driving is always printed."""
    outcome, card = answer.outcome, answer.card
    said = f"{escape(to)} [{COLOURS[outcome]}]{outcome.value}[/], says {escape(answer.responding_authority)}"
    out.print(said, soft_wrap=True)
    if answer.status_message:
        out.print(f"It adds: {escape(answer.status_message)}", soft_wrap=True)
    for label, value in _of_card(card, statuses) if card is not None else ():
        out.print(f"{label}: {escape(value)}", soft_wrap=True)
    if card is None:
        out.print("Valid for driving: not said")
    elif card.valid_for_driving:
        out.print("Valid for driving: [green]yes[/]")
    else:
        out.print("Valid for driving: [red]no[/]")


def _of_card(card: CheckedCard, statuses: StatusTranslation[str]) -> Iterator[tuple[str, str]]:
    yield "Card status", f"{card.card_status.value}. {definition_of(card.card_status).meaning}"
    yield "In the national procedure", statuses.to_local(card.card_status)
    yield "Status since", card.status_modified_date.isoformat()
    yield "Issued by", card.card_issuing_authority
    yield "Period", f"{card.start_of_validity_date} to {card.expiry_date}"
    if card.temporary_card is not None:
        yield "Temporary card", "yes" if card.temporary_card else "no"
    workshop, holder, licence = card.workshop, card.holder, card.driving_licence
    if workshop is not None:
        yield "Workshop", workshop_line(workshop)
    if holder is not None:
        names = holder.family_name, holder.first_name, f"born {holder.date_of_birth}"
        yield "Holder", ", ".join(name for name in names if name)
    if licence is not None:
        status = licence.driving_licence_status
        named = f"{licence.driving_licence_number} of {licence.driving_licence_issuing_country}"
        yield "Driving licence", f"{named}, {status.value}" if status else named
