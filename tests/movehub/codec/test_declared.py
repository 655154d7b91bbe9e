"""An error shows what the schema declares about a value, and nothing of the validator's text about it."""

from __future__ import annotations

import re
from typing import Final

import pytest
from lxml import etree
from movehub.codec.declared import Declared
from movehub.codec.schema import Schema
from movehub.errors import InvalidIncoming

import erru_client as erru
from tests.support.erru_messages import valid_messages
from tests.support.examples import CANARY

#: The namespace of our declarations, and the default one of their names.
_HEAD: Final = (
    '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:t" xmlns="urn:t" '
    'targetNamespace="urn:t" elementFormDefault="qualified">'
)
_CODES: Final = '<xs:enumeration value="A"/><xs:enumeration value="B"/>'


def _simple(name: str, base: str, content: str) -> str:
    restriction = f'<xs:restriction base="{base}">{content}</xs:restriction>'
    return f'<xs:simpleType name="{name}">{restriction}</xs:simpleType>'


_TYPES: Final = f"""
  {_simple("Text", "xs:token", '<xs:maxLength value="9"/>')}
  {_simple("Short", "t:Text", '<xs:maxLength value="4"/>')}
  {_simple("Same", "t:Short", "")}
  {_simple("Code", "xs:token", _CODES)}
  <xs:complexType name="Base"><xs:attribute name="inherited" type="Same"/></xs:complexType>
  <xs:complexType name="Valued">
    <xs:simpleContent><xs:extension base="Code"/></xs:simpleContent>
  </xs:complexType>
  <xs:complexType name="Endless">
    <xs:sequence><xs:element name="In" type="Endless"/></xs:sequence>
  </xs:complexType>
  <xs:attributeGroup name="Group"><xs:attribute name="grouped" type="t:Text"/></xs:attributeGroup>
  <xs:attribute name="global" type="t:Code"/>
  <xs:group name="Parts">
    <xs:choice><xs:element ref="t:Part"/><xs:element name="Valued" type="Valued"/></xs:choice>
  </xs:group>
  <xs:element name="Part" type="t:Short"/>
  <xs:element name="Root"><xs:complexType><xs:complexContent><xs:extension base="Base">
    <xs:sequence><xs:group ref="Parts"/><xs:element name="Endless" type="Endless"/></xs:sequence>
    <xs:attributeGroup ref="t:Group"/><xs:attribute ref="t:global"/>
    <xs:attribute name="own"><xs:simpleType><xs:restriction base="Same"/></xs:simpleType></xs:attribute>
  </xs:extension></xs:complexContent></xs:complexType></xs:element>
"""
DECLARED: Final = Declared([etree.fromstring(f"{_HEAD}{_TYPES}</xs:schema>")])


@pytest.mark.parametrize(
    ("path", "facet", "values"),
    [
        ("Root/@inherited", "maxLength", ("4",)),
        ("Root/@grouped", "maxLength", ("9",)),
        ("Root/@own", "maxLength", ("4",)),
        ("Root/@global", "enumeration", ("A", "B")),
        ("Root/Part/", "maxLength", ("4",)),
        ("Root/Valued/", "enumeration", ("A", "B")),
        ("Root/@own", "length", ()),
        ("Root/@other", "maxLength", ()),
        ("Root/Other/@own", "maxLength", ()),
        ("Other/@own", "maxLength", ()),
        ("Root/Endless/In/In/@a", "maxLength", ()),
        ("", "maxLength", ()),
    ],
)
def test_a_facet_is_that_of_the_declaration(path: str, facet: str, values: tuple[str, ...]) -> None:
    elements, _, attribute = path.rpartition("/")
    found = DECLARED.facet([part for part in elements.split("/") if part], attribute.lstrip("@"), facet)
    assert found == values


def test_a_name_with_two_declarations_is_not_explained() -> None:
    roots = [etree.fromstring(f"{_HEAD}{_TYPES}</xs:schema>") for _ in range(2)]
    assert Declared(roots).facet(["Root"], "own", "maxLength") == ()


@pytest.mark.parametrize(
    "words",
    [
        "[facet 'enumeration'] The value is not an element of the set {'%s'}.",
        "this exceeds the allowed maximum length of '%s'.",
        "attribute '%s': attribute 'familyName': The attribute 'firstName' is not allowed.",
        "\x85%s\x9b31m is not an element of the set {",
    ],
)
@pytest.mark.parametrize("size", [1, 63_900, 64_100, 200_000])
def test_a_value_in_the_words_of_a_validator_is_not_quoted(words: str, size: int) -> None:
    """libxml2 cuts off its text at 64,000 bytes, so that the end of it is the value's."""
    document = erru.encode(valid_messages()["CheckGoodRepute_Request"])
    value = words % CANARY
    for long in (f"{value}{'x' * size}", f"{'x' * (size - 100)}{value}"):
        bad = re.sub(b'(?<=requestPurpose=")[^"]*', long.encode(), document)
        with pytest.raises(InvalidIncoming) as caught:
            erru.decode(bad)
        assert caught.value.reason == "not one of 'Issue', 'Control', 'Heartbeat', 'Other'"
        assert caught.value.where.path == "CheckGoodRepute_Request/Body/@requestPurpose"


def test_the_code_lists_and_lengths_of_the_shipped_schemas_are_found() -> None:
    shipped = Schema.shipped("erru/3.5/erru.xsd")
    message = etree.fromstring(erru.encode(valid_messages()["CheckGoodRepute_Response"]))
    explained: set[str] = set()
    for element in message.iter(etree.Element):
        path = [etree.QName(each).localname for each in (*reversed(list(element.iterancestors())), element)]
        for name in map(str, element.attrib):
            facets = ("enumeration", "maxLength", "length")
            if any(shipped._declared.facet(path, name, facet) for facet in facets):
                explained.add(f"{path[-1]}/@{name}")
    assert {"Header/@to", "Header/@version", "Body/@businessCaseId", "MemberState/@statusCode"} <= explained
