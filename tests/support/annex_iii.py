"""The pages that put every row of TACHOnet's Annex III beside our field, and the texts of the law."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from movehub.codec.codec import Codec
from movehub.codec.schema import Schema
from movehub.official.tree import Node, read_trees
from movehub.protocol.edition import Edition
from movehub.protocol.message import Body, ErrorNotification, Header
from movehub.records import Attribute, Child, Plan, plan_in, plan_of

#: What the law writes in place of an obligation that it leaves out.
UNSAID = "–"


@dataclass(frozen=True)
class Row:
    """One row of a page. `root` is empty for the common header."""

    root: str
    message: str
    label: str
    obligation: str
    path: str
    python: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.root or 'header'}-{self.path}"

    @property
    def yes(self) -> bool | None:
        """True if it is mandatory, False if it is optional, None if that depends or is not said."""
        return {"Yes": True, "No": False}.get(self.obligation)


@dataclass(frozen=True)
class Page:
    """A page, and the edition that it describes. `own` and `otherwise` are its two tables of reasons."""

    path: Path
    codec: Codec
    edition: Edition

    @property
    def bodies(self) -> dict[str, type[Body]]:
        """The bodies that the appendix lists fields of, by their root."""
        return {body.root: body for body in self.codec.bodies if body is not ErrorNotification}

    @property
    def rows(self) -> list[Row]:
        """The rows of the law."""
        return _read(self.path)[0]

    @property
    def own(self) -> list[str]:
        """Patterns of the fields that are no rows of the law."""
        return _read(self.path)[1]

    @property
    def otherwise(self) -> set[str]:
        """The paths whose obligation in the schema is another than in the law."""
        return set(_read(self.path)[2])

    def node(self, row: Row) -> list[Node]:
        """Return the nodes of our schema on the way to a row's field, below the body or the header."""
        node = _tree(self.edition, row.root or next(iter(self.bodies)))
        found = []
        for part in row.path.split("/"):
            below = node.child(part)
            assert below is not None, f"{row}: the schema has no {part}"
            found.append(node := below)
        return found[1:]

    def fields(self, row: Row) -> set[tuple[str, Attribute | Child]]:
        """Return the fields that a row's path leads to, as Python names them: choices can have several."""
        head, *parts = row.path.split("/")
        cls: Any = Header if head == "Header" else self.bodies[row.root]
        return set(_fields(plan_in(plan_of(cls), self.edition.version), parts))


def _fields(plan: Plan, parts: list[str]) -> Iterator[tuple[str, Attribute | Child]]:
    name, *rest = parts
    if not rest:
        known = [(f"@{value.name}", value) for value in plan.attributes]
        for there, field in [*known, *((n, child) for child in plan.children for n in _names(child))]:
            if there == name:
                yield f"{plan.cls.__name__}.{field.field}", field
    for child in plan.children if rest else ():
        below = rest if child.around is None else rest[1:]
        for element, plans in child.alternatives:
            if name == (child.around or element) and (child.around is None or rest[0] == element):
                for each in plans:
                    yield from _fields(each, below)


def _names(child: Child) -> list[str]:
    return [child.around] if child.around else [name for name, _ in child.alternatives]


@cache
def _tree(edition: Edition, root: str) -> Node:
    schema = edition.schema
    assert isinstance(schema, Schema)
    return read_trees({root: schema})[0]


@cache
def _read(path: Path) -> tuple[list[Row], list[str], list[str]]:
    rows: list[Row] = []
    own: list[str] = []
    otherwise: list[str] = []
    reasons, root, message = own, "", ""
    for line in path.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("## "):
            root = line[3:].strip("`") if "`" in line else ""
            reasons = otherwise if "otherwise" in line else own
        elif re.fullmatch(r"\*[^*]+\*", line):
            message = line.strip("*")
        elif len(cells) >= 4 and cells[-2].startswith("`"):
            python = tuple(re.findall(r"`([^`]+)`", cells[-1]))
            rows.append(Row(root, message, cells[0], cells[-3], cells[-2].strip("`"), python))
        elif len(cells) == 2 and line.startswith("| `"):
            reasons.append(cells[0].strip("`"))
    return rows, own, otherwise


def french_rows(law: str) -> Iterator[tuple[str, str, str]]:
    """Yield message, label and obligation of each row of Regulation (EU) 2016/68 as first published."""
    appendix = law[law.index("En-tête commun") : law.index("ANNEXE IV")]
    lines = [line.strip() for line in appendix.splitlines() if line.strip()]
    message = ""
    for index, line in enumerate(lines):
        if line == "Obligatoire":
            message = lines[index - 1]
        elif line in {"Oui", "Non"}:
            bare = lines[index - 2] in {"Oui", "Non"}
            yield message, lines[index - 1 if bare else index - 2], {"Oui": "Yes", "Non": "No"}[line]


def english_rows(law: str) -> Iterator[tuple[str, str, str]]:
    """Yield message, label and obligation of each row of Regulation (EU) 2016/68 as in force."""
    appendix = law[law.index("Minimum requirements for the content") : law.index("## ANNEX IV")]
    message = ""
    for line in appendix.splitlines():
        cells = [cell.strip().strip("*") for cell in line.strip("|").split("|")]
        if len(cells) != 3 or set(cells[0]) <= {"-", " "}:
            continue
        if cells[2].startswith("Mandatory"):
            message = cells[0]
        else:
            yield message, cells[0], cells[2] or UNSAID
