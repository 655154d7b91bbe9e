"""The commands `tachonet mcs` and `icdl`: notify another state, and print whether it was delivered."""

from __future__ import annotations

from datetime import datetime
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
    check_given,
    errors_printed,
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
from movehub.errors import InvalidOutgoing
from movehub.protocol.message import Message

from .cli_queries import Purpose, Source
from .client import TachonetClient
from .icdl import IssuedCardDrivingLicenceRequest, NotifiedCard
from .mcs import (
    Declarer,
    ModificationStatus,
    ModifiedCard,
    ModifyCardStatusRequest,
    ModifyCardStatusResponse,
)
from .vocabulary import CardStatus, RequestPurpose, RequestSource


def read_instant(text: str) -> datetime:
    """Read an option that is an instant. It must have a time zone."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.utcoffset() is None:
        raise typer.BadParameter("the form is YYYY-MM-DDThh:mm:ss+hh:mm, or Z in place of the offset")
    return instant


Instant = Annotated[
    datetime | None,
    typer.Option(
        parser=read_instant,
        metavar="INSTANT",
        help="When the status was changed, such as 2026-11-22T10:30:00+02:00.",
    ),
]


def mcs(
    context: typer.Context,
    config: Config,
    to: Annotated[str, typer.Option(help="The code of the Member State that issued the card.")],
    body: BodyFile = None,
    business_case_id: Case = "",
    originating_authority: Authority = "",
    purpose: Purpose = RequestPurpose.CONTROL,
    source: Source = RequestSource.CARD_ISSUING_AUTHORITY,
    card_number: Annotated[str, typer.Option(help="All 16 characters of the card number.")] = "",
    new_status: Annotated[
        CardStatus | None, typer.Option(metavar="STATUS", help="A status that `tachonet status` lists.")
    ] = None,
    modified_at: Instant = None,
    declared_by: Annotated[str, typer.Option(help="The authority that changed the status.")] = "",
    authority_address: Annotated[str, typer.Option(help="The address of that authority, in one line.")] = "",
    by: By = None,
    json: Json = False,
) -> None:
    """Modify card status: notify the issuer of a card of a change to it.

    Annex II, 1.3. Check the card's status first, by `tachonet ccs`. The law asks for it before a card is
    notified as withdrawn, suspended or stolen (Annex VIII, 2.1 (a)) and before an exchange (3.1).

    The command prints whether the notification was delivered. A later response to your responder tells you
    whether the register was changed. Exit 0 delivered, 3 not delivered, 4 failed.
    """
    needed = ("business_case_id", "originating_authority", "card_number", "new_status", "modified_at")
    check_given(context, body, *needed, "declared_by", "authority_address")
    with errors_printed(), TachonetClient.from_config(config, by=by) as tachonet:
        if body is not None:
            request = read_body(ModifyCardStatusRequest, body)
        elif new_status is None or modified_at is None:
            raise InvalidOutgoing("give --new-status and --modified-at", workflow="TACHOnet MCS")
        else:
            request = ModifyCardStatusRequest(
                business_case_id=business_case_id,
                originating_authority=originating_authority,
                request_purpose=purpose,
                request_source=source,
                modified_card=ModifiedCard(
                    card_number=card_number,
                    new_card_status=new_status,
                    status_modified_at=modified_at,
                    declared_by=Declarer(authority=declared_by, authority_address=authority_address),
                ),
            )
        reply = send(tachonet, request, to)
    if reply.body.delivered and not json:
        out.print("Delivered does not mean changed: the response about the register comes to your responder.")
    finish_notification(reply, as_json=json)


def respond_to_mcs(
    identifier: Request,
    config: NodeConfig,
    status: Annotated[
        ModificationStatus,
        typer.Option(metavar="STATUS", help="OK, CardNumberNotFound or CardStatusInvalid."),
    ],
    recorded_status: Annotated[
        CardStatus | None,
        typer.Option(metavar="STATUS", help="The status of the card in your register now, changed or not."),
    ] = None,
    status_message: str = "",
    authority: RespondingAuthority = "",
    to: Receiver = "",
    again: Again = False,
    wait: Wait = 0,
    by: By = None,
    json: Json = False,
) -> None:
    """Respond to a stored notification of a card status: what became of the update of your register.

    Annex II, 1.3. With `CardNumberNotFound`, give no `--recorded-status`.

    The node sends it. Exit 0 stored, or delivered with `--wait`; 3 not delivered in that time; 4 failed.
    """
    how = Posting(config, by, authority, to, again, wait, json)

    def answering(request: Message[Any], responding: str) -> ModifyCardStatusResponse:
        answer: ModifyCardStatusResponse = request.body.respond(
            responding, status, recorded_status, status_message or None
        )
        return answer

    post_response(TachonetClient, ModifyCardStatusRequest.root, identifier, answering, how)


def icdl(
    context: typer.Context,
    config: Config,
    to: Annotated[str, typer.Option(help="The code of the Member State that issued the driving licence.")],
    body: BodyFile = None,
    business_case_id: Case = "",
    originating_authority: Authority = "",
    card_number: Annotated[str, typer.Option(help="The number of the card that was issued.")] = "",
    driving_licence_number: Annotated[
        str, typer.Option(help="The number of the driving licence it was issued on.")
    ] = "",
    family_name: Annotated[str, typer.Option(help="The hub makes search keys from it.")] = "",
    first_name: str = "",
    date_of_birth: Day = None,
    place_of_birth: str = "",
    by: By = None,
    json: Json = False,
) -> None:
    """Notify the issuer of a driving licence that you issued a card on it.

    Annex II, 1.4, "issued card driving licence". It is due at once when a card was issued, renewed or
    exchanged on a licence of another state (Annex VIII, 1.2 and 3.3).

    Exit 0 delivered, recorded there or not, 3 not delivered, 4 failed.
    """
    needed = ("business_case_id", "originating_authority", "card_number", "driving_licence_number")
    check_given(context, body, *needed, "family_name", "date_of_birth")
    with errors_printed(), TachonetClient.from_config(config, by=by) as tachonet:
        if body is not None:
            request = read_body(IssuedCardDrivingLicenceRequest, body)
        else:
            request = IssuedCardDrivingLicenceRequest(
                business_case_id=business_case_id,
                originating_authority=originating_authority,
                issued_card=NotifiedCard(
                    card_number=card_number,
                    driving_licence_number=driving_licence_number,
                    family_name=family_name,
                    first_name=first_name,
                    date_of_birth=date_of_birth,
                    place_of_birth=place_of_birth,
                ),
            )
        reply = send(tachonet, request, to)
    finish_notification(reply, as_json=json)
