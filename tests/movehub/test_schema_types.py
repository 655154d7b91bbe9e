"""What is read of a schema is what it says, and what is not understood is left alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from movehub.codec.codec import Codec
from movehub.codec.schema import Schema
from movehub.official.node import Node
from movehub.official.tree import read_trees
from movehub.schema_types import ElementType, SchemaTypes, Unlike

from erru_client import CODEC as ERRU
from tachonet_client import CODEC as TACHONET

HEAD = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" elementFormDefault="qualified">'


def holding(inside: str, also: str = "") -> str:
    """Return the definition of an element with this inside, and of something else."""
    return f'<xs:element name="A"><xs:complexType>{inside}</xs:complexType></xs:element>{also}'


def ruled(rule: str) -> str:
    """Return the definition of an element with one attribute that has this rule."""
    kind = f'<xs:simpleType name="U">{rule}</xs:simpleType>'
    return holding('<xs:attribute name="b" type="U"/>', kind)


#: Definitions of an element, each with one thing that is not understood.
UNLIKE = {
    "default": holding('<xs:attribute name="b" type="xs:token" default="x"/>'),
    "fixed": holding('<xs:attribute name="b" type="xs:token" fixed="x"/>'),
    "any attribute": holding("<xs:anyAttribute/>"),
    "any element": holding("<xs:sequence><xs:any/></xs:sequence>"),
    "any order": holding("<xs:all/>"),
    "a group": holding('<xs:group ref="G"/>', '<xs:group name="G"><xs:sequence/></xs:group>'),
    "text": holding('<xs:simpleContent><xs:extension base="xs:token"/></xs:simpleContent>'),
    "mixed": '<xs:element name="A"><xs:complexType mixed="true"/></xs:element>',
    "nillable": '<xs:element name="A" nillable="true"><xs:complexType/></xs:element>',
    "unique": """<xs:element name="A"><xs:complexType/>
        <xs:unique name="u"><xs:selector xpath="*"/><xs:field xpath="@b"/></xs:unique></xs:element>""",
    "substitution": """<xs:element name="A" substitutionGroup="B" type="T"/><xs:element name="B" type="T"/>
        <xs:complexType name="T"/>""",
    "restriction": """<xs:element name="A" type="T"/>
        <xs:complexType name="S"><xs:attribute name="b" type="xs:token"/></xs:complexType>
        <xs:complexType name="T"><xs:complexContent><xs:restriction base="S">
        <xs:attribute name="b" type="xs:token" use="prohibited"/>
        </xs:restriction></xs:complexContent></xs:complexType>""",
    "union": ruled('<xs:union memberTypes="xs:token xs:date"/>'),
    "list": ruled('<xs:list itemType="xs:token"/>'),
    "digits": ruled('<xs:restriction base="xs:integer"><xs:totalDigits value="3"/></xs:restriction>'),
    "blanks": ruled('<xs:restriction base="xs:string"><xs:whiteSpace value="collapse"/></xs:restriction>'),
    "import": '<xs:import namespace="urn:b"/><xs:element name="A"><xs:complexType/></xs:element>',
}


@pytest.mark.parametrize("what", UNLIKE)
def test_from_what_is_not_understood_nothing_is_concluded(what: str, tmp_path: Path) -> None:
    path = tmp_path / "schema.xsd"
    path.write_text(f"{HEAD}{UNLIKE[what]}</xs:schema>")
    Schema(path).compile()
    with pytest.raises(Unlike):
        SchemaTypes(path).root("A")


def test_a_root_that_is_not_there_is_none(tmp_path: Path) -> None:
    path = tmp_path / "schema.xsd"
    path.write_text(f"{HEAD}</xs:schema>")
    with pytest.raises(Unlike):
        SchemaTypes(path).root("A")


def said(name: str, element: ElementType) -> Iterator[tuple[str, tuple[object, ...]]]:
    """Yield every value below an element by its path, and what is said of it."""
    for attribute, kind in element.attributes.items():
        yield f"{name}/@{attribute}", (kind.codes, kind.shortest or None, kind.longest)
    for below, inside in element.elements.items():
        yield from said(f"{name}/{below}", inside)


def told(name: str, node: Node) -> Iterator[tuple[str, tuple[object, ...]]]:
    """Yield the same as another library has read it."""
    for below in node.below:
        if below.is_attribute and below.facets is not None:
            yield f"{name}/{below.name}", (below.facets.codes, below.facets.shortest, below.facets.longest)
        yield from told(f"{name}/{below.name}", below)


@pytest.mark.parametrize("codec", [ERRU, TACHONET], ids=["ERRU", "TACHOnet"])
def test_our_schemas_are_understood_as_another_library_understands_them(codec: Codec) -> None:
    for edition in codec.editions:
        roots = [body.root for body in codec.bodies]
        types = SchemaTypes(edition.schema.path)
        for node in read_trees(dict.fromkeys(roots, edition.schema.path)):
            found = dict(said(node.name, types.root(node.name)))
            assert found == dict(told(node.name, node))
            assert found
