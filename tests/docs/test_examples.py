"""What the documents quote, print and name is what there is."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import runpy
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import pytest
from movehub import errors

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted((ROOT / "docs" / "examples").glob("*.py"))
PAGES = [page for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md") if page.is_file()]
PAGES += sorted((ROOT / "docs").rglob("*.md"))
PACKAGES = ("movehub", "tachonet_client", "erru_client")

#: A fenced block, and the comment above it that says where it comes from.
_BLOCK = re.compile(
    r"^(?:<!-- (?P<verb>quotes|prints): (?P<source>\S+) -->\n)?```(?P<language>\w+)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_FIRST_COLUMN = re.compile(r"^\| ((?:`[\w.]+`(?:, )?)+) \|", re.MULTILINE)
_CODE = re.compile(r"`([\w.]+)`")
_NAME = re.compile(r"`((?:movehub|tachonet_client|erru_client)(?:\.[A-Za-z_]\w*)+)(?=[`(])")

pytestmark = pytest.mark.skipif(not EXAMPLES, reason="the documents are not beside the tests")


def blocks(verb: str) -> Iterator[tuple[Path, str, str]]:
    """Yield the page, the source and the text of every block with a comment above it."""
    for page in PAGES:
        for found in _BLOCK.finditer(page.read_text("utf-8")):
            if found["verb"] == verb:
                yield page, found["source"], found["text"]


def modules(*, packages: bool = False) -> set[str]:
    """Return the full name of every module, and of every package if you ask for them."""
    paths = [(name, importlib.import_module(name).__path__) for name in PACKAGES]
    found = [each for name, path in paths for each in pkgutil.walk_packages(path, f"{name}.")]
    return {each.name for each in found if packages or not each.ispkg}


def named_in_tables(page: Path) -> set[str]:
    """Return what of our packages stands in the first column of a page's tables."""
    cells = _FIRST_COLUMN.findall(page.read_text("utf-8"))
    return {name for cell in cells for name in _CODE.findall(cell) if name.partition(".")[0] in PACKAGES}


def is_there(name: str) -> bool:
    """Return whether a dotted name leads to a module, or to a name in one."""
    parent, _, last = name.rpartition(".")
    with suppress(ImportError):
        importlib.import_module(name)
        return True
    return bool(parent) and is_there(parent) and hasattr(_object(parent), last)


def _object(name: str) -> object:
    with suppress(ImportError):
        return importlib.import_module(name)
    parent, _, last = name.rpartition(".")
    return getattr(_object(parent), last)


def source_of(name: str) -> str:
    """Return the text of an example, given by its path, or of a module, given by its name."""
    if name.endswith(".py"):
        return (ROOT / name).read_text("utf-8")
    spec = find_spec(name)
    assert spec is not None, f"there is no module {name}"
    assert spec.origin is not None
    return Path(spec.origin).read_text("utf-8")


def same(text: str) -> list[str]:
    """Lines without the blanks at their ends, which tables have and editors remove."""
    return [line.rstrip() for line in text.strip().splitlines()]


def is_run_of(lines: list[str], printed: list[str]) -> bool:
    """Whether these lines stand in what was printed, one after the other: a page may show a part."""
    starts = range(len(printed) - len(lines) + 1)
    return any(printed[start : start + len(lines)] == lines for start in starts)


QUOTES = [
    pytest.param(source, text, id=f"{page.stem}-{Path(source).stem}-{number}")
    for number, (page, source, text) in enumerate(blocks("quotes"))
]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs_and_prints_what_the_pages_show(
    example: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = runpy.run_path(str(example))
    names["main"]()
    printed = same(capsys.readouterr().out)
    assert printed
    shown = [(page, same(text)) for page, source, text in blocks("prints") if ROOT / source == example]
    assert shown, "no page shows what this example prints"
    for page, lines in shown:
        assert is_run_of(lines, printed), page.name
    unseen = [line for line in printed if not any(line in lines for _, lines in shown)]
    assert unseen == [], "no page shows these lines"


@pytest.mark.parametrize(("source", "text"), QUOTES)
def test_a_quoted_block_is_found_in_its_source(source: str, text: str) -> None:
    """Paragraph by paragraph and in order; a paragraph may be left out, a line may not."""
    rest = source_of(source)
    for paragraph in re.split(r"\n{2,}", text.strip("\n")):
        before, found, rest = rest.partition(f"{paragraph}\n")
        assert found, f"not in {source}, or not in this order:\n{paragraph}"
        assert not before or before.endswith("\n")


def test_every_python_block_says_what_it_quotes() -> None:
    """What quotes nothing is checked by nobody and will be wrong one day."""
    for page in PAGES:
        for found in _BLOCK.finditer(page.read_text("utf-8")):
            if found["language"] == "python":
                assert found["verb"] == "quotes", f"{page.name}: {found['text'][:60]}"
                ast.parse(found["text"])


def test_every_module_has_its_row_in_the_implementation_page() -> None:
    assert named_in_tables(ROOT / "docs" / "implementation.md") == modules()


def test_the_readme_names_only_modules_and_rooms_that_exist() -> None:
    named = named_in_tables(ROOT / "README.md")
    assert named
    assert named <= modules(packages=True)


def test_a_page_names_only_what_exists() -> None:
    """A module, a class or a function that a page names as ours can be imported under this name."""
    named = {(page.name, name) for page in PAGES for name in _NAME.findall(page.read_text("utf-8"))}
    assert named
    assert sorted(f"{page}: {name}" for page, name in named if not is_there(name)) == []


def test_every_error_stands_in_the_errors_page() -> None:
    text = (ROOT / "docs" / "errors.md").read_text("utf-8")
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    assert [kind.__name__ for kind in kinds if kind.__name__ not in text] == []


def test_every_link_between_documents_leads_to_a_file() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#\s:]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
