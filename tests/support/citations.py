"""Find every citation of a regulation in a text, with the regulations and the places that it names.

A citation names an annex or an article: `Annex VI, 1.8 (a) to (c)`, `Annexes II and III`, `Article 2 (b)`.
Its regulation stands behind it (`Annex V, 3 of Regulation (EU) 2016/68`), or before it (`2016/68, Annex VI,
1.8`) and before all that follow in the same list. Otherwise it is a citation of the regulations of its page
or package. In a table a regulation, or an annex, may also be the head of a column.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.support.law_texts import AS_PUBLISHED

TACHONET, ERRU = "2016/68", "2016/480"
#: Short names of some pages, which they explain at their top.
_SHORT = {"68": TACHONET, "480": ERRU}

_LETTER = r"(?: ?\((?:[a-z]|\d)\))"
_SO_ON = r"(?:, | and | to | or )"
_NUMBER = rf"(?!\d+/)\d+(?:\.\d+)*(?![\d%]){_LETTER}*(?:{_SO_ON}\([a-z]\))*"
_REGULATION = rf"{AS_PUBLISHED}|\d{{4}}/\d+(?:/E[CU])?|\d{{2,3}}/\d{{4}}|\b(?:68|480)(?=[:,] Annex)"
_TOKEN = re.compile(
    rf"\bAnnex(?:es)? (?P<annexes>[IVX]+\b(?:{_SO_ON}[IVX]+\b)*)"
    rf"(?P<numbers>(?:,? (?:points?|sections?) |, ){_NUMBER}(?:{_SO_ON}{_NUMBER})*)?"
    rf"(?P<appendix>,? (?:and )?(?:the )?appendix\b)?"
    rf"|\bArticles? (?P<article>\d+[a-z]?{_LETTER}*(?:{_SO_ON}{_LETTER})*)"
    rf"|(?P<regulation>{_REGULATION})"
    rf"|(?P<bare>\d\.\d+(?:\.\d+)*{_LETTER}?)(?= of (?:\(EU\) )?2016/)"
)
_NAMED = r"(?:(?:Implementing )?(?:Regulations?|Directives?) )?(?:\(E[CU]\) )?(?:No )?"
#: The words between a regulation and its citation, and between two citations of one list.
_BETWEEN = re.compile(rf"(?: ?\([^()|]*\))?[ ,;:()]*(?:(?:and|or|of|to)\b)?[ ,;:(]*{_NAMED}\(?")
_BEHIND = re.compile(
    rf" (?:of|to) {_NAMED}(?P<one>{_REGULATION})(?: and {_NAMED}(?P<other>{_REGULATION}))?"
    r"|(?P<both> of both regulations)"
)


@dataclass(frozen=True)
class Citation:
    """One citation: each of these regulations should have each of these places."""

    regulations: tuple[str, ...]
    places: tuple[str, ...]
    text: str
    #: The citation just before it in the same list.
    before: Citation | None = None


def citations(text: str, default: tuple[str, ...]) -> Iterator[Citation]:
    """Yield the citations in a text. `default` are the regulations of those that name none."""
    for regulations, section in _sections(text, default):
        yield from _in_section(section, regulations)


def _sections(text: str, default: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the text under each heading, one line a paragraph. A heading may name one of the systems."""
    lines: list[str] = []
    regulations, columns = default, list[str]()
    for line in text.splitlines():
        if re.match(r"##+ |\| \*\*[^|]+\*\* \|[ |]*$", line):
            yield regulations, _one_line(lines)
            lines, regulations = [], regulations_of(line) or default
        cells = line.split("|") if line.startswith("|") else []
        if not columns or not cells:
            columns = [cell.strip() for cell in cells]
        lines.append("|".join(map(_with_head, columns, cells)) if cells else line)
    yield regulations, _one_line(lines)


def regulations_of(name: str) -> tuple[str, ...]:
    """Return the regulation of a name such as `tachonet_client`, or none if it is of both or neither."""
    name = name.lower()
    tachonet, erru = "tachonet" in name, "erru" in name
    if tachonet == erru:
        return ()
    return (ERRU,) if erru else (AS_PUBLISHED if "2016" in name else TACHONET,)


def _with_head(head: str, cell: str) -> str:
    """Write the head of a column into its cell if the two make a citation."""
    is_head = re.fullmatch(rf"{TACHONET}|{ERRU}|Annex [IVX]+", head)
    return f" {head},{cell}" if is_head and re.match(rf" (?:Annex|{_NUMBER})", cell) else cell


def _one_line(lines: list[str]) -> str:
    """Join lines without their marks of a comment. A row of a table keeps its bars, which no list crosses."""
    return re.sub(r"\s+", " ", " ".join(re.sub(r"^\s*(?:#:?|\*)\s", "", line) for line in lines))


def _in_section(text: str, default: tuple[str, ...]) -> Iterator[Citation]:
    governing, end, annex = default, 0, ""
    last: Citation | None = None
    after_regulation = False
    for token in _TOKEN.finditer(text):
        if not _BETWEEN.fullmatch(text, end, token.start()):
            governing, last, after_regulation = default, None, False
        end = token.end()
        if token["regulation"]:
            named = _SHORT.get(token["regulation"], token["regulation"])
            governing = (*governing, named) if after_regulation else (named,)
            after_regulation = True
            continue
        if token["annexes"]:
            annex = re.findall(r"[IVX]+", token["annexes"])[-1]
        last = Citation(_behind(text, end) or governing, _places(token, annex), token[0], last)
        after_regulation = False
        yield last


def _behind(text: str, end: int) -> tuple[str, ...]:
    found = _BEHIND.match(text, end)
    if found is None:
        return ()
    return (TACHONET, ERRU) if found["both"] else tuple(filter(None, (found["one"], found["other"])))


def _places(token: re.Match[str], annex: str) -> tuple[str, ...]:
    if token["article"]:
        return tuple(f"Article {each}" for each in _numbers(token["article"]))
    numbers = _numbers(token["numbers"] or token["bare"] or "")
    places = tuple(f"Annex {annex}, {each}" for each in numbers)
    if token["appendix"]:
        places = (*places, f"Annex {annex}, appendix")
    return places or tuple(f"Annex {each}" for each in re.findall(r"[IVX]+", token["annexes"]))


def _numbers(text: str) -> Iterator[str]:
    """Yield `2.1 (a)` and `2.1 (b)` for `2.1 (a) and (b)`. Of a range it yields the ends."""
    number = ""
    for each in re.finditer(r"(?P<number>\d+[a-z]?(?:\.\d+)*(?!\)))?(?P<letters>(?: ?\(\w\))*)", text):
        number = each["number"] or number
        if each[0]:
            yield " ".join((number, *re.findall(r"\(\w\)", each["letters"])))
