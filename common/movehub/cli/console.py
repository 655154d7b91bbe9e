"""What the command lines print alike: exit codes, tables, words for outcomes and for failures.

Needs the extra `cli` (typer and rich). What the commands read is in `console_files`, their options are in
`console_options`.

The options that the command lines have in common, and how a request is given: by options or as JSON.

Names given as options land in the shell's history and in the list of processes. So every command that asks
about somebody takes the body from a file or from standard input, too. And what was typed is not repeated in a
complaint. Needs the extra `cli`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Final, Protocol, TypeVar

import typer
from rich.console import Console, ConsoleDimensions
from rich.markup import escape
from rich.table import Table

from movehub.client import Client
from movehub.errors import ErrorNotified, MovehubError
from movehub.protocol.message import Body, Message, Request
from movehub.protocol.outcome import Outcome, StateRow, StateRows
from movehub.protocol.plain_data import to_dict
from movehub.protocol.rules import Level, broken_rules

#: Exit codes of the commands that ask.
ANSWERED, INCOMPLETE, FAILED = 0, 3, 4

#: Columns of what is no terminal: a file or a program wants each line whole.
_UNBROKEN: Final = 100_000


AS_JSON: Final = typer.Option("--json", help="Print JSON instead of text.")

#: Where a request comes from and goes to, and how its answer is shown: everything but its body.
_NOT_OF_THE_BODY: Final = {"body", "config", "to", "json"}


class _Output(Console):
    """Breaks lines on a terminal only, or where COLUMNS says how wide the place is."""

    @property
    def size(self) -> ConsoleDimensions:
        """How wide and how high it is."""
        found = super().size
        wide = self.is_terminal or self._width is not None or "COLUMNS" in os.environ
        return found if wide else ConsoleDimensions(_UNBROKEN, found.height)

    @size.setter
    def size(self, new_size: tuple[int, int]) -> None:
        """Set both."""
        self._width, self._height = new_size


out: Final = _Output(highlight=False, emoji=False)
err: Final = _Output(stderr=True, highlight=False, emoji=False)

Answer = TypeVar("Answer", bound=Body)

#: A state's row, and what the table shows of one of its records.
Line = tuple[StateRow, tuple[str, ...]]

COLOURS: Final = {Outcome.FOUND: "yellow", Outcome.NOT_FOUND: "green", Outcome.NO_ANSWER: "red"}


def show_plain(plain: Any, *, as_json: bool) -> None:
    """Print plain data, as JSON or as indented lines."""
    if as_json:
        out.print_json(json.dumps(plain, ensure_ascii=False))
        return
    for line in _lines(plain, ""):
        out.print(escape(line), soft_wrap=True)


def _lines(plain: Any, indent: str) -> Iterator[str]:
    for name, value in plain.items():
        values = value if isinstance(value, list) else [value]
        for item in values:
            if isinstance(item, dict):
                yield f"{indent}{name}"
                yield from _lines(item, f"{indent}  ")
            else:
                yield f"{indent}{name}: {item}"


@contextmanager
def told(refused: str = "Refused") -> Iterator[None]:
    """Turn an error of ours into one line and an exit code; `refused` says what a wrong value led to."""
    try:
        yield
    except MovehubError as error:
        err.print(f"[red]{type(error).__name__}[/] {escape(str(error))}")
        if isinstance(error, ErrorNotified) and error.notification.status_message:
            err.print(f"It says: {escape(error.notification.status_message)}")
        raise typer.Exit(FAILED) from None
    except (TypeError, ValueError) as error:
        err.print(f"[red]{refused}[/] {escape(str(error))}")
        raise typer.Exit(FAILED) from None


def send(client: Client, request: Request[Answer], to: str) -> Message[Answer]:
    """Send a request and return the answer to it; first print the rules it breaks that stop nothing.

    Raises as `Client.send` does. What is printed holds nothing of the request.
    """
    message = client.exchange.request(request, to)
    for rule in broken_rules(client.codec.rules, message):
        if rule.level is Level.WARNING:
            err.print(f"[yellow]warning[/] {escape(str(rule))}", soft_wrap=True)
    return client.send(request, to)


def table(title: str, *columns: str, folding: Collection[str] = ()) -> Table:
    """Return an empty table that fits 80 columns; only the columns named in `folding` may break a line."""
    made = Table(title=title, title_justify="left", title_style="bold", header_style="underline", box=None)
    made.padding = (0, 1, 0, 0)
    for column in columns:
        made.add_column(column, overflow="fold", no_wrap=column not in folding, min_width=len(column))
    return made


def print_states(title: str, columns: tuple[str, ...], lines: Iterable[Line]) -> None:
    """Print one line a record, or a state without any, and every status message in full below."""
    shown = table(title, "In", "Outcome", *columns, folding=("Authority", "Fitness"))
    messages: list[tuple[str, str]] = []
    for row, cells in lines:
        outcome = f"[{COLOURS[row.outcome]}]{row.outcome.value}[/]"
        shown.add_row(row.member_state_code, outcome, *map(escape, cells))
        messages += [(row.member_state_code, row.status_message)] if row.status_message else []
    out.print(shown)
    for code, message in dict.fromkeys(messages):
        out.print(f"{code} says: {escape(message)}")


def finish(answer: StateRows, *, quiet: bool = False) -> None:
    """Say whether everybody answered, and exit with 3 where not."""
    if answer.complete:
        if not quiet:
            out.print("Every state that was asked has answered.")
        return
    err.print(
        f"[red]Incomplete:[/] no answer from {', '.join(answer.unanswered)}. Nobody is cleared there yet."
    )
    raise typer.Exit(INCOMPLETE)


class Receipted(Protocol):
    """What answers a notification of one state: `delivered` says whether that state has it."""

    @property
    def delivered(self) -> bool:
        """Whether the state has the notification."""
        ...

    @property
    def status_code(self) -> StrEnum:
        """The word for what became of it."""
        ...

    @property
    def status_message(self) -> str | None:
        """What the state or the hub adds."""
        ...


def finish_notification(receipts: Iterable[tuple[str, Receipted]], answer: Any, *, as_json: bool) -> None:
    """Print who has the notification and who has not, and exit with 3 where somebody has not."""
    told_to = list(receipts)
    if as_json:
        show_plain(to_dict(answer), as_json=True)
    for code, receipt in [] if as_json else told_to:
        colour = COLOURS[Outcome.NOT_FOUND if receipt.delivered else Outcome.NO_ANSWER]
        word = "delivered" if receipt.delivered else "not delivered"
        message = f": {receipt.status_message}" if receipt.status_message else ""
        out.print(
            f"{code} [{colour}]{word}[/] ({receipt.status_code.value}{escape(message)})", soft_wrap=True
        )
    raise typer.Exit(ANSWERED if all(receipt.delivered for _, receipt in told_to) else INCOMPLETE)


def application() -> typer.Typer:
    """Return an empty command. Its help is plain text: a table would cut the names of long options."""
    return typer.Typer(
        no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
    )


def read_day(text: str) -> date:
    """Read a date of the command line. A complaint tells the form, and not the day: it may be of birth."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise typer.BadParameter("the form is YYYY-MM-DD")
    return day


Config = Annotated[Path, typer.Option(help="The configuration file (TOML).")]
Case = Annotated[str, typer.Option(help="Your case number, at most 36 characters.")]
Authority = Annotated[str, typer.Option(help="The authority that asks or notifies.")]
Day = Annotated[date | None, typer.Option(parser=read_day, metavar="YYYY-MM-DD")]
Json = Annotated[bool, AS_JSON]
BodyFile = Annotated[
    Path | None,
    typer.Argument(
        metavar="BODY",
        help="The body as JSON, - for standard input, in place of the options: those stay in the history of "
        "the shell.",
    ),
]


#: For commands that call `check_given`, which refuses what is left over without repeating it.
LEFTOVERS_KEPT: Final = {"allow_extra_args": True}


def check_given(context: typer.Context, body: Path | None, *needed: str) -> None:
    """Make sure that a request is given once: as JSON, or by its options.

    Raises BadParameter (exit code 2) where both are there, where `needed` options are missing, and where
    words are left over: parts of a name, as a rule.
    """
    if context.args:
        raise typer.BadParameter("too many words: a value with blanks in it stands in quotes")
    given = {name for name in context.params if _was_given(context, name)} - _NOT_OF_THE_BODY
    if body is not None and given:
        raise typer.BadParameter(f"give BODY or {_named(sorted(given))}, not both")
    missing = [name for name in needed if name not in given]
    if body is None and missing:
        raise typer.BadParameter(f"missing: BODY, or {_named(missing)}")


def version_option(command: str, *remarks: str) -> Any:
    """Return the option `--version` of a command, with what is to be known besides."""

    def show(wanted: bool) -> None:
        if wanted:
            out.print(f"{command} of movehub-client {version('movehub-client')}")
            for remark in remarks:
                out.print(remark)
            raise typer.Exit

    return typer.Option(False, "--version", callback=show, is_eager=True, help="Show the version, and exit.")


def _was_given(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name != "DEFAULT"


def _named(options: list[str]) -> str:
    return ", ".join("--" + name.replace("_", "-") for name in options)
