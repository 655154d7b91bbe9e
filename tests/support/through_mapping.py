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

from .renamed import NAMESPACE, OTHER_NAMESPACE, Translator, rename_schema, truth


def mapped_edition(folder: Path) -> tuple[Edition, Translator]:
    """Rename our schema, let the tool find the mapping, confirm its guesses, and load the edition."""
    schemas = rename_schema(folder / "official")
    there = truth(schemas, [body.root for body in CODEC.bodies])
    mapping = folder / "mapping.toml"
    mapping.write_text(check_folder(CODEC, schemas).mapping.replace("#? ", ""), "utf-8")
    return Edition.from_directory(schemas, mapping), there


def install(folder: Path) -> None:
    """Make every codec of TACHOnet speak the renamed schema, behind translators."""
    edition, there = mapped_edition(folder)
    mapped = CODEC.speaking(edition)
    decode, write = Codec.decode, Codec.write

    def decode_there(self: Codec, data: bytes) -> Any:
        if self.system != CODEC.system:
            return decode(self, data)
        return _told_in_our_names(there, lambda: decode(mapped, _translated(there, data)))

    def write_there(self: Codec, message: Any) -> bytes:
        if self.system != CODEC.system:
            return write(self, message)
        data = _told_in_our_names(there, lambda: write(mapped, message))
        return _swapped(there.back, data, OTHER_NAMESPACE, NAMESPACE)

    Codec.decode, Codec.write = decode_there, write_there  # type: ignore[method-assign]


def _translated(there: Translator, data: bytes) -> bytes:
    """Translate what is a document of ours; the codec must see everything else as it is."""
    try:
        root = etree.fromstring(data, strict_parser())
    except (etree.XMLSyntaxError, ValueError):
        return data
    ours = etree.QName(root).namespace == NAMESPACE and b"<!DOCTYPE" not in data
    return _swapped(there, data, NAMESPACE, OTHER_NAMESPACE) if ours else data


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
