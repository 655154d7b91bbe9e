"""Extra fields of a record: texts beside its own fields, kept wherever the record goes."""

from __future__ import annotations

import copy
import pickle
from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from movehub.protocol.plain_data import from_dict, to_dict
from movehub.records import PersonalText, extra, record, record_fields, wire, with_extra

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]) | st.sampled_from("\t\n"))
NAMES = st.sampled_from(["address", "remarks", "number_2"])


@record
class Inner:
    text: str


@record
class Outer:
    name: PersonalText
    inner: tuple[Inner, ...] = wire("Inner", default=())


PLAIN = Outer(name="x", inner=(Inner(text="a"),))


def test_a_record_without_extra_fields_has_none() -> None:
    assert extra(PLAIN) == {}
    assert with_extra(PLAIN) is PLAIN
    assert [field.name for field in record_fields(PLAIN)] == ["name", "inner"]


@given(st.dictionaries(NAMES, TEXTS, min_size=1))
def test_extra_fields_stay_wherever_a_record_goes(values: dict[str, str]) -> None:
    made = with_extra(PLAIN, **values)
    assert type(made) is Outer
    assert extra(made) == values
    for again in (
        replace(made, name="x"),
        pickle.loads(pickle.dumps(made)),
        copy.copy(made),
        copy.deepcopy(made),
        from_dict(Outer, to_dict(made)),
        with_extra(made),
        with_extra(PLAIN, **dict(reversed(values.items()))),
    ):
        assert again == made
        assert hash(again) == hash(made)
        assert extra(again) == values
    assert made != PLAIN
    assert replace(made, name="y") != made
    assert extra(replace(PLAIN, inner=(with_extra(Inner(text="a"), **values),)).inner[0]) == values


def test_extra_fields_are_added_changed_and_removed() -> None:
    made = with_extra(with_extra(PLAIN, address="a", remarks="b"), address="c")
    assert extra(made) == {"address": "c", "remarks": "b"}
    assert with_extra(made, address=None, remarks=None) == PLAIN
    assert with_extra(PLAIN, address=None) == PLAIN
    with pytest.raises(TypeError):
        extra(made)["address"] = "d"  # type: ignore[index]


def test_each_counts_as_personal_data() -> None:
    shown = repr(with_extra(Inner(text="a"), address="Kanarienvogel"))
    assert shown == "Inner(text='a', address=‹personal›)"


@pytest.mark.parametrize(("value", "error"), [(1, TypeError), ("a\x00", ValueError), (b"a", TypeError)])
def test_a_value_that_is_no_text_of_xml_is_refused_and_not_repeated(value: object, error: type) -> None:
    with pytest.raises(error, match=r"^Inner\.address (takes text|holds a character)"):
        with_extra(Inner(text="a"), address=value)  # type: ignore[arg-type]


def test_plain_data_have_them_under_a_key_of_their_own() -> None:
    made = with_extra(PLAIN, address="a")
    assert to_dict(made) == {"name": "x", "inner": [{"text": "a"}], "extra": {"address": "a"}}
    for wrong in ("a", ["a"], 1):
        with pytest.raises(ValueError, match=r"Outer\.extra: an object is expected"):
            from_dict(Outer, {"name": "x", "extra": wrong})
    with pytest.raises(ValueError, match=r"Outer: Outer\.address takes text"):
        from_dict(Outer, {"name": "x", "extra": {"address": 1}})


def test_a_subclass_of_a_record_has_one_place_for_them() -> None:
    @record
    class More(Inner):
        number: int

    made = with_extra(More(text="a", number=1), address="b")
    assert extra(made) == {"address": "b"}
    assert extra(More(text="a", number=1)) == {}
    assert asdict(made)["number"] == 1
