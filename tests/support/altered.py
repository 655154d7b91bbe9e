"""Our TACHOnet schema with single changes, in a folder of its own, as if it were the official one."""

from __future__ import annotations

from pathlib import Path

from movehub.protocol.edition import Edition

from .official import schema_folder
from .renamed import NAMESPACE

EMPTY = f'system = "TACHOnet"\nversion = "3.0"\nnamespace = "{NAMESPACE}"\n'


def altered(folder: Path, file: str, *changes: tuple[str, str]) -> Path:
    """Copy our schema and change texts in one of its files, each at its first place."""
    official = schema_folder(folder / "official", "tachonet", "3.0")
    path = official / file
    text = path.read_text("utf-8")
    for old, new in changes:
        assert old in text, f"the schema no longer has {old}"
        text = text.replace(old, new, 1)
    path.write_text(text, "utf-8")
    return official


def edition_of(official: Path, mapping: str = "") -> Edition:
    """Return the edition that a folder defines, under a mapping that says what is given."""
    path = official.parent / "mapping.toml"
    path.write_text(EMPTY + mapping, "utf-8")
    return Edition.from_directory(official, path)
