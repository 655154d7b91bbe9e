"""What a schema says, as a tree."""

from __future__ import annotations

from pathlib import Path

import pytest
from movehub.codec.schema import Schema
from movehub.errors import InvalidConfiguration
from movehub.official.tree import WITHOUT_NAMESPACE, Facets, Node, read_trees

_HEAD = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:x" targetNamespace="urn:x"'
_QUALIFIED = f'{_HEAD} elementFormDefault="qualified">'


def read(tmp_path: Path, body: str, head: str = _QUALIFIED) -> Node:
    path = tmp_path / "a.xsd"
    path.write_text(f"{head}{body}</xs:schema>")
    return read_trees({"Root": Schema(path)})[0]


def root(content: str) -> str:
    return f'<xs:element name="Root"><xs:complexType>{content}</xs:complexType></xs:element>'


def test_a_type_has_the_facets_of_the_types_it_is_made_of(tmp_path: Path) -> None:
    types = """
      <xs:simpleType name="Short"><xs:restriction base="xs:token">
        <xs:minLength value="1"/><xs:maxLength value="9"/></xs:restriction></xs:simpleType>
      <xs:simpleType name="Same"><xs:restriction base="Short"/></xs:simpleType>"""
    node = read(tmp_path, types + root('<xs:attribute name="a" type="Same" use="required"/>'))
    assert node.below == (Node("@a", required=True, facets=Facets("string", (), 1, 9)),)
    assert str(node.below[0].facets) == "string of 1 to 9 characters"


def test_a_list_of_codes_is_kept_in_its_order(tmp_path: Path) -> None:
    codes = "".join(f'<xs:enumeration value="{code}"/>' for code in "BA")
    codes = f'<xs:restriction base="xs:string">{codes}</xs:restriction>'
    node = read(
        tmp_path, root(f'<xs:attribute name="a"><xs:simpleType>{codes}</xs:simpleType></xs:attribute>')
    )
    assert node.below[0].facets == Facets("string", ("B", "A"))
    assert str(node.below[0].facets) == "one of 2 codes"
    assert not node.below[0].required


def test_what_stands_in_a_choice_is_optional_and_what_is_repeated_is_many(tmp_path: Path) -> None:
    content = """<xs:sequence>
      <xs:element name="One" type="xs:string"/>
      <xs:element name="Many" type="xs:string" maxOccurs="unbounded"/>
      <xs:choice>
        <xs:element name="This" type="xs:string"/>
        <xs:element name="That" type="xs:string"/>
      </xs:choice>
      <xs:sequence minOccurs="0"><xs:element name="Perhaps" type="xs:string"/></xs:sequence>
    </xs:sequence>"""
    found = {node.name: (node.required, node.many) for node in read(tmp_path, root(content)).below}
    assert found == {
        "One": (True, False),
        "Many": (True, True),
        "This": (False, False),
        "That": (False, False),
        "Perhaps": (False, False),
    }


def test_elements_of_one_name_in_two_branches_are_one_with_what_both_have(tmp_path: Path) -> None:
    content = """<xs:choice>
      <xs:sequence><xs:element name="A" type="T"/><xs:element name="B" type="xs:string"/></xs:sequence>
      <xs:sequence><xs:element name="B" type="xs:string"/><xs:element name="A" type="T"/></xs:sequence>
    </xs:choice>"""
    kind = '<xs:complexType name="T"><xs:attribute name="x"/></xs:complexType>'
    node = read(tmp_path, kind + root(content))
    assert [below.name for below in node.below] == ["A", "B"]
    assert [below.name for below in node.below[0].below] == ["@x"]


def test_an_element_without_a_namespace_is_told(tmp_path: Path) -> None:
    content = '<xs:sequence><xs:element name="A" type="xs:string"/></xs:sequence>'
    assert read(tmp_path, root(content)).below[0].unusual == ()
    assert read(tmp_path, root(content), f"{_HEAD}>").below[0].unusual == (WITHOUT_NAMESPACE,)


def test_an_element_that_holds_itself_is_refused(tmp_path: Path) -> None:
    kind = (
        '<xs:complexType name="T"><xs:sequence><xs:element name="A" type="T"/></xs:sequence></xs:complexType>'
    )
    with pytest.raises(InvalidConfiguration, match="contains itself"):
        read(tmp_path, kind + '<xs:element name="Root" type="T"/>')


def test_what_is_no_schema_of_the_root_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfiguration, match="has no element Root"):
        read(tmp_path, '<xs:element name="Other" type="xs:string"/>')
    with pytest.raises(InvalidConfiguration, match="cannot be read as a schema"):
        read(tmp_path, '<xs:element name="Root" type="Unknown"/>')
