"""A frozen record behaves as a frozen data class of the standard library does."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from typing import Any

import pytest
from movehub.freezing import frozen
from movehub.records.record import record


@frozen
class Base:
    """Two fields, one of which may be left out."""

    name: str
    size: int | None = None


@frozen
class Derived(Base):
    """One more, and another default."""

    size: int | None = 3
    colour: str = "red"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, repr=False, eq=False)
class Standard:
    """What `Base` is to be like."""

    name: str
    size: int | None = None


def test_it_takes_and_refuses_the_arguments_that_a_data_class_does() -> None:
    assert inspect.signature(Base) == inspect.signature(Standard)
    for wrong in ({}, {"name": "a", "colour": "red"}, {"nome": "a"}):
        with pytest.raises(TypeError):
            Base(**wrong)
        with pytest.raises(TypeError):
            Standard(**wrong)
    positional: Any = Base
    with pytest.raises(TypeError):
        positional("a")
    assert (Base(name="a").size, Derived(name="a").size, Derived(name="a", size=None).size) == (None, 3, None)


@pytest.mark.parametrize("made", [Base(name="a"), Derived(name="a"), Standard(name="a")])
def test_nothing_in_it_can_be_changed(made: Any) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'name'"):
        made.name = "b"
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot delete field 'name'"):
        del made.name
    # The standard library's own raises a TypeError here: its slots are of another class than its methods.
    with pytest.raises((dataclasses.FrozenInstanceError, TypeError)):
        made.other = "b"
    assert made.name == "a"
    assert not hasattr(made, "__dict__")


@pytest.mark.parametrize("made", [Base(name="a", size=2), Derived(name="a", colour="blue")])
def test_it_can_be_copied_kept_and_replaced(made: Any) -> None:
    again = (
        copy.copy(made),
        copy.deepcopy(made),
        pickle.loads(pickle.dumps(made)),
        dataclasses.replace(made),
    )
    for each in again:
        assert type(each) is type(made)
        assert dataclasses.asdict(each) == dataclasses.asdict(made)
    assert dataclasses.replace(made, name="b").name == "b"
    assert made.name == "a"


def test_what_is_to_be_done_after_making_is_done() -> None:
    @record
    class Cleaned:
        text: str

    assert Cleaned(text=" a  b ").text == "a b"
