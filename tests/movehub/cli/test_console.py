"""What all commands share: tables that are never cut off, whatever the width of the terminal."""

from __future__ import annotations

import pytest
from movehub.cli.console import out, table
from rich.text import Text

TITLES = ("In", "Outcome", "Card", "Status", "Valid from/until", "By")
ROWS = (
    ("DK", "NotAvailable", "DF00000000000100", "ApplicationWithdrawn", "2026-01-01/2031-01-01", "NYSIIS"),
    ("SE", "[green]Found[/]", "SE00000000000100", "HandedOver", "2026-01-01/2031-01-01", "NYSIIS"),
)


def printed(width: int, folding: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("COLUMNS", str(width))
    shown = table("Cards", *TITLES, folding=folding)
    for row in ROWS:
        shown.add_row(*row)
    with out.capture() as captured:
        out.print(shown)
    return captured.get()


@pytest.mark.parametrize("width", [60, 80, 100, 200])
@pytest.mark.parametrize("folding", [(), ("Status",), TITLES])
def test_no_column_and_no_letter_of_a_table_is_cut_off(
    width: int, folding: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = printed(width, folding, monkeypatch)
    assert max(map(len, shown.splitlines())) <= width
    texts = ("Cards", *TITLES, *(Text.from_markup(cell).plain for row in ROWS for cell in row))
    assert sorted("".join(shown.split())) == sorted("".join("".join(texts).split()))


def test_a_column_that_may_fold_breaks_before_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = printed(80, ("Status",), monkeypatch)
    assert "DF00000000000100" in shown
    assert "ApplicationWithdrawn" not in shown
