"""What the command lines have in common: exit codes, the reading of files, words for outcomes.

Needs the extra `cli` (typer and rich).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from .codec import Codec
from .errors import ErrorNotified, InvalidConfiguration, InvalidOutgoing, MovehubError, TheirFault, Unreadable
from .outcome import Outcome, StateRow, StateRows
from .plain import from_plain, to_plain
from .rules import Level

#: Exit codes of `validate`.
VALID, INVALID, UNREADABLE = 0, 1, 2
#: Exit codes of the commands that ask.
ANSWERED, INCOMPLETE, FAILED = 0, 3, 4

T = TypeVar("T")

#: The option of every command that can print JSON.
AS_JSON: Final = typer.Option("--json", help="Print JSON instead of a table.")

out: Final = Console(highlight=False, emoji=False)
err: Final = Console(stderr=True, highlight=False, emoji=False)

#: A state's row, and what the table shows of one of its records.
Line = tuple[StateRow, tuple[str, ...]]

COLOURS: Final = {Outcome.FOUND: "yellow", Outcome.NOT_FOUND: "green", Outcome.NO_ANSWER: "red"}


def check_file(codec: Codec, path: Path) -> int:
    """Print whether a file is a valid message, and return the exit code."""
    try:
        message = codec.decode(path.read_bytes())
    except OSError:
        return _complain(UNREADABLE, path, "the file can not be opened")
    except Unreadable as error:
        return _complain(UNREADABLE, path, str(error))
    except TheirFault as error:
        return _complain(INVALID, path, str(error))
    broken = codec.reported(message)
    errors = [rule for rule in broken if rule.level is Level.ERROR]
    for rule in broken:
        out.print(f"[yellow]{rule.level.value}[/] {escape(str(path))}: {escape(str(rule))}", soft_wrap=True)
    if errors:
        return _complain(INVALID, path, f"valid by the schema, but breaks {errors[0].id}")
    edition = f"{codec.system} {message.header.version}"
    out.print(f"[green]valid[/] {escape(str(path))}: {message.body.root}, {edition}", soft_wrap=True)
    return VALID


def _complain(code: int, path: Path, reason: str) -> int:
    word = {INVALID: "invalid", UNREADABLE: "unreadable"}[code]
    err.print(f"[red]{word}[/] {escape(str(path))}: {escape(reason)}", soft_wrap=True)
    return code


def show_command(codec: Codec) -> Callable[[Path, bool], None]:
    """Return the `show` command of one system."""

    def show(
        file: Annotated[Path, typer.Argument(help="A message.")],
        json: Annotated[bool, AS_JSON] = False,
    ) -> None:
        """Show what a message says, field by field, and which rules it breaks."""
        with told():
            message = codec.decode(read_file(file))
            show_plain(to_plain(message), as_json=json)
            for rule in codec.reported(message):
                err.print(f"[yellow]{rule.level.value}[/] {escape(str(rule))}", soft_wrap=True)

    return show


def rules_command(codec: Codec) -> Callable[[], None]:
    """Return the `rules` command of one system."""

    def rules() -> None:
        """List the rules that the schema does not hold, with their level and their source."""
        shown = table(
            f"Rules of {codec.system}", "Rule", "Level", "Says", "Source", folding=("Says", "Source")
        )
        for rule in codec.rules:
            colour = "red" if rule.level is Level.ERROR else "yellow"
            shown.add_row(rule.id, f"[{colour}]{rule.level.value}[/]", escape(rule.says), escape(rule.source))
        out.print(shown)

    return rules


def read_file(path: Path) -> bytes:
    """Return what is in a file. Raises InvalidConfiguration where it can not be opened."""
    try:
        return path.read_bytes()
    except OSError:
        raise InvalidConfiguration(f"the file {path} can not be opened") from None


def read_body(cls: type[T], path: Path) -> T:
    """Make a body of a JSON file. Raises InvalidOutgoing that names the path of what is wrong."""
    try:
        return from_plain(cls, json.loads(read_file(path)))
    except json.JSONDecodeError:
        raise InvalidOutgoing("the file is not JSON") from None
    except ValueError as error:
        raise InvalidOutgoing(str(error)) from None


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


def validate_command(codec: Codec) -> Callable[[list[Path]], None]:
    """Return the `validate` command of one system."""

    def validate(files: Annotated[list[Path], typer.Argument(help="Files to check.")]) -> None:
        """Check files: exit 0 all valid, 1 some invalid (path, line, reason), 2 some unreadable."""
        raise typer.Exit(max(check_file(codec, path) for path in files))

    return validate


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
