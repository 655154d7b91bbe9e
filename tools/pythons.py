"""Run the tests under every Python that the classifiers name: see `make test-pythons`.

It looks for an interpreter on the PATH and among the versions of pyenv. It reports a version that it does not
find; that is no failure.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
_CLASSIFIER: Final = "Programming Language :: Python :: 3."
_PASSED: Final = "passed"
_FAILED: Final = "failed"
_ABSENT: Final = "not found on this machine"


def main() -> int:
    """Test each version with the arguments of pytest that are given, and print the result of each."""
    results = {version: _tested(version, sys.argv[1:]) for version in versions()}
    print("\n" + "\n".join(f"Python {version}: {result}" for version, result in results.items()))
    return _FAILED in results.values() or _PASSED not in results.values()


def versions() -> list[str]:
    """Return the versions of the classifiers."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    named = [each for each in project["classifiers"] if each.startswith(_CLASSIFIER)]
    return ["3." + each.removeprefix(_CLASSIFIER) for each in named]


def _tested(version: str, arguments: list[str]) -> str:
    python = next((each for each in _candidates(version) if _is(each, version)), None)
    if python is None:
        return _ABSENT
    print(f"\nPython {version}: {python}", flush=True)
    folder = ROOT / ".build" / f"python{version}"
    own = folder / "bin" / "python"
    steps: list[list[str | Path]] = [
        [python, "-m", "venv", "--clear", folder],
        [own, "-m", "pip", "--quiet", "--disable-pip-version-check", "install", "--editable", ".[test]"],
        [own, "-m", "pytest", *arguments],
    ]
    passed = all(subprocess.run(step, cwd=ROOT, check=False).returncode == 0 for step in steps)
    return _PASSED if passed else _FAILED


def _candidates(version: str) -> Iterator[str]:
    on_the_path = shutil.which(f"python{version}")
    if on_the_path:
        yield on_the_path
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    for folder in sorted((pyenv / "versions").glob(f"{version}.*"), reverse=True):
        yield str(folder / "bin" / "python")


def _is(python: str, version: str) -> bool:
    """Whether this runs and is that version: a shim of pyenv can be on the PATH and start nothing."""
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    except OSError:
        return False
    return done.returncode == 0 and done.stdout.strip() == version


if __name__ == "__main__":
    sys.exit(main())
