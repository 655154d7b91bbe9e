"""Ask the package index which pinned packages have known vulnerabilities: see `make audit`.

Only an answer about every package counts. Without the network, or from an index that knows nothing about
vulnerabilities, the audit fails and says so: it must never look like an audit that found nothing.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

#: Everything that is installed anywhere: what users need is part of what development needs.
REQUIREMENTS: Final = Path(__file__).resolve().parents[1] / "requirements" / "dev.txt"
#: Exit codes: no vulnerability is known, some are, or nothing is known.
CLEAN, VULNERABLE, UNKNOWN = 0, 1, 2

_NOT_MADE: Final = (
    "The audit was not made. It needs the network, and an answer of https://pypi.org about each package.\n"
    "You know nothing about these packages now. Run it again on a machine that reaches that server."
)


def main() -> int:
    """Run pip-audit on the pinned packages, and print its findings."""
    with TemporaryDirectory() as folder:
        report = Path(folder) / "audit.json"
        options = ["--disable-pip", "--require-hashes", "--progress-spinner", "off", "--format", "json"]
        command = [sys.executable, "-m", "pip_audit", *options, "--output", str(report)]
        ended = subprocess.run(
            [*command, "--requirement", str(REQUIREMENTS)], capture_output=True, text=True, check=False
        )
        code, lines = verdict(report.read_text("utf-8") if report.exists() else "")
    last = ended.stderr.strip().splitlines()[-1:]
    print("\n".join([*lines, *(last if code == UNKNOWN and not lines[1:] else [])]))
    return code


def verdict(report: str) -> tuple[int, list[str]]:
    """Return the exit code and the lines to print for a report of pip-audit, or for none."""
    try:
        packages = json.loads(report)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return UNKNOWN, [_NOT_MADE]
    found = [line for package in packages for line in _vulnerabilities(package)]
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    if found:
        return VULNERABLE, found
    if skipped or not packages:
        return UNKNOWN, [_NOT_MADE, f"No answer about {len(skipped)} of {len(packages)} packages."]
    return CLEAN, [f"No vulnerability is known in {len(packages)} packages."]


def _vulnerabilities(package: dict[str, Any]) -> Iterator[str]:
    for each in package.get("vulns", ()):
        fixed = ", ".join(each["fix_versions"]) or "no version"
        yield f"{package['name']} {package['version']}: {each['id']}, fixed in {fixed}"


if __name__ == "__main__":
    sys.exit(main())
