"""The command `erru`."""

from __future__ import annotations

try:
    import typer
except ImportError:  # pragma: no cover - shown by the wheel test
    raise SystemExit("The command line needs its extra: pip install 'movehub-client[cli]'") from None

from movehub.console_files import rules_command, show_command, validate_command
from movehub.console_options import application, version_option

from .cli_notifications import ncr, nu, rsi
from .cli_queries import cgr, ctud
from .editions import CODEC

_SPEAKS = "Speaks ERRU " + " and ".join(edition.version for edition in CODEC.editions) + "."

app: typer.Typer = application()
for command in (cgr, ctud, ncr, nu, rsi, show_command(CODEC), validate_command(CODEC), rules_command(CODEC)):
    app.command()(command)


@app.callback()
def _group(version: bool = version_option("erru", _SPEAKS)) -> None:
    """Take part in ERRU (Regulation (EU) 2016/480), editions 3.4 and 3.5.

    The commands that ask exit with 0 answered, 3 an answer is missing, 4 failed.
    """


def main() -> None:
    """Run the command."""
    app()
