"""The command `movehub node workflows`: responses that are due, a search, and the history of one workflow."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from movehub.actor import actor
from movehub.cli.console import By, Config, Json, err, escape, out, show_plain, table
from movehub.cli.node import HOME, LOOK, QUIET, opened
from movehub.config import read_edition
from movehub.printable import printable

Identifier = Annotated[
    str | None,
    typer.Argument(metavar="ID", help="The identifier of a workflow, or of one of its messages."),
]
Case = Annotated[str, typer.Option(help="Find the workflows of this business case.")]
Licence = Annotated[str, typer.Option(help="Find those about this driving licence or Community licence.")]
Card = Annotated[str, typer.Option(help="Find those about this tachograph card.")]
Documents = Annotated[bool, typer.Option("--documents", help="Print the documents, too.")]


def workflows(
    identifier: Identifier = None,
    case: Case = "",
    licence: Licence = "",
    card: Card = "",
    documents: Documents = False,
    by: By = None,
    config: Config = HOME,
    json: Json = False,
) -> None:
    """List the responses that you owe or await; find workflows; or print the history of one.

    Without ID and options: the open ones, the first due at the beginning. Exit 1 if one is overdue.

    A search reads the stored documents of both systems, so that you can tell a person which of their data
    you hold (Regulation (EU) 2016/679, Article 15). A search and --documents leave lines in the journal.
    """
    searches = bool(case or licence or card)
    if identifier is not None and searches:
        raise typer.BadParameter("give an ID, or what to search for, not both")
    if documents and identifier is None:
        raise typer.BadParameter("--documents needs an ID")
    who = actor(by) if searches or documents else ""
    if identifier is not None:
        _print_history(config, identifier, who, as_json=json)
    elif searches:
        _search(config, (case, licence, card), who, as_json=json)
    else:
        _list(config, as_json=json)


def _list(config: Path, *, as_json: bool) -> None:
    with opened(config) as (_, store), store.reading() as connection:
        from movehub.store import open_responses

        rows = [each.plain(store.now()) for each in open_responses(connection)]
    if as_json:
        show_plain({"open": rows}, as_json=True)
    elif rows:
        shown = table("Responses", "Last day", "Side", "State", "Message", "Workflow")
        for row in rows:
            day = f"[red]{row['last_day']}[/]" if row["overdue"] else row["last_day"]
            message = f"{row['system']} {row['root']}"
            shown.add_row(day, row["side"], *map(escape, (row["partner"], message, row["workflow_id"])))
        out.print(shown)
    else:
        out.print("No response is owed or awaited.")
    raise typer.Exit(LOOK if any(row["overdue"] for row in rows) else QUIET)


def _search(config: Path, given: tuple[str, str, str], who: str, *, as_json: bool) -> None:
    with opened(config) as (_, store):
        from movehub.store.workflow_history import history
        from movehub.store.workflow_search import Searched, find_workflows

        found = find_workflows(store, Searched(*given), _decoders(config), by=who)
        with store.reading() as connection:
            rows = [history(connection, workflow_id).plain() for _, workflow_id in found.workflows]
    plain = {
        "workflows": rows,
        "recorded_notifications": [*found.recorded],
        "other_messages": [*found.others],
        "unreadable": found.unreadable,
    }
    if as_json:
        show_plain(plain, as_json=True)
    else:
        _print_found(rows, found.recorded, found.others)
    if found.unreadable:
        err.print(
            f"[red]Not searched:[/] {found.unreadable} documents of editions that this configuration lacks."
        )
    raise typer.Exit(LOOK if found.unreadable else QUIET)


def _print_found(rows: list[dict[str, Any]], recorded: tuple[str, ...], others: tuple[str, ...]) -> None:
    shown = table("Workflows", "Since", "Opened by", "State", "Message", "Workflow")
    for row in rows:
        opened_by = "us" if row["opened_by_us"] else row["partner"]
        message = f"{row['system']} {row['root']}"
        shown.add_row(*map(escape, (row["since"], opened_by, row["partner"], message, row["workflow_id"])))
    if rows:
        out.print(shown)
    for each in recorded:
        out.print(f"A recorded ICDL notification has it: {escape(each)}")
    for each in others:
        out.print(f"A message that belongs to no workflow has it: {escape(each)}")
    if not rows and not recorded and not others:
        out.print("No stored document has it.")


def _print_history(config: Path, identifier: str, who: str, *, as_json: bool) -> None:
    with opened(config) as (_, store):
        from movehub.store.workflow_history import history, history_with_documents

        if who:
            found = store.write(lambda c: history_with_documents(c, store.journal, identifier, by=who))
        else:
            with store.reading() as connection:
                found = history(connection, identifier)
    plain = found.plain()
    if as_json:
        show_plain(plain, as_json=True)
        return
    opened_by = "us" if plain["opened_by_us"] else plain["partner"]
    about = f"{plain['system']} {plain['root']}, opened by {opened_by}, partner {plain['partner']}"
    out.print(f"[bold]{escape(plain['workflow_id'])}[/] {escape(about)}: {plain['state']}", soft_wrap=True)
    if (response := plain["response"]) is not None:
        at = f" at {response['at']}" if response["at"] else ""
        until = f"last day {response['last_day']}" if response["last_day"] else "although none was due"
        out.print(f"Response {response['side']}, {until}: {response['state']}{at}", soft_wrap=True)
    for each in plain["messages"]:
        _print_message(each)
    for each in plain["escalations"]:
        end = f", resolved {each['resolved']} by {each['resolved_by']}" if each["resolved"] else ", open"
        text = f"{each['since']} escalated: {each['reason']}: {each['detail']}{end}"
        out.print(escape(text), soft_wrap=True)


def _print_message(message: dict[str, Any]) -> None:
    way = "in " if message["received"] else "out"
    end = f", {message['done']}" if message["done"] else ""
    became = f", {message['outcome']}" if message["outcome"] else ""
    reason = f" ({message['reason']})" if message["reason"] else ""
    text = f"{message['at']} {way} {message['root']} {message['from']} to {message['to']}: "
    out.print(escape(f"{text}{message['state']}{reason}{became}{end}"), soft_wrap=True)
    out.print(f"   {escape(message['technical_id'])}", soft_wrap=True)
    if "document" in message:
        out.print(Text(printable(message["document"], keep="\n")), soft_wrap=True)


def _decoders(config: Path) -> dict[str, Any]:
    """Return the decoder of each system, with the official schemas that the configuration names."""
    from movehub.node.settings import PACKAGES

    found = {}
    for name, package in PACKAGES.items():
        codec, edition = import_module(package).CODEC, read_edition(config, name)
        found[codec.system] = (codec if edition is None else codec.speaking(edition)).decode
    return found
