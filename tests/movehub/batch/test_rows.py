"""A row of the results begins no formula, and loses nothing."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from movehub.batch.rows import Row, encoded, headings, read_rows
from movehub.printable import printable

from tachonet_client.batch_cic import CIC
from tests.support.batches import Asked, applications, rows_of, run_once
from tests.support.examples import CANARY


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def test_each_card_is_a_row_and_a_state_without_any_is_one(folder: Path) -> None:
    run_once(applications(folder / "a.csv", ["late", "nobody"]), folder / "r.csv", Asked())
    told = [
        (row.line, row.outcome, row.member_state, row.cells.get("card_number", ""))
        for row in rows_of(folder / "r.csv")
    ]
    assert told == [
        ("0", "batch", "", ""),
        ("2", "asked", "ZZ", ""),
        ("2", "found", "DK", "DK00000000000100"),
        ("2", "found", "DK", "DK00000000000100"),
        ("2", "no answer", "SE", ""),
        ("2", "incomplete", "", ""),
        ("3", "asked", "ZZ", ""),
        ("3", "not found", "DK", ""),
        ("3", "complete", "", ""),
    ]


FORMULAS = ["=HYPERLINK(1)", "+1", "-1", "@SUM(1)", " =1", "＝1", "'=1", "''@x"]


@pytest.mark.parametrize("words", FORMULAS)
def test_no_cell_of_a_foreign_state_begins_like_a_formula(words: str) -> None:
    row = Row(line="2", attempt="1", outcome="found", cells={"family_name": words}, said=words)
    (read,) = read_rows(CIC, headings(CIC) + encoded(CIC, row))
    assert (read.cells["family_name"], read.said) == (f"'{words}", f"'{words}")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_NONE])
@given(words=st.text(st.sampled_from(""";|"'=+-@ ,\t\r\n\x85\u2028\x1baＡ＝""")))
def test_no_cell_begins_a_formula_whatever_splits_the_line(words: str, delimiter: str, quoting: int) -> None:
    row = Row(line="2", attempt="1", outcome="found", cells={"family_name": words}, said=words)
    line = encoded(CIC, row).decode()
    for cell in next(csv.reader([line], delimiter=delimiter, quoting=quoting)):
        assert not cell.lstrip(' "').startswith(("=", "+", "-", "@", "＝"))
    assert line.count("\n") == 1
    assert line[:-1].isprintable()


@given(st.text(st.sampled_from(""";|"'=+-@ ,aＡ＝＠""") | st.characters()))
def test_the_words_of_a_state_can_be_had_back_to_the_letter(words: str) -> None:
    """One apostrophe is taken away where, behind any more of them, a formula would begin."""
    words = printable(words)
    row = Row(line="2", attempt="1", outcome="found", said=words)
    (read,) = read_rows(CIC, headings(CIC) + encoded(CIC, row))
    assert re.sub("(^|[,;|\"])'(?=[ ']*[-=+@－＝＋＠])", r"\1", read.said) == words


def test_no_row_shows_a_person_in_its_repr(folder: Path) -> None:
    run_once(applications(folder / "a.csv", ["found"]), folder / "r.csv", Asked())
    rows = rows_of(folder / "r.csv")
    assert any(row.cells.get("family_name") == CANARY for row in rows)
    assert CANARY not in repr(rows)
