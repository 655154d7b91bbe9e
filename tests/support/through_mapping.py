"""`pytest --through-mapping`: every TACHOnet message goes through the renamed schema and the mapping of it.

A document on its way in is translated into the other names before it is decoded, and one on its way out after
it was encoded; so in between all is spoken as an authority with other schemas would, and the tests need not
know. Paths in errors are translated back.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from lxml import etree
from movehub.codec.codec import Codec
from movehub.codec.parser import strict_parser
from movehub.errors import MovehubError, Where
from movehub.official.checking import check_folder
from movehub.protocol.edition import Edition

from tachonet_client import CODEC

from .renamed import Translator, namespace, other_namespace, rename_schema, truth


def mapped_edition(folder: Path, version: str = "3.0") -> tuple[Edition, Translator]:
    """Rename the schema of an edition, let the tool find the mapping, confirm its guesses, and load it."""
    schemas = rename_schema(folder / "official", version)
    there = truth(schemas, [body.root for body in CODEC.bodies], version)
    mapping = folder / "mapping.toml"
    mapping.write_text(check_folder(CODEC, schemas).mapping.replace("#? ", ""), "utf-8")
    return Edition.from_directory(schemas, mapping), there


def install(folder: Path) -> None:
    """Make every codec of TACHOnet speak the renamed schemas of all editions, behind translators."""
    mapped, there = CODEC, dict[str, Translator]()
    for version in (edition.version for edition in CODEC.editions):
        edition, there[version] = mapped_edition(folder / version, version)
        mapped = mapped.speaking(edition)
    decode, write = Codec.decode, Codec.write

    def decode_there(self: Codec, data: bytes) -> Any:
        version = None if self.system != CODEC.system else _version(data)
        if version is None:
            return decode(self if self.system != CODEC.system else mapped, data)
        sent = _swapped(there[version], data, namespace(version), other_namespace(version))
        return _told_in_our_names(there[version], lambda: decode(mapped, sent))

    def write_there(self: Codec, message: Any) -> bytes:
        version = message.header.version
        if self.system != CODEC.system or version not in there:
            return write(self, message)
        data = _told_in_our_names(there[version], lambda: write(mapped, message))
        return _swapped(there[version].back, data, other_namespace(version), namespace(version))

    Codec.decode, Codec.write = decode_there, write_there  # type: ignore[method-assign]


def _version(data: bytes) -> str | None:
    """Return the version of a document of ours. The codec must see everything else as it is."""
    try:
        root = etree.fromstring(data, strict_parser())
    except (etree.XMLSyntaxError, ValueError):
        return None
    ours = {edition.namespace: edition.version for edition in CODEC.editions}
    return None if b"<!DOCTYPE" in data else ours.get(etree.QName(root).namespace or "")


def _swapped(there: Translator, data: bytes, old: str, new: str) -> bytes:
    text = data.decode("utf-8")
    return (
        there.document(text).replace(f'"{old}"', f'"{new}"').replace(f"'{old}'", f"'{new}'").encode("utf-8")
    )


def _told_in_our_names(there: Translator, call: Callable[[], Any]) -> Any:
    try:
        return call()
    except MovehubError as error:
        error.where = Where(there.back.path(error.where.path), error.where.line)
        raise
