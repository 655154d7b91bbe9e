"""The tables of the pages on card statuses and on what is due are those of the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tachonet_client import STATUSES, StatusTranslation
from tachonet_client.procedures import PROCEDURES

PAGES = Path(__file__).resolve().parents[2] / "docs" / "tachonet"

pytestmark = pytest.mark.skipif(not PAGES.exists(), reason="the documents are not beside the tests")


def test_the_page_of_statuses_has_each_of_the_18_as_the_table_has_it() -> None:
    shipped = StatusTranslation.default()
    rows = [
        f"| `{each.status}` | {each.law} | {each.meaning} | {each.declared.value} | "
        f"{shipped.to_local(each.status)} |"
        for each in STATUSES
    ]
    page = (PAGES / "status.md").read_text("utf-8")
    assert [line for line in page.splitlines() if line.startswith("| `")] == rows


def test_the_page_of_what_is_due_has_each_duty_with_its_workflow_and_point() -> None:
    """Several rows of the code may be one on the page: it tells them apart in words."""
    page = (PAGES / "due.md").read_text("utf-8")
    shown = re.findall(
        r"^\|[^|\n]+\| (CIC|CCS|MCS|ICDL|own register|other channel)\b[^|]*\|[^|]+\|[^|]+\| (\d[^|]*) \|$",
        page,
        re.MULTILINE,
    )
    duties = {(each.workflow, each.article + (", inferred" if each.inferred else "")) for each in PROCEDURES}
    page_has = {(workflow, point) for workflow, point in shown}
    assert page_has | {("CIC", "1.3")} == duties
    assert ("CCS", "1.3") in page_has, "where the page has CIC as the other way of 1.3"
