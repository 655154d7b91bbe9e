"""The table of infringement codes."""

from __future__ import annotations

from collections import Counter

import pytest
from lxml import etree

import erru_client.infringements
from erru_client import INFRINGEMENTS, InfringementCategory, category_of
from tests.support.official import SCHEMAS

SCHEMA = SCHEMAS / "erru" / "messages" / "infringement_types.xsd"


def test_the_table_has_exactly_the_codes_of_the_schema() -> None:
    listed = [each.get("value") for each in etree.parse(SCHEMA).iter("{*}enumeration")]
    assert sorted(INFRINGEMENTS) == sorted(map(str, listed))
    assert len(INFRINGEMENTS) == 153


@pytest.mark.parametrize("code", ["502", "830", "831", "000", ""])
def test_a_code_that_was_taken_out_or_never_was_has_no_category(code: str) -> None:
    with pytest.raises(KeyError):
        category_of(code)


@pytest.mark.parametrize(
    ("code", "category"),
    [
        ("101", InfringementCategory.MOST_SERIOUS),
        ("702", InfringementCategory.MOST_SERIOUS),
        ("800", InfringementCategory.VERY_SERIOUS),
        ("879", InfringementCategory.VERY_SERIOUS),
        ("900", InfringementCategory.SERIOUS),
        ("952", InfringementCategory.SERIOUS),
    ],
)
def test_the_category_follows_from_the_block(code: str, category: InfringementCategory) -> None:
    assert category_of(code) is category


def test_there_are_as_many_of_each_category_as_rows_in_the_law() -> None:
    """Regulation (EU) 2016/403, Annex I, as amended by 2022/694: the ground on which texts were paired."""
    counted = Counter(infringement.category.value for infringement in INFRINGEMENTS.values())
    assert counted == {"MSI": 22, "VSI": 78, "SI": 53}


def test_every_row_of_the_law_is_used_once() -> None:
    groups = (41, 28, 12, 10, 2, 4, 2, 2, 24, 7, 8, 5, 1, 7)
    rows = {f"{group}/{row}" for group, size in enumerate(groups, 1) for row in range(1, size + 1)}
    assert Counter(infringement.row for infringement in INFRINGEMENTS.values()) == Counter(rows)


def test_the_table_says_that_its_texts_are_not_confirmed() -> None:
    assert "not officially confirmed" in str(erru_client.infringements.__doc__)


def test_the_table_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        INFRINGEMENTS["830"] = INFRINGEMENTS["829"]  # type: ignore[index]
