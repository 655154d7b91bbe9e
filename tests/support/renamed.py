"""Our own TACHOnet schema under other names, as if it were the official one: the proof of the mapping.

Namespace, elements, attributes and a list of codes are renamed by script: some names get a word before or
after them, some another case, some are scrambled. What became of each path is noted, apart from the tool that
must find it out, and documents are translated from names to names as text, so that no byte else changes.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from random import Random

from lxml import etree
from movehub.codec.schema import Schema
from movehub.official.tree import Node, read_trees

from .official import SCHEMAS

NAMESPACE = "https://webgate.ec.testa.eu/move-hub/tachonet/3.0"
#: A list of codes, and the case that it has there.
RECODED = "CardStatus"

_XS = "{http://www.w3.org/2001/XMLSchema}"
_TOKEN = re.compile(
    r"<!--.*?-->|<\?.*?\?>|<!\[CDATA\[.*?\]\]>|<(?P<end>/?)(?P<name>[\w:.-]+)(?P<rest>(?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"(?P<space>\s+)(?P<name>[\w:.-]+)(?P<equals>\s*=\s*)(?P<value>\"[^\"]*\"|'[^']*')")

#: From a name to another, one word by another.
Names = Mapping[str, str]


def _scrambled(name: str, random: Random) -> str:
    letters = "".join(random.sample("bcdfghjklmnpqrstvwxz", 9))
    return letters if name[0].islower() else letters.capitalize()


def _renamed(name: str, random: Random) -> str:
    ways = (
        lambda: f"x{name[0].upper()}{name[1:]}" if name[0].islower() else f"The{name}",
        lambda: f"{name}Value",
        name.swapcase,
        lambda: "_".join(re.findall("[A-Z]?[a-z]+", name)) or name.swapcase(),
        lambda: _scrambled(name, random),
        lambda: _scrambled(name, random),
    )
    return random.choice(ways)()


def namespace(version: str) -> str:
    """Return the namespace of an edition of ours."""
    return NAMESPACE.replace("3.0", version)


def other_namespace(version: str) -> str:
    """Return the namespace of the renamed edition."""
    return f"urn:example:official:tachonet:{version}"


def rename_schema(folder: Path, version: str = "3.0", seed: int = 68) -> Path:
    """Write the renamed schema of an edition into a folder, and return it."""
    for part in ("common", "tachonet/messages", f"tachonet/{version}"):
        shutil.copytree(SCHEMAS / part, folder / part)
    random = Random(seed)
    for path in sorted(folder.rglob("*.xsd")):
        _rename_file(path, version, random)
    return folder


def _rename_file(path: Path, version: str, random: Random) -> None:
    tree = etree.parse(path)
    for declaration in tree.iter(f"{_XS}element", f"{_XS}attribute"):
        siblings = {other.get("name") for other in declaration.getparent()}
        new = next(
            name for _ in iter(int, 1) if (name := _renamed(declaration.get("name"), random)) not in siblings
        )
        declaration.set("name", new)
    for simple in tree.iter(f"{_XS}simpleType"):
        if simple.get("name") == RECODED:
            for code in simple.iter(f"{_XS}enumeration"):
                code.set("value", code.get("value").swapcase())
    text = etree.tostring(tree, encoding="unicode").replace(namespace(version), other_namespace(version))
    path.write_text(text, "utf-8")


@dataclass(frozen=True)
class Translator:
    """What each path of ours is called there, as the script knows it."""

    names: Names
    recoded: frozenset[str]

    @cached_property
    def back(self) -> Translator:
        """The way back."""
        theirs: dict[str, str] = {}
        recoded = set()
        for path in sorted(self.names, key=lambda path: path.count("/")):
            there = self.path(path)
            theirs[there] = path.rpartition("/")[2].lstrip("@")
            recoded |= {there} if path in self.recoded else set()
        return Translator(theirs, frozenset(recoded))

    def path(self, path: str) -> str:
        """Return a path in the other names; what is in none stays."""
        parts = path.split("/")
        return "/".join(
            ("@" if part.startswith("@") else "")
            + self.names.get("/".join(parts[: index + 1]), part.lstrip("@"))
            for index, part in enumerate(parts)
        )

    def document(self, text: str) -> str:
        """Return a well-formed document in the other names, and all else as it was."""
        above: list[str] = []
        return _TOKEN.sub(lambda token: self._token(token, above), text)

    def _token(self, token: re.Match[str], above: list[str]) -> str:
        if token["name"] is None:
            return token[0]
        prefix, _, local = token["name"].rpartition(":")
        if token["end"]:
            path = "/".join(above)
            above.pop()
        else:
            above.append(local)
            path = "/".join(above)
        attributes = _ATTRIBUTE.sub(lambda found: self._attribute(found, path), token["rest"])
        if token["rest"].endswith("/") and not token["end"]:
            above.pop()
        name = self.names.get(path, local)
        return f"<{token['end']}{prefix}{':' if prefix else ''}{name}{attributes}>"

    def _attribute(self, found: re.Match[str], path: str) -> str:
        where = f"{path}/@{found['name']}"
        value = found["value"].swapcase() if where in self.recoded else found["value"]
        return f"{found['space']}{self.names.get(where, found['name'])}{found['equals']}{value}"


def truth(renamed: Path, roots: list[str], version: str = "3.0") -> Translator:
    """Return what the script has done: the two schemas have the same things in the same places."""
    ours, theirs = (folder / "tachonet" / version / "tachonet.xsd" for folder in (SCHEMAS, renamed))
    names: dict[str, str] = {}
    recoded: set[str] = set()
    known, other = (
        read_trees(dict.fromkeys(each, Schema(path)))
        for each, path in ((roots, ours), (_roots_in_order(ours, theirs, roots), theirs))
    )
    for node, node_there in zip(known, other, strict=True):
        for path, one, there in _side_by_side(node, node_there, ""):
            names[path] = there.name.lstrip("@")
            if one.facets != there.facets:
                recoded.add(path)
    return Translator(names, frozenset(recoded))


def _roots_in_order(ours: Path, theirs: Path, roots: list[str]) -> list[str]:
    """Return the root elements of the other schema: they stand in the same files, in the same order."""
    places: dict[str, tuple[str, int]] = {}
    names: dict[tuple[str, int], str] = {}
    files = sorted(path.relative_to(theirs.parents[2]) for path in theirs.parents[2].rglob("*.xsd"))
    for top, table in ((ours.parents[2], None), (theirs.parents[2], names)):
        for path in (top / file for file in files):
            for index, element in enumerate(etree.parse(path).getroot().iterfind(f"{_XS}element")):
                place = (str(path.relative_to(top)), index)
                if table is None:
                    places[element.get("name")] = place
                else:
                    names[place] = element.get("name")
    return [names[places[root]] for root in roots]


def _side_by_side(one: Node, other: Node, above: str) -> Iterator[tuple[str, Node, Node]]:
    path = above + one.name
    yield path, one, other
    for below, there in zip(one.below, other.below, strict=True):
        yield from _side_by_side(below, there, f"{path}/")
