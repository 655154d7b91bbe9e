"""The page about the log quotes words that the node says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest
from movehub.cli.log_lines import LogFormat, LogLevel
from movehub.store import causes, databases

PAGE: Final = (Path(__file__).parents[2] / "docs" / "log.md").read_text("utf-8")
#: Everything that is said about a database.
SAID: Final = "\n".join(
    Path(each.__file__ or "").read_text("utf-8").replace('"\n    "', "") for each in (causes, databases)
)
ROWS: Final = re.findall(r"^\| (.*?) \|", PAGE.split("| Words |")[1], re.MULTILINE)
WORDS: Final = [words for row in ROWS if "--" not in row for words in row.split(" / ")]


@pytest.mark.parametrize("words", WORDS)
def test_each_cause_on_the_page_is_one_that_the_node_names(words: str) -> None:
    assert words in SAID


@pytest.mark.parametrize("value", [*LogLevel, *LogFormat])
def test_each_level_and_format_is_on_the_page(value: str) -> None:
    assert f"`{value}`" in PAGE.split("## At the start")[0]
