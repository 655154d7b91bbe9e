"""`movehub node` as a person calls it, on a node's configuration of its own."""

from __future__ import annotations

from pathlib import Path

from movehub.cli.main import app
from typer.testing import CliRunner, Result


def configured(folder: Path) -> Path:
    """Write the smallest configuration, and return its path."""
    path = folder / "node.toml"
    path.write_text('member_state = "FI"\n[node]\ndatabase = "sqlite:///node.db"\n', "utf-8")
    return path


def run(config: Path, *words: str) -> Result:
    """Call a command, and return what it printed and how it ended."""
    return CliRunner().invoke(app, ["node", *words, "--config", str(config)])
