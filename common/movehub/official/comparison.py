"""Compare an official schema with ours, path by path: the differences, and the mapping that follows.

First each name in the official schema is paired with one of ours. A pair is certain only if both names have
the same letters, apart from case and separators. Every other pair is a guess from similar names, types and
order, and a person must confirm it: a wrong pair would put one person's data in the place of another's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from jellyfish import jaro_winkler_similarity

from movehub.official.extras import field_name, values_of
from movehub.official.tree import Facets, Node
from movehub.protocol.vocabulary import OURS, Vocabulary, among

VERSION = "Header/@version"
#: The least likeness of two names that counts. Below it, likeness is chance.
_ALIKE: Final = 0.85
#: The least share of equal types in a pair, if its names are not alike.
_LEAST_SHAPE: Final = 0.5


class Difference(StrEnum):
    """A kind of difference between two schemas at one path."""

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
    """One difference. `path` is ours, or theirs for EXTRA. `says` is the detail in words."""

    difference: Difference
    path: str
    says: str


@dataclass(slots=True)
class Comparison:
    """All results. Names are by our paths. A person must confirm each of the `guesses`."""

    known: Vocabulary = OURS
    ignored: frozenset[str] = frozenset()
    findings: list[Finding] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    guesses: dict[str, str] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    #: Paths that only they have, and that can be ignored.
    extra: list[str] = field(default_factory=list)
    #: Names for values that only they have, by their path: confirmed, required, and optional.
    named: dict[str, str] = field(default_factory=dict)
    proposed: dict[str, str] = field(default_factory=dict)
    possible: dict[str, str] = field(default_factory=dict)
    #: Paths that only they have and require, and that have no place in our records.
    needed: list[str] = field(default_factory=list)
    #: Our paths that the mapping says have no place there, and those for which it should say so: surely, and
    #: if the guess of a name is wrong.
    missing: frozenset[str] = frozenset()
    lacking: list[str] = field(default_factory=list)
    doubtful: list[str] = field(default_factory=list)
    #: By our path: our codes without one of theirs, and their codes without one of ours.
    unmatched: dict[str, tuple[list[str], list[str]]] = field(default_factory=dict)
    #: Every path of ours that exists in their schema.
    paths: list[str] = field(default_factory=list)


def compare(
    ours: Sequence[Node],
    theirs: Sequence[Node],
    known: Vocabulary = OURS,
    ignored: Collection[str] = (),
    named: Mapping[str, str] = MappingProxyType({}),
    missing: Collection[str] = (),
) -> Comparison:
    """Compare root elements with everything below them, except what is known, ignored or missing already."""
    codes = {path: dict(recoded) for path, recoded in known.codes.items()}
    comparison = Comparison(
        known,
        frozenset(ignored),
        names=dict(known.names),
        codes=codes,
        named=dict(named),
        missing=frozenset(missing),
    )
    _compare_all(comparison, ours, theirs, ("", ""))
    return comparison


def _compare_all(
    comparison: Comparison, ours: Sequence[Node], theirs: Sequence[Node], above: tuple[str, str]
) -> None:
    ours = [node for node in ours if not among(above[0] + node.name, comparison.missing)]
    known_names = {node.name: comparison.known.name(above[0] + node.name) for node in ours}
    decided = {node.name for node in theirs if _is_decided(comparison, node, above[1] + node.name)}
    pairs = list(paired(ours, theirs, known_names, decided))
    found = {pair.ours.name for pair in pairs}
    named = {pair.theirs.name for pair in pairs}
    for node in ours:
        if node.name not in found:
            _add(comparison, Difference.MISSING, above[0] + node.name, _obligation(node.required))
    taken = {field_name(node.name, ()) for node in ours}
    for pair in sorted(pairs, key=lambda pair: ours.index(pair.ours)):
        _compare_pair(comparison, pair, above)
        if not (pair.certain or pair.ours.required):  # the guess can be wrong, and this be an extra field
            _add_possible(comparison, values_of(pair.theirs, above[1] + pair.theirs.name), above[1], taken)
    for node in theirs:
        if node.name not in named:
            _add_extra(comparison, node, above[1] + node.name, taken)


def _add_extra(comparison: Comparison, node: Node, path: str, taken: set[str]) -> None:
    """Add what only they have, with a name for each value of it. `taken` are names that it cannot have."""
    values = list(values_of(node, path)) if "/" in path else []
    if node.required and "/" in path and not values:
        comparison.needed.append(path)
        _add(comparison, Difference.EXTRA, path, "required there: we cannot send this message without it")
        return
    is_used = bool(values) and (node.required or any(there in comparison.named for there, _ in values))
    if not is_used:
        _add_ignorable(comparison, path, node.required)
    for there, value in values:
        if there in comparison.named:
            continue
        if not (is_used and value.required):
            _add_possible(comparison, [(there, value)], path.rpartition("/")[0], taken)
            if is_used:
                _add_ignorable(comparison, there, value.required)
            continue
        name = comparison.proposed[there] = field_name(there.removeprefix(path.rpartition("/")[0]), taken)
        taken.add(name)
        _add(comparison, Difference.EXTRA, there, f"required there: name it in [extra], such as {name}")


def _add_possible(
    comparison: Comparison, values: Iterable[tuple[str, Node]], above: str, taken: set[str]
) -> None:
    for there, _ in values:
        name = comparison.possible[there] = field_name(there.removeprefix(above), taken)
        taken.add(name)


def _is_decided(comparison: Comparison, node: Node, path: str) -> bool:
    """Return whether the mapping says that this exists only there."""
    return path in comparison.ignored or any(there in comparison.named for there, _ in values_of(node, path))


def _add_ignorable(comparison: Comparison, path: str, required: bool) -> None:
    if path not in comparison.ignored:
        comparison.extra.append(path)
        _add(comparison, Difference.EXTRA, path, _obligation(required))


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
        _add(comparison, Difference.DEFAULT, path, "if it is absent, the default of the schema is filled in")
    if ours.required is not theirs.required or ours.many is not theirs.many:
        says = f"{_occurrence(theirs)} there, {_occurrence(ours)} here"
        _add(comparison, Difference.OBLIGATION, path, says)
    _compare_types(comparison, path, ours.facets, theirs.facets)
    _compare_all(comparison, ours.below, theirs.below, (f"{path}/", f"{their_path}/"))


def _compare_types(comparison: Comparison, path: str, ours: Facets | None, theirs: Facets | None) -> None:
    if ours == theirs or path.endswith(VERSION):  # the version is the edition's own
        return
    if ours is None or theirs is None or not (ours.codes and theirs.codes):
        _add(comparison, Difference.TYPE, path, f"{theirs or 'no text'} there, {ours or 'no text'} here")
        return
    known_names = {
        code: there for code, there in comparison.known.recoded(path).items() if there in theirs.codes
    }
    codes = dict(_same_codes(ours.codes, theirs.codes)) | known_names
    renamed = {code: there for code, there in codes.items() if code != there and code not in known_names}
    if renamed:
        comparison.codes[path] = known_names | renamed
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
    letters = {_code_letters(code): code for code in reversed(theirs)}
    for code in ours:
        same = code if code in theirs else letters.get(_code_letters(code))
        if same is not None:
            yield code, same


def _code_letters(code: str) -> str:
    return "".join(filter(str.isalnum, code)).casefold()


def _occurrence(node: Node) -> str:
    return _obligation(node.required) + (", repeated" if node.many else "")


def _obligation(required: bool) -> str:
    return "required" if required else "optional"


def _add(comparison: Comparison, difference: Difference, path: str, says: str) -> None:
    comparison.findings.append(Finding(difference, path, says))


@dataclass(frozen=True, slots=True)
class Pair:
    """One of our names and one of theirs, and whether the pair is certain."""

    ours: Node
    theirs: Node
    certain: bool


def paired(
    ours: Sequence[Node],
    theirs: Sequence[Node],
    known_names: Mapping[str, str],
    decided: Collection[str] = (),
) -> Iterator[Pair]:
    """Yield pairs. A name without a pair is missing there, or extra.

    `known_names` has the known name there for each of ours. No guess takes a `decided` name of theirs.
    """
    by_name = {(node.is_attribute, node.name.lstrip("@")): node for node in theirs}
    by_letters = {_node_letters(node): node for node in reversed(theirs)}
    left, taken = [], set[str]()
    for node in ours:
        same = by_name.get((node.is_attribute, known_names[node.name])) or by_letters.get(_node_letters(node))
        if same is None or same.name in taken:
            left.append(node)
            continue
        taken.add(same.name)
        yield Pair(node, same, certain=True)
    yield from _guessed(left, [node for node in theirs if node.name not in taken | set(decided)])


def _guessed(ours: list[Node], theirs: list[Node]) -> Iterator[Pair]:
    scored = [
        (_score(one, other, i / len(ours), j / len(theirs)), i, j)
        for i, one in enumerate(ours)
        for j, other in enumerate(theirs)
        if _comparable(one, other)
    ]
    rows, columns = set[int](), set[int]()
    for _, i, j in sorted(scored, key=lambda entry: (-entry[0], entry[1:])):
        if i in rows or j in columns:
            continue
        rows.add(i)
        columns.add(j)
        yield Pair(ours[i], theirs[j], certain=False)


def _score(one: Node, other: Node, place: float, other_place: float) -> float:
    alike = _likeness(one, other)
    nearness = 1 - abs(place - other_place)
    return (2 * alike if alike >= _ALIKE else 0) + _same_shape(one, other) + nearness / 2


def _comparable(one: Node, other: Node) -> bool:
    if one.is_attribute is not other.is_attribute:
        return False
    return _same_shape(one, other) >= _LEAST_SHAPE or _likeness(one, other) >= _ALIKE


def _node_letters(node: Node) -> tuple[bool, str]:
    return node.is_attribute, "".join(filter(str.isalnum, node.name)).casefold()


def _likeness(one: Node, other: Node) -> float:
    return jaro_winkler_similarity(_node_letters(one)[1], _node_letters(other)[1])


def _same_shape(one: Node, other: Node) -> float:
    """Return the share of equal types below two nodes, from 0 to 1."""
    if one.facets is not None and other.facets is not None:
        same_primitive = one.facets.primitive == other.facets.primitive
        return 1 if one.facets == other.facets else same_primitive / 2
    every = (one.shape | other.shape).total()
    return (one.shape & other.shape).total() / every
