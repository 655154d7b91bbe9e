"""No TACHOnet schema is public: each of ours says that it is a reconstruction, and what a name stands for."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from tests.support.official import REPOSITORY

XS = "{http://www.w3.org/2001/XMLSchema}"
FILES = sorted((REPOSITORY / "xsd" / "tachonet").rglob("*.xsd"))

#: The envelope is the regulation's own: common header and content.
ENVELOPE = {"Header", "Body"}

if not FILES:
    pytest.skip("the schemas lie beside the checkout", allow_module_level=True)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_schema_says_that_it_is_a_reconstruction(path: Path) -> None:
    assert "A RECONSTRUCTION, not an official schema" in path.read_text("utf-8")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_each_name_that_is_ours_carries_a_note(path: Path) -> None:
    bare = [
        item.get("name")
        for item in etree.parse(path).iter(f"{XS}element", f"{XS}attribute")
        if item.get("name") not in ENVELOPE and not _note(item)
    ]
    assert bare == []


def _note(item: etree._Element) -> str:
    found = item.find(f"{XS}annotation/{XS}documentation")
    return "" if found is None else (found.text or "").strip()
