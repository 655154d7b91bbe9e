"""Use official schemas: read them with a mapping, and check that the mapping fits.

The mapping is checked completely, once, when the edition is taken into use. It is partly written by hand, and
a mistake in it could put one person's data in the place of another's, or turn "no answer" into "not found".
So every name must be at its place in the schema, two of our names may not become one, codes must be one to
one, and a path that is read may not be ignored.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, cast, get_type_hints

from lxml import etree

from movehub.errors import InvalidConfiguration
from movehub.official.extras import extended, extra_faults
from movehub.official.fitting import fit
from movehub.official.folder import SchemaFolder
from movehub.official.lacking import must_be_named, present_plan
from movehub.official.mapping import NameMapping
from movehub.official.tree import Node, Official
from movehub.printable import printable
from movehub.protocol.edition import Edition, Parts
from movehub.protocol.message import Body, Header
from movehub.protocol.vocabulary import Vocabulary, among, anywhere
from movehub.records import Attribute, Child, Plan, paths, plan_of, value_type


@dataclass(frozen=True, slots=True)
class SpokenSchema(Official):
    """The official schemas of an edition: see `movehub.protocol.edition.OfficialSchema`."""

    def check(self, edition: Edition, bodies: Sequence[type[Body]], ours: Collection[str]) -> None:
        """Raise InvalidConfiguration if an edition's vocabulary does not fit the schema and the classes."""
        check_names(self, edition, bodies, ours)

    def plan(self, plan: Plan, path: str, vocabulary: Vocabulary) -> Plan:
        """Return the plan of the header or body at a path, in the words of the schema.

        It lacks the fields that the schema lacks, and has the extra fields of the mapping.
        """
        root, _, part = path.partition("/")
        tree = self.trees.get(vocabulary.name(root))
        node = None if tree is None else tree.child(vocabulary.name(f"{root}/{part}"))
        if tree is None or node is None:
            return vocabulary.plan(plan, path)
        present = vocabulary.plan(present_plan(plan, node, path, vocabulary), path)
        return extended(present, node, f"{tree.name}/{node.name}", self.extra)

    def fit(self, root: etree._Element, parts: Parts) -> None:
        """Make a valid document ready to be read. Raises InvalidIncoming if it cannot be read completely."""
        fit(root, parts, self)


def read_edition(directory: str | Path, mapping: str | Path) -> Edition:
    """Return the edition of the official schemas in a folder, in the words of a mapping file.

    Raises InvalidConfiguration.
    """
    named, folder = NameMapping.read(mapping), SchemaFolder(Path(directory))
    return edition_of(named, folder)


def edition_of(named: NameMapping, folder: SchemaFolder) -> Edition:
    """Return the edition of the official schemas in a folder, in the words of a mapping."""
    official = understood(named, folder)
    return Edition(named.system, named.version, named.namespace, folder, named.vocabulary, official)


def understood(named: NameMapping, folder: SchemaFolder) -> SpokenSchema:
    """Compile the schemas, and return everything needed to read their documents."""
    if folder.namespaces != {named.namespace}:
        raise InvalidConfiguration("the mapping and the schemas in the folder have different namespaces")
    trees = {tree.name: tree for tree in folder.trees}
    defaults = {path: default for tree in trees.values() for path, default in tree.defaults()}
    return SpokenSchema(trees, named.ignored, defaults, named.extra, named.missing)


def check_names(
    official: SpokenSchema, edition: Edition, bodies: Sequence[type[Body]], ours: Collection[str]
) -> None:
    """Raise InvalidConfiguration with the first fault and their number, if the mapping does not fit."""
    faults = [
        *_unknown(official, edition.vocabulary, bodies),
        *_same(edition.vocabulary, [body.root for body in bodies]),
        *_misplaced(official, edition, bodies, ours),
        *_wrong_extras(official, edition.vocabulary, bodies),
    ]
    if faults:
        raise InvalidConfiguration(f"the mapping {faults[0]} (1 of {len(faults)} such faults)")


def _unknown(official: SpokenSchema, vocabulary: Vocabulary, bodies: Sequence[type[Body]]) -> Iterator[str]:
    """Yield a fault for each path of the mapping that is in none of our messages."""
    known = {path for body in bodies for plan, top in parts_of(body) for path in paths(plan, top)}
    known |= {body.root for body in bodies}
    usable = known | {anywhere(path) for path in known if "/" in path}
    words: tuple[tuple[str, Iterable[str]], ...] = (
        ("names {}, which is in no message", vocabulary.names),
        ("has codes for {}, which is in no message", vocabulary.codes),
        ("says that {} is missing, which is in no message", sorted(official.missing)),
    )
    yield from (text.format(path) for text, named in words for path in named if path not in usable)


def _misplaced(
    official: SpokenSchema, edition: Edition, bodies: Sequence[type[Body]], ours: Collection[str]
) -> Iterator[str]:
    """Yield a fault for each name that is not at its place in the schema, or is both ignored and read."""
    vocabulary, place = edition.vocabulary, _Place(edition, official, ours)
    for body in bodies:
        tree = official.trees.get(vocabulary.name(body.root))
        if tree is None:
            if body.root in vocabulary.names:
                yield f"names {body.root} with a root that is not in their schema"
            continue  # their schema does not have this message
        place.read.add(tree.name)
        for plan, top in parts_of(body):
            node = tree.child(vocabulary.name(top))
            if node is None:
                yield f"has no name for {top}, which is needed"
            else:
                yield from place.faults(plan, node, top, f"{tree.name}/{node.name}")
    ignored_and_read = _within(official.ignored, place.read)
    yield from (f"ignores {path}, which is read" for path in ignored_and_read)


def _wrong_extras(
    official: SpokenSchema, vocabulary: Vocabulary, bodies: Sequence[type[Body]]
) -> Iterator[str]:
    """Yield a fault for each extra field that has no place, or that is ignored as well."""
    parts = [
        (official.plan(plan, path, vocabulary), f"{vocabulary.name(body.root)}/{vocabulary.name(path)}")
        for body in bodies
        for plan, path in parts_of(body)
    ]
    yield from extra_faults(parts, official.extra)
    ignored_and_extra = _within(official.ignored, official.extra)
    yield from (f"ignores {printable(path)}, which is an extra field" for path in ignored_and_extra)


def _within(ignored: Collection[str], used: Collection[str]) -> list[str]:
    """Return the ignored paths that are used, or that hold one that is used."""
    return [
        path for path in sorted(ignored) if any(each == path or each.startswith(f"{path}/") for each in used)
    ]


def parts_of(body: type[Body]) -> tuple[tuple[Plan, str], ...]:
    """Return the plans of a message's header and body, each with its path."""
    root, cls = body.root, cast("type", body)
    return (plan_of(Header), f"{root}/Header"), (plan_of(cls), f"{root}/Body")


def _same(vocabulary: Vocabulary, ours: Iterable[str]) -> Iterator[str]:
    """Yield a fault for each two of our siblings that have one name there."""
    taken: dict[str, str] = {}
    for path in ours:
        name = vocabulary.name(path)
        if name in taken:
            yield f"gives {taken[name]} and {path} the same name"
        taken[name] = path


class _Place:
    """Checks one of our elements, and everything below it, at its place in their schema."""

    def __init__(self, edition: Edition, official: Official, ours: Collection[str]) -> None:
        self._vocabulary = edition.vocabulary
        self._version = edition.version
        self._official = official
        self._ours = ours
        #: Every path of theirs that is read.
        self.read: set[str] = set()

    def faults(self, plan: Plan, node: Node, path: str, there: str) -> Iterator[str]:
        """Yield the faults, and add every path of theirs that is read to `read`."""
        self.read.add(there)
        yield from _same(self._vocabulary, (f"{path}/@{value.name}" for value in plan.attributes))
        yield from _same(self._vocabulary, _elements(plan, path))
        for value in plan.attributes:
            yield from self._value(plan, value, node, f"{path}/@{value.name}", there)
        for value in plan.texts:
            yield from self._value(plan, value, node, f"{path}/{value.name}", there)
        for child in plan.children:
            yield from self._child(child, node, path, there)

    def _value(self, plan: Plan, value: Attribute, node: Node, path: str, there: str) -> Iterator[str]:
        name = ("" if value.is_element else "@") + self._vocabulary.name(path)
        found = node.child(name)
        if found is None:
            yield from self._absent(path, value, needed=not value.optional)
            return
        yield from self._present(path)
        self.read.add(f"{there}/{name}")
        yield from _code_faults(plan, value, path, self._vocabulary.recoded(path))

    def _child(self, child: Child, node: Node, path: str, there: str) -> Iterator[str]:
        if child.around is not None:
            path = f"{path}/{child.around}"
            around = node.child(self._vocabulary.name(path))
            if around is None:
                yield from self._absent(path, child, needed=not child.optional)
                return
            yield from self._present(path)
            node, there = around, f"{there}/{around.name}"
            self.read.add(there)
        for element, plans in child.alternatives:
            below = f"{path}/{element}"
            found = node.child(self._vocabulary.name(below))
            if found is None:
                needed = not child.optional or child.around is not None
                yield from self._absent(below, child, needed=needed)
                continue
            yield from self._present(below)
            for plan in plans:
                yield from self.faults(plan, found, below, f"{there}/{found.name}")

    def _absent(self, path: str, field: Attribute | Child, *, needed: bool) -> Iterator[str]:
        """Yield a fault if the path must exist there: it is needed, or the mapping names it."""
        no_name = f"has no name for {path} that is at its place in the schema"
        if needed or path in self._vocabulary.names:
            yield no_name
        elif must_be_named(field, self._version, self._ours) and not among(path, self._official.missing):
            yield f"{no_name}: if they have no such field, add the path to missing"

    def _present(self, path: str) -> Iterator[str]:
        if among(path, self._official.missing):
            yield f"says that {path} is missing, and the schema has it"


def _elements(plan: Plan, path: str) -> Iterator[str]:
    yield from (f"{path}/{value.name}" for value in plan.texts)
    for child in plan.children:
        names = [name for name, _ in child.alternatives] if child.around is None else [child.around]
        yield from (f"{path}/{name}" for name in names)


def _code_faults(plan: Plan, value: Attribute, path: str, codes: Any) -> Iterator[str]:
    if not codes:
        return
    words = value_type(get_type_hints(plan.cls, include_extras=True)[value.field])
    if not issubclass(words, StrEnum):
        yield f"has codes for {path}, which is not a list of codes"
        return
    ours = [member.value for member in words]
    yield from (f"has a code for {path} that is not ours: {code}" for code in codes if code not in ours)
    theirs = [codes.get(code, code) for code in ours]
    yield from (f"maps two codes of {path} to one: {code}" for code in set(theirs) if theirs.count(code) > 1)
