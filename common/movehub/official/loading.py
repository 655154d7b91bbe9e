"""Take official schemas into use: the folder, the mapping, and what both say together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from movehub.errors import InvalidConfiguration
from movehub.official.fitting import fit
from movehub.official.folder import SchemaFolder
from movehub.official.mapping import NameMapping
from movehub.official.names import check_names
from movehub.official.node import Official
from movehub.protocol.edition import Edition, Parts
from movehub.protocol.message import Body
from movehub.protocol.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class SpokenSchema(Official):
    """Official schemas that an edition speaks: see `movehub.protocol.edition.OfficialSchema`."""

    def check(self, vocabulary: Vocabulary, bodies: Sequence[type[Body]]) -> None:
        """Raise InvalidConfiguration if a vocabulary does not fit the schema and the classes."""
        check_names(self, vocabulary, bodies)

    def fit(self, root: etree._Element, parts: Parts) -> None:
        """Make a valid document ready to be read. Raises InvalidIncoming if it cannot be read completely."""
        fit(root, parts, self)


def read_edition(directory: str | Path, mapping: str | Path) -> Edition:
    """Return the edition of the official schemas in a folder, in the words of a mapping file.

    Raises InvalidConfiguration.
    """
    named, folder = NameMapping.read(mapping), SchemaFolder(Path(directory))
    official = understood(named, folder)
    return Edition(named.system, named.version, named.namespace, folder, named.vocabulary, official)


def understood(named: NameMapping, folder: SchemaFolder) -> SpokenSchema:
    """Compile the schemas, and return everything needed to read their documents."""
    if folder.namespaces != {named.namespace}:
        raise InvalidConfiguration("the mapping is of another namespace than the schemas in the folder")
    trees = {tree.name: tree for tree in folder.trees}
    defaults = {path: default for tree in trees.values() for path, default in tree.defaults()}
    return SpokenSchema(trees, named.ignored, defaults)
