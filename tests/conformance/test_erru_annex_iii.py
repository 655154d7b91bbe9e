"""`docs/erru/annex-iii.md` puts every row of the law beside our field of edition 3.5: is it so?"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

import pytest
from movehub.protocol.message import ErrorNotification, Header
from movehub.records.record import Plan, plan_of

from erru_client import CODEC
from erru_client.rules import RULES
from tests.support.official import REPOSITORY

PAGE = REPOSITORY / "docs" / "erru" / "annex-iii.md"
LAW = REPOSITORY.parent / "shared" / "law" / "reg-2023-2381-erru-annexes.en.md"

if not PAGE.is_file():
    pytest.skip("the documentation lies beside the checkout, not in the wheel", allow_module_level=True)

#: RSI has a law of its own: Regulation (EU) 2017/2205.
BODIES = {
    body.root: body
    for body in CODEC.bodies
    if body is not ErrorNotification and not body.root.startswith("RoadSideInspection")
}


@dataclass(frozen=True)
class Row:
    """One row of the page. `root` is empty for the common header."""

    root: str
    message: str
    label: str
    mandatory: str
    path: str
    python: str
    held_by: str

    def __str__(self) -> str:
        return f"{self.root or 'header'}-{self.path}"


def _read() -> tuple[list[Row], list[str]]:
    rows, ours, root, message = [], [], "", ""
    for line in PAGE.read_text("utf-8").splitlines():
        cells = [cell.strip().strip("`") for cell in line.strip("|").split("|")]
        if line.startswith("## "):
            root = line[3:].strip("`") if "`" in line else ""
        elif re.fullmatch(r"\*[^*]+\*", line):
            message = line.strip("*")
        elif len(cells) == 5 and re.match(r"(Body|Header)/", cells[2]):
            rows.append(Row(root, message, *cells))
        elif len(cells) == 2 and line.startswith("| `"):
            ours.append(cells[0])
    return rows, ours


ROWS, OURS = _read()


def _fields(plan: Plan, path: str) -> Iterator[tuple[str, str, bool]]:
    """Yield the path of each field, its name in Python, and whether it is mandatory in its record."""
    mandatory = {field.name for field in dataclasses.fields(plan.cls) if field.default is dataclasses.MISSING}
    for value in plan.values:
        yield f"{path}/@{value.name}", f"{plan.cls.__name__}.{value.field}", value.field in mandatory
    for child in plan.children:
        above = path if child.around is None else f"{path}/{child.around}"
        for name, plans in child.alternatives:
            yield f"{above}/{name}", f"{plan.cls.__name__}.{child.field}", child.field in mandatory
            for option in plans:
                yield from _fields(option, f"{above}/{name}")


FIELDS = {
    root: [*_fields(plan_of(Header), "Header"), *_fields(plan_of(body), "Body")]
    for root, body in BODIES.items()
}


def _is_mandatory(row: Row) -> bool:
    """Return whether the field of a row is mandatory. Raises StopIteration if there is none."""
    fields = FIELDS[row.root or next(iter(BODIES))]
    return next(each for path, python, each in fields if (path, python) == (row.path, row.python))


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_what_the_law_demands_is_mandatory_by_the_schema_or_by_a_rule(row: Row) -> None:
    """A dash is for what the law leaves open, or what only the register knows to exist."""
    if row.held_by == "schema":
        assert _is_mandatory(row)
        assert row.mandatory != "No"
        return
    assert not _is_mandatory(row)
    if row.held_by == "–":
        assert row.mandatory in {"No", "Yes, if found"}
        return
    (rule,) = [rule for rule in RULES if rule.id == row.held_by]
    assert issubclass(BODIES[row.root], rule.applies_to)


def test_every_message_has_its_rows_and_every_body_is_one_of_them() -> None:
    assert {row.root for row in ROWS} == {"", *BODIES}
    assert len(ROWS) == 157


def test_every_other_value_on_the_wire_has_one_reason() -> None:
    """No value without a row of the law or a reason; no reason for what is not there."""
    of_the_law = {f"{row.root}/{row.path}" for row in ROWS if row.root}
    of_the_law |= {f"{root}/{row.path}" for root in BODIES for row in ROWS if not row.root}
    wire = {f"{root}/{path}" for root, fields in FIELDS.items() for path, _, _ in fields}
    assert of_the_law <= wire
    others = {path for path in wire - of_the_law if "@" in path}
    reasons = {path: [pattern for pattern in OURS if fnmatchcase(path, pattern)] for path in others}
    assert {path: found for path, found in reasons.items() if len(found) != 1} == {}
    assert {found[0] for found in reasons.values()} == set(OURS)


def test_the_page_repeats_the_law_row_by_row() -> None:
    """Message, label and obligation of every row, in the law's order."""
    if not LAW.is_file():
        pytest.skip(f"the text of the regulation is not in {LAW}")
    assert [(row.message, row.label, row.mandatory) for row in ROWS] == list(_law())


def _law() -> Iterator[tuple[str, str, str]]:
    text = LAW.read_text("utf-8")
    appendix = text[text.index("> | Common Header") : text.index("in Annex VI, point 1.5")]
    message = ""
    for line in appendix.splitlines():
        if line.startswith("> | ") and not line.startswith("> | ---"):
            label, _, obligation, *_ = (cell.strip().strip("*") for cell in line[4:].split(" |"))
            if obligation.startswith("Mandatory"):
                message = label
            else:
                yield message, label, obligation
