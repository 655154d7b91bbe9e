"""A field can exist in some editions only: the plan of each edition has its own fields."""

from __future__ import annotations

import pytest
from movehub.records import paths, plan_in, plan_of, record, wire


@record
class Part:
    name: str


@record
class Changed:
    old: str | None = wire(editions=("1",), default=None)
    new: int | None = wire(editions=("2", "3"))
    always: str


@record
class Whole:
    part: Part | None = wire(editions=("1",), default=None)
    parts: tuple[Part, ...] | None = wire("One", editions=("2",), default=())
    note: str | None = wire(text_element=True, editions=("3",), default=None)
    changed: Changed


def found(version: str) -> set[str]:
    return set(paths(plan_in(plan_of(Whole), version), "Whole"))


def test_an_edition_has_the_fields_that_name_it_and_those_that_name_none() -> None:
    both = {"Whole", "Whole/Changed", "Whole/Changed/@always"}
    assert found("1") == both | {"Whole/Part", "Whole/Part/@name", "Whole/Changed/@old"}
    assert found("2") == both | {"Whole/One", "Whole/One/@name", "Whole/Changed/@new"}
    assert found("3") == both | {"Whole/Note", "Whole/Changed/@new"}


def test_a_record_without_such_fields_has_one_plan_for_all_editions() -> None:
    """So they share what is compiled from it."""
    assert plan_in(plan_of(Part), "1") is plan_in(plan_of(Part), "2") is plan_of(Part)
    assert plan_in(plan_of(Whole), "1") is plan_in(plan_of(Whole), "1")


def test_a_field_without_a_default_must_be_given_although_it_may_be_none() -> None:
    """A type checker asks for it, and an edition that lacks it can be spoken."""
    with pytest.raises(TypeError, match="new"):
        Changed(always="x")  # type: ignore[call-arg]
    assert Changed(always="x", new=None).new is None


def test_a_field_of_some_editions_must_accept_none() -> None:
    """The record holds messages of the other editions, too."""

    @record
    class Wrong:
        name: str = wire(editions=("1",))

    with pytest.raises(TypeError, match=r"Wrong\.name: only some editions have it, so it must accept None"):
        plan_of(Wrong)
