"""The five faults of Annex VI have one name each: in the page's sections and in the tests."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

_HERE = Path(__file__).resolve().parents[2]
_PAGE = _HERE / "docs" / "operating.md"

#: In the order of the points (a) to (e) of 2016/68, Annex VI, 1.8.
FIVE = ["Connection lost", "No answer", "Late answer", "Unsolicited message", "Invalid message"]

pytestmark = pytest.mark.skipif(not _PAGE.exists(), reason="the documents are not beside the tests")


def _sections() -> dict[str, str]:
    chapter = re.split(r"^## ", _PAGE.read_text("utf-8"), flags=re.MULTILINE)
    (faults,) = (each for each in chapter if each.startswith("The five faults of the law"))
    sections = (each.partition("\n") for each in faults.split("\n### ")[1:])
    return {name: text for name, _, text in sections}


def test_the_page_has_a_section_for_each_point_in_the_order_of_the_law() -> None:
    sections = _sections()
    assert list(sections) == FIVE
    points = [re.findall(r"\*Point \((.)\)\.\*", text) for text in sections.values()]
    assert points == [[point] for point in "abcde"]


def test_each_section_says_what_happens_what_the_library_and_a_node_do_and_what_you_do() -> None:
    said = ["What happens:", "What the library does:", "What a node does:", "What you do:"]
    for name, text in _sections().items():
        assert re.findall(r"\*\*(.+?)\*\*", text) == said, name


@pytest.mark.parametrize("module", ["node/test_five_faults.py", "sandbox/test_fault_outcomes.py"])
def test_each_section_has_a_test_of_its_name(module: str) -> None:
    source = (_HERE / "tests" / "movehub" / module).read_text("utf-8")
    tests = re.findall(r"^def test_(\w+)", source, re.MULTILINE)
    of_a_name = [name for test in tests for name in FIVE if test.startswith(name.lower().replace(" ", "_"))]
    assert list(dict.fromkeys(of_a_name)) == FIVE


def test_every_test_of_a_node_s_faults_has_the_name_of_one() -> None:
    source = (_HERE / "tests" / "movehub" / "node" / "test_five_faults.py").read_text("utf-8")
    names = tuple(name.lower().replace(" ", "_") for name in FIVE)
    assert all(test.startswith(names) for test in re.findall(r"^def test_(\w+)", source, re.MULTILINE))
