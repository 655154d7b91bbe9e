"""The commands `movehub keys`: how a name becomes a search key, and how keys differ."""

from __future__ import annotations

import ssl
from collections import Counter
from pathlib import Path
from typing import Any, Final

import typer
from typer.core import TyperGroup

from movehub.cli.console import errors_printed, escape, out, table
from movehub.errors import InvalidConfiguration
from movehub.names.explain import Compared, Meeting, Stage, Verdict, compare, meeting, preparation, rules
from movehub.names.key_service_http import HttpSearchKeys

#: Exit codes of `why` and `compare`.
SAME, DIFFERENT = 0, 1

_NOT_OFFICIAL: Final = "Keys by this library's tables and rules. In production the hub's keys count."

_STATE = typer.Option(
    "", help="Read Cyrillic letters as this state does, such as BG. The hub does not do that."
)
_FIRST = typer.Option(
    False, "--first", help="The name is a first name. Only the first of several makes the key."
)


class _NameOrCommand(TyperGroup):
    """Reads `movehub keys NAME` as `movehub keys show NAME`. A name such as Why needs the long form."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in {"--help", "-h"}:
            args = ["show", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_NameOrCommand,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    subcommand_metavar="NAME | why NAME1 NAME2 | compare --service URL FILE",
)


@app.callback()
def _group() -> None:
    """Search keys: how a name becomes a key, why two names share one, where a service differs."""


@app.command()
def show(
    name: str = typer.Argument(..., help="A family name, or first names with --first."),
    first: bool = _FIRST,
    state: str = _STATE,
) -> None:
    """Show each step from a name to its key. You may leave out the word `show`."""
    with errors_printed():
        stages = preparation(name, first=first, state=state or None)
        fired = rules(stages[-1].text)
    shown = table("", "Step", "What it leaves", folding=("Step",))
    for stage in (*stages, *fired):
        shown.add_row(escape(stage.title), escape(_visible(stage)))
    shown.add_row("[bold]key[/]", f"[bold]{fired[-1].text if fired else stages[-1].text}[/]")
    out.print(shown)
    out.print(_NOT_OFFICIAL)


@app.command()
def why(name1: str, name2: str, first: bool = _FIRST, state: str = _STATE) -> None:
    """Show whether two names have the same key, and where they differ. Exit 0 same, 1 different."""
    with errors_printed():
        both = meeting(name1, name2, first=first, state=state or None)
    shown = table("", "After", "Name 1", "", "Name 2")
    for one, other in both.stages:
        sign = "[green]=[/]" if one.text == other.text else "[red]≠[/]"
        shown.add_row(one.title, escape(_visible(one)), sign, escape(_visible(other)))
    out.print(shown)
    _print_verdict(both)
    raise typer.Exit(SAME if both.met_at else DIFFERENT)


def _print_verdict(both: Meeting) -> None:
    if both.met_at:
        out.print(f"[green]They meet[/], at: {both.met_at}.")
        return
    rest = [key[len(both.in_common) :] or "nothing" for key in both.keys]
    out.print(
        f"[red]They part[/] at letter {len(both.in_common) + 1} of the key: "
        f"{rest[0]} in the first, {rest[1]} in the second."
    )
    for number, titles in ((1, both.only_first), (2, both.only_second)):
        if titles:
            out.print(f"Only name {number}: {escape('; '.join(titles))}.")


@app.command("compare")
def compare_command(
    file: Path = typer.Argument(..., help="CSV with a column family_name, first_name, or both."),
    service: str = typer.Option(
        ..., help="The address of the service. It must be https:// beyond this machine."
    ),
    authority: Path | None = typer.Option(
        None, help="The authority that issued the certificate of the service (PEM)."
    ),
    show_names: bool = typer.Option(False, help="Print the names too. They are personal data."),
) -> None:
    """Compare the keys of a service with ours. Exit 0 no difference, 1 differences, 4 failed."""
    verdicts: Counter[Verdict] = Counter()
    different = table("Different", "Line", "Column", *(["Name"] if show_names else []), "Ours", "Theirs")
    with errors_printed(), HttpSearchKeys(service, _context(service, authority)) as asked:
        for each in compare(file, asked):
            verdicts[each.verdict] += 1
            if not each.verdict.agrees:
                different.add_row(*_cells(each, show_names))
    if different.row_count:
        out.print(different)
    counted = ", ".join(f"{verdicts[verdict]} {verdict}" for verdict in Verdict if verdicts[verdict])
    out.print(f"{verdicts.total()} names compared: {counted or 'none in the file'}.")
    raise typer.Exit(SAME if all(verdict.agrees for verdict in verdicts) else DIFFERENT)


def _context(service: str, authority: Path | None) -> ssl.SSLContext | None:
    if not service.startswith("https://"):
        return None
    try:
        return ssl.create_default_context(cafile=authority)
    except OSError:
        raise InvalidConfiguration("the authority's certificate cannot be read as PEM") from None


def _cells(each: Compared, show_names: bool) -> list[str]:
    keys = ["[red]refused[/]" if key is None else escape(key) for key in (each.ours, each.theirs)]
    return [str(each.line), each.column, *([escape(each.name)] if show_names else []), *keys]


def _visible(stage: Stage) -> str:
    """Return the text of a stage, with control characters and an empty text made visible."""
    text = stage.text if stage.text.isprintable() else repr(stage.text)[1:-1]
    return text or "(nothing)"
