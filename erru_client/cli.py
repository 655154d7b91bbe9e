"""The command `erru`."""

from __future__ import annotations

from collections.abc import Callable

from movehub.cli import (
    EXTRA_WORDS_KEPT,
    application,
    edition_commands,
    rules_command,
    show_command,
    validate_command,
    version_option,
)
from movehub.cli.responding import notification_commands
from movehub.protocol.message import Body

from .cli_batch import batch
from .cli_infringements import infringements
from .cli_notifications import ncr, nu, respond_to_ncr, rsi
from .cli_queries import cgr, ctud
from .editions import CODEC
from .nu import NotifyUnfitnessRequest

_SPEAKS = "Speaks ERRU " + " and ".join(edition.version for edition in CODEC.editions) + "."

_NCR = "Notify a check result (the word `notify` may be left out), or respond to one."


def _readings(body: Body) -> dict[str, str]:
    """Return the reading of a notification of unfitness: without a date it has two."""
    return {"reading": body.reading_in_words} if isinstance(body, NotifyUnfitnessRequest) else {}


app = application()
_REQUESTS: tuple[Callable[..., None], ...] = (cgr, ctud, nu)
_OTHERS: tuple[Callable[..., None], ...] = (
    *(rsi, infringements),
    *(show_command(CODEC, _readings), validate_command(CODEC), rules_command(CODEC)),
)
for _command in _REQUESTS:
    app.command(context_settings=EXTRA_WORDS_KEPT)(_command)
for _command in _OTHERS:
    app.command()(_command)
app.add_typer(batch, name="batch")
app.add_typer(notification_commands(ncr, respond_to_ncr, _NCR), name="ncr")
app.add_typer(edition_commands(CODEC), name="edition")


@app.callback()
def _group(version: bool = version_option("erru", _SPEAKS)) -> None:
    """Take part in ERRU (Regulation (EU) 2016/480), editions 3.4 and 3.5.

    The commands that ask exit with 0 answered, 3 an answer is missing, 4 failed.
    """


def main() -> None:
    """Run the command."""
    app()
