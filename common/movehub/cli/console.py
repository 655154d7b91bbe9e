"""Shared by all commands: options, exit codes, tables, and how answers and errors are printed.

Options that name a person end up in the shell's history and in the list of processes. So every command that
asks about a person also reads the body from a file or from standard input. An error about an option never
repeats its value.
"""

from __future__ import annotations

import io
import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import IO, Annotated, Any, Final, TypeVar

import typer
from rich import markup
from rich.cells import cell_len
from rich.console import Console, ConsoleDimensions, ConsoleOptions, RenderResult
from rich.highlighter import JSONHighlighter
from rich.table import Column, Table
from rich.text import Text

from movehub import input_files
from movehub.actor import actor
from movehub.client import Client
from movehub.errors import ErrorNotified, InvalidConfiguration, MovehubError
from movehub.printable import json_text, printable
from movehub.protocol.message import Body, Request
from movehub.protocol.outcome import Outcome, StateRow
from movehub.protocol.plain_data import to_dict
from movehub.protocol.reply import Reply
from movehub.protocol.rules import Level, broken_rules

#: Exit codes of the commands that ask or notify.
ANSWERED, INCOMPLETE, FAILED = 0, 3, 4

COLOURS: Final = {Outcome.FOUND: "yellow", Outcome.NOT_FOUND: "green", Outcome.NO_ANSWER: "red"}

#: The width of an output that is not a terminal: files and programs need each line whole.
_UNBROKEN: Final = 100_000

#: For commands that call `check_given`, which refuses extra words without repeating them.
EXTRA_WORDS_KEPT: Final = {"allow_extra_args": True}
#: Words of requests that only the hub sends.
_OF_THE_HUB: Final = {"purpose": "Heartbeat", "source": "Hub"}
#: The parameters that are not part of the body of a request.
_NOT_OF_THE_BODY: Final = {"body", "by", "config", "to", "json", "undated"}

Answer = TypeVar("Answer", bound=Body)

#: The row of a state, and the cells for one of its records.
Line = tuple[StateRow, tuple[str, ...]]


def application() -> typer.Typer:
    """Return an empty command. Its help is plain text, as rich would cut off the names of long options."""
    return typer.Typer(
        no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
    )


def read_day(text: str) -> date:
    """Read a date option. The error does not repeat the date, which may be a date of birth."""
    try:
        return input_files.read_day(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def read_author(text: str) -> str:
    """Read an option that says who uses the command."""
    try:
        return actor(text)
    except InvalidConfiguration as error:
        raise typer.BadParameter(error.reason) from None


AS_JSON: Final = typer.Option("--json", help="Print JSON instead of text.")

Config = Annotated[Path, typer.Option(help="The configuration file (TOML).")]
Case = Annotated[str, typer.Option(help="Your case number, at most 36 characters.")]
Authority = Annotated[str, typer.Option(help="Your authority, which asks or notifies.")]
Day = Annotated[date | None, typer.Option(parser=read_day, metavar="YYYY-MM-DD")]
Json = Annotated[bool, AS_JSON]
By = Annotated[
    str | None,
    typer.Option(
        parser=read_author,
        metavar="NAME",
        help="Who you are: a service number or an account, for the journal. Default: the user of the "
        "operating system, such as os:anna.",
    ),
]
BodyFile = Annotated[
    Path | None,
    typer.Argument(
        metavar="BODY",
        help="The body as JSON, or - for standard input. Use it instead of the options, which stay in the "
        "history of the shell.",
    ),
]
RequiredBodyFile = Annotated[
    Path,
    typer.Argument(
        metavar="BODY", help="The body as JSON, as `show --json` prints it, or - for standard input."
    ),
]


def version_option(command: str, *remarks: str) -> Any:
    """Return the option `--version` of a command, which also prints the remarks."""

    def show(wanted: bool) -> None:
        if wanted:
            out.print(f"{command} of movehub-client {version('movehub-client')}")
            for remark in remarks:
                out.print(remark)
            raise typer.Exit

    return typer.Option(False, "--version", callback=show, is_eager=True, help="Show the version, and exit.")


def check_given(context: typer.Context, body: Path | None, *needed: str) -> None:
    """Check that the request is given exactly once: as JSON or by its options.

    Raises BadParameter (exit code 2) if both are given, if `needed` options are missing, if only the hub uses
    a word, or if there are extra words, which usually are parts of a name.
    """
    if context.args:
        raise typer.BadParameter("too many words: put a value with blanks in quotes")
    given = {name for name in context.params if _was_given(context, name)} - _NOT_OF_THE_BODY
    if body is not None and given:
        raise typer.BadParameter(f"give BODY or {_options(sorted(given))}, not both")
    missing = [name for name in needed if name not in given]
    if body is None and missing:
        raise typer.BadParameter(f"missing: BODY, or {_options(missing)}")
    for name, word in _OF_THE_HUB.items():
        if context.params.get(name) == word:
            raise typer.BadParameter(f"only the hub sends --{name} {word}")


def _was_given(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name != "DEFAULT"


def _options(names: list[str]) -> str:
    return ", ".join("--" + name.replace("_", "-") for name in names)


def escape(text: str) -> str:
    """Return a text as a part of what `out` prints: on one line, and without markup."""
    return markup.escape(printable(text))


class _Output(Console):
    """A console that prints whatever was received, on any terminal, and never ends the command.

    Every text is made `printable`. What the encoding of the terminal cannot hold is escaped. If nothing can
    be written any more, as after `| head`, the command goes on to its exit code, which tells its outcome.
    Lines are broken only on a terminal, or if COLUMNS gives a width.
    """

    @property
    def size(self) -> ConsoleDimensions:
        """The width and height."""
        found = super().size
        wide = self.is_terminal or self._width is not None or "COLUMNS" in os.environ
        return found if wide else ConsoleDimensions(_UNBROKEN, found.height)

    @size.setter
    def size(self, new_size: tuple[int, int]) -> None:
        """Set both."""
        self._width, self._height = new_size

    @property
    def file(self) -> IO[str]:
        """Where it prints to."""
        found = super().file
        if isinstance(found, io.TextIOWrapper) and found.errors == "strict":
            found.reconfigure(errors="backslashreplace")
        return found

    @file.setter
    def file(self, new_file: IO[str]) -> None:
        """Print elsewhere."""
        self._file = new_file

    def render_str(self, text: str, **options: Any) -> Text:
        """Return a text with markup as it is printed."""
        return super().render_str(printable(text, keep="\n"), **options)

    def print(self, *objects: Any, **options: Any) -> None:
        """Print, or say once on standard error that nothing can be written."""
        try:
            super().print(*objects, **options)
        except OSError as error:
            self.on_broken_pipe()
            if self is not err:
                err.print(f"The output is not whole, as it cannot be written: {error.strerror}", markup=False)

    def on_broken_pipe(self) -> None:
        """Print nothing more. The rest goes nowhere, or Python would fail with it at its end."""
        self.quiet = True
        with suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.file.fileno())
            os.close(nowhere)


out: Final = _Output(highlight=False, emoji=False)
err: Final = _Output(stderr=True, highlight=False, emoji=False)


class _WholeTable(Table):
    """A table that never cuts off a cell. Columns with `no_wrap` break lines too, if it is still too wide."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the lines of the table."""
        widths = [1 + _width(column) for column in self.columns]
        fixed = sum(each for each, column in zip(widths, self.columns, strict=True) if column.no_wrap)
        shrunk = sum(1 + len(str(column.header)) for column in self.columns if not column.no_wrap)
        for column in self.columns if sum(widths) > options.max_width else ():
            column.min_width = None
            column.no_wrap = column.no_wrap and fixed + shrunk <= options.max_width
        return super().__rich_console__(console, options)


def _width(column: Column) -> int:
    return max(cell_len(out.render_str(str(text)).plain) for text in (column.header, *column.cells))


def table(title: str, *columns: str, folding: Collection[str] = ()) -> Table:
    """Return an empty table. The columns named in `folding` break lines first if it is too wide."""
    made = _WholeTable(
        title=title, title_justify="left", title_style="bold", header_style="underline", box=None
    )
    made.padding = (0, 1, 0, 0)
    for column in columns:
        made.add_column(column, overflow="fold", no_wrap=column not in folding, min_width=len(column))
    return made


def show_plain(plain: Any, *, as_json: bool) -> None:
    """Print plain data, as JSON or as indented lines."""
    if as_json:
        out.print(JSONHighlighter()(Text(json_text(plain, out.encoding))), soft_wrap=True)
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
def errors_printed() -> Iterator[None]:
    """Print an error of ours, or a wrong value, as one line, and exit with 4."""
    try:
        yield
    except MovehubError as error:
        err.print(f"[red]{type(error).__name__}[/] {escape(str(error))}")
        if isinstance(error, ErrorNotified) and error.notification.status_message:
            err.print(f"The sender adds: {escape(error.notification.status_message)}")
        raise typer.Exit(FAILED) from None
    except (TypeError, ValueError) as error:
        err.print(f"[red]Refused[/] {escape(str(error))}")
        raise typer.Exit(FAILED) from None


def send(
    client: Client, request: Request[Answer], to: str, *, despite: Collection[str] = ()
) -> Reply[Answer]:
    """Send a request and return its answer. Print a warning first for each rule that the request breaks.

    Raises as `Client.send` does. The warnings show no data of the request.
    """
    message = client.exchange.request(request, to)
    for rule in broken_rules(client.codec.rules, message):
        if rule.level is Level.WARNING or rule.id in despite:
            err.print(f"[yellow]warning[/] breaks {escape(str(rule))}", soft_wrap=True)
    return client.send(request, to, despite=despite)


def print_states(title: str, columns: tuple[str, ...], lines: Iterable[Line]) -> None:
    """Print one line for each record, or for each state without records. Status messages follow in full."""
    shown = table(title, "In", "Outcome", *columns, folding=("Authority", "Fitness"))
    messages: list[tuple[str, str]] = []
    for row, cells in lines:
        outcome = f"[{COLOURS[row.outcome]}]{row.outcome.value}[/]"
        shown.add_row(escape(row.member_state_code), outcome, *map(escape, cells))
        messages += [(row.member_state_code, row.status_message)] if row.status_message else []
    out.print(shown)
    for code, message in dict.fromkeys(messages):
        out.print(escape(f"{code} says: {message}"))


def plain_reply(reply: Reply[Any]) -> dict[str, Any]:
    """Return an answer as plain data, with the states that were asked, and those that are missing."""
    return {**to_dict(reply.body), "asked": list(reply.asked), "missing": list(reply.missing)}


def finish(reply: Reply[Any], *, quiet: bool = False) -> None:
    """Print whether all states that were asked have answered. Exit with 3 if an answer is missing."""
    if not reply.complete:
        err.print(f"[red]Incomplete:[/] {escape(reply.in_words)}. No person is cleared there yet.")
        raise typer.Exit(INCOMPLETE)
    if not quiet:
        out.print("Every state that was asked has answered.")


def finish_notification(reply: Reply[Any], *, as_json: bool) -> None:
    """Print which states have the notification. Exit with 3 if one does not have it."""
    if as_json:
        show_plain({**plain_reply(reply), "delivered": reply.complete}, as_json=True)
    for code, receipt in () if as_json else reply.rows:
        colour = COLOURS[Outcome.NOT_FOUND if receipt.delivered else Outcome.NO_ANSWER]
        word = "delivered" if receipt.delivered else "not delivered"
        message = f": {receipt.status_message}" if receipt.status_message else ""
        said = escape(f"{receipt.status_code.value}{message}")
        out.print(f"{escape(code)} [{colour}]{word}[/] ({said})", soft_wrap=True)
    if not reply.complete:
        err.print(f"[red]Not delivered:[/] {escape(reply.in_words)}.", soft_wrap=True)
    raise typer.Exit(ANSWERED if reply.complete else INCOMPLETE)
