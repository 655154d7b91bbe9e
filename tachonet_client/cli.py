"""The command `tachonet`."""

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

from .cli_batch import batch
from .cli_law import due, status
from .cli_notifications import icdl, mcs, respond_to_mcs
from .cli_queries import ccs, cic
from .editions import CODEC

_SPEAKS = (
    f"Speaks TACHOnet {CODEC.editions[-1].version}.",
    "No current schema of TACHOnet is public: the wire format is a reconstruction from Regulation (EU) "
    "2016/68, Annex III, and not official.",
)

_REQUESTS: tuple[Callable[..., None], ...] = (cic, ccs, icdl)
_OTHERS: tuple[Callable[..., None], ...] = (
    *(batch, due, status),
    *(show_command(CODEC), validate_command(CODEC), rules_command(CODEC)),
)

_MCS = "Notify a card status (the word `notify` may be left out), or respond to a notification."

app = application()
for _command in _REQUESTS:
    app.command(context_settings=EXTRA_WORDS_KEPT)(_command)
for _command in _OTHERS:
    app.command()(_command)
app.add_typer(notification_commands(mcs, respond_to_mcs, _MCS, **EXTRA_WORDS_KEPT), name="mcs")
app.add_typer(edition_commands(CODEC), name="edition")


@app.callback()
def _group(version: bool = version_option("tachonet", *_SPEAKS)) -> None:
    """Take part in TACHOnet. Its wire format is reconstructed from Regulation (EU) 2016/68, Annex III.

    The commands that ask or notify exit with 0 answered, 3 an answer is missing, 4 failed.
    """


def main() -> None:
    """Run the command."""
    app()
