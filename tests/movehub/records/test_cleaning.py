"""What a record does with a value is what its kind says, whether or not it looked clean at first sight."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from movehub.records.record import record, wire
from movehub.records.values import Uuid, clean_text


class Colour(StrEnum):
    RED = "Red"


@record
class Below:
    text: str


@record
class Above:
    text: str = "x"
    maybe: str | None = None
    day: date = date(2026, 1, 1)
    at: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    identifier: Uuid | None = None
    colour: Colour = Colour.RED
    number: int | None = None
    flag: bool = False
    said: str | None = wire("Said", text_element=True, default=None)
    below: Below | None = None
    several: tuple[Below, ...] = ()


class Odd(str):
    """A text of another class."""


@given(st.text(st.sampled_from("ab \t\n\u00a0é\u0301Ω\ud7a3&"), max_size=6))
def test_a_text_is_cleaned_as_any_other(text: str) -> None:
    made = Above(text=text, maybe=text)
    assert made.text == clean_text(text)
    assert made.maybe == (clean_text(text) or None)
    assert Above(text=Odd(text)).text == clean_text(text)


def test_the_text_of_an_element_is_left_as_it_is() -> None:
    assert Above(said=" a  b ").said == " a  b "
    assert Above(said="").said == ""


def test_an_instant_becomes_whole_seconds_of_utc() -> None:
    moment = datetime(2026, 1, 1, 12, 0, 0, 5, tzinfo=UTC) + timedelta(hours=1)
    assert Above(at=moment).at == datetime(2026, 1, 1, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("text", None),
        ("text", 1),
        ("text", "a\x00b"),
        ("maybe", b"a"),
        ("day", datetime(2026, 1, 1, tzinfo=UTC)),
        ("at", datetime(2026, 1, 1)),  # noqa: DTZ001 - that is what is refused
        ("at", date(2026, 1, 1)),
        ("identifier", "383acf5b-3edb-4b42-9c6d-6a8618ce27c2"),
        ("colour", "Red"),
        ("number", True),
        ("flag", 1),
        ("flag", None),
        ("said", 1),
        ("below", Above()),
        ("several", [Below(text="Kanarienvogel")]),
        ("several", None),
        ("several", (Above(),)),
        ("several", (Below(text="a"), None)),
    ],
)
def test_what_a_field_does_not_take_is_refused_by_its_name(field: str, value: Any) -> None:
    with pytest.raises((TypeError, ValueError), match=rf"^Above\.{field} ") as refused:
        Above(**{field: value})
    assert "Kanarienvogel" not in str(refused.value)


def test_a_record_of_a_derived_class_is_refused() -> None:
    """It has another plan, and what it adds would not be written."""

    @record
    class Derived(Below):
        more: str = "x"

    for wrong in ({"below": Derived(text="a")}, {"several": (Derived(text="a"),)}):
        with pytest.raises(TypeError, match="takes"):
            Above(**wrong)  # type: ignore[arg-type]
