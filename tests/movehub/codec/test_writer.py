"""What a writer writes is what a parser finds, whichever values a record has and whatever they hold."""

from __future__ import annotations

from enum import StrEnum
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from movehub.codec.writer import Out, text_of, writer_of
from movehub.records.record import Attribute, Child, Plan, plan_of, record
from movehub.records.values import VerbatimText, kind_of


class Colour(StrEnum):
    """Codes write themselves."""

    RED = "Red"


VALUES = st.one_of(
    st.tuples(st.just(str), st.text(st.sampled_from("aé&<>\"'\t\n\r Ω"), max_size=4)),
    st.tuples(st.just(str), st.just(VerbatimText("a b", "a  b"))),
    st.tuples(st.just(int), st.integers(0, 9)),
    st.tuples(st.just(bool), st.booleans()),
    st.tuples(st.just(Colour), st.just(Colour.RED)),
)
#: Of each attribute, in their order: its type and value, whether it is optional, whether it is there.
ATTRIBUTES = st.lists(st.tuples(VALUES, st.booleans(), st.booleans()), min_size=1, max_size=6)


def plan(attributes: list[Attribute], *children: Child) -> Plan:
    return Plan(SimpleNamespace, tuple(attributes), children, ())


def attribute(number: int, python_type: type, *, optional: bool) -> Attribute:
    kind = kind_of(python_type)
    assert kind is not None
    return Attribute(f"field_{number}", f"name{number}", kind, optional, personal=False, is_element=False)


def written(plan: Plan, value: Any) -> str:
    out: Out = []
    writer_of(plan, "Element")(value, out)
    assert len(out) % 2 == 0, "markup and values in turn"
    return text_of(out)


@given(ATTRIBUTES, st.booleans())
def test_all_that_is_there_is_written_in_its_order(drawn: Any, with_child: bool) -> None:
    attributes, fields, expected = [], {}, []
    for number, ((python_type, value), optional, there) in enumerate(drawn):
        known = attribute(number, python_type, optional=optional)
        attributes.append(known)
        fields[known.field] = value if there or not optional else None
        if fields[known.field] is not None:
            expected.append((known.name, known.kind.write(value)))
    below = Child("below", (("Below", (plan([]),)),), optional=True, many=False)
    children = (below,) if with_child else ()
    holder = SimpleNamespace(**fields, below=SimpleNamespace())
    element = etree.fromstring(written(plan(attributes, *children), holder))
    assert element.items() == expected
    assert [child.tag for child in element] == ["Below"] * with_child


@record
class Note:
    """A text for which one value has to be escaped."""

    text: str
    other: str | None = None


@pytest.mark.parametrize(
    ("character", "escaped"), [("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")]
)
def test_one_character_that_needs_it_is_escaped_in_one_value_of_many(character: str, escaped: str) -> None:
    note = Note(text="plain", other=f"a{character}b")
    assert written(plan_of(Note), note) == f'<Element text="plain" other="a{escaped}b"/>'


@pytest.mark.parametrize(("character", "escaped"), [("\t", "&#9;"), ("\n", "&#10;"), ("\r", "&#13;")])
def test_white_space_that_a_parser_would_fold_is_escaped(character: str, escaped: str) -> None:
    note = SimpleNamespace(text=f"a{character}b", other=None)
    assert written(plan_of(Note), note) == f'<Element text="a{escaped}b"/>'


def test_a_value_that_is_absent_leaves_no_mark() -> None:
    assert written(plan_of(Note), Note(text="a")) == '<Element text="a"/>'
