"""Compare the schemas in a folder with those of a system here, and say what is to be done about it."""

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
from movehub.official.folder import SchemaFolder
from movehub.official.loading import understood
from movehub.official.mapping import NameMapping, written
from movehub.official.names import check_names
from movehub.official.node import Node
from movehub.official.tree import read_trees
from movehub.protocol.vocabulary import anywhere

_VERSION: Final = re.compile(r"(\d{1,3}\.\d{1,3})/?$")


@dataclass(frozen=True, slots=True)
class Check:
    """What was found in a folder."""

    comparison: Comparison
    system: str
    version: str
    namespace: str

    @property
    def mapping(self) -> str:
        """The text of the mapping file."""
        return written(self.comparison, self.system, self.version, self.namespace)

    def findings(self) -> list[Finding]:
        """Return what differs, and what is alike in several messages once, with `*` for the root."""
        same = Counter(map(_anywhere, self.comparison.findings))
        return list(
            dict.fromkeys(
                _anywhere(finding) if same[_anywhere(finding)] > 1 else finding
                for finding in self.comparison.findings
            )
        )

    def count(self, difference: Difference) -> int:
        """Return how many findings of a kind there are."""
        return sum(finding.difference is difference for finding in self.findings())


def check_folder(codec: Codec, directory: Path, mapping: Path | None = None) -> Check:
    """Compare. What a mapping file says already is taken as said, once it is found to be usable.

    Raises InvalidConfiguration.
    """
    folder = SchemaFolder(directory)
    if len(folder.namespaces) != 1:
        raise InvalidConfiguration("the schemas in the folder have more than one namespace")
    (namespace,) = folder.namespaces
    theirs = folder.trees
    if mapping is None:
        return Check(compare(_our_trees(codec), theirs), codec.system, _version(codec, namespace), namespace)
    known = NameMapping.read(mapping)
    if known.system != codec.system:
        raise InvalidConfiguration(f"the mapping is of {known.system}, and not of {codec.system}")
    check_names(understood(known, folder), known.vocabulary, codec.bodies)  # as when it is taken into use
    found = compare(_our_trees(codec), theirs, known.vocabulary, known.ignored)
    return Check(found, known.system, known.version, namespace)


def _our_trees(codec: Codec) -> list[Node]:
    """Return what our newest schema says of every message. The tests hold the classes to it, path by path."""
    schema = codec.editions[-1].schema
    if not isinstance(schema, Schema):
        raise InvalidConfiguration("the schema to compare with must be one of ours")
    return list(_trees(schema.path, tuple(body.root for body in codec.bodies)))


@cache
def _trees(path: Path, roots: tuple[str, ...]) -> tuple[Node, ...]:
    """Read a schema of ours once."""
    return tuple(read_trees(dict.fromkeys(roots, path)))


def _version(codec: Codec, namespace: str) -> str:
    """Return the version that a namespace ends with, or else our newest."""
    found = _VERSION.search(namespace)
    return found[1] if found else codec.editions[-1].version


def _anywhere(finding: Finding) -> Finding:
    return replace(finding, path=anywhere(finding.path)) if "/" in finding.path else finding
