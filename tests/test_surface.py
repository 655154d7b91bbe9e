"""What a user may import is a decision, and stands here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import erru_client
import tachonet_client


@pytest.mark.parametrize("package", [erru_client, tachonet_client])
def test_everything_announced_is_there_and_sorted(package: ModuleType) -> None:
    assert package.__all__ == sorted(
        package.__all__, key=lambda name: (not name.isupper(), name[0].islower(), name)
    )
    assert all(hasattr(package, name) for name in package.__all__)


def test_both_packages_name_alike_what_they_share() -> None:
    shared = set(erru_client.__all__) & set(tachonet_client.__all__)
    assert {"BROADCAST", "Message", "Outcome", "SearchStatus", "decode", "encode", "responder"} <= shared


def test_no_top_level_module_is_called_common(tmp_path: Path) -> None:
    """It would break every application that has a `common` of its own."""
    code = "import importlib.util as u, sys; sys.exit(u.find_spec('common') is not None)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path)


@pytest.mark.parametrize("package", ["tachonet_client", "erru_client"])
def test_importing_a_client_needs_no_extra(package: str) -> None:
    code = (
        "import sys\n"
        "for name in ('typer', 'rich', 'cheroot', 'hypothesis'): sys.modules[name] = None\n"
        f"import {package}\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("package", ["tachonet_client", "erru_client"])
def test_importing_a_client_loads_neither_http_nor_cryptography(package: str) -> None:
    """Whoever only reads messages need not wait for them."""
    code = (
        f"import sys, {package}; sys.exit(bool({{'requests', 'urllib3', 'cryptography'}} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("command", ["tachonet_client.cli", "erru_client.cli", "movehub.cli"])
def test_a_command_without_its_extra_says_what_to_install(command: str) -> None:
    code = f"import sys; sys.modules['typer'] = None; import {command}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "pip install 'movehub-client[" in done.stderr
    assert "Traceback" not in done.stderr
