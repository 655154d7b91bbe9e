"""Compare the schemas in a folder with ours, and write the mapping that follows."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

from movehub.codec.codec import Codec
from movehub.codec.schema import Schema
from movehub.errors import InvalidConfiguration
from movehub.official.comparison import Comparison, Difference, Finding, compare
from movehub.official.edition import edition_of, parts_of
from movehub.official.folder import SchemaFolder
from movehub.official.lacking import paths_to_name
from movehub.official.mapping import NameMapping, written
from movehub.official.tree import Node, read_trees
from movehub.protocol.vocabulary import anywhere

_VERSION: Final = re.compile(r"(\d{1,3}\.\d{1,3}|\d{4})/?$")


@dataclass(frozen=True, slots=True)
class Check:
    """The result of comparing the schemas in a folder with ours."""

    comparison: Comparison
    system: str
    version: str
    namespace: str

    @property
    def mapping(self) -> str:
        """The text of the mapping file."""
        return written(self.comparison, self.system, self.version, self.namespace)

    def findings(self) -> list[Finding]:
        """Return the differences. If several messages have the same one, it is there once, with root `*`."""
        same = Counter(map(_anywhere, self.comparison.findings))
        return list(
            dict.fromkeys(
                _anywhere(finding) if same[_anywhere(finding)] > 1 else finding
                for finding in self.comparison.findings
            )
        )

    def count(self, difference: Difference) -> int:
        """Return the number of findings of one kind."""
        return sum(finding.difference is difference for finding in self.findings())


def check_folder(codec: Codec, directory: Path, mapping: Path | None = None) -> Check:
    """Compare the schemas in a folder with ours. If you give a mapping file, it is checked and applied.

    Raises InvalidConfiguration.
    """
    folder = SchemaFolder(directory)
    if len(folder.namespaces) != 1:
        raise InvalidConfiguration("the schemas in the folder must have one namespace")
    (namespace,) = folder.namespaces
    theirs = folder.trees
    if mapping is None:
        version = _version(codec, namespace)
        found = compare(_our_trees(codec, version), theirs)
        _add_lacking(codec, version, found)
        return Check(found, codec.system, version, namespace)
    known = NameMapping.read(mapping)
    if known.system != codec.system:
        raise InvalidConfiguration(f"the mapping is for {known.system}, not for {codec.system}")
    codec.speaking(edition_of(known, folder))  # as a client does
    ours = _our_trees(codec, known.version)
    found = compare(ours, theirs, known.vocabulary, known.ignored, known.extra, known.missing)
    return Check(found, known.system, known.version, namespace)


def _add_lacking(codec: Codec, version: str, found: Comparison) -> None:
    """Add our paths without a certain place there that the mapping must name, or say to be missing."""
    asked = {
        path
        for body in codec.bodies
        for plan, top in parts_of(body)
        for path in paths_to_name(plan, top, version, codec.own_versions)
    }
    absent = (each.path for each in found.findings if each.difference is Difference.MISSING)
    found.lacking += [path for path in absent if path in asked]
    found.doubtful += [path for path in found.guesses if path in asked]


def _our_trees(codec: Codec, version: str) -> list[Node]:
    """Return the trees of every message in our schema of a version, or in our newest one.

    Tests compare them with the classes.
    """
    ours = [*codec.editions, *(edition for edition in codec.editions if edition.version == version)]
    schema = ours[-1].schema
    if not isinstance(schema, Schema):
        raise InvalidConfiguration("the edition to compare with must be one of ours")
    return list(_trees(schema, tuple(body.root for body in codec.bodies)))


@cache
def _trees(schema: Schema, roots: tuple[str, ...]) -> tuple[Node, ...]:
    """Read one of our schemas, once."""
    return tuple(read_trees(dict.fromkeys(roots, schema)))


def _version(codec: Codec, namespace: str) -> str:
    """Return the version at the end of a namespace, or our newest version."""
    found = _VERSION.search(namespace)
    return found[1] if found else codec.editions[-1].version


def _anywhere(finding: Finding) -> Finding:
    return replace(finding, path=anywhere(finding.path)) if "/" in finding.path else finding
