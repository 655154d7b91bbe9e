"""The page of outcomes is what the table says. `tests/movehub/node/test_outcomes.py` plays the table."""

from __future__ import annotations

from tools.outcomes_page import PAGE, page


def test_the_page_is_what_the_table_says() -> None:
    """If it is not: `python -m tools.outcomes_page`."""
    assert PAGE.read_text("utf-8") == page()
