"""The mapping file: how an official schema spells what ours says, as TOML that a person reads and signs off.

    system = "TACHOnet"
    version = "3.0"
    namespace = "https://example/tachonet/3.0"
    ignored = []          # paths in the official schema, of optional things that are accepted and not read

    [names]               # by our path; * stands for any root
    "*/Header/@from" = "sender"

    [codes."CheckIssuedCards_Response/Body/MemberState/@statusCode"]
    Found = "FOUND"

What was only guessed stands in it as a comment and has no effect until the comment mark is taken away.
"""

from __future__ import annotations

import json
import tomllib
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from movehub.errors import InvalidConfiguration
from movehub.protocol.vocabulary import Vocabulary, anywhere

if TYPE_CHECKING:
    from movehub.official.comparison import (
        Comparison,  # reads schemas with a library that takes its time to load
    )

T = TypeVar("T")

_TEXTS: Final = ("system", "version", "namespace")
_TABLES: Final = ("names", "codes")

_HEAD: Final = """\
# How the schema of this namespace spells what our classes say. Made by comparing the two: read it before use.
# The lines that begin with "#?" were found by type and place alone. Compare each with the official documents,
# and take the "#?" away where it is right.
"""


@dataclass(frozen=True, slots=True)
class NameMapping:
    """What a mapping file says."""

    system: str
    version: str
    namespace: str
    vocabulary: Vocabulary
    #: Paths in the official schema of optional things that are accepted and not read.
    ignored: frozenset[str]

    @classmethod
    def read(cls, path: str | Path) -> NameMapping:
        """Read a file. Raises InvalidConfiguration that names what is wrong in it."""
        try:
            content = tomllib.loads(Path(path).read_text("utf-8"))
        except FileNotFoundError:
            raise InvalidConfiguration(f"there is no mapping file {path}") from None
        except (OSError, ValueError, RecursionError):
            raise InvalidConfiguration("the mapping file cannot be read as TOML") from None
        unknown = sorted(content.keys() - {*_TEXTS, *_TABLES, "ignored"})
        if unknown:
            raise InvalidConfiguration(f"unknown setting in the mapping: {unknown[0]}")
        system, version, namespace = (_text(content, key) for key in _TEXTS)
        names, codes = (content.get(key, {}) for key in _TABLES)
        ignored = content.get("ignored", [])
        if not _is_texts(names) or not isinstance(codes, dict) or not all(map(_is_texts, codes.values())):
            raise InvalidConfiguration("names and codes of a mapping are tables of texts")
        if not isinstance(ignored, list) or not all(isinstance(item, str) for item in ignored):
            raise InvalidConfiguration("ignored in a mapping is a list of texts")
        return cls(system, version, namespace, Vocabulary(names, codes), frozenset(ignored))


def written(comparison: Comparison, system: str, version: str, namespace: str) -> str:
    """Return the text of the mapping file that follows from a comparison."""
    texts = dict(zip(_TEXTS, (system, version, namespace), strict=True))
    lines = [_HEAD, *(f"{key} = {_quoted(text)}" for key, text in texts.items())]
    lines += ["", "# Optional things that only they have. A message with one that is not listed is refused."]
    lines += ["ignored = [", *(f"  {_quoted(path)}," for path in sorted(comparison.ignored))]
    lines += [*(f"  #? {_quoted(path)}," for path in comparison.extra), "]"]
    lines += [f"# required there, so no such message can be sent: {path}" for path in comparison.needed]
    lines += ["", "[names]"]
    names = shortened(comparison.names, comparison.paths)
    lines += [f"{_quoted(path)} = {_quoted(name)}" for path, name in names.items()]
    guesses = shortened(comparison.guesses, comparison.paths)
    lines += [f"#? {_quoted(path)} = {_quoted(name)}" for path, name in guesses.items()]
    return "\n".join([*lines, *_code_tables(comparison)]) + "\n"


def _code_tables(comparison: Comparison) -> Iterator[str]:
    """Yield a table for every list of codes that differs, with a line to fill in for a code without one."""
    codes = shortened(comparison.codes, comparison.paths)
    unmatched = shortened(comparison.unmatched, comparison.paths)
    for path in dict.fromkeys((*codes, *unmatched)):
        absent, left = unmatched.get(path, ((), ()))
        yield ""
        yield f"[codes.{_quoted(path)}]"
        yield from (f"{_quoted(code)} = {_quoted(there)}" for code, there in codes.get(path, {}).items())
        yield from (f'#? {_quoted(code)} = ""  # left there: {", ".join(left) or "none"}' for code in absent)


def shortened(found: Mapping[str, T], paths: Collection[str]) -> dict[str, T]:
    """Say once, with `*` for the root, what holds wherever a path occurs and occurs more than once."""
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
        raise InvalidConfiguration(f"the mapping must give its {key}, as text")
    return value


def _is_texts(table: object) -> bool:
    return isinstance(table, dict) and all(isinstance(value, str) and value for value in table.values())


def _quoted(text: str) -> str:
    """Write a TOML string: a JSON string is one."""
    return json.dumps(text, ensure_ascii=False)
