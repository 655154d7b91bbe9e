"""Schemas that would take minutes to compile are refused at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from movehub.errors import InvalidConfiguration
from movehub.official.folder import SchemaFolder

_HEAD = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:x" targetNamespace="urn:x">'


def folder(tmp_path: Path, body: str) -> SchemaFolder:
    (tmp_path / "a.xsd").write_text(f"{_HEAD}{body}</xs:schema>")
    return SchemaFolder(tmp_path)


def root(content: str) -> str:
    return f'<xs:element name="Root"><xs:complexType>{content}</xs:complexType></xs:element>'


def doubled(tag: str, inside: str, first: str, last: str, *, times: int = 40) -> str:
    """Return components of which each contains the one before it twice."""
    made = [f'<xs:{tag} name="g0">{inside.format(first)}</xs:{tag}>']
    for number in range(times):
        twice = f'<xs:{tag} ref="g{number}"/>' * 2
        made.append(f'<xs:{tag} name="g{number + 1}">{inside.format(twice)}</xs:{tag}>')
    return "".join(made) + root(last.format(f'<xs:{tag} ref="g{times}"/>'))


SEQUENCE = "<xs:sequence>{}</xs:sequence>"
CHOICE = "<xs:choice>{}</xs:choice>"
ELEMENT = '<xs:element name="a" type="xs:string" minOccurs="0"/>'


def derived(times: int, kind: str, first: str, next_: str) -> str:
    made = [f'<xs:{kind} name="t0">{first}</xs:{kind}>']
    made += [f'<xs:{kind} name="t{number + 1}">{next_.format(number)}</xs:{kind}>' for number in range(times)]
    return "".join(made) + f'<xs:element name="Root" type="t{times}"/>'


EXTENDED = (
    '<xs:complexContent><xs:extension base="t{0}"><xs:sequence><xs:element name="a{0}" type="xs:string"/>'
    "</xs:sequence></xs:extension></xs:complexContent>"
)
MEMBERS = "".join(f'<xs:element name="m{number}" substitutionGroup="head"/>' for number in range(400))


@pytest.mark.parametrize(
    "body",
    [
        doubled("group", SEQUENCE, ELEMENT, SEQUENCE),
        doubled("group", CHOICE, ELEMENT, SEQUENCE),
        doubled("group", SEQUENCE, "", SEQUENCE),
        doubled("attributeGroup", "{}", '<xs:attribute name="a"/>', "{}"),
        root(SEQUENCE.format("".join(ELEMENT.replace('"a"', f'"a{number}"') for number in range(5000)))),
        derived(5000, "complexType", SEQUENCE.format(ELEMENT), EXTENDED),
        derived(5000, "simpleType", '<xs:restriction base="xs:string"/>', '<xs:restriction base="t{}"/>'),
        '<xs:element name="head"/>' + MEMBERS + root(SEQUENCE.format('<xs:element ref="head"/>')),
    ],
    ids=["groups", "choices", "empty groups", "attribute groups", "wide", "types", "simple types", "members"],
)
def test_a_schema_that_grows_too_much_is_refused(tmp_path: Path, body: str) -> None:
    with pytest.raises(InvalidConfiguration, match="is too large: look at"):
        _ = folder(tmp_path, body).trees


@pytest.mark.parametrize(
    "body",
    [
        doubled("group", SEQUENCE, '<xs:element name="a" type="xs:string"/>', SEQUENCE, times=5),
        derived(10, "complexType", SEQUENCE.format(ELEMENT.replace('"a"', '"b"')), EXTENDED),
    ],
    ids=["groups", "types"],
)
def test_a_schema_of_a_usual_size_is_read(tmp_path: Path, body: str) -> None:
    assert [tree.name for tree in folder(tmp_path, body).trees] == ["Root"]


@pytest.mark.filterwarnings("ignore:can't verify the content model")
def test_groups_inside_too_many_groups_are_refused(tmp_path: Path) -> None:
    """There is no number of levels between a schema that is read and one that is refused."""
    for times in range(1, 60):
        body = derived(times, "complexType", SEQUENCE.format(ELEMENT), EXTENDED)
        try:
            assert [tree.name for tree in folder(tmp_path, body).trees] == ["Root"]
        except InvalidConfiguration as error:
            assert "has groups inside too many" in str(error) or "is too large" in str(error)


def test_components_that_contain_themselves_are_refused(tmp_path: Path) -> None:
    group = '<xs:group name="g"><xs:sequence><xs:group ref="g"/></xs:sequence></xs:group>'
    with pytest.raises(InvalidConfiguration, match="cannot be compiled"):
        _ = folder(tmp_path, group + root(SEQUENCE.format('<xs:group ref="g"/>'))).trees


def test_many_messages_that_are_large_together_are_refused(tmp_path: Path) -> None:
    """Each element below is there at 100,000 places."""
    ten = "".join(f'<xs:element name="a{number}" type="{{}}"/>' for number in range(10))
    types = [
        f'<xs:complexType name="t{n}"><xs:sequence>{ten.format(*[f"t{n - 1}"] * 10)}</xs:sequence>'
        "</xs:complexType>"
        for n in range(1, 6)
    ]
    leaf = '<xs:complexType name="t0"/>'
    with pytest.raises(InvalidConfiguration, match="the schema is too large"):
        _ = folder(tmp_path, leaf + "".join(types) + '<xs:element name="Root" type="t5"/>').trees
