"""Bytes ⇄ messages, valid by the official schema in both directions: one way in, and one way out.

A `Codec` knows the editions and bodies of one system. A `Schema` is a schema file, compiled at its first use:
the only judge of a document. `DocumentType` is one kind of message in one edition, and `parse` the strict
parser, without a schema, for tools that look at a document.
"""

from movehub.codec.codec import Codec
from movehub.codec.document_type import DocumentType
from movehub.codec.parser import parse, strict_parser
from movehub.codec.schema import Schema

__all__ = ["Codec", "DocumentType", "Schema", "parse", "strict_parser"]
