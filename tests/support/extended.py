"""One of our schemas as another authority could have it: renamed, with less, and with more.

By chance, every name changes its case, some optional attributes and elements are missing, and records have
extra attributes and elements, optional and mandatory. An extra element is text, text with attributes, or
attributes alone. `confirmed` does what a person does with the mapping that `edition check` writes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

from lxml import etree
from movehub.codec.codec import Codec
from movehub.codec.document_type import DocumentType
from movehub.official.checking import check_folder
from movehub.protocol.edition import Edition
from movehub.protocol.message import Message
from movehub.records import Plan, with_extra

from .official import schema_folder

_XS = "{http://www.w3.org/2001/XMLSchema}"
#: What XML must escape, what a parser folds, and what is long.
_TEXTS = ("Rue de la Loi 1", "a\tb\nc", " \"&<>' ", "Größe 日本", "x" * 300, "0")

_TEXT = '<xs:element xmlns:xs="http://www.w3.org/2001/XMLSchema" name="{}" type="xs:string"{}/>'
_ATTRIBUTES = (
    '<xs:element xmlns:xs="http://www.w3.org/2001/XMLSchema" name="{}"{}><xs:complexType>{}</xs:complexType>'
    "</xs:element>"
)
_ATTRIBUTE = '<xs:attribute xmlns:xs="http://www.w3.org/2001/XMLSchema" name="{}" type="xs:string"{}/>'
_BOTH = '<xs:simpleContent><xs:extension base="xs:string">{}</xs:extension></xs:simpleContent>'


def extend_schema(folder: Path, system: str, version: str, seed: int) -> Path:
    """Write such a schema of an edition into a folder, and return the folder."""
    random = Random(seed)
    for path in sorted(schema_folder(folder, system, version).rglob("*.xsd")):
        tree = etree.parse(path)
        _leave_out(tree, random)
        for declaration in tree.iter(f"{_XS}element", f"{_XS}attribute"):
            declaration.set("name", declaration.get("name", "").swapcase())
        for kind in list(tree.iterfind(f"{_XS}complexType")):
            _add(kind, random)
        path.write_bytes(etree.tostring(tree))
    return folder


def _leave_out(tree: Any, random: Random) -> None:
    for declaration in list(tree.iter(f"{_XS}attribute", f"{_XS}element")):
        above = declaration.getparent()
        if declaration.tag == f"{_XS}attribute":
            optional = declaration.get("use") != "required"
        else:
            optional = (
                declaration.get("minOccurs") == "0" and above.tag == f"{_XS}sequence" and len(above) > 1
            )
        if optional and random.random() < 0.2:
            above.remove(declaration)


def _add(kind: Any, random: Random) -> None:
    if kind.find(f"{_XS}simpleContent") is not None or kind.find(f"{_XS}complexContent") is not None:
        return
    content = kind.find(f"{_XS}sequence")
    for number in range(random.choice((0, 1, 1, 2))):
        use = random.choice(("", ' use="required"'))
        kind.append(etree.fromstring(_ATTRIBUTE.format(f"extraText{number}", use)))
    if content is None or content.get("minOccurs") == "0":
        return
    for number in range(random.choice((0, 1, 2))):
        place = random.randint(min(1, len(content)), len(content))
        content.insert(place, etree.fromstring(_element(f"ExtraElement{number}", random)))


def _element(name: str, random: Random) -> str:
    often = random.choice(("", ' minOccurs="0"'))
    attributes = "".join(
        _ATTRIBUTE.format(f"extra{letter}", random.choice(("", ' use="required"'))) for letter in "AB"
    )
    ways = (_TEXT.format(name, often), _ATTRIBUTES.format(name, often, attributes))
    return random.choice((*ways, _ATTRIBUTES.format(name, often, _BOTH.format(attributes))))


def confirmed(mapping: str) -> str:
    """Confirm in a mapping what is extra and what is missing, and refuse each guess about a name."""
    before, start, missing = mapping.partition("\nmissing = [")
    inside, end, after = missing.partition("\n]")
    lines = re.split(r"\n", "".join((before, start, re.sub(r'#\??\s*(?=")', "", inside), end, after)))
    return "\n".join(
        re.sub(r"^#\??\s*(?=\")", "", line) if re.match(r'#\??\s*"[^"]*(?i:extra)[^"]*" = ', line) else line
        for line in lines
    )


def edition_of_extended(folder: Path, codec: Codec, version: str, seed: int) -> Edition:
    """Return the edition of such a schema, with the mapping that `edition check` writes and one confirms."""
    official = extend_schema(folder / "official", codec.system.lower(), version, seed)
    mapping = folder / "mapping.toml"
    mapping.write_text(confirmed(check_folder(codec, official).mapping), "utf-8")
    return Edition.from_directory(official, mapping)


def as_there(message: Message[Any], edition: Edition, random: Random) -> Message[Any]:
    """Return a message as the edition has it: without what it lacks, and with its extra fields."""
    (_, header), (_, body) = DocumentType(type(message.body), edition).parts
    return Message(
        header=_as_there(message.header, header, edition, random),
        body=_as_there(message.body, body, edition, random),
    )


def _as_there(record: Any, plan: Plan, edition: Edition, random: Random) -> Any:
    changes: dict[str, Any] = {}
    for field in plan.absent:
        changes[field.field] = () if isinstance(getattr(record, field.field), tuple) else None
    for child in plan.children:
        plans = {below.cls: below for _, belows in child.alternatives for below in belows}
        found = getattr(record, child.field)
        items = found if child.many else (found,)
        there = tuple(
            item if item is None else _as_there(item, plans[type(item)], edition, random) for item in items
        )
        changes[child.field] = there if child.many else there[0]
    return with_extra(replace(record, **changes), **dict(_texts(plan, random)))


def _texts(plan: Plan, random: Random) -> Iterator[tuple[str, str]]:
    for extra in plan.extras:
        yield extra.field, random.choice(_TEXTS)


def changed_schema(
    folder: Path, system: str, version: str, changes: Mapping[str, tuple[tuple[str, str], ...]]
) -> Path:
    """Copy our schema and change texts in its files, each at its first place. Return the folder."""
    schema_folder(folder, system, version)
    for file, pairs in changes.items():
        text = (folder / file).read_text("utf-8")
        for old, new in pairs:
            assert old in text, f"the schema no longer has {old}"
            text = text.replace(old, new, 1)
        (folder / file).write_text(text, "utf-8")
    return folder
