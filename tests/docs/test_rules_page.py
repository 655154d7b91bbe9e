"""The page of the rules shows the table of the code, row by row."""

from __future__ import annotations

from pathlib import Path

import pytest

from erru_client.rules import RULES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "erru" / "rules.md"

pytestmark = pytest.mark.skipif(not PAGE.exists(), reason="the documents are not beside the tests")


def rows() -> list[str]:
    """Return the rows that the page must have; print them with `python -m tests.docs.test_rules_page`."""
    return [f"| `{rule.id}` | {rule.level.value} | {rule.says} | {rule.source} |" for rule in RULES]


def test_the_page_of_rules_has_each_rule_as_it_stands_in_the_table() -> None:
    shown = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `")]
    assert shown == rows()


if __name__ == "__main__":
    print(*rows(), sep="\n")  # noqa: T201
