"""Taking official schemas into use: the folder, the mapping, and what both say together."""

from __future__ import annotations

from pathlib import Path

from movehub.errors import InvalidConfiguration
from movehub.official.folder import SchemaFolder
from movehub.official.mapping import NameMapping
from movehub.official.node import Official


def load(directory: str | Path, mapping: str | Path) -> tuple[NameMapping, SchemaFolder, Official]:
    """Return what an edition consists of. Raises InvalidConfiguration for what cannot be spoken."""
    spelled, folder = NameMapping.read(mapping), SchemaFolder(Path(directory))
    return spelled, folder, understood(spelled, folder)


def understood(spelled: NameMapping, folder: SchemaFolder) -> Official:
    """Compile the schemas, and return what must be known to read their documents."""
    if folder.namespaces != {spelled.namespace}:
        raise InvalidConfiguration("the mapping is of another namespace than the schemas in the folder")
    trees = {tree.name: tree for tree in folder.trees}
    defaults = {path: default for tree in trees.values() for path, default in tree.defaults()}
    return Official(trees, spelled.ignored, defaults)
