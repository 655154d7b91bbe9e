"""The law texts beside the repository, point by point.

They are not part of this project. If you have them, lay them beside the repository, in `../shared/law`.
Without them the tests that need them are skipped. The keys of a text are places as a citation names them:
`Annex VI, 1.8 (a)`, `Annex II, appendix`, `Article 2 (j)`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

import pytest

from tests.support.official import REPOSITORY

FOLDER = REPOSITORY.parent / "shared" / "law"

#: TACHOnet's regulation before the amendment of 2018, which edition 2016 follows.
AS_PUBLISHED = "2016/68 as published"

#: The files of each regulation. ERRU's annexes of 2023 are in English, the rest of it is in French.
_FILES = {
    "2016/68": ("reg-2016-68-tachonet-in-force-2018.en.md",),
    AS_PUBLISHED: ("reg-2016-68-tachonet.fr.txt",),
    "2016/480": ("reg-2023-2381-erru-annexes.en.md", "reg-2016-480-erru-consolidated.fr.txt"),
    "2016/403": ("reg-2016-403-infringements.en.md",),
    "2017/2205": ("reg-2017-2205-rsi.en.md",),
}

#: Marks before the number of a point: of Markdown, of a quotation, of a cell.
_MARKS = r"[\s>|*#‘’'\-]*"
_ANNEX = re.compile(rf"{_MARKS}(?:\(\d\) (?:in )?)?(?:ANNEXE?|Annex) ([IVX]+)\b", re.IGNORECASE)
_APPENDIX = re.compile(r"\b(?:appendix|appendice)\b", re.IGNORECASE)
_HEADING = re.compile(rf"{_MARKS}(?:appendix|appendice)$", re.IGNORECASE)
_ARTICLE = re.compile(rf"{_MARKS}Article (\d+[a-z]?|premier)$")
_POINT = re.compile(rf"{_MARKS}(\d+(?:\.\d+)*)\.(?:\s|$)")
_LETTER = re.compile(rf"{_MARKS}\(?([a-z])\)(?:\s|$)")


def needs_the_law(*regulations: str) -> None:
    """Skip the test if the text of one of these regulations is not at hand."""
    for regulation in regulations:
        if not places(regulation):
            pytest.skip(f"the text of {regulation} is not in {FOLDER}")


@cache
def places(regulation: str) -> dict[str, str]:
    """Return the text of each place of a regulation. It is empty if the text is not at hand."""
    found: dict[str, str] = {}
    for name in _FILES.get(regulation, ()):
        file = FOLDER / name
        if not file.is_file():
            return {}
        for place, line in _read(_lines(file.read_text("utf-8"))):
            found[place] = f"{found.get(place, '')} {line}".strip()
    return found


def _lines(text: str) -> list[str]:
    """Return the lines of a text. The consolidated French text has them all in one."""
    text = re.sub(r"ANNEXE ([IVX]+)(?![IVX])(?=[A-Z])", r"\nANNEXE \1\n", text.replace("UTF-8.", "UTF-8. "))
    text = re.sub(r"(?m)^Article (\d+|premier)(?=[A-Z])", r"\nArticle \1\n", text)
    text = re.sub(r"(?<![\d/])(?<!\d\.)(\d{1,2}(?:\.\d{1,2})*)\.(?=[^\W\d])", r"\n\1. ", text)
    return re.sub(r"(?<=[:;.])([a-z])\)(?=\w)", r"\n(\1) ", text).splitlines()


def _read(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield each line with its place, and with every place around it."""
    top = point = letter = ""
    for line in lines:
        if found := _ARTICLE.match(line):
            top, point, letter = f"Article {found[1].replace('premier', '1')}", "", ""
        elif found := _ANNEX.match(line):
            top, point, letter = f"Annex {found[1]}", "", ""
            if _APPENDIX.search(line):
                top += ", appendix"
        elif _HEADING.match(line):
            top, point, letter = f"{top.partition(',')[0]}, appendix", "", ""
        elif found := _POINT.match(line):
            point, letter = (f" ({found[1]})" if top.startswith("Article") else f", {found[1]}"), ""
        elif found := _LETTER.match(line):
            letter = f" ({found[1]})"
        yield from ((place, line) for place in dict.fromkeys((top, top + point, top + point + letter)))
