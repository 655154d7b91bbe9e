"""Every room of `movehub` has a face, and documents and examples import from faces only.

A face is the package itself: its docstring says what the room is for, and its `__all__` what other code may
use. Modules inside a room may change at any time.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import movehub
import pytest

ROOT = Path(__file__).resolve().parents[1]
TOP = list(pkgutil.iter_modules(movehub.__path__))
ROOMS = sorted(f"movehub.{each.name}" for each in TOP if each.ispkg)
#: The modules of the commands `tachonet` and `erru`: a program may run them too.
COMMANDS = {"tachonet_client.cli", "erru_client.cli"}
#: The packages, their rooms, and the modules of movehub that are one file.
FACES = {"tachonet_client", "erru_client", *COMMANDS, *(f"movehub.{each.name}" for each in TOP)}
#: pytest loads a plugin by the name of its module.
PLUGINS = {"movehub.sandbox.pytest_faults"}

EXAMPLES = sorted((ROOT / "docs" / "examples").glob("*.py"))
PAGES = sorted({*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")})
_BLOCK = re.compile(r"^```python\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def imported(source: str) -> Iterator[str]:
    """Yield the modules of our packages that a source imports, also in a program that it has as a text."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if _is_ours(alias.name))
        elif isinstance(node, ast.ImportFrom) and node.module is not None and _is_ours(node.module):
            # From `movehub` itself modules are imported: `from movehub import errors`.
            names = [f"movehub.{alias.name}" for alias in node.names]
            yield from names if node.module == "movehub" else [node.module]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "\nimport " in node.value:
            yield from imported(node.value)


def _is_ours(name: str) -> bool:
    return name.partition(".")[0] in {"movehub", "tachonet_client", "erru_client"}


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_what_it_is_for_and_what_it_offers(room: str) -> None:
    face = importlib.import_module(room)
    assert len((face.__doc__ or "").split()) > 5, "the docstring says what the room is for"
    names = face.__all__
    assert names, "a room offers something"
    assert list(names) == sorted(set(names), key=lambda name: (not name.isupper(), name[0].islower(), name))
    assert [name for name in names if not hasattr(face, name)] == []
    assert [name for name in names if name.startswith("_")] == []


@pytest.mark.skipif(not EXAMPLES, reason="the documents are not beside the tests")
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_imports_from_faces_only(example: Path) -> None:
    assert set(imported(example.read_text("utf-8"))) - FACES == set()


def test_a_page_imports_from_faces_only() -> None:
    inner = {
        f"{page.name}: {name}"
        for page in PAGES
        for block in _BLOCK.finditer(page.read_text("utf-8"))
        for name in imported(block["text"])
        if name not in FACES | PLUGINS
    }
    assert inner == set()


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from movehub.sandbox.hub import Hub", {"movehub.sandbox.hub"}),
        ("import movehub.sandbox.hub as hub", {"movehub.sandbox.hub"}),
        ("from movehub import errors", {"movehub.errors"}),
        ("from tachonet_client import decode\nimport json", {"tachonet_client"}),
        ("PROGRAM = '''\nimport sys\nfrom movehub.names.nysiis import encode\n'''", {"movehub.names.nysiis"}),
        ("def late():\n    from movehub.http.server import HttpsServer", {"movehub.http.server"}),
    ],
)
def test_every_way_to_import_is_seen(source: str, found: set[str]) -> None:
    assert set(imported(source)) == found
