"""Records: what their types say, what they refuse, what they show."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, replace
from datetime import date
from typing import Any

import pytest
from movehub.records.personal import PersonalDate, PersonalText
from movehub.records.record import camel, pascal, paths, plan_of, record, wire

from tests.support.examples import CANARY


@record
class Left:
    left_name: PersonalText


@record
class Right:
    right_name: str


@record
class Whole:
    """One of everything."""

    from_: str
    date_of_birth: PersonalDate | None = None
    choice: Left | Right | None = None
    same_element: Left | Right = wire("Side")
    many: tuple[Left, ...] = wire("One", default=())
    inside: tuple[Right, ...] = wire("Around", each="Item", default=())
    note: str = wire(text_element=True, default="")


def whole(**fields: object) -> Whole:
    return Whole(**{"from_": "FI", "same_element": Left(left_name=CANARY), **fields})  # type: ignore[arg-type]


def test_names_follow_the_rule() -> None:
    assert camel("from_") == "from"
    assert camel("date_of_birth") == "dateOfBirth"
    assert pascal("searched_driver") == "SearchedDriver"


def test_a_record_has_a_path_for_every_attribute_and_element_it_can_hold() -> None:
    assert set(paths(plan_of(Whole), "Whole")) == {
        "Whole",
        "Whole/@from",
        "Whole/@dateOfBirth",
        "Whole/Left",
        "Whole/Left/@leftName",
        "Whole/Right",
        "Whole/Right/@rightName",
        "Whole/Side",
        "Whole/Side/@leftName",
        "Whole/Side/@rightName",
        "Whole/One",
        "Whole/One/@leftName",
        "Whole/Around",
        "Whole/Around/Item",
        "Whole/Around/Item/@rightName",
        "Whole/Note",
    }


def test_a_plan_is_compiled_once() -> None:
    assert plan_of(Whole) is plan_of(Whole)


def test_a_field_whose_type_maps_to_nothing_is_an_error_of_the_programmer() -> None:
    @record
    class Wrong:
        number: float

    with pytest.raises(TypeError, match="Wrong.number"):
        plan_of(Wrong)


def test_a_record_cannot_be_changed() -> None:
    made: Any = whole()
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'from_'"):
        made.from_ = "SE"
    with pytest.raises(FrozenInstanceError, match="cannot delete field 'from_'"):
        del made.from_
    with pytest.raises((FrozenInstanceError, TypeError)):
        made.other = "b"
    assert made.from_ == "FI"
    assert not hasattr(made, "__dict__")


def test_a_record_takes_its_fields_by_name_alone() -> None:
    for wrong in ({}, {"left_name": "a", "colour": "red"}, {"left_nome": "a"}):
        with pytest.raises(TypeError):
            Left(**wrong)  # type: ignore[arg-type]
    positional: Any = Left
    with pytest.raises(TypeError):
        positional("a")


@record
class More(Left):
    """A record of a derived class, with another default."""

    colour: str = "red"


@pytest.mark.parametrize("made", [whole(), Left(left_name="a"), More(left_name="a", colour="blue")])
def test_a_record_can_be_copied_pickled_replaced_and_hashed(made: Any) -> None:
    for again in (copy.copy(made), copy.deepcopy(made), pickle.loads(pickle.dumps(made)), replace(made)):
        assert type(again) is type(made)
        assert again == made
        assert hash(again) == hash(made)
    assert Left(left_name="a") != More(left_name="a")
    assert replace(Left(left_name="a"), left_name=" b  c ").left_name == "b c"


def test_an_empty_optional_text_is_left_out() -> None:
    @record
    class Optional:
        text: str | None = None

    assert Optional(text="").text is None


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"from_": 7}, "Whole.from_ takes text"),
        ({"from_": None}, "Whole.from_ takes text"),
        ({"date_of_birth": "1970-01-01"}, "Whole.date_of_birth takes a date"),
        ({"same_element": None}, "Whole.same_element takes Left or Right"),
        ({"same_element": CANARY}, "Whole.same_element takes Left or Right"),
        ({"many": [Left(left_name="x")]}, "Whole.many takes a tuple of Left"),
        ({"many": (Right(right_name="x"),)}, "Whole.many takes a tuple of Left"),
        ({"inside": (Left(left_name="x"),)}, "Whole.inside takes a tuple of Right"),
        ({"note": 1}, "Whole.note takes text"),
    ],
)
def test_a_value_of_another_type_is_refused_by_the_name_of_its_field(
    fields: dict[str, object], said: str
) -> None:
    with pytest.raises(TypeError, match=said) as caught:
        whole(**fields)
    assert CANARY not in str(caught.value)


def test_a_repr_shows_no_person() -> None:
    shown = repr(whole(date_of_birth=date(1971, 3, 4), many=(Left(left_name=CANARY),)))
    assert CANARY not in shown
    assert "1971" not in shown
    assert "‹personal›" in shown
    assert "from_='FI'" in shown
