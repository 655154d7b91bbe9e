"""The command `movehub`: everything that both systems share."""

from __future__ import annotations

import signal
from contextlib import suppress
from pathlib import Path
from threading import Event

import typer

from movehub.cli.certificates import app as cert
from movehub.cli.console import application, errors_printed, escape, out, version_option
from movehub.cli.escalations import escalations, procedure, resolve, retry
from movehub.cli.keys import app as keys
from movehub.cli.log_lines import LogFormat, LogLevel
from movehub.cli.node import app as node
from movehub.cli.workflows import workflows
from movehub.config import read_participants
from movehub.errors import InvalidConfiguration

app = application()
app.add_typer(cert, name="cert")
app.add_typer(keys, name="keys")
app.add_typer(node, name="node")
for command in (escalations, procedure, resolve, retry, workflows):
    node.command()(command)


@app.callback()
def _group(version: bool = version_option("movehub")) -> None:
    """Tools for TACHOnet and ERRU, which share one hub."""


@app.command()
def demo(
    patience: float = typer.Option(
        2.5, min=0.2, max=20, help="How many seconds the sandbox hub waits for an answer. The law says 20."
    ),
) -> None:
    """Check card applications and transport managers against all other participants, over mutual TLS."""
    try:
        from movehub.cli.demo import run
    except ImportError:
        raise SystemExit("The sandbox needs its extra: pip install 'movehub-client[sandbox]'") from None
    run(patience)


@app.command()
def serve(
    config: Path = typer.Option(Path("node.toml"), help="The configuration file, with a section [node]."),
    log_level: LogLevel = typer.Option(
        LogLevel.INFO, case_sensitive=False, help="Log this level and those above it."
    ),
    log_format: LogFormat = typer.Option(
        LogFormat.TEXT, case_sensitive=False, help="Log each line as text, or as a JSON object."
    ),
) -> None:
    """Run a node for your national register, until SIGTERM or SIGINT."""
    try:
        from movehub.cli.serve import serve as run
    except ImportError:
        raise SystemExit("A node needs its extra: pip install 'movehub-client[server]'") from None
    run(config, log_level, log_format)


@app.command()
def sandbox(
    config: Path = typer.Option(Path("hub.toml"), help="The configuration file to write, for a client."),
    state: str = typer.Option("FI", help="Your Member State. All others answer."),
    patience: float = typer.Option(
        20, min=0.2, max=20, help="How many seconds the sandbox hub waits for an answer."
    ),
    participants_of: Path | None = typer.Option(
        None, help="A configuration file that lists the participants. Default: the usual ones."
    ),
    late: list[str] = typer.Option([], help="A state that answers too late: LV, or in one workflow: FR:CGR."),
    down: list[str] = typer.Option([], help="A state that cannot be reached: GR, or PL:NU."),
    version_2: list[str] = typer.Option([], help="A state that still uses version 2: HR, or DE:NCR."),
) -> None:
    """Run a hub and all participants on this machine until Ctrl-C or SIGTERM, to practise with.

    You can repeat the last three options.
    """
    try:
        from movehub.sandbox.network import Sandbox
    except ImportError:
        raise SystemExit("The sandbox needs its extra: pip install 'movehub-client[sandbox]'") from None
    with errors_printed():
        listed = _listed(participants_of)
    try:
        prepared = Sandbox(
            state, late=late, down=down, version_2=version_2, participants=listed, patience=patience
        )
    except InvalidConfiguration as error:
        raise typer.BadParameter(error.reason) from None
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # otherwise its keys would stay on the disk
    with suppress(KeyboardInterrupt), prepared as running:
        running.write_config(config)
        out.print(f"The sandbox runs, and {escape(str(config))} is written. Ctrl-C ends it.", soft_wrap=True)
        Event().wait()


def _listed(config: Path | None) -> dict[str, frozenset[str]]:
    """Return the participants that a configuration file lists, by system."""
    if config is None:
        return {}
    found = {system: read_participants(config, system) for system in ("tachonet", "erru")}
    return {system: states for system, states in found.items() if states is not None}


def main() -> None:
    """Run the command."""
    app()
