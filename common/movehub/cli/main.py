"""The command `movehub`: what is not of one system alone."""

from __future__ import annotations

import signal
from contextlib import suppress
from pathlib import Path
from threading import Event

try:
    import typer
except ImportError:  # pragma: no cover - shown by the wheel test
    raise SystemExit("The command line needs its extra: pip install 'movehub-client[cli]'") from None

from rich.markup import escape

from movehub.cli.certificates import app as cert
from movehub.cli.console import application, out, version_option
from movehub.cli.keys import app as keys
from movehub.cli.node import app as node

app = application()
app.add_typer(cert, name="cert")
app.add_typer(keys, name="keys")
app.add_typer(node, name="node")


@app.callback()
def _group(version: bool = version_option("movehub")) -> None:
    """Tools for TACHOnet and ERRU, which share one hub."""


@app.command()
def demo(
    patience: float = typer.Option(
        2.5, min=0.2, max=20, help="Seconds the sandbox hub waits; by law it is 20."
    ),
) -> None:
    """Check card applications and transport managers against 27 simulated states, over mutual TLS."""
    try:
        from movehub.cli.demo import run
    except ImportError:
        raise SystemExit("The sandbox needs its extra: pip install 'movehub-client[sandbox]'") from None
    run(patience)


@app.command()
def serve(
    config: Path = typer.Option(Path("node.toml"), help="The configuration file, with its section [node]."),
) -> None:
    """Serve a national register: receive, answer and send until SIGTERM or SIGINT."""
    try:
        from movehub.cli.serve import serve as run
    except ImportError:
        raise SystemExit("A node needs its extra: pip install 'movehub-client[server]'") from None
    run(config)


@app.command()
def sandbox(
    config: Path = typer.Option(Path("hub.toml"), help="Where to write the configuration file of a client."),
    state: str = typer.Option("FI", help="The Member State that asks; all others answer."),
    patience: float = typer.Option(20, min=0.2, max=20, help="Seconds the sandbox hub waits."),
) -> None:
    """Run the sandbox until Ctrl-C or SIGTERM, for clients of one state and for the commands."""
    try:
        from movehub.sandbox.network import PARTICIPANTS, Sandbox
    except ImportError:
        raise SystemExit("The sandbox needs its extra: pip install 'movehub-client[sandbox]'") from None
    if state not in PARTICIPANTS:
        raise typer.BadParameter(f"one of {', '.join(PARTICIPANTS)}")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # else the keys would be left behind
    with suppress(KeyboardInterrupt), Sandbox(state, patience=patience) as running:
        running.write_config(config)
        out.print(f"The sandbox runs, and {escape(str(config))} is written. Ctrl-C ends it.", soft_wrap=True)
        Event().wait()


def main() -> None:
    """Run the command."""
    app()
