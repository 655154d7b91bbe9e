"""The schemas of an authority, in a folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from movehub.errors import InvalidConfiguration
from movehub.official.folder import SchemaFolder
from movehub.protocol.edition import Violation

from tachonet_client import CODEC
from tests.support.official import SCHEMAS

_XS = 'xmlns:xs="http://www.w3.org/2001/XMLSchema"'


def schema(body: str, namespace: str = "urn:x") -> str:
    return f'<xs:schema {_XS} xmlns="{namespace}" targetNamespace="{namespace}">{body}</xs:schema>'


def test_a_root_is_found_in_the_file_that_includes_its_own(tmp_path: Path) -> None:
    (tmp_path / "a.xsd").write_text(schema('<xs:include schemaLocation="types/b.xsd"/>'))
    (tmp_path / "types").mkdir()
    (tmp_path / "types" / "b.xsd").write_text(schema('<xs:element name="Root" type="xs:string"/>'))
    assert SchemaFolder(tmp_path).files == {"Root": tmp_path / "a.xsd"}


def test_two_files_may_define_a_type_of_one_name(tmp_path: Path) -> None:
    for root, kind in (("One", "xs:date"), ("Two", "xs:boolean")):
        body = f'<xs:simpleType name="Kind"><xs:restriction base="{kind}"/></xs:simpleType>'
        (tmp_path / f"{root}.xsd").write_text(schema(f'{body}<xs:element name="{root}" type="Kind"/>'))
    folder = SchemaFolder(tmp_path)
    for document, valid in (
        ('<One xmlns="urn:x">2026-01-02</One>', True),
        ('<One xmlns="urn:x">true</One>', False),
        ('<Two xmlns="urn:x">true</Two>', True),
    ):
        assert (folder.judge(document.encode()) is None) is valid
        assert isinstance(folder.read(document.encode()), Violation) is not valid


def test_our_own_schemas_are_a_folder_like_any_other() -> None:
    folder = SchemaFolder(SCHEMAS / "tachonet" / "3.0")
    assert set(folder.files) == {body.root for body in CODEC.bodies}
    assert folder.namespaces == {CODEC.editions[-1].namespace}


def test_a_root_of_no_file_is_a_violation(tmp_path: Path) -> None:
    (tmp_path / "a.xsd").write_text(schema('<xs:element name="Root" type="xs:string"/>'))
    document = '<Else xmlns="urn:x"/>'
    for found in (
        SchemaFolder(tmp_path).judge(document.encode()),
        SchemaFolder(tmp_path).read(document.encode()),
    ):
        assert isinstance(found, Violation)
        assert found.reason == "no message begins with this element"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "no schema with a root element"),
        ("<a", "is not XML"),
        ("<a/>", "is not an XML Schema"),
        (
            schema('<xs:simpleType name="T"><xs:restriction base="xs:string"/></xs:simpleType>'),
            "no schema with",
        ),
    ],
    ids=["empty", "broken", "something else", "types alone"],
)
def test_a_folder_without_a_schema_is_refused(tmp_path: Path, content: str | None, says: str) -> None:
    if content is not None:
        (tmp_path / "a.xsd").write_text(content)
    with pytest.raises(InvalidConfiguration, match=says):
        _ = SchemaFolder(tmp_path).files


def test_two_files_that_define_one_message_are_refused(tmp_path: Path) -> None:
    for name in ("old", "new"):
        (tmp_path / f"{name}.xsd").write_text(schema('<xs:element name="Root" type="xs:string"/>'))
    with pytest.raises(InvalidConfiguration, match="both define Root"):
        _ = SchemaFolder(tmp_path).files


def test_a_file_that_redefines_another_judges_in_its_place(tmp_path: Path) -> None:
    kind = '<xs:simpleType name="T"><xs:restriction base="{}">{}</xs:restriction></xs:simpleType>'
    (tmp_path / "a.xsd").write_text(
        schema(kind.format("xs:string", "") + '<xs:element name="Root" type="T"/>')
    )
    stricter = kind.format("T", '<xs:maxLength value="1"/>')
    (tmp_path / "b.xsd").write_text(schema(f'<xs:redefine schemaLocation="a.xsd">{stricter}</xs:redefine>'))
    document = '<Root xmlns="urn:x">long</Root>'
    assert SchemaFolder(tmp_path).judge(document.encode()) is not None


def test_files_that_include_each_other_are_one(tmp_path: Path) -> None:
    for name, other in (("a", "b"), ("b", "a")):
        include = f'<xs:include schemaLocation="{other}.xsd"/>'
        (tmp_path / f"{name}.xsd").write_text(
            schema(f'{include}<xs:element name="{name}" type="xs:string"/>')
        )
    assert set(SchemaFolder(tmp_path).files.values()) == {tmp_path / "a.xsd"}


def test_a_folder_or_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfiguration, match="there is no folder"):
        _ = SchemaFolder(tmp_path / "none").files
    (tmp_path / "a.xsd").write_text(schema('<xs:include schemaLocation="gone.xsd"/>'))
    with pytest.raises(InvalidConfiguration, match=r"gone\.xsd cannot be opened"):
        _ = SchemaFolder(tmp_path).files
