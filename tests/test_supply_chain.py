"""What is installed is listed and audited, and what cannot be audited is never taken as clean."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.test_requirements import PROJECT, asked_for, pins
from tools.audit import CLEAN, UNKNOWN, VULNERABLE, verdict

ROOT = Path(__file__).resolve().parents[1]
GOOD: dict[str, Any] = {"name": "lxml", "version": "6.1.0", "vulns": []}
BAD: dict[str, Any] = {
    "name": "lxml",
    "version": "5.0.0",
    "vulns": [{"id": "PYSEC-1", "fix_versions": ["6.1.0"], "aliases": ["CVE-1"]}],
}
SKIPPED: dict[str, Any] = {"name": "rich", "skip_reason": "Dependency not found on PyPI"}


def report(*packages: dict[str, Any]) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


def test_an_audit_with_an_answer_about_each_package_is_clean() -> None:
    assert verdict(report(GOOD, GOOD)) == (CLEAN, ["No vulnerability is known in 2 packages."])


@pytest.mark.parametrize(
    "text", ["", "no JSON", "[]", "{}", report(), report(SKIPPED), report(GOOD, SKIPPED)]
)
def test_an_audit_without_an_answer_about_each_package_fails(text: str) -> None:
    code, (reason, *_) = verdict(text)
    assert code == UNKNOWN
    assert "The audit was not made. It needs the network" in reason


def test_a_known_vulnerability_is_named_with_the_version_that_fixes_it() -> None:
    """It is worse than a package without an answer, so it decides."""
    assert verdict(report(GOOD, BAD, SKIPPED)) == (
        VULNERABLE,
        ["lxml 5.0.0: PYSEC-1, fixed in 6.1.0"],
    )


@pytest.mark.slow
def test_the_bill_of_materials_has_each_pinned_package_and_nothing_else() -> None:
    """Those for another Python or another system are pinned as well, but not installed here."""
    subprocess.run(["make", "--no-print-directory", "sbom"], cwd=ROOT, check=True, capture_output=True)
    bill = json.loads((ROOT / ".build" / "sbom" / "movehub-client.cdx.json").read_text("utf-8"))
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    root = bill["metadata"]["component"]
    assert (root["name"], root["version"]) == (PROJECT["name"], PROJECT["version"])
    listed = {canonicalize_name(each["name"]): each["version"] for each in bill["components"]}
    assert listed.items() <= pins("postgres").items()
    needed = {canonicalize_name(Requirement(str(each)).name) for each in asked_for("postgres")}
    assert needed <= listed.keys()
    assert all(each["licenses"] and each["purl"].startswith("pkg:pypi/") for each in bill["components"])
    (direct,) = (each["dependsOn"] for each in bill["dependencies"] if each["ref"] == root["bom-ref"])
    assert {canonicalize_name(each.partition("==")[0]) for each in direct} >= needed


@pytest.mark.parametrize("target", ["sbom", "audit"])
def test_each_target_has_a_line_in_the_help(target: str) -> None:
    text = (ROOT / "Makefile").read_text("utf-8")
    assert f'@echo "make {target} ' in text
    assert f"\n{target}: .venv/supply\n" in text
