"""The page of threats names, for each control, a test that exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "threat-model.md").read_text("utf-8")
#: A row of a table with the columns threat, control and test.
ROW = re.compile(r"^\| (?!Threat |---)([^|]+) \| ([^|]+) \| `(tests/[^`]+)::(test_\w+)` \|$", re.MULTILINE)
ROWS = ROW.findall(PAGE)


def test_each_row_of_a_table_of_threats_has_a_control_and_a_test() -> None:
    tables = re.findall(r"^\| Threat \| Control \| Test \|\n\|[-|]+\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    assert len(tables) >= 6
    assert [row for table in tables for row in table.splitlines() if not ROW.fullmatch(row)] == []
    assert sum(len(table.splitlines()) for table in tables) == len(ROWS)


@pytest.mark.parametrize(("path", "name"), [row[2:] for row in ROWS])
def test_the_test_of_a_control_exists(path: str, name: str) -> None:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    assert name in {each.name for each in tree.body if isinstance(each, ast.FunctionDef)}


def test_a_vulnerability_can_be_reported_and_the_page_is_linked() -> None:
    policy = (ROOT / "SECURITY.md").read_text("utf-8")
    for title in ("Report a vulnerability", "Supported versions", "What is promised", "The supply chain"):
        assert f"\n## {title}\n" in policy
    assert "(docs/threat-model.md)" in policy
    assert "threat-model.md" in (ROOT / "mkdocs.yml").read_text("utf-8")
