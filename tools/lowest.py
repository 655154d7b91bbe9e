"""Print the lowest version of each run-time dependency, as constraints for pip: see `make test-lowest`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

PYPROJECT: Final = Path(__file__).resolve().parents[1] / "pyproject.toml"
#: The extras that users install. The others hold tools, whose lowest versions nobody needs.
_FOR_USERS: Final = ("cli", "server", "postgres", "sandbox")
_REQUIREMENT: Final = re.compile(r"([\w-]+)(?:\[[\w,]+\])?>=([\w.]+)(?:,<[\w.]+)?")


def requirements() -> dict[str, str]:
    """Return the lowest version of each dependency that users install, by its name."""
    project = tomllib.loads(PYPROJECT.read_text("utf-8"))["project"]
    declared = [*project["dependencies"]]
    for extra in _FOR_USERS:
        declared += project["optional-dependencies"][extra]
    return dict(_read(declared))


def _read(declared: list[str]) -> Iterator[tuple[str, str]]:
    for text in declared:
        if text.startswith("movehub-client["):
            continue
        found = _REQUIREMENT.fullmatch(text)
        if found is None:
            raise SystemExit(f"pyproject.toml: write {text} as NAME>=VERSION or NAME>=VERSION,<VERSION")
        yield found[1], found[2]


if __name__ == "__main__":
    for name, version in requirements().items():
        print(f"{name}=={version}")
