"""The pages of the rules show the tables of the code, row by row."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest
from movehub.protocol.rules import Rule

import erru_client.rules
import tachonet_client.rules

DOCS = Path(__file__).resolve().parents[2] / "docs"
TABLES: Final = {"erru": erru_client.rules.RULES, "tachonet": tachonet_client.rules.RULES}

pytestmark = pytest.mark.skipif(not DOCS.exists(), reason="the documents are not beside the tests")


def rows(rules: tuple[Rule, ...]) -> list[str]:
    """Return the rows that a page must have; print them with `python -m tests.docs.test_rules_page`."""
    return [f"| `{rule.id}` | {rule.level.value} | {rule.says} | {rule.source} |" for rule in rules]


@pytest.mark.parametrize("system", TABLES)
def test_the_page_of_rules_has_each_rule_as_it_stands_in_the_table(system: str) -> None:
    text = (DOCS / system / "rules.md").read_text("utf-8")
    assert [line for line in text.splitlines() if line.startswith("| `")] == rows(TABLES[system])


if __name__ == "__main__":
    for table in TABLES.values():
        print(*rows(table), sep="\n")  # noqa: T201
