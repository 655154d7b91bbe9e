"""The wheel holds every file of the packages and no other, and every module of it can be imported."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from importlib.metadata import distribution
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[2]
#: Each package, and the folder of the repository that it is built from.
PACKAGES: Final = {
    "movehub": ROOT / "common" / "movehub",
    "movehub_xsd": ROOT / "xsd",
    "tachonet_client": ROOT / "tachonet_client",
    "erru_client": ROOT / "erru_client",
}
#: Files of these kinds belong to the wheel.
_KINDS: Final = {".py", ".csv", ".toml", ".xsd", ".typed"}
_INFO: Final = {"METADATA", "RECORD", "WHEEL", "entry_points.txt", "top_level.txt", "licenses/LICENSE"}
_OF_THE_INSTALLER: Final = {"INSTALLER", "REQUESTED", "direct_url.json"}


def in_the_wheel() -> set[str]:
    """Return every installed file, without the compiled ones and the scripts."""
    files = distribution("movehub-client").files or []
    return {file.as_posix() for file in files if ".." not in file.parts and "__pycache__" not in file.parts}


def of_the_repository() -> set[str]:
    """Return every file that a package should have."""
    return {
        f"{name}/{path.relative_to(folder).as_posix()}"
        for name, folder in PACKAGES.items()
        for path in folder.rglob("*")
        if path.is_file() and (path.suffix in _KINDS or path.name == "py.typed")
    }


def modules() -> list[str]:
    """Return the name of each module and package of the wheel."""
    found = [
        each.name
        for package in PACKAGES
        for each in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}.")
    ]
    return [*PACKAGES, *found]


@pytest.mark.parametrize("package", PACKAGES)
def test_what_is_tested_here_is_the_installed_wheel(package: str) -> None:
    path = importlib.import_module(package).__path__[0]
    assert Path(path).is_relative_to(sys.prefix)


def test_the_wheel_has_each_file_of_the_packages_and_no_other() -> None:
    found = {file for file in in_the_wheel() if file.partition("/")[0] in PACKAGES}
    assert found == of_the_repository()


def test_the_wheel_has_its_licence_and_nothing_beside_the_packages() -> None:
    info = {
        file.partition("/")[2] for file in in_the_wheel() if file.partition("/")[0].endswith(".dist-info")
    }
    assert info - _OF_THE_INSTALLER == _INFO
    beside = {file.partition("/")[0] for file in in_the_wheel()} - PACKAGES.keys()
    assert [name for name in beside if not name.endswith(".dist-info")] == []


@pytest.mark.parametrize("module", modules())
def test_each_module_can_be_imported_with_the_declared_dependencies(module: str) -> None:
    importlib.import_module(module)
