"""`docs/tachonet/annex-iii.md` puts every row of the law beside our field: is it so?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

import pytest
from movehub.protocol.message import ErrorNotification, Header
from movehub.records.record import Attribute, Child, Plan, paths, plan_of

from tachonet_client import CODEC
from tests.support.official import REPOSITORY

PAGE = REPOSITORY / "docs" / "tachonet" / "annex-iii.md"
LAW = REPOSITORY.parent / "shared" / "law" / "reg-2016-68-tachonet.fr.txt"

if not PAGE.is_file():
    pytest.skip("the documentation lies beside the checkout, not in the wheel", allow_module_level=True)

BODIES = {body.root: body for body in CODEC.bodies if body is not ErrorNotification}

#: Mandatory in the law and left out by whoever finds nobody; the page says why.
ONLY_WHERE_FOUND = "Body/MemberState/DriverDetails"


@dataclass(frozen=True)
class Row:
    """One row of the page. `root` is empty for the common header."""

    root: str
    message: str
    label: str
    mandatory: bool
    path: str
    python: str

    def __str__(self) -> str:
        return f"{self.root or 'header'}-{self.path.rpartition('/')[2]}"


def _read() -> tuple[list[Row], list[str]]:
    rows, ours, root, message = [], [], "", ""
    for line in PAGE.read_text("utf-8").splitlines():
        cells = [cell.strip().strip("`") for cell in line.strip("|").split("|")]
        if line.startswith("## "):
            root = line[3:].strip("`") if "`" in line else ""
        elif re.fullmatch(r"\*[^*]+\*", line):
            message = line.strip("*")
        elif len(cells) == 5 and cells[2] in {"yes", "no"}:
            rows.append(Row(root, message, cells[0], cells[2] == "yes", cells[3], cells[4]))
        elif len(cells) == 2 and line.startswith("| `"):
            ours.append(cells[0])
    return rows, ours


ROWS, OURS = _read()


def _field(row: Row) -> tuple[str, Attribute | Child]:
    """Return the field that a row's path leads to, as Python names it, and its plan."""
    head, *parts = row.path.split("/")
    plan = plan_of(Header if head == "Header" else BODIES[row.root])
    for part in parts[:-1]:
        (plan,) = (found for child in plan.children for found in _plans(child, part))
    last = parts[-1]
    fields: Iterator[Attribute | Child] = (
        (value for value in plan.attributes if value.name == last[1:])
        if last.startswith("@")
        else (child for child in plan.children if _plans(child, last))
    )
    (field,) = fields
    return f"{plan.cls.__name__}.{field.field}", field


def _plans(child: Child, element: str) -> tuple[Plan, ...]:
    return next((plans for name, plans in child.alternatives if name == element), ())


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_row_of_the_law_has_the_field_that_the_page_names(row: Row) -> None:
    assert _field(row)[0] == row.python


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_field_is_mandatory_where_the_law_says_so_and_nowhere_else(row: Row) -> None:
    optional = _field(row)[1].optional
    assert optional is (row.path == ONLY_WHERE_FOUND or not row.mandatory)


def test_every_message_of_annex_iii_has_its_rows_and_every_body_is_one_of_them() -> None:
    assert {row.root for row in ROWS} == {"", *BODIES}
    assert len(ROWS) == 78


def test_whatever_else_is_on_the_wire_is_told_as_ours_once() -> None:
    """No field without a row of the law or a reason; no reason for what is not there."""
    of_the_law = {f"{row.root}/{row.path}" for row in ROWS if row.root}
    of_the_law |= {f"{root}/{row.path}" for root in BODIES for row in ROWS if not row.root}
    wire = {
        path
        for root, body in BODIES.items()
        for path in (*paths(plan_of(Header), f"{root}/Header"), *paths(plan_of(body), f"{root}/Body"))
    }
    assert of_the_law <= wire
    unexplained = {path: [o for o in OURS if fnmatchcase(path, o)] for path in wire - of_the_law}
    assert {path: found for path, found in unexplained.items() if len(found) != 1} == {}
    used = {found[0] for found in unexplained.values()}
    assert [pattern for pattern in OURS if pattern not in used] == []
    assert [path for path in of_the_law if any(fnmatchcase(path, pattern) for pattern in OURS)] == []


def test_the_page_repeats_the_law_row_by_row() -> None:
    """Message, label and obligation of every row, in the law's order."""
    if not LAW.is_file():
        pytest.skip(f"the text of the regulation is not in {LAW}")
    assert [(row.message, row.label, row.mandatory) for row in ROWS] == list(_law())


def _law() -> Iterator[tuple[str, str, bool]]:
    text = LAW.read_text("utf-8")
    appendix = text[text.index("En-tête commun") : text.index("ANNEXE IV")]
    lines = [line.strip() for line in appendix.splitlines() if line.strip()]
    message = ""
    for index, line in enumerate(lines):
        if line == "Obligatoire":
            message = lines[index - 1]
        elif line in {"Oui", "Non"}:
            bare = lines[index - 2] in {"Oui", "Non"}
            yield message, lines[index - 1 if bare else index - 2], line == "Oui"
