"""The mapping file: the names of an official schema for ours, in TOML that a person reads and confirms.

    system = "TACHOnet"
    version = "3.0"
    namespace = "https://example/tachonet/3.0"
    ignored = []          # paths in the official schema: optional, accepted and not read
    missing = []          # our paths: mandatory here, and not in the official schema

    [names]               # by our path; * stands for any root
    "*/Header/@from" = "sender"

    [codes."CheckIssuedCards_Response/Body/MemberState/@statusCode"]
    Found = "FOUND"

    [extra]               # paths in the official schema that our classes lack, and names for them here
    "CIC_Request/Body/SearchedDriver/@authorityAddress" = "authority_address"

A guess is written as a comment. It has no effect until you remove the comment mark.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from movehub.errors import InvalidConfiguration
from movehub.input_files import read_toml
from movehub.printable import printable
from movehub.protocol.vocabulary import Vocabulary, anywhere

if TYPE_CHECKING:
    from movehub.official.comparison import Comparison

T = TypeVar("T")

_TEXTS: Final = ("system", "version", "namespace")
_TABLES: Final = ("names", "codes", "extra")
_LISTS: Final = ("ignored", "missing")

_HEAD: Final = """\
# The names in the schema of this namespace, for the names of our classes. Made by comparing the two schemas.
# Read it before use. Each line that begins with "#?" is a guess from type and place. Compare it with the
# official documents, and remove the "#?" if the guess is right.
"""


@dataclass(frozen=True, slots=True)
class NameMapping:
    """The content of a mapping file."""

    system: str
    version: str
    namespace: str
    vocabulary: Vocabulary
    #: Paths in the official schema of optional elements and attributes: accepted, and not read.
    ignored: frozenset[str]
    #: The names here of what only the official schema has, by its path there: see `movehub.records.extra`.
    extra: Mapping[str, str] = field(default_factory=dict)
    #: Our paths of mandatory fields that the official schema lacks.
    missing: frozenset[str] = frozenset()

    @classmethod
    def read(cls, path: str | Path) -> NameMapping:
        """Read a file. Raises InvalidConfiguration with the fault."""
        content = read_toml(path, "mapping file")
        unknown = sorted(content.keys() - {*_TEXTS, *_TABLES, *_LISTS})
        if unknown:
            raise InvalidConfiguration(f"unknown setting in the mapping: {unknown[0]}")
        system, version, namespace = (_text(content, key) for key in _TEXTS)
        names, codes, extra = (content.get(key, {}) for key in _TABLES)
        ignored, missing = (_list(content, key) for key in _LISTS)
        if not _is_texts(names) or not isinstance(codes, dict) or not all(map(_is_texts, codes.values())):
            raise InvalidConfiguration("names and codes in a mapping must be tables of texts")
        if not _is_texts(extra):
            raise InvalidConfiguration("extra in a mapping must be a table of texts")
        return cls(system, version, namespace, Vocabulary(names, codes), ignored, extra, missing)


def written(comparison: Comparison, system: str, version: str, namespace: str) -> str:
    """Return the text of a mapping file for a comparison."""
    texts = dict(zip(_TEXTS, (system, version, namespace), strict=True))
    lines = [_HEAD, *(f"{key} = {quoted(text)}" for key, text in texts.items())]
    lines += [
        "",
        "# Optional, and only in their schema. A message with any other such path is refused.",
    ]
    lines += ["ignored = [", *(f"  {quoted(path)}," for path in sorted(comparison.ignored))]
    lines += [*(f"  #? {quoted(path)}," for path in comparison.extra), "]"]
    lines += [
        f"# required there, so this message cannot be sent: {printable(path)}" for path in comparison.needed
    ]
    lines += _missing_list(comparison)
    lines += _extra_table(comparison)
    lines += ["", "[names]"]
    names = shortened(comparison.names, comparison.paths)
    lines += [f"{quoted(path)} = {quoted(name)}" for path, name in names.items()]
    guesses = shortened(comparison.guesses, comparison.paths)
    lines += [f"#? {quoted(path)} = {quoted(name)}" for path, name in guesses.items()]
    return "\n".join([*lines, *_code_tables(comparison)]) + "\n"


def _missing_list(comparison: Comparison) -> Iterator[str]:
    """Yield the list of what is mandatory here and not there, if there is any: confirmed and proposed."""
    if not (comparison.missing or comparison.lacking or comparison.doubtful):
        return
    yield ""
    yield "# Our paths. Mandatory here, and not in their schema: you leave the field empty, and read it so."
    yield "missing = ["
    yield from (f"  {quoted(path)}," for path in sorted(comparison.missing))
    yield from (f"  #? {quoted(path)}," for path in comparison.lacking)
    if comparison.doubtful:
        yield "  # Each of these is here, or the guess of its name in [names] is right."
    yield from (f"  # {quoted(path)}," for path in comparison.doubtful)
    yield "]"


def _extra_table(comparison: Comparison) -> Iterator[str]:
    """Yield the table of what only they have, if there is any: confirmed, proposed, and possible."""
    if not (comparison.named or comparison.proposed or comparison.possible):
        return
    yield ""
    yield "# Only in their schema. Your code fills these fields and reads them, by the names at the right."
    yield "[extra]"
    yield from (f"{quoted(path)} = {quoted(name)}" for path, name in comparison.named.items())
    yield from (f"#? {quoted(path)} = {quoted(name)}" for path, name in comparison.proposed.items())
    if comparison.possible:
        yield "# Each of these is here, in `ignored`, or really one of ours and in [names]."
    yield from (f"# {quoted(path)} = {quoted(name)}" for path, name in comparison.possible.items())


def _code_tables(comparison: Comparison) -> Iterator[str]:
    """Yield a table for every list of codes that differs, and a line to fill in for each unpaired code."""
    codes = shortened(comparison.codes, comparison.paths)
    unmatched = shortened(comparison.unmatched, comparison.paths)
    for path in dict.fromkeys((*codes, *unmatched)):
        absent, left = unmatched.get(path, ((), ()))
        yield ""
        yield f"[codes.{quoted(path)}]"
        yield from (f"{quoted(code)} = {quoted(there)}" for code, there in codes.get(path, {}).items())
        yield from (
            f'#? {quoted(code)} = ""  # left there: {printable(", ".join(left)) or "none"}' for code in absent
        )


def shortened(found: Mapping[str, T], paths: Collection[str]) -> dict[str, T]:
    """Join entries that are the same in every message with that path: once, with `*` for the root."""
    roots: defaultdict[str, list[str]] = defaultdict(list)
    for path in paths:
        roots[anywhere(path)].append(path)
    short: dict[str, T] = {}
    for path, value in found.items():
        everywhere = roots[anywhere(path)]
        same = len(everywhere) > 1 and all(found.get(other) == value for other in everywhere)
        short[anywhere(path) if same else path] = value
    return short


def _text(content: dict[str, Any], key: str) -> str:
    value = content.get(key)
    if not isinstance(value, str) or not value:
        raise InvalidConfiguration(f"the mapping needs {key}, as text")
    return value


def _list(content: dict[str, Any], key: str) -> frozenset[str]:
    given = content.get(key, [])
    if not isinstance(given, list) or not all(isinstance(item, str) for item in given):
        raise InvalidConfiguration(f"{key} in a mapping must be a list of texts")
    return frozenset(given)


def _is_texts(table: object) -> bool:
    return isinstance(table, dict) and all(isinstance(value, str) and value for value in table.values())


def quoted(text: str) -> str:
    """Return a text as a TOML string, on one line, each character visible."""
    return '"' + printable(text.replace("\\", "\\\\").replace('"', '\\"')) + '"'
