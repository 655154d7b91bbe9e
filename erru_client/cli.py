"""The command `erru`."""

from __future__ import annotations

try:
    import typer
except ImportError:  # pragma: no cover - shown by the wheel test
    raise SystemExit("The command line needs its extra: pip install 'movehub-client[cli]'") from None

from collections.abc import Callable

from movehub.cli.console import EXTRA_WORDS_KEPT, application, version_option
from movehub.cli.documents import rules_command, show_command, validate_command
from movehub.cli.official import edition_commands

from .cli_notifications import ncr, nu, rsi
from .cli_queries import cgr, ctud
from .editions import CODEC

_SPEAKS = "Speaks ERRU " + " and ".join(edition.version for edition in CODEC.editions) + "."

app: typer.Typer = application()
_REQUESTS: tuple[Callable[..., None], ...] = (cgr, ctud, nu)
_OTHERS: tuple[Callable[..., None], ...] = (
    *(ncr, rsi),
    *(show_command(CODEC), validate_command(CODEC), rules_command(CODEC)),
)
for _command in _REQUESTS:
    app.command(context_settings=EXTRA_WORDS_KEPT)(_command)
for _command in _OTHERS:
    app.command()(_command)
app.add_typer(edition_commands(CODEC), name="edition")


@app.callback()
def _group(version: bool = version_option("erru", _SPEAKS)) -> None:
    """Take part in ERRU (Regulation (EU) 2016/480), editions 3.4 and 3.5.

    The commands that ask exit with 0 answered, 3 an answer is missing, 4 failed.
    """


def main() -> None:
    """Run the command."""
    app()
