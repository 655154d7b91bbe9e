"""What a user does first with the wheel: read and write messages, run commands, examples and the demo."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

import pytest

import erru_client
import tachonet_client

ROOT: Final = Path(__file__).resolve().parents[2]
EXAMPLES: Final = sorted((ROOT / "docs" / "examples").glob("*.py"))
SPECIMENS: Final = {
    path: path.relative_to(ROOT / "tests" / "specimens").parts[0]
    for path in sorted((ROOT / "tests" / "specimens").rglob("*.xml"))
}
CLIENTS: Final = {"erru": erru_client, "tachonet": tachonet_client}
#: Seconds after which a command hangs.
PATIENCE: Final = 120


def run(*command: str | Path, folder: Path) -> str:
    """Run a command to its good end, and return what it printed, its line breaks undone."""
    strict = {**os.environ, "PYTHONWARNINGS": "error", "COLUMNS": "200"}
    done = subprocess.run(
        command, cwd=folder, env=strict, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return " ".join(done.stdout.split())


def script(name: str) -> Path:
    """Return the path of a command that the wheel has installed."""
    return Path(sys.executable).with_name(name)


@pytest.mark.parametrize("specimen", SPECIMENS, ids=lambda path: path.stem)
def test_a_message_is_read_and_written(specimen: Path) -> None:
    """With `write`, which asks no rule of a sender: half of the specimens are as the hub forwards them."""
    client = CLIENTS[SPECIMENS[specimen]]
    message = client.decode(specimen.read_bytes())
    assert client.decode(client.CODEC.write(message)) == message


@pytest.mark.parametrize("system", CLIENTS)
def test_each_root_has_been_read_and_written(system: str) -> None:
    files = [path for path, its_system in SPECIMENS.items() if its_system == system]
    roots = {ElementTree.parse(path).getroot().tag.partition("}")[2] for path in files}
    assert roots == {body.root for body in CLIENTS[system].CODEC.bodies}


@pytest.mark.parametrize("command", ["tachonet", "erru", "movehub"])
def test_a_command_shows_its_version_and_its_help(command: str, tmp_path: Path) -> None:
    assert "movehub-client" in run(script(command), "--version", folder=tmp_path)
    assert f"Usage: {command}" in run(script(command), "--help", folder=tmp_path)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs(example: Path, tmp_path: Path) -> None:
    assert run(sys.executable, example, folder=tmp_path)


def test_the_demo_asks_every_state(tmp_path: Path) -> None:
    printed = run(script("movehub"), "demo", folder=tmp_path)
    assert "TACHOnet CIC, broadcast" in printed
    assert "ERRU CGR, broadcast" in printed
    assert "31 states asked, 2 without an answer" in printed
