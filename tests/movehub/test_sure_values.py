"""What is taken without asking the schema is what the schema takes; the rest is left to it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from movehub.records.values import Kind, Uuid, kind_of
from movehub.schema_types import SimpleType, Unlike
from movehub.sure_values import is_plain, sure_value

FORM = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"


class Colour(StrEnum):
    """Two of the three codes of a schema."""

    RED = "Red"
    BLUE = "Blue"


def kind(python_type: type) -> Kind:
    found = kind_of(python_type)
    assert found is not None
    return found


#: Each rule with a schema that says the same.
RULES: dict[str, tuple[type, SimpleType, str]] = {
    "a code": (
        Colour,
        SimpleType("token", ("Red", "Green", "Blue")),
        '<xs:restriction base="xs:token"><xs:enumeration value="Red"/><xs:enumeration value="Green"/>'
        '<xs:enumeration value="Blue"/></xs:restriction>',
    ),
    "a text": (
        str,
        SimpleType("token", shortest=1, longest=3),
        '<xs:restriction base="xs:token"><xs:minLength value="1"/><xs:maxLength value="3"/></xs:restriction>',
    ),
    "a text of a form": (
        str,
        SimpleType("string", patterns=("[A-Z]{2}|x",), longest=2),
        '<xs:restriction base="xs:string"><xs:pattern value="[A-Z]{2}|x"/><xs:maxLength value="2"/>'
        "</xs:restriction>",
    ),
    "an instant": (
        datetime,
        SimpleType("dateTime", patterns=(FORM,), least="1753-01-01T00:00:00Z"),
        f'<xs:restriction base="xs:dateTime"><xs:pattern value="{FORM}"/>'
        '<xs:minInclusive value="1753-01-01T00:00:00Z"/></xs:restriction>',
    ),
    "a day": (date, SimpleType("date"), '<xs:restriction base="xs:date"/>'),
    "a truth": (bool, SimpleType("boolean"), '<xs:restriction base="xs:boolean"/>'),
    "a number": (int, SimpleType("positiveInteger"), '<xs:restriction base="xs:positiveInteger"/>'),
    "a number or none": (
        int,
        SimpleType("nonNegativeInteger"),
        '<xs:restriction base="xs:nonNegativeInteger"/>',
    ),
}
INSTANTS = st.datetimes().map(lambda instant: instant.isoformat()[:19] + "Z")
DAYS = st.dates().map(str)


@st.composite
def nearly(draw: st.DrawFn, rights: st.SearchStrategy[str]) -> str:
    """Draw a text of which one to three characters are other ones than those of a right text."""
    text = list(draw(rights))
    for place in draw(st.lists(st.integers(0, len(text) - 1), min_size=1, max_size=3)):
        text[place] = draw(st.sampled_from("01249-+:TZtzW._,\0\u0665é"))
    return "".join(text)


TEXTS = st.one_of(
    st.text("0123456789-+TZ:. ", max_size=21),
    st.text(st.sampled_from("ABxyz é\u0301\u00a0Ω&<1"), max_size=5),
    INSTANTS,
    DAYS,
    nearly(INSTANTS),
    nearly(DAYS),
    st.integers(-3, 10**12).map(str),
    st.sampled_from(["Red", "Green", "red", "true", "false", "1", "0", "007", "2026-02-29", "2026-W01-1"]),
)


def schema(restriction: str) -> etree.XMLSchema:
    return etree.XMLSchema(
        etree.fromstring(
            '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="a"><xs:complexType>'
            f'<xs:attribute name="b"><xs:simpleType>{restriction}</xs:simpleType></xs:attribute>'
            "</xs:complexType></xs:element></xs:schema>"
        )
    )


def taken(read: Any, text: str) -> bool:
    try:
        read(text)
    except (ValueError, KeyError):
        return False
    return True


@pytest.mark.parametrize("rule", RULES)
def test_what_is_taken_the_schema_takes_too(rule: str) -> None:
    python_type, said, restriction = RULES[rule]
    sure, xsd = sure_value(kind(python_type), said), schema(restriction)

    @given(TEXTS)
    def holds(text: str) -> None:
        if not is_plain(text) or not taken(sure.read, text):
            return
        element = etree.Element("a", b=text)
        assert xsd.validate(element), text
        assert sure.read_all([text, text]) == [sure.read(text)] * 2 == [kind(python_type).read(text)] * 2

    holds()


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("a code", "Red"),
        ("a text", "ab"),
        ("a text of a form", "FI"),
        ("an instant", "2026-10-20T09:30:00Z"),
        ("a day", "2026-10-20"),
        ("a truth", "true"),
        ("a number", "42"),
        ("a number or none", "0"),
    ],
)
def test_what_is_written_as_it_always_is_is_taken(rule: str, text: str) -> None:
    python_type, said, _ = RULES[rule]
    sure = sure_value(kind(python_type), said)
    assert sure.read(text) == kind(python_type).read(text)


def test_a_code_that_means_nothing_here_is_left_to_the_reader() -> None:
    sure = sure_value(kind(Colour), RULES["a code"][1])
    with pytest.raises(KeyError):
        sure.read("Green")


def test_one_value_that_is_not_sure_spoils_its_column() -> None:
    for rule, good, bad in (
        ("a text", "ab", "abcd"),
        ("a day", "2026-10-20", "2026-10-2"),
        ("a code", "Red", "Rot"),
    ):
        python_type, said, _ = RULES[rule]
        with pytest.raises((ValueError, KeyError)):
            sure_value(kind(python_type), said).read_all([good, good, bad, good])


@pytest.mark.parametrize(
    ("python_type", "said"),
    [
        (str, SimpleType("anyURI")),
        (str, SimpleType("token", patterns=(r"\d+",))),
        (str, SimpleType("token", patterns=("[^a]",))),
        (str, SimpleType("token", patterns=("a.b",))),
        (str, SimpleType("token", patterns=("^a$",))),
        (str, SimpleType("token", patterns=("(?i)a",))),
        (str, SimpleType("token", ("a", "b"), patterns=("a",))),
        (str, SimpleType("token", ("a", "b"), shortest=1)),
        (bool, SimpleType("boolean", patterns=("true",))),
        (int, SimpleType("positiveInteger", longest=2)),
        (int, SimpleType("positiveInteger", least="5")),
        (bool, SimpleType("boolean", least="1")),
        (str, SimpleType("token", least="a")),
        (str, SimpleType("token", ("a", "b"), least="b")),
        (str, SimpleType("positiveInteger")),
        (str, SimpleType("date")),
        (date, SimpleType("dateTime")),
        (date, SimpleType("date", patterns=("2026-[0-9]{2}-[0-9]{2}",))),
    ],
)
def test_a_rule_that_is_not_looked_at_makes_nothing_sure(python_type: type, said: SimpleType) -> None:
    with pytest.raises(Unlike):
        sure_value(kind(python_type), said)


def test_a_uuid_is_taken_in_its_one_form() -> None:
    said = SimpleType("string", patterns=("[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}",))
    read = sure_value(kind(Uuid), said).read
    assert read("383ACF5B-3edb-4b42-9c6d-6a8618ce27c2") == Uuid("383acf5b-3edb-4b42-9c6d-6a8618ce27c2")
    for other in ("{383acf5b-3edb-4b42-9c6d-6a8618ce27c2}", "383acf5b3edb4b429c6d6a8618ce27c2", "", "x" * 36):
        assert not taken(read, other)


@given(nearly(INSTANTS) | nearly(DAYS) | INSTANTS | DAYS)
def test_a_day_or_instant_is_taken_only_as_it_would_be_written(text: str) -> None:
    for rule in ("an instant", "a day"):
        python_type, said, _ = RULES[rule]
        read = sure_value(kind(python_type), said).read
        if is_plain(text) and taken(read, text):
            assert kind(python_type).write(read(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "2026-W01-1T10:00:00Z",
        "2026-01-01T10:00:00z",
        "2026-01-01 10:00:00Z",
        "2026-01-01T10:00:00.5Z",
        "2026-01-01T10:00:0Z",
        "2026-01-01T+1:00:00Z",
        "2026-01-01T10:00:60Z",
        "2026-02-29T10:00:00Z",
        "0000-01-01T10:00:00Z",
        "2026-01-01T24:00:00Z",
        "1752-12-31T24:00:00Z",
        "2026-01-01T10:00:Z\0Z",
        "1_26-01-01T10:00:00Z",
        "2026-01-01T10:00:00Z1",
        "2026-01-01T10:00:00",
        "2026-01-0\u0661T10:00:00Z",
    ],
)
def test_an_instant_in_another_form_is_left_to_the_schema(text: str) -> None:
    assert not taken(sure_value(kind(datetime), RULES["an instant"][1]).read, text)


def test_a_number_that_is_longer_than_any_is_left_to_the_schema() -> None:
    read = sure_value(kind(int), SimpleType("positiveInteger")).read
    assert read("9" * 9) == 999_999_999
    assert not taken(read, "1" * 10)


def test_an_instant_before_the_first_is_left_to_the_schema() -> None:
    read = sure_value(kind(datetime), RULES["an instant"][1]).read
    assert read("1753-01-01T00:00:00Z") == datetime(1753, 1, 1, tzinfo=UTC)
    assert not taken(read, "1752-12-31T23:59:59Z")
