"""The command `erru infringements`: the official wording of codes, and how sure it is."""

from __future__ import annotations

from typing import Annotated

import typer
from movehub.cli import errors_printed, escape, out, table

from .infringements import INFRINGEMENTS, Infringement


def infringements(
    codes: Annotated[
        list[str] | None, typer.Argument(help="Codes, such as 901. Without a code, all are shown.")
    ] = None,
) -> None:
    """Show what codes of infringements stand for (Regulation (EU) 2016/403, Annex I)."""
    with errors_printed():
        found = [_known(code) for code in codes] if codes else list(INFRINGEMENTS.values())
    folding = "Wording", "Legal basis"
    shown = table("", "Code", "Category", "Grade", "Row", *folding, folding=folding)
    for each in found:
        for row in each.rows:
            cells = each.code, each.category.value, each.grade.value, row.row, row.text, row.legal_basis
            shown.add_row(*map(escape, cells))
    out.print(shown)
    out.print("Grades A, B and C: certain. D: very likely. E: open, the code has one of its rows.")


def _known(code: str) -> Infringement:
    if code not in INFRINGEMENTS:
        raise ValueError(f"there is no code {code}. Leave the code out to see all codes")
    return INFRINGEMENTS[code]
