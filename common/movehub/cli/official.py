"""The commands `tachonet edition` and `erru edition`: use official schemas instead of ours."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from movehub.cli.console import err, errors_printed, escape, out, show_plain
from movehub.codec.codec import Codec

if TYPE_CHECKING:
    from movehub.official import Check

#: Exit codes of `check`.
SAME, DIFFERENT = 0, 1

#: By `Difference`. Every other is red.
_COLOURS: Final = {"renamed": "green", "perhaps renamed": "yellow"}


def edition_commands(codec: Codec) -> typer.Typer:
    """Return the commands of one system."""
    app = typer.Typer(no_args_is_help=True)

    @app.callback()
    def _group() -> None:
        """Use official schemas instead of ours."""

    @app.command()
    def check(
        directory: Annotated[Path, typer.Argument(help="The folder with the official schemas.")],
        mapping: Annotated[
            Path | None, typer.Option(help="A mapping file. Its entries count as confirmed.")
        ] = None,
        write: Annotated[
            Path | None, typer.Option(help="Write the resulting mapping to this new file.")
        ] = None,
        json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
    ) -> None:
        """Compare official schemas with our classes, path by path. Exit 0 same, 1 different, 4 failed."""
        from movehub.official import check_folder  # slow to import: it reads schemas with xmlschema

        with errors_printed():
            found = check_folder(codec, directory, mapping)
            if write is not None:
                _write(write, found.mapping)
        _print_json(found) if json else _print(found)
        raise typer.Exit(DIFFERENT if found.comparison.findings else SAME)

    return app


def _write(path: Path, text: str) -> None:
    """Write a new file. An existing file is never overwritten: it may hold confirmed entries."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise ValueError(f"{path} exists already, and is not overwritten") from None
    except OSError:
        raise ValueError(f"{path} cannot be written") from None


def _print(found: Check) -> None:
    from movehub.official import Difference

    namespace = escape(found.namespace)
    out.print(f"[bold]{found.system} {found.version}[/], {namespace}", soft_wrap=True)
    for finding in found.findings():  # one line each, however long, so that you can copy the path
        colour = _COLOURS.get(finding.difference.value, "red")
        words = escape(f"{finding.path}: {finding.says}")
        out.print(f"[{colour}]{finding.difference.value}[/] {words}", soft_wrap=True)
    out.print(f"{len(found.comparison.paths)} of our paths have their place in these schemas.")
    for difference in Difference:
        if found.count(difference):
            out.print(f"{found.count(difference)} {difference.value}")
    if found.comparison.guesses:
        err.print(
            "The pairs that are perhaps renamed were found by type and place. Confirm them in the mapping."
        )


def _print_json(found: Check) -> None:
    findings = [
        {"difference": finding.difference.value, "path": finding.path, "says": finding.says}
        for finding in found.comparison.findings
    ]
    show_plain({"namespace": found.namespace, "version": found.version, "findings": findings}, as_json=True)
