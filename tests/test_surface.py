"""What a user may import is a decision, and stands here."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

import erru_client
import tachonet_client


@pytest.mark.parametrize("package", [erru_client, tachonet_client])
def test_everything_announced_is_there_and_sorted(package: ModuleType) -> None:
    """A number counts as one, as for ruff: 3_0 before 2016."""

    def place(name: str) -> tuple[bool, bool, list[str | int]]:
        parts = [int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", name)]
        return not name.isupper(), name[0].islower(), parts

    assert package.__all__ == sorted(package.__all__, key=place)
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
        "extras = 'typer', 'rich', 'cheroot', 'sqlalchemy', 'psycopg', 'hypothesis'\n"
        "for name in extras: sys.modules[name] = None\n"
        f"import {package}\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("package", ["tachonet_client", "erru_client"])
def test_importing_a_client_loads_nothing_that_reading_a_document_does_not_need(package: str) -> None:
    code = (
        f"import sys, {package}\n"
        "unwanted = {'xmlschema', 'requests', 'urllib3', 'ssl', 'cryptography', 'jellyfish'}\n"
        "unwanted |= {'sqlalchemy', 'typer', 'tomllib', 'logging'}\n"
        "sys.exit(', '.join(unwanted & set(sys.modules)) or 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("package", ["tachonet_client", "erru_client"])
def test_a_fresh_package_lists_everything_and_has_loaded_the_codec_alone(package: str) -> None:
    code = (
        f"import sys, {package}\n"
        f"assert set({package}.__all__) <= set(dir({package}))\n"
        f"loaded = [name for name in sys.modules if name.startswith('{package}.')]\n"
        "sys.exit('movehub.codec.codec' not in sys.modules or ', '.join(loaded) or 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("package", [erru_client, tachonet_client])
def test_a_name_that_is_not_there_is_an_attribute_error(package: ModuleType) -> None:
    with pytest.raises(AttributeError, match=f"module '{package.__name__}' has no attribute 'Nobody'"):
        _ = package.Nobody


def test_the_extra_of_a_node_brings_the_command_that_starts_it() -> None:
    extras = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    assert "movehub-client[cli]" in extras["server"]
    assert "movehub-client[server]" in extras["sandbox"]
    assert "movehub-client[server]" in extras["postgres"]


@pytest.mark.parametrize("command", ["tachonet_client.cli", "erru_client.cli", "movehub.cli.main"])
def test_a_command_without_its_extra_says_what_to_install(command: str) -> None:
    code = f"import sys; sys.modules['typer'] = None; import {command}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "pip install 'movehub-client[" in done.stderr
    assert "Traceback" not in done.stderr
