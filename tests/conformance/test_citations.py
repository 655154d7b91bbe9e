"""Every citation in code and pages leads to a place in the law.

`tests/movehub/test_law.py` shows that the table of duties has the right places.
"""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from movehub import errors, law
from movehub.protocol.rules import Rule
from movehub.protocol.workflow import WORKFLOWS
from movehub.store.escalations import GUIDANCE

import erru_client.rules
import tachonet_client.rules
from tachonet_client.procedures import PROCEDURES
from tests.support.citations import ERRU, TACHONET, Citation, citations, regulations_of
from tests.support.law_texts import AS_PUBLISHED, needs_the_law, places
from tests.support.official import REPOSITORY

BOTH = (TACHONET, ERRU)
#: Where the project cites. `movehub.law` is checked by itself, and tests of citations have wrong ones.
PARTS = [
    *("README.md", "CONTRIBUTING.md", "docs", "common", "tachonet_client", "erru_client"),
    *("xsd", "tests", "benchmarks", "tools"),
]
_SUFFIXES = {".py", ".md", ".xsd", ".toml", ".xml"}
_NOT_READ = {"law.py", "test_law.py", "law_texts.py", "citations.py", "test_citations.py"}

#: A point of one of the two regulations, which have annexes up to IX.
_POINT = re.compile(r"\bAnnex [IVX]+, \d")
#: Service levels and records: the annexes in which the two regulations have other numbers.
SERVICE = ("Annex VI,", "Annex VII,")
#: The pairs of places that are one duty.
ROWS = {(row.tachonet, row.erru) for row in vars(law).values() if isinstance(row, law.Point)}


def missing(citation: Citation) -> list[str]:
    """Return the places that a regulation does not have. Other laws than the two are not at hand in full."""
    needs_the_law(TACHONET, AS_PUBLISHED, ERRU)
    return [
        f"{regulation}, {place}"
        for regulation in citation.regulations
        for place in citation.places
        if places(regulation) and place not in places(regulation)
    ]


@cache
def cited(part: str) -> list[tuple[str, Citation]]:
    """Return the citations below a file or folder of the project, each with its file."""
    path = REPOSITORY / part
    files = [path] if path.is_file() else sorted(path.rglob("*"))
    read = [file for file in files if file.suffix in _SUFFIXES and file.name not in _NOT_READ]
    names = {file.relative_to(REPOSITORY).as_posix(): file.read_text("utf-8") for file in read}
    return [(name, each) for name, text in names.items() for each in citations(text, _default(name))]


def _default(name: str) -> tuple[str, ...]:
    """Return the regulations of a file. The wording of an infringement cites the law that it breaks."""
    return () if "infringements" in name else regulations_of(name) or BOTH


@pytest.mark.parametrize("part", PARTS)
def test_each_place_that_is_cited_exists_in_its_regulation(part: str) -> None:
    if not (REPOSITORY / part).exists():
        pytest.skip(f"{part} is not beside the tests")
    assert [f"{name}: {each}" for name, citation in cited(part) for each in missing(citation)] == []


def test_a_duty_that_is_cited_of_both_regulations_is_a_row_of_the_table() -> None:
    """A number may exist and mean something else: 2016/68, Annex VI, 1.6 was the 20 seconds once."""
    strangers = {
        f"{name}: {pair}"
        for part in PARTS
        for name, citation in cited(part)
        for pair in pairs(citation)
        if pair not in ROWS
    }
    assert strangers == set()


def pairs(citation: Citation) -> list[tuple[str, str]]:
    """Return what a citation of ERRU's regulation puts beside that of TACHOnet's just before it."""
    before = citation.before
    if before is None or (before.regulations, citation.regulations) != ((TACHONET,), (ERRU,)):
        return []
    if len(before.places) != len(citation.places):
        return []
    both = zip(before.places, citation.places, strict=True)
    found = [(one.partition(" (")[0], other.partition(" (")[0]) for one, other in both]
    return [pair for pair in found if all(place.startswith(SERVICE) for place in pair)]


def shown() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the texts with citations that a user may see at run time, with the regulations of each."""
    kinds = [value for value in vars(errors).values() if isinstance(value, type)]
    yield from ((kind.article, BOTH) for kind in kinds if issubclass(kind, errors.MovehubError))
    yield from ((str(guidance.article), BOTH) for guidance in GUIDANCE.values())
    yield from ((workflow.article, BOTH) for workflow in WORKFLOWS)
    yield from ((f"Annex VIII, {duty.article}", (TACHONET,)) for duty in PROCEDURES)
    tables: dict[str, tuple[Rule, ...]] = {
        TACHONET: tachonet_client.rules.RULES,
        ERRU: erru_client.rules.RULES,
    }
    yield from ((rule.source, (system,)) for system, rules in tables.items() for rule in rules)


def test_each_place_in_a_text_of_the_program_exists() -> None:
    found = [citation for text, default in shown() for citation in citations(text, default)]
    assert len(found) > len(PROCEDURES) + len(WORKFLOWS)
    assert [each for citation in found for each in missing(citation)] == []


def texts(source: str) -> Iterator[str]:
    """Yield the texts in a source that a user may see: its constants without its docstrings."""
    tree = ast.parse(source)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


@pytest.mark.parametrize("package", ["movehub", "tachonet_client", "erru_client"])
def test_no_text_of_the_program_has_the_number_of_a_point(package: str) -> None:
    """They come from `movehub.law`, so that a regulation is renumbered there alone."""
    for folder in importlib.import_module(package).__path__:
        for file in set(Path(folder).rglob("*.py")) - {Path(law.__file__)}:
            numbered = [text for text in texts(file.read_text("utf-8")) if _POINT.search(text)]
            assert numbered == [], file.name


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2016/68, Annex VI, 1.9 (a); 2016/480, Annex VI, 1.7 (a)", [f"{TACHONET}, Annex VI, 1.9 (a)"]),
        ("Annex VI, 1.9 of Regulation (EU) 2016/68 and 1.7 of (EU) 2016/480", [f"{TACHONET}, Annex VI, 1.9"]),
        ("Regulation (EU) 2016/68 and (EU) 2016/480, Annex I, 1.2 and 1.3.", [f"{TACHONET}, Annex I, 1.3"]),
        ("Annex IV, 5 of both regulations", [f"{ERRU}, Annex IV, 5"]),
        ("68: Annex I,\n# 2.6.2; 480: Annex I, 2.6", [f"{TACHONET}, Annex I, 2.6.2"]),
        ("2016/68 as published, Annex I, 2.6.2", []),
        (
            "| Duty | 2016/68 | 2016/480 |\n|---|---|---|\n| x | Annex VI, 1.5 | Annex VI, 1.8 |",
            ["2016/480, Annex VI, 1.8"],
        ),
        ("## TACHOnet\nAnnex II, 5\n## ERRU\nAnnex II, 5\n", [f"{ERRU}, Annex II, 5"]),
        (
            "2016/68, Annex II, 1.2 to 1.4; Annex IV, 5.1; Article 2 (b) and (z)",
            [f"{TACHONET}, Article 2 (z)"],
        ),
        ("Directive 2014/47/EU, Annex II (0 to 9); Regulation (EC) No 1071/2009, Article 14", []),
        ("Annexes II and X of Regulation (EU) 2016/68", [f"{TACHONET}, Annex X"]),
    ],
)
def test_a_citation_that_leads_nowhere_is_found(text: str, found: list[str]) -> None:
    assert [each for citation in citations(text, BOTH) for each in missing(citation)] == found


def test_a_number_that_means_something_else_now_is_found() -> None:
    """Both exist: 1.8 of the one is the troubles, 1.6 of the other two requests a second."""
    (_, last) = citations("2016/68, Annex VI, 1.8; 2016/480, Annex VI, 1.6", BOTH)
    assert missing(last) == []
    assert pairs(last) == [("Annex VI, 1.8", "Annex VI, 1.6")]
    assert pairs(last)[0] not in ROWS


def test_the_project_is_full_of_citations() -> None:
    """So that a pattern that finds none is no success."""
    assert sum(len(cited(part)) for part in PARTS) > 500


def test_the_name_of_a_file_or_a_heading_tells_the_regulation() -> None:
    assert regulations_of("docs/tachonet/cic.md") == (TACHONET,)
    assert regulations_of("xsd/tachonet/2016/tachonet.xsd") == (AS_PUBLISHED,)
    assert regulations_of("## TACHOnet and ERRU") == ()
