"""The commands `erru ncr respond` and `tachonet mcs respond`: what both systems share.

`erru ncr` notifies, and `erru ncr respond` responds. So `ncr` is a group with a command that may be left out:
`erru ncr body.json --to PL` is `erru ncr notify body.json --to PL`.

A response is made from the stored request of a node's database, and posted into the same database. The node
sends it, and its receipt closes the workflow.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final

import typer
from typer.core import TyperGroup

from movehub.actor import actor
from movehub.cli.console import ANSWERED, INCOMPLETE, errors_printed, escape, out, show_plain
from movehub.cli.node import opened
from movehub.client import Client
from movehub.config import Section
from movehub.errors import AnswerPending
from movehub.protocol.message import Message
from movehub.protocol.workflow import workflow_of

#: The command that may be left out.
NOTIFY: Final = "notify"

Request = Annotated[
    str, typer.Argument(metavar="ID", help="The identifier of the workflow, or of the stored request.")
]
NodeConfig = Annotated[Path, typer.Option(help="The configuration file of the node (TOML).")]
RespondingAuthority = Annotated[
    str, typer.Option(help="Your authority, which responds. Default: that of the node's answers.")
]
To = Annotated[str, typer.Option(help="The receiver. Default: the state that sent the request.")]
Again = Annotated[bool, typer.Option("--again", help="Send another response, although there is one.")]
Wait = Annotated[
    float, typer.Option(min=0, help="How many seconds to wait for the receipt of the other state.")
]

#: Makes the response from the stored request, and the authority that responds.
Answering = Callable[[Message[Any], str], Any]


class _Group(TyperGroup):
    """A group that takes anything but a command as the words of `notify`."""

    _OWN: ClassVar = frozenset({"--help"})

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put `notify` before words that begin with no command."""
        if args and args[0] not in self.commands and args[0] not in self._OWN:
            args = [NOTIFY, *args]
        return super().parse_args(ctx, args)


def notification_commands(
    notify: Callable[..., None], respond: Callable[..., None], says: str, **settings: Any
) -> typer.Typer:
    """Return the group of one workflow. `says` is its help, and `settings` are those of `notify`."""
    group = typer.Typer(
        cls=_Group, help=says, no_args_is_help=True, add_completion=False, rich_markup_mode=None
    )
    group.command(NOTIFY, context_settings=settings)(notify)
    group.command("respond")(respond)
    return group


@dataclass(frozen=True, slots=True)
class Posting:
    """How a response is posted: the options that both systems share."""

    config: Path
    by: str | None
    authority: str
    to: str
    again: bool
    wait: float
    as_json: bool


def post_response(
    client_class: type[Client], opening: str, identifier: str, answering: Answering, how: Posting
) -> None:
    """Post the response to a stored request whose root is `opening`, print its ticket, and exit."""
    who, workflow = actor(how.by), workflow_of(opening)
    assert workflow is not None  # noqa: S101 - `opening` is a constant of the caller
    with opened(how.config) as (_, store), errors_printed():
        from movehub.store.workflow_history import request_to_answer

        authority = how.authority or _authority(how.config, workflow.system.lower())
        with client_class.from_config(how.config, store=store) as client:
            with store.unit() as unit:  # of two operators, one responds
                document = request_to_answer(
                    unit.connection, store.journal, identifier, workflow, by=who, again=how.again
                )
                request = client.codec.decode(document)
                response = answering(request, authority)
                ticket = client.post_response(request, response, to=how.to or None, by=who)
            receipt = _receipt(ticket, how.wait)
    plain = {
        "technical_id": ticket.technical_id,
        "workflow_id": str(request.header.workflow_id).lower(),
        "to": how.to or request.header.from_,
        "delivered": None if receipt is None else receipt.body.delivered,
    }
    _print(plain, waited=how.wait > 0, as_json=how.as_json)
    raise typer.Exit(INCOMPLETE if how.wait > 0 and not plain["delivered"] else ANSWERED)


def _authority(config: Path, name: str) -> str:
    """Return the authority that the answers of the node name. Raises InvalidConfiguration."""
    from movehub.node.settings import Served

    return str(Section.top_of(config).section("node").section(name).value(Served, "authority"))


def _receipt(ticket: Any, wait: float) -> Any:
    """Return the receipt of the response, None if it has not come in time. Raises as `Ticket.wait`."""
    if not wait:
        return None
    try:
        return ticket.wait(wait)
    except AnswerPending:
        return None


def _print(plain: dict[str, Any], *, waited: bool, as_json: bool) -> None:
    if as_json:
        show_plain(plain, as_json=True)
        return
    to, ticket = escape(plain["to"]), plain["technical_id"]
    out.print(f"Stored for the node to send to {to}: {ticket}", soft_wrap=True)
    if waited:
        words = {None: "No receipt has come yet.", True: "Delivered.", False: "[red]Not delivered.[/]"}
        out.print(words[plain["delivered"]])
    if not plain["delivered"]:
        out.print("The response is owed until its receipt says that it arrived. See what became of it:")
        out.print(f"movehub node workflows {plain['workflow_id']}", soft_wrap=True)
