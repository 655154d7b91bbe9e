"""The pages put every row of the law beside our field: is it so, in the classes, the schema and the law?

TACHOnet as in force and as first published.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from typing import Any

import pytest
from movehub.protocol.message import Header
from movehub.records import paths, plan_in, plan_of

import tachonet_client
from tests.support.annex_iii import Page, Row, english_rows, french_rows
from tests.support.official import REPOSITORY

DOCS = REPOSITORY / "docs"
LAW = REPOSITORY.parent / "shared" / "law"

if not DOCS.is_dir():
    pytest.skip("the documentation lies beside the checkout, not in the wheel", allow_module_level=True)

IN_FORCE = Page(DOCS / "tachonet" / "annex-iii.md", tachonet_client.CODEC, tachonet_client.TACHONET_3_0)
AS_PUBLISHED = Page(
    DOCS / "tachonet" / "annex-iii-2016.md", tachonet_client.CODEC, tachonet_client.TACHONET_2016
)
PAGES = (IN_FORCE, AS_PUBLISHED)

#: Each page with the law's text, how its rows are read, and how many there are.
LAWS: tuple[tuple[Page, str, Callable[[str], Iterator[tuple[str, str, str]]], int], ...] = (
    (IN_FORCE, "reg-2016-68-tachonet-in-force-2018.en.md", english_rows, 91),
    (AS_PUBLISHED, "reg-2016-68-tachonet.fr.txt", french_rows, 78),
)

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.edition))
each_row = pytest.mark.parametrize(
    ("page", "row"),
    [pytest.param(page, row, id=f"{page.edition}-{row}") for page in PAGES for row in page.rows],
)


@each_row
def test_a_row_of_the_law_has_the_field_that_the_page_names(page: Page, row: Row) -> None:
    assert {name for name, _ in page.fields(row)} == set(row.python)
    assert row.python


@each_row
def test_a_field_is_mandatory_in_the_schema_where_the_law_says_so_and_nowhere_else(
    page: Page, row: Row
) -> None:
    """A condition of the law is a block, or a field, that can be absent."""
    nodes = page.node(row)
    as_the_law = (
        nodes[-1].required is row.yes
        if row.yes is not None
        else row.obligation == "–" or not all(node.required for node in nodes)
    )
    assert as_the_law is not (f"{row.root}/{row.path}" in page.otherwise)


@pytest.mark.parametrize("row", IN_FORCE.rows, ids=str)
def test_a_class_asks_for_what_the_law_in_force_makes_mandatory_and_for_nothing_else(row: Row) -> None:
    """The schema says what is mandatory; the type of a field says it to a type checker, too."""
    for name in row.python:
        cls, _, field = name.partition(".")
        record: Any = Header if cls == "Header" else getattr(tachonet_client, cls)
        (found,) = (each for each in dataclasses.fields(record) if each.name == field)
        asked = found.default is dataclasses.MISSING
        assert asked is row.yes if row.yes is not None else not asked or field in {"card", "declared_by"}


@each_page
def test_every_message_of_annex_iii_has_its_rows_and_every_body_is_one_of_them(page: Page) -> None:
    assert {row.root for row in page.rows} == {"", *page.bodies}


@each_page
def test_no_reason_is_out_of_date(page: Page) -> None:
    assert page.otherwise <= {f"{row.root}/{row.path}" for row in page.rows}


@each_page
def test_whatever_else_is_on_the_wire_is_told_as_ours_once(page: Page) -> None:
    """No field without a row of the law or a reason; no reason for what is not there."""
    of_the_law = {f"{row.root}/{row.path}" for row in page.rows if row.root}
    of_the_law |= {f"{root}/{row.path}" for root in page.bodies for row in page.rows if not row.root}
    wire = {
        path
        for root, body in page.bodies.items()
        for name, cls in (("Header", Header), ("Body", body))
        for path in paths(plan_in(plan_of(cls), page.edition.version), f"{root}/{name}")
    }
    assert of_the_law <= wire
    unexplained = {path: [o for o in page.own if fnmatchcase(path, o)] for path in wire - of_the_law}
    assert {path: found for path, found in unexplained.items() if len(found) != 1} == {}
    used = {found[0] for found in unexplained.values()}
    assert [pattern for pattern in page.own if pattern not in used] == []
    assert [path for path in of_the_law if any(fnmatchcase(path, pattern) for pattern in page.own)] == []


@pytest.mark.parametrize(
    ("page", "file", "read", "how_many"), LAWS, ids=[str(each[0].edition) for each in LAWS]
)
def test_the_page_repeats_the_law_row_by_row(
    page: Page, file: str, read: Callable[[str], Iterator[tuple[str, str, str]]], how_many: int
) -> None:
    """Message, label and obligation of every row, in the law's order."""
    assert len(page.rows) == how_many
    law = LAW / file
    if not law.is_file():
        pytest.skip(f"the text of the regulation is not in {law}")
    rows = [(row.message, row.label, row.obligation) for row in page.rows]
    assert rows == list(read(law.read_text("utf-8")))
