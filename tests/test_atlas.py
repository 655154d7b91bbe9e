"""The generated page of letters and keys."""

from __future__ import annotations

from pathlib import Path

import pytest

if not (Path(__file__).parent.parent / "tools").is_dir():  # only the wheel is here, and the page is not in it
    pytest.skip("the pages are not part of the wheel", allow_module_level=True)

from tools.alphabets import ALPHABETS
from tools.atlas import PAGE, page

OFFICIAL = (
    "Bulgarian Croatian Czech Danish Dutch English Estonian Finnish French German Greek Hungarian Irish "
    "Italian Latvian Lithuanian Maltese Polish Portuguese Romanian Slovak Slovenian Spanish Swedish"
)


def test_the_page_is_what_its_generator_writes() -> None:
    """If it is not: `python -m tools.atlas`."""
    assert PAGE.read_text("utf-8") == page()


def test_the_24_languages_of_the_union_and_five_more_are_there() -> None:
    assert [*OFFICIAL.split(), "Norwegian", "Icelandic", "Serbian", "Ukrainian", "Turkish"] == list(ALPHABETS)
    assert len(OFFICIAL.split()) == 24


@pytest.mark.parametrize("language", ALPHABETS)
def test_every_letter_of_an_alphabet_has_a_row_with_its_source(language: str) -> None:
    _, letters = ALPHABETS[language]
    part = page().split(f"## {language}\n")[1].split("\n## ")[0]
    for letter in letters.split():
        (row,) = [line for line in part.splitlines() if f"| U+{ord(letter):04X} |" in line]
        assert all(cell.strip() for cell in row.strip("|").split("|"))


def test_each_list_of_published_keys_is_counted_and_apache_agrees_throughout() -> None:
    assert "| Commission test data | 4 | 4 | 4 |" in page()
    assert "| Apache Commons Codec, NysiisTest | 85 | 85 |" in page()
