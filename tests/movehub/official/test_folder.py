"""The schemas of an authority, in a folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from movehub.errors import InvalidConfiguration
from movehub.official.folder import SchemaFolder
from movehub.official.limits import MOST_BYTES, MOST_FILES
from movehub.protocol.edition import Violation

from tachonet_client import CODEC
from tests.support.official import schema_folder

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


def test_our_own_schemas_are_a_folder_like_any_other(tmp_path: Path) -> None:
    folder = SchemaFolder(schema_folder(tmp_path / "official", "tachonet", "3.0"))
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
        assert found.reason == "no message has this root element"


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
    with pytest.raises(InvalidConfiguration, match=r"a\.xsd refers to gone\.xsd, which is not a file in"):
        _ = SchemaFolder(tmp_path).files


ROOT = '<xs:element name="Root" type="xs:string"/>'
TYPES = '<xs:simpleType name="T"><xs:restriction base="xs:string"/></xs:simpleType>'
REFERENCES = {
    "include": '<xs:include schemaLocation="{}"/>',
    "import": '<xs:import namespace="urn:y" schemaLocation="{}"/>',
    "redefine": '<xs:redefine schemaLocation="{}"/>',
    "override": '<xs:override schemaLocation="{}"/>',
}


@pytest.mark.parametrize("way", REFERENCES)
@pytest.mark.parametrize(
    "location",
    [
        "../outside.xsd",
        "%2e%2e/outside.xsd",
        "{outside}",
        "file://{outside}",
        "http://127.0.0.1:9/outside.xsd",
        "//127.0.0.1:9/outside.xsd",
        "link.xsd",
        "linked/outside.xsd",
    ],
)
def test_a_reference_out_of_the_folder_is_refused(tmp_path: Path, way: str, location: str) -> None:
    """Directly or through another file, whatever both libraries would do with it."""
    outside = tmp_path / "outside.xsd"
    outside.write_text(schema(TYPES, "urn:y" if way == "import" else "urn:x"))
    folder = tmp_path / "official"
    folder.mkdir()
    (folder / "link.xsd").symlink_to(outside)
    (folder / "linked").symlink_to(tmp_path, target_is_directory=True)
    reference = REFERENCES[way].format(location.format(outside=outside))
    (folder / "b.xsd").write_text(schema(reference + TYPES.replace("T", "U")))
    (folder / "a.xsd").write_text(schema(REFERENCES["include"].format("b.xsd") + ROOT))
    if location != "link.xsd":
        (folder / "link.xsd").unlink()
    with pytest.raises(InvalidConfiguration, match=r"is not a file in .*/official"):
        _ = SchemaFolder(folder).trees


def test_a_file_of_the_folder_may_be_a_link_to_another_one(tmp_path: Path) -> None:
    (tmp_path / "types").mkdir()
    (tmp_path / "types" / "t.xsd").write_text(schema(TYPES))
    (tmp_path / "t.xsd").symlink_to(tmp_path / "types" / "t.xsd")
    (tmp_path / "a.xsd").write_text(schema(REFERENCES["include"].format("types/../t.xsd") + ROOT))
    assert [tree.name for tree in SchemaFolder(tmp_path).trees] == ["Root"]


def test_what_is_no_regular_file_is_refused_and_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.xsd")
    with pytest.raises(InvalidConfiguration, match="is not a file in"):
        _ = SchemaFolder(tmp_path).files


@pytest.mark.parametrize("name", ["ERRU%203.5", "a#b", "a?b", "a b", "100%", "%", "Größe", "日本", "a;b&c"])
def test_a_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    """`ERRU%203.5` is not `ERRU 3.5`, which lies beside it."""
    for folder, kind in ((name, "date"), ("ERRU 3.5", "boolean"), ("a", "boolean")):
        (tmp_path / folder).mkdir()
        body = f'<xs:simpleType name="Kind"><xs:restriction base="xs:{kind}"/></xs:simpleType>'
        (tmp_path / folder / "t y.xsd").write_text(schema(body))
        (tmp_path / folder / "a.xsd").write_text(
            schema('<xs:include schemaLocation="t%20y.xsd"/><xs:element name="Root" type="Kind"/>')
        )
    folder = SchemaFolder(tmp_path / name)
    (tree,) = folder.trees
    assert str(tree.facets) == "date"
    assert folder.judge(b'<Root xmlns="urn:x">2026-01-02</Root>') is None
    assert folder.judge(b'<Root xmlns="urn:x">true</Root>') is not None


def test_a_document_type_declaration_is_refused(tmp_path: Path) -> None:
    """An entity of it could be any file."""
    (tmp_path / "secret").write_text("xs:string")
    entity = f'<!DOCTYPE xs:schema [<!ENTITY secret SYSTEM "file://{tmp_path}/secret">]>'
    (tmp_path / "b.xsd").write_text(entity + schema("<xs:annotation>&secret;</xs:annotation>" + TYPES))
    (tmp_path / "a.xsd").write_text(schema(REFERENCES["include"].format("b.xsd") + ROOT))
    with pytest.raises(InvalidConfiguration, match=r"b\.xsd has a document type declaration"):
        _ = SchemaFolder(tmp_path).files


def test_a_name_in_an_error_is_shown_with_escapes(tmp_path: Path) -> None:
    (tmp_path / "a.xsd").write_text(schema('<xs:include schemaLocation="x&#10;\u202ey"/>'))
    with pytest.raises(InvalidConfiguration, match=r"refers to x\\u000A\\u202Ey, which"):
        _ = SchemaFolder(tmp_path).files


def test_a_long_chain_of_includes_is_refused(tmp_path: Path) -> None:
    for number in range(3000):
        (tmp_path / f"{number}.xsd").write_text(
            schema(REFERENCES["include"].format(f"{number + 1}.xsd") + ROOT)
        )
    (tmp_path / "3000.xsd").write_text(schema(ROOT))
    with pytest.raises(InvalidConfiguration, match=f"more than {MOST_FILES} schema files"):
        _ = SchemaFolder(tmp_path).trees


def test_a_chain_of_files_with_other_endings_is_refused(tmp_path: Path) -> None:
    for number in range(MOST_FILES + 1):
        (tmp_path / f"{number}.txt").write_text(schema(REFERENCES["include"].format(f"{number + 1}.txt")))
    (tmp_path / "a.xsd").write_text(schema(REFERENCES["include"].format("0.txt")))
    with pytest.raises(InvalidConfiguration, match="are larger than"):
        _ = SchemaFolder(tmp_path).files


def test_a_chain_that_is_just_short_enough_is_an_answer_or_a_refusal(tmp_path: Path) -> None:
    """A chain is followed by recursion in both libraries."""
    for number in range(MOST_FILES - 1):
        (tmp_path / f"{number:03}.xsd").write_text(
            schema(REFERENCES["include"].format(f"{number + 1:03}.xsd"))
        )
    (tmp_path / f"{MOST_FILES - 1:03}.xsd").write_text(schema(ROOT))
    try:
        assert [tree.name for tree in SchemaFolder(tmp_path).trees] == ["Root"]
    except InvalidConfiguration as error:
        assert "cannot be read as a schema" in str(error)


def test_a_file_that_is_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with (tmp_path / "a.xsd").open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(InvalidConfiguration, match="are larger than"):
        _ = SchemaFolder(tmp_path).files
