"""The command `movehub`: what is not of one system alone."""

from __future__ import annotations

try:
    import typer
except ImportError:  # pragma: no cover - shown by the wheel test
    raise SystemExit("The command line needs its extra: pip install 'movehub-client[sandbox]'") from None

from .cert_cli import app as cert
from .console_options import application, version_option
from .keys_cli import app as keys

app = application()
app.add_typer(cert, name="cert")
app.add_typer(keys, name="keys")


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
        from .sandbox.demo import run  # noqa: PLC0415 - the sandbox needs extras that `movehub` alone does not
    except ImportError:
        raise SystemExit("The sandbox needs its extra: pip install 'movehub-client[sandbox]'") from None
    run(patience)


def main() -> None:
    """Run the command."""
    app()
