"""The commands `tachonet due` and `status`: the steps that the law asks for, and card statuses."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from movehub import law
from movehub.cli import Json, errors_printed, escape, out, read_author, read_body, show_plain, table
from movehub.config import read_participants
from movehub.errors import InvalidConfiguration
from movehub.protocol.plain_data import to_dict

from .application import Application
from .card_status import STATUSES, StatusDefinition, StatusTranslation, definition_of
from .policy import Policy
from .procedures import OWN_REGISTER, READINGS, Due
from .procedures import due as what_is_due
from .vocabulary import CardStatus

if TYPE_CHECKING:
    from movehub.store import FoundNotification

#: The recorded keys are the hub's, so a search with other keys can miss a notification.
_OWN_KEYS = (
    "Warning: the application has no search keys, so the search by keys used this library's own. The hub made"
    " the recorded ones, and they may differ. Put the Commission's keys into the application."
)
_NOT_VALIDITY = (
    "Whether a card is valid for driving is a field of its own in CIC and CCS answers"
    f" ({law.VALID_FOR_DRIVING.tachonet})."
)


def due(
    application: Annotated[Path, typer.Argument(help="The application as JSON, or - for standard input.")],
    policy: Annotated[Path, typer.Option(help="How your state follows Annex VIII (TOML).")],
    config: Annotated[
        Path | None,
        typer.Option(
            help="The configuration file (TOML), if it lists the participants of TACHOnet; with --by, that of"
            " your node."
        ),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            parser=read_author,
            metavar="NAME",
            help="Who you are: a service number or an account. If 1.3 asks for it, the command then searches"
            " the notifications that the node has recorded, and the node's journal names you.",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Print the steps that the law asks for in a case, and why.

    Annex VIII: which message, to which state, and when. The command sends no message.
    """
    with errors_printed():
        case = read_body(Application, application, InvalidConfiguration)
        participants = None if config is None else read_participants(config, "tachonet")
        rules = Policy.read(policy, participants)
        steps = what_is_due(case, rules)
        found: tuple[FoundNotification, ...] | None = None
        if by is not None and any(each.workflow == OWN_REGISTER for each in steps):
            case, found = _searched(case, config, by)
            steps = what_is_due(case, rules)
    reading = READINGS.get(case.event)
    if json:
        plain = {"due": to_dict(steps), "notifications": to_dict(found or ()), "reading": reading}
        if found is not None and case.family_name_search_key is None:
            plain["warning"] = _OWN_KEYS
        show_plain(plain, as_json=True)
        return
    if found is not None:
        _print_found(found)
        if case.family_name_search_key is None:
            out.print(_OWN_KEYS, soft_wrap=True)
    _print_steps(steps, reading)


def _searched(
    case: Application, config: Path | None, by: str
) -> tuple[Application, tuple[FoundNotification, ...]]:
    """Search the records of a node. Raises BadParameter without one, and as `search_notifications` does."""
    from movehub.cli.node import opened

    from .notified_licences import search_notifications

    if config is None:
        raise typer.BadParameter("the search needs the configuration of your node", param_hint="--config")
    with opened(config) as (_, store), errors_printed():
        return search_notifications(case, store, by=by)


def _print_found(found: tuple[FoundNotification, ...]) -> None:
    out.print(f"Notifications found in your own register: {len(found)}")
    for each in found:
        recorded = f"recorded {each.recorded_at.date()}, found by {each.found_by.value}"
        out.print(
            f"   {escape(each.notified_by)}, card {escape(each.card_number)}, {recorded}", soft_wrap=True
        )


def _print_steps(steps: tuple[Due, ...], reading: str | None) -> None:
    for number, step in enumerate(steps, 1):
        _print_due(number, step)
    if not steps:
        out.print("Nothing is due: Annex VIII asks for no message in this case.")
    if reading:
        out.print(reading, soft_wrap=True)


def _print_due(number: int, each: Due) -> None:
    status = f", new status {each.new_status.value}" if each.new_status else ""
    inferred = " (inferred: the law does not say so in words)" if each.inferred else ""
    out.print(f"{number}. {escape(each.step)}{status}: {each.when.value}", soft_wrap=True)
    out.print(f"   {escape(each.why)}", soft_wrap=True)
    out.print(f"   {escape(each.article)}{inferred}", soft_wrap=True)


def status(
    word: Annotated[str, typer.Argument(help="A status, such as HandedOver. Default: all of them.")] = "",
    table: Annotated[
        Path | None, typer.Option(help="Your own translation (TOML), instead of the one that we ship.")
    ] = None,
    json: Json = False,
) -> None:
    """Print the meaning of a card status, and its value in your national procedure.

    Annex II, 3 to 5 and appendix: the 18 statuses.
    """
    with errors_printed():
        translation = (
            StatusTranslation[str].default() if table is None else StatusTranslation[str].read(table)
        )
        chosen = tuple(map(definition_of, CardStatus)) if not word else (definition_of(_status(word)),)
    if json:
        show_plain([_plain(each, translation) for each in chosen], as_json=True)
    elif word:
        _print_status(chosen[0], translation)
    else:
        _print_statuses(translation)


def _status(word: str) -> CardStatus:
    """Find a status, written like `handed over` or `HandedOver`. Raises ValueError."""
    known = {each.value.casefold(): each for each in CardStatus}
    found = known.get("".join(letter for letter in word.casefold() if letter.isalpha()))
    if found is None:
        raise ValueError(f"Annex II has no such status; it has {', '.join(CardStatus)}")
    return found


def _plain(each: StatusDefinition, translation: StatusTranslation[str]) -> dict[str, Any]:
    return {**to_dict(each), "declared": each.declared.value, "local": translation.to_local(each.status)}


def _print_status(each: StatusDefinition, translation: StatusTranslation[str]) -> None:
    out.print(f"{each.status.value}: {each.meaning}", soft_wrap=True)
    out.print(f'"{each.law}" in {each.source}', soft_wrap=True)
    out.print(f"In the national procedure: {escape(translation.to_local(each.status))}", soft_wrap=True)
    out.print(_NOT_VALIDITY, soft_wrap=True)


def _print_statuses(translation: StatusTranslation[str]) -> None:
    shown = table("Card statuses", "Status", "Meaning", "Here", folding=("Meaning", "Here"))
    for each in STATUSES:
        shown.add_row(each.status.value, each.meaning, escape(translation.to_local(each.status)))
    out.print(shown)
    out.print(f"Source: {STATUSES[0].source}. {_NOT_VALIDITY}", soft_wrap=True)
