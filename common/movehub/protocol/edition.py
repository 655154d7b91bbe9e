"""An edition is a value: a version, the namespace that names it, and its schema.

Regulation (EU) 2016/68 and (EU) 2016/480, Annex III, appendix, "Version": the version stands in the
namespace and in the header of every message.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from movehub.protocol.vocabulary import OURS, Spelling

if TYPE_CHECKING:  # who speaks our own schemas never loads what reads other ones
    from pathlib import Path

    from movehub.codec.schema import Schema
    from movehub.official.folder import SchemaFolder
    from movehub.official.node import Official


@dataclass(frozen=True, slots=True)
class Edition:
    """One release of a system's messages, such as ERRU 3.5."""

    system: str
    version: str
    namespace: str
    schema: Schema | SchemaFolder = field(repr=False, compare=False)
    #: What it calls otherwise than our own schemas do.
    spelling: Spelling = field(default=OURS, repr=False, compare=False)
    #: What must be known to read the documents of official schemas; None for ours, which the classes fit.
    official: Official | None = field(default=None, repr=False, compare=False)

    @classmethod
    def from_directory(cls, directory: str | Path, mapping: str | Path) -> Edition:
        """Return the edition that the schemas in a folder define, spelled as a mapping file says.

        `tachonet edition check` writes such a file. Raises InvalidConfiguration.
        """
        from movehub.official.loading import (
            load,  # it reads schemas with a library that takes its time to import
        )

        spelled, folder, official = load(directory, mapping)
        return cls(spelled.system, spelled.version, spelled.namespace, folder, spelled.spelling, official)

    def __str__(self) -> str:
        """Name it as people do: `ERRU 3.5`."""
        return f"{self.system} {self.version}"
