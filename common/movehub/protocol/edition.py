"""An edition is a value: a version, the namespace that names it, and its schema.

Regulation (EU) 2016/68 and (EU) 2016/480, Annex III, appendix, "Version": the version stands in the
namespace and in the header of every message.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Protocol

from lxml import etree

from movehub.errors import Where
from movehub.protocol.message import Body
from movehub.protocol.vocabulary import OURS, Vocabulary
from movehub.records import Plan

#: Header and body of a message: the name of the element, and the plan of its content.
Parts = tuple[tuple[str, Plan], tuple[str, Plan]]


@dataclass(frozen=True, slots=True)
class Violation:
    """The first thing that is wrong with a document."""

    where: Where
    reason: str


class MessageSchema(Protocol):
    """Judges documents: a compiled schema of ours, or a folder of official ones."""

    def read(self, data: bytes) -> etree._Element | Violation:
        """Return the root of an admitted document, or what is wrong with it. Raises Malformed or NotUtf8."""
        ...

    def judge(self, data: bytes) -> Violation | None:
        """Return what is wrong with an admitted document, if anything. Raises Malformed or NotUtf8."""


class OfficialSchema(Protocol):
    """Fits the documents of an official schema to our classes, which our own schemas fit as they are."""

    def check(self, edition: Edition, bodies: Sequence[type[Body]], ours: Collection[str]) -> None:
        """Raise InvalidConfiguration if an edition's vocabulary does not fit the schema and the classes.

        `ours` are the versions of our own editions.
        """

    def plan(self, plan: Plan, path: str, vocabulary: Vocabulary) -> Plan:
        """Return the plan of the header or body at a path of ours, in the words of the schema.

        It lacks the fields that the schema lacks, and has the extra fields of the mapping.
        """
        ...

    def fit(self, root: etree._Element, parts: Parts) -> None:
        """Make a valid document ready to be read. Raises InvalidIncoming if it cannot be read completely."""


@dataclass(frozen=True, slots=True)
class Edition:
    """One release of a system's messages, such as ERRU 3.5."""

    system: str
    version: str
    namespace: str
    schema: MessageSchema = field(repr=False, compare=False)
    #: The names that differ from those of our own schemas.
    vocabulary: Vocabulary = field(default=OURS, repr=False, compare=False)
    #: None for our own schemas.
    official: OfficialSchema | None = field(default=None, repr=False, compare=False)

    @classmethod
    def from_directory(cls, directory: str | Path, mapping: str | Path) -> Edition:
        """Return the edition of the official schemas in a folder, in the words of a mapping file.

        `tachonet edition check` writes such a file. Raises InvalidConfiguration.
        """
        # By name: `official` builds on the codec, and so on this module. Only this method needs it.
        edition: Edition = import_module("movehub.official").read_edition(directory, mapping)
        return edition

    def __str__(self) -> str:
        """Return its name as people say it: `ERRU 3.5`."""
        return f"{self.system} {self.version}"
