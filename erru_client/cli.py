"""The command `erru`."""

from __future__ import annotations

try:
    import typer
except ImportError:  # pragma: no cover - shown by the wheel test
    raise SystemExit("The command line needs its extra: pip install 'movehub-client[cli]'") from None

from movehub.console import rules_command, show_command, validate_command
from movehub.official.commands import edition_commands

from .cli_notifications import ncr, nu, rsi
from .cli_queries import cgr, ctud
from .editions import CODEC

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
for command in (cgr, ctud, ncr, nu, rsi, show_command(CODEC), validate_command(CODEC), rules_command(CODEC)):
    app.command()(command)
app.add_typer(edition_commands(CODEC), name="edition")


@app.callback()
def _group() -> None:
    """Take part in ERRU (Regulation (EU) 2016/480), editions 3.4 and 3.5.

    The commands that ask exit with 0 answered, 3 an answer is missing, 4 failed.
    """


def main() -> None:
    """Run the command."""
    app()
