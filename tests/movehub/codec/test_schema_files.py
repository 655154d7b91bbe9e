"""The documents of a schema are all that the libraries ever see of it."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

import pytest
from lxml import etree
from movehub.codec.schema import Schema
from movehub.codec.schema_files import SchemaDocuments
from movehub.official import tree
from xmlschema import XMLSchemaException

from tests.support.official import SCHEMAS

_XS = 'xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:x" targetNamespace="urn:x"'


TYPES = '<xs:simpleType name="T"><xs:restriction base="xs:string"/></xs:simpleType>'


def document(body: str) -> bytes:
    return f"<xs:schema {_XS}>{body}</xs:schema>".encode()


@pytest.mark.filterwarnings("ignore:.* schema failed")
@pytest.mark.parametrize("way", ["include", "redefine"])
@pytest.mark.parametrize("location", ["{path}", "file://{path}", "movehub:{path}", "movehub:1.xsd"])
def test_a_reference_that_is_no_name_of_a_document_opens_nothing(
    tmp_path: Path, way: str, location: str
) -> None:
    path = tmp_path / "types.xsd"
    path.write_bytes(document(TYPES))
    reference = f'<xs:{way} schemaLocation="{location.format(path=path)}"/>'
    root = document(f'{reference}<xs:element name="Root" type="T"/>')
    schema = SchemaDocuments("movehub:0.xsd", {"movehub:0.xsd": root})
    with pytest.raises(etree.XMLSchemaParseError):
        schema.compiled()
    with suppress(XMLSchemaException):
        assert "T" not in tree._understood(schema).types


@pytest.mark.parametrize("name", ["job%2Fbranch", "a#b", "a b", "Größe"])
def test_our_own_schemas_work_in_a_folder_of_any_name(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    shutil.copytree(SCHEMAS, folder)
    schema = Schema(folder / "erru" / "3.5" / "erru.xsd")
    schema.compile()
    assert schema.names == Schema.shipped("erru/3.5/erru.xsd").names
