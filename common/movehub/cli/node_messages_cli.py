"""The commands `movehub node show` and `retry`: what a person does with one message that needs him.

Annex VI, 2.2 of both regulations. Each leaves a line in the journal of accesses.
"""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape

from movehub.cli.console import FAILED, err, out
from movehub.cli.console_options import Config
from movehub.cli.node_console import HOME, LOOK, QUIET, By, opened, somebody
from movehub.records.values import write_instant

_Message = Annotated[str, typer.Argument(help="The technical identifier, as the queue shows it.")]


def show(message: _Message, by: By, config: Config = HOME) -> None:
    """Print a message that came or went out, which is personal data: the journal says who has seen it."""
    with opened(config) as (_, store):
        from movehub.store.operator import look_at

        found = store.write(lambda connection: look_at(connection, store.journal, message, by=somebody(by)))
    reason = f", {found.reason}" if found.reason else ""
    err.print(
        escape(f"{found.table}: {found.root} from {found.from_code} to {found.to_code}"), soft_wrap=True
    )
    err.print(escape(f"{write_instant(found.at)}, {found.state}{reason}"), soft_wrap=True)
    if found.document is None:
        err.print("The document was removed when its period was over.")
        raise typer.Exit(LOOK)
    typer.echo(found.document.decode())


def retry(message: _Message, by: By, config: Config = HOME) -> None:
    """Have a message that failed worked on again: exit 0 it will be, 4 it has not failed."""
    with opened(config) as (_, store):
        from movehub.store.operator import try_again

        again = store.write(
            lambda connection: try_again(connection, store.journal, message, by=somebody(by), now=store.now())
        )
    out.print("It is worked on again." if again else "Nothing to try again: it has not failed here.")
    raise typer.Exit(QUIET if again else FAILED)
