"""What another schema has that ours has not, path by path, and the mapping that follows from it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from movehub.official.node import Facets, Node
from movehub.official.pairing import Pair, paired
from movehub.protocol.vocabulary import OURS, Vocabulary

VERSION = "Header/@version"


class Difference(StrEnum):
    """In what two schemas can differ at one place."""

    RENAMED = "renamed"
    GUESSED = "perhaps renamed"
    MISSING = "missing there"
    EXTRA = "not known here"
    TYPE = "of another type"
    CODES = "other codes"
    OBLIGATION = "other obligation"
    DEFAULT = "a default"
    UNUSUAL = "not as ours"


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference. `path` is ours, or theirs for what only they have; `says` tells the rest in words."""

    difference: Difference
    path: str
    says: str


@dataclass(slots=True)
class Comparison:
    """All that was found. The names are by our paths; `guesses` await a person's word."""

    known: Vocabulary = OURS
    ignored: frozenset[str] = frozenset()
    findings: list[Finding] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    guesses: dict[str, str] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    extra: list[str] = field(default_factory=list)
    #: What only they have, and require.
    needed: list[str] = field(default_factory=list)
    #: By our paths, codes of ours without one of theirs, and those of theirs that are left.
    unmatched: dict[str, tuple[list[str], list[str]]] = field(default_factory=dict)
    #: Every path of ours that has its place there.
    paths: list[str] = field(default_factory=list)


def compare(
    ours: Sequence[Node],
    theirs: Sequence[Node],
    known: Vocabulary = OURS,
    ignored: Collection[str] = (),
) -> Comparison:
    """Compare root elements with all that is below them. What is known or ignored already is no finding."""
    codes = {path: dict(recoded) for path, recoded in known.codes.items()}
    comparison = Comparison(known, frozenset(ignored), names=dict(known.names), codes=codes)
    _compare_all(comparison, ours, theirs, ("", ""))
    return comparison


def _compare_all(
    comparison: Comparison, ours: Sequence[Node], theirs: Sequence[Node], above: tuple[str, str]
) -> None:
    told = {node.name: comparison.known.name(above[0] + node.name) for node in ours}
    pairs = list(paired(ours, theirs, told))
    found = {pair.ours.name for pair in pairs}
    named = {pair.theirs.name for pair in pairs}
    for node in ours:
        if node.name not in found:
            _miss(comparison, node, above[0] + node.name)
    for pair in sorted(pairs, key=lambda pair: ours.index(pair.ours)):
        _compare_pair(comparison, pair, above)
    for node in theirs:
        if node.name not in named:
            _add_extra(comparison, node, above[1] + node.name)


def _add_extra(comparison: Comparison, node: Node, path: str) -> None:
    """Note what only they have. Where it is required nothing can be sent, and no mapping helps."""
    if node.required and "/" in path:
        says = "required there: a message without it cannot be sent"
        comparison.needed.append(path)
        _add(comparison, Difference.EXTRA, path, says)
    elif path not in comparison.ignored:
        comparison.extra.append(path)
        _add(comparison, Difference.EXTRA, path, _obligation(node.required))


def _compare_pair(comparison: Comparison, pair: Pair, above: tuple[str, str]) -> None:
    ours, theirs = pair.ours, pair.theirs
    path, their_path = above[0] + ours.name, above[1] + theirs.name
    comparison.paths.append(path)
    if theirs.name.lstrip("@") != comparison.known.name(path):
        difference = Difference.RENAMED if pair.certain else Difference.GUESSED
        (comparison.names if pair.certain else comparison.guesses)[path] = theirs.name.lstrip("@")
        _add(comparison, difference, path, theirs.name)
    for word in theirs.unusual:
        if word not in ours.unusual:
            _add(comparison, Difference.UNUSUAL, path, word)
    if theirs.default != ours.default:
        _add(comparison, Difference.DEFAULT, path, "what it stands for where it is absent is filled in")
    if ours.required is not theirs.required or ours.many is not theirs.many:
        _add(comparison, Difference.OBLIGATION, path, _occurrences(ours, theirs))
    _compare_types(comparison, path, ours.facets, theirs.facets)
    _compare_all(comparison, ours.below, theirs.below, (f"{path}/", f"{their_path}/"))


def _miss(comparison: Comparison, node: Node, path: str) -> None:
    _add(comparison, Difference.MISSING, path, _obligation(node.required))


def _compare_types(comparison: Comparison, path: str, ours: Facets | None, theirs: Facets | None) -> None:
    if ours == theirs or path.endswith(VERSION):  # the version is the edition's own
        return
    if ours is None or theirs is None or not (ours.codes and theirs.codes):
        _add(comparison, Difference.TYPE, path, f"{theirs or 'no text'} there, {ours or 'no text'} here")
        return
    told = {code: there for code, there in comparison.known.recoded(path).items() if there in theirs.codes}
    codes = dict(_same_codes(ours.codes, theirs.codes)) | told
    renamed = {code: there for code, there in codes.items() if code != there and code not in told}
    if renamed:
        comparison.codes[path] = told | renamed
    absent = [code for code in ours.codes if code not in codes]
    unknown = [code for code in theirs.codes if code not in codes.values()]
    if absent:
        comparison.unmatched[path] = absent, unknown
    words = [f"{code} is {there} there" for code, there in renamed.items()]
    words += [f"there is no {', '.join(absent)}" for _ in absent[:1]]
    words += [f"{', '.join(unknown)} is not known here" for _ in unknown[:1]]
    if words:
        _add(comparison, Difference.CODES, path, "; ".join(words))


def _same_codes(ours: Sequence[str], theirs: Sequence[str]) -> Iterator[tuple[str, str]]:
    letters = {_letters(code): code for code in reversed(theirs)}
    for code in ours:
        same = code if code in theirs else letters.get(_letters(code))
        if same is not None:
            yield code, same


def _letters(code: str) -> str:
    return "".join(filter(str.isalnum, code)).casefold()


def _occurrences(ours: Node, theirs: Node) -> str:
    words = [_obligation(theirs.required) + ("" if not theirs.many else ", repeated") + " there"]
    words += [_obligation(ours.required) + ("" if not ours.many else ", repeated") + " here"]
    return ", ".join(words)


def _obligation(required: bool) -> str:
    return "required" if required else "optional"


def _add(comparison: Comparison, difference: Difference, path: str, says: str) -> None:
    comparison.findings.append(Finding(difference, path, says))
