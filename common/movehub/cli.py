"""The command `movehub`: what is not of one system alone."""

from __future__ import annotations

from pathlib import Path

try:
    import typer
except ImportError:  # pragma: no cover - shown by the wheel test
    raise SystemExit("The command line needs its extra: pip install 'movehub-client[sandbox]'") from None

from .cert_cli import app as cert
from .console_options import application, version_option
from .keys_cli import app as keys
from .node_cli import app as node

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
        from .sandbox.demo import run
    except ImportError:
        raise SystemExit("The sandbox needs its extra: pip install 'movehub-client[sandbox]'") from None
    run(patience)


@app.command()
def serve(
    config: Path = typer.Option(Path("node.toml"), help="The configuration file, with its section [node]."),
) -> None:
    """Serve a national register: receive, answer and send until SIGTERM or SIGINT."""
    try:
        from .node.command import serve as run
    except ImportError:
        raise SystemExit("A node needs its extra: pip install 'movehub-client[server]'") from None
    run(config)


def main() -> None:
    """Run the command."""
    app()
