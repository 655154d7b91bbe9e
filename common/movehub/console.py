"""What the command lines have in common: exit codes, the reading of files, words for outcomes.

Needs the extra `cli` (typer and rich).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from .codec import Codec
from .errors import MovehubError, TheirFault, Unreadable
from .outcome import Outcome, StateRow, StateRows

#: Exit codes of `validate`.
VALID, INVALID, UNREADABLE = 0, 1, 2
#: Exit codes of the commands that ask.
ANSWERED, INCOMPLETE, FAILED = 0, 3, 4

out: Final = Console(highlight=False)
err: Final = Console(stderr=True, highlight=False)

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
    edition = f"{codec.system} {message.header.version}"
    out.print(f"[green]valid[/] {escape(str(path))}: {message.body.root}, {edition}", soft_wrap=True)
    return VALID


def _complain(code: int, path: Path, reason: str) -> int:
    word = {INVALID: "invalid", UNREADABLE: "unreadable"}[code]
    err.print(f"[red]{word}[/] {escape(str(path))}: {escape(reason)}", soft_wrap=True)
    return code


def validate_command(codec: Codec) -> Callable[[list[Path]], None]:
    """Return the `validate` command of one system."""

    def validate(files: Annotated[list[Path], typer.Argument(help="Files to check.")]) -> None:
        """Check files: exit 0 all valid, 1 some invalid (path, line, reason), 2 some unreadable."""
        raise typer.Exit(max(check_file(codec, path) for path in files))

    return validate


@contextmanager
def told(refused: str = "Not sent") -> Iterator[None]:
    """Turn an error of ours into one line and an exit code; `refused` says what a wrong value led to."""
    try:
        yield
    except MovehubError as error:
        err.print(f"[red]{type(error).__name__}[/] {escape(str(error))}")
        raise typer.Exit(FAILED) from None
    except (TypeError, ValueError) as error:
        err.print(f"[red]{refused}[/] {escape(str(error))}")
        raise typer.Exit(FAILED) from None


def table(title: str, *columns: str, folding: Collection[str] = ()) -> Table:
    """Return an empty table that fits 80 columns; only the columns named in `folding` may break a line."""
    made = Table(title=title, title_justify="left", title_style="bold", header_style="underline", box=None)
    made.padding = (0, 1, 0, 0)
    for column in columns:
        made.add_column(column, overflow="fold", no_wrap=column not in folding)
    return made


def print_states(title: str, columns: tuple[str, ...], lines: Iterable[Line]) -> None:
    """Print one line a record, or a state without any, and every status message in full below."""
    shown = table(title, "In", "Outcome", *columns, folding=("Authority", "Fitness"))
    messages: dict[str, str] = {}
    for row, cells in lines:
        outcome = f"[{COLOURS[row.outcome]}]{row.outcome.value}[/]"
        shown.add_row(row.member_state_code, outcome, *map(escape, cells))
        messages |= {row.member_state_code: row.status_message} if row.status_message else {}
    out.print(shown)
    for code, message in messages.items():
        out.print(f"{code} says: {escape(message)}")


def finish(answer: StateRows) -> None:
    """Say whether everybody answered, and exit with 3 where not."""
    if answer.complete:
        out.print("Every state that was asked has answered.")
        return
    out.print(
        f"[red]Incomplete:[/] no answer from {', '.join(answer.unanswered)}. Nobody is cleared there yet."
    )
    raise typer.Exit(INCOMPLETE)
