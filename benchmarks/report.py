"""The results, on the screen, as a page, and as a plot."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterable
from html import escape
from itertools import groupby
from pathlib import Path

from lxml import etree

from .results import Result

_HEADS = ("what", "figure", "noise", "wanted", "verdict", "")

_INTRODUCTION = """# How fast it is

`make bench` writes this page. Do not edit it. Each figure is a ratio to a reference on the same machine:
everything runs on one core, one after the other. A figure is the median over the rounds, and its noise is
half the range of the middle half of them. The garbage collector runs only between rounds, for all
candidates alike.

The floor is `lxml.etree.fromstring` and a compiled `XMLSchema` on the same document, so it parses and
validates but builds no Python objects. `make bench` fails if a figure misses its goal by more than its
noise.
"""


def machine() -> str:
    """Say what was measured on."""
    versions = f"lxml {etree.__version__}, libxml2 {'.'.join(map(str, etree.LIBXML_VERSION))}"
    return f"{platform.python_implementation()} {platform.python_version()}, {versions}, {platform.machine()}"


def show(result: Result) -> None:
    """Print one line at once."""
    what, *cells, note = result.cells()
    figure, noise, wanted, verdict = cells
    line = f"{result.subject:30} {what:52} {figure:>12} {noise:>9}  {wanted:16} {verdict:13} {note}"
    sys.stdout.write(f"{line.rstrip()}\n")
    sys.stdout.flush()


def write_page(results: list[Result], folder: Path) -> None:
    """Write `index.md` and `ratios.svg`."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [_INTRODUCTION, f"Measured with {machine()}.\n", "![Ratios to the floor](ratios.svg)\n"]
    for subject, rows in groupby(results, key=lambda result: result.subject):
        lines += [f"## {subject}\n", _row(_HEADS), _row("---" for _ in _HEADS)]
        lines += [*(_row(result.cells()) for result in rows), ""]
    (folder / "index.md").write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")
    bars = [result for result in results if result.what in {"decode", "encode"}]
    (folder / "ratios.svg").write_text(plot(bars), encoding="utf-8")


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def plot(bars: list[Result]) -> str:
    """Draw one bar a result, from 0, with the floor at 1 and the goals as lines."""
    left, scale, height = 330, 180, 26
    width, bottom = left + int(scale * max(2.0, *(bar.value for bar in bars))) + 60, height * len(bars) + 10
    head = f'xmlns="http://www.w3.org/2000/svg" width="{width}" height="{bottom + 30}"'
    parts = [f'<svg {head} font-family="sans-serif" font-size="13">']
    for row, bar in enumerate(bars):
        top, long = 10 + row * height, bar.value * scale
        name = escape(f"{bar.subject}, {bar.what}")
        parts += [
            f'<text x="{left - 8}" y="{top + 14}" text-anchor="end">{name}</text>',
            f'<rect x="{left}" y="{top}" width="{long:.0f}" height="{height - 8}" fill="#3b6ea5"/>',
            f'<text x="{left + long + 6:.0f}" y="{top + 14}">{bar.value:.2f}</text>',
        ]
    for at, name in ((1.0, "floor"), (1.8, "encode"), (2.2, "decode")):
        x = left + at * scale
        parts += [
            f'<line x1="{x:.0f}" x2="{x:.0f}" y1="4" y2="{bottom}" stroke="#b00" stroke-dasharray="4 3"/>',
            f'<text x="{x:.0f}" y="{bottom + 16}" text-anchor="middle">{name}</text>',
        ]
    return "\n".join([*parts, "</svg>", ""])
