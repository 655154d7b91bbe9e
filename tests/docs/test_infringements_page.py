"""The page of infringement codes shows the table of the code, row by row."""

from __future__ import annotations

from pathlib import Path

import pytest

from erru_client import INFRINGEMENTS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "erru" / "infringements.md"

pytestmark = pytest.mark.skipif(not PAGE.exists(), reason="the documents are not beside the tests")


def rows() -> list[str]:
    """Return the rows of the page; print them with `python -m tests.docs.test_infringements_page`."""
    return [
        f"| {each.code} | {each.category} | {each.grade} | {row.row} | {row.text} | {row.legal_basis} |"
        for each in INFRINGEMENTS.values()
        for row in each.rows
    ]


def test_the_page_has_each_code_with_its_wording_and_grade() -> None:
    lines = PAGE.read_text("utf-8").splitlines()
    assert [line for line in lines if line[2:5].isdigit()] == rows()


if __name__ == "__main__":
    print(*rows(), sep="\n")  # noqa: T201
