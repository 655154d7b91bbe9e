"""The commands `show`, `validate` and `rules` of both systems, and how commands read files."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import typer

from movehub.cli.console import AS_JSON, err, errors_printed, escape, out, show_plain, table
from movehub.codec.codec import Codec
from movehub.errors import InvalidConfiguration, InvalidOutgoing, OurFault, TheirFault, Unreadable
from movehub.input_files import read_json
from movehub.protocol.message import Body
from movehub.protocol.plain_data import from_dict, to_dict
from movehub.protocol.rules import Level

#: Exit codes of `validate`.
VALID, INVALID, UNREADABLE = 0, 1, 2

#: The name of a file that stands for standard input.
STANDARD_INPUT: Final = Path("-")

T = TypeVar("T")


def check_file(codec: Codec, path: Path) -> int:
    """Print whether a file is a valid message. Return the exit code."""
    try:
        message = codec.decode(path.read_bytes())
    except OSError:
        return _complain(UNREADABLE, path, "the file cannot be opened")
    except Unreadable as error:
        return _complain(UNREADABLE, path, str(error))
    except TheirFault as error:
        return _complain(INVALID, path, str(error))
    broken = codec.reported(message)
    errors = [rule for rule in broken if rule.level is Level.ERROR]
    for rule in broken:
        level = f"[yellow]{rule.level.value}[/]"
        out.print(f"{level} {escape(str(path))}: breaks {escape(str(rule))}", soft_wrap=True)
    if errors:
        return _complain(INVALID, path, f"valid by the schema, but it breaks {errors[0].id}")
    edition = f"{codec.system} {message.header.version}"
    out.print(f"[green]valid[/] {escape(str(path))}: {message.body.root}, {edition}", soft_wrap=True)
    return VALID


def _complain(code: int, path: Path, reason: str) -> int:
    word = {INVALID: "invalid", UNREADABLE: "unreadable"}[code]
    err.print(f"[red]{word}[/] {escape(str(path))}: {escape(reason)}", soft_wrap=True)
    return code


def _no_readings(_: Body) -> dict[str, str]:
    return {}


def show_command(
    codec: Codec, readings: Callable[[Body], dict[str, str]] = _no_readings
) -> Callable[[Path, bool], None]:
    """Return the command `show` of one system. `readings` adds what the fields of a body mean together."""

    def show(
        file: Annotated[Path, typer.Argument(help="A message.")],
        json: Annotated[bool, AS_JSON] = False,
    ) -> None:
        """Show a message field by field, and the rules that it breaks."""
        with errors_printed():
            message = codec.decode(read_file(file))
            show_plain({**to_dict(message), **readings(message.body)}, as_json=json)
            for rule in codec.reported(message):
                err.print(f"[yellow]{rule.level.value}[/] breaks {escape(str(rule))}", soft_wrap=True)

    return show


def rules_command(codec: Codec) -> Callable[[], None]:
    """Return the command `rules` of one system."""

    def rules() -> None:
        """List the rules that the schema cannot express."""
        shown = table(
            f"Rules of {codec.system}", "Rule", "Level", "Says", "Source", folding=("Says", "Source")
        )
        for rule in codec.rules:
            colour = "red" if rule.level is Level.ERROR else "yellow"
            shown.add_row(rule.id, f"[{colour}]{rule.level.value}[/]", escape(rule.says), escape(rule.source))
        out.print(shown)

    return rules


def read_file(path: Path) -> bytes:
    """Return the content of a file, or of standard input for `-`. Raises InvalidConfiguration."""
    try:
        if path == STANDARD_INPUT:
            return sys.stdin.buffer.read()
        return path.read_bytes()
    except OSError:
        raise InvalidConfiguration(f"the file {path} cannot be opened") from None


def read_body(
    cls: type[T],
    path: Path,
    refused: type[OurFault] = InvalidOutgoing,
    *,
    known: Mapping[str, Any] | None = None,
) -> T:
    """Read a body, or another record, from a JSON file. Raises `refused`, which names the wrong field.

    `known` are the fields that the file may leave out.
    """
    content = read_file(path)
    try:
        data = read_json(content)
        return from_dict(cls, {**(known or {}), **data} if isinstance(data, Mapping) else data)
    except ValueError as error:
        reason = str(error)
    raise refused(reason)  # outside: an error of a parser holds the file


def validate_command(codec: Codec) -> Callable[[list[Path]], None]:
    """Return the command `validate` of one system."""

    def validate(files: Annotated[list[Path], typer.Argument(help="Files to check.")]) -> None:
        """Check files against the schema and the rules. Exit 0 all valid, 1 some invalid, 2 unreadable."""
        raise typer.Exit(max(check_file(codec, path) for path in files))

    return validate
