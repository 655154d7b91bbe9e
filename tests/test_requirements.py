"""The pinned requirements hold whatever `pyproject.toml` asks for, with hashes, and name no server."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.lowest import requirements

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
#: An entry: name, version, perhaps where it applies, and at least one hash.
PIN = re.compile(r"^([\w.\[\],-]+)==([^\s;\\]+).*\\\n((?:    --hash=sha256:[0-9a-f]{64}.*\n)+)", re.MULTILINE)
#: What would tell where the packages were found.
PLACE = re.compile(r"://|--(extra-)?index-url|--find-links|--trusted-host|@ file|/(work|home|root|tmp)/")
LOCKED = ("cli", "postgres", "dev", "supply")


def pins(extra: str) -> dict[str, str]:
    """Return the pinned versions by name; each must have a hash."""
    text = (ROOT / "requirements" / f"{extra}.txt").read_text("utf-8")
    entries = PIN.findall(text)
    assert len(entries) == len(re.findall(r"^[^#\s]", text, re.MULTILINE)), "an entry has no version or hash"
    return {canonicalize_name(name.partition("[")[0]): version for name, version, _ in entries}


def asked_for(extra: str) -> Iterator[Requirement]:
    """Yield the dependencies of the project with an extra, and with the extras that this one names."""
    yield from map(Requirement, PROJECT["dependencies"])
    for each in map(Requirement, PROJECT["optional-dependencies"][extra]):
        if each.name != PROJECT["name"]:
            yield each
        for named in each.extras if each.name == PROJECT["name"] else ():
            yield from asked_for(named)


@pytest.mark.parametrize("extra", LOCKED)
def test_each_dependency_is_pinned_in_a_version_that_may_be_used(extra: str) -> None:
    """If one is missing: `make constraints`."""
    pinned = pins(extra)
    wrong = [
        str(each)
        for each in asked_for(extra)
        if not each.specifier.contains(pinned.get(canonicalize_name(each.name), "0"))
    ]
    assert wrong == []


@pytest.mark.parametrize("extra", LOCKED)
def test_no_address_of_a_server_or_of_a_folder_is_in_the_requirements(extra: str) -> None:
    text = (ROOT / "requirements" / f"{extra}.txt").read_text("utf-8")
    assert not re.search(
        r"://|--(extra-)?index-url|--find-links|--trusted-host|@ file|/work|/home|/tmp", text
    )


def test_the_lowest_versions_that_are_tested_are_those_of_every_dependency_of_a_user() -> None:
    lowest = {
        canonicalize_name(each.name)
        for extra in ("cli", "server", "postgres", "sandbox")
        for each in asked_for(extra)
    }
    assert {canonicalize_name(name) for name in requirements()} == lowest


def test_each_python_that_a_classifier_names_is_one_that_the_package_may_be_installed_with() -> None:
    named = [each.rpartition(" ")[2] for each in PROJECT["classifiers"] if ":: Python :: 3." in each]
    assert [f">={named[0]}", named] == [
        PROJECT["requires-python"],
        sorted(named, key=lambda each: int(each[2:])),
    ]
