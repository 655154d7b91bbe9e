"""The options that the command lines have in common, and how a request is given: by options or as JSON.

Names given as options land in the shell's history and in the list of processes. So every command that asks
about somebody takes the body from a file or from standard input, too. And what was typed is not repeated in a
complaint. Needs the extra `cli`.
"""

from __future__ import annotations

from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from movehub.cli.console import out

AS_JSON: Final = typer.Option("--json", help="Print JSON instead of text.")

#: Where a request comes from and goes to, and how its answer is shown: everything but its body.
_NOT_OF_THE_BODY: Final = {"body", "config", "to", "json"}


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
Body = Annotated[
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
