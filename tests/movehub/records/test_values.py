"""How text becomes a value, and a value text."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st
from movehub.records.values import (
    Uuid,
    VerbatimText,
    clean_text,
    kind_of,
    read_instant,
    write_instant,
)


class Colour(StrEnum):
    RED = "Red"


def kind(python_type: type):
    found = kind_of(python_type)
    assert found is not None
    return found


@pytest.mark.parametrize("text", ["true", "1", " true ", "\t1\n"])
def test_booleans_are_read_in_every_lexical_form(text: str) -> None:
    assert kind(bool).read(text) is True


def test_a_word_that_is_no_boolean_is_an_error() -> None:
    with pytest.raises(KeyError):
        kind(bool).read("TRUE")


def test_an_instant_is_written_in_whole_seconds_with_a_literal_z() -> None:
    paris = timezone(timedelta(hours=2))
    assert write_instant(datetime(2026, 7, 1, 12, 0, 0, 999_999, paris)) == "2026-07-01T10:00:00Z"


def test_hour_24_is_midnight_of_the_next_day() -> None:
    assert read_instant("2026-12-31T24:00:00Z") == datetime(2027, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["2026-07-01T10:00:00+00:00", "2026-07-01T10:00:00.5Z", "9999-12-31T24:00:00Z"]
)
def test_any_other_form_of_an_instant_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="."):
        read_instant(text)


@given(st.datetimes(min_value=datetime(1753, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_instants_survive_the_wire_to_the_second(instant: datetime) -> None:
    assert read_instant(write_instant(instant)) == instant.replace(microsecond=0)


def test_a_naive_datetime_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        kind(datetime).clean(datetime(2026, 1, 1))  # noqa: DTZ001


def test_a_datetime_is_no_date() -> None:
    with pytest.raises(TypeError):
        kind(date).clean(datetime(2026, 1, 1, tzinfo=UTC))


def test_dates_may_have_blanks_around_them() -> None:
    assert kind(date).read(" 2026-02-28 ") == date(2026, 2, 28)


@pytest.mark.parametrize("text", ["007", "+7", "7"])
def test_integers_are_compared_as_numbers(text: str) -> None:
    assert kind(int).read(text) == 7


def test_integers_have_no_upper_bound() -> None:
    assert kind(int).read("1" + "0" * 30) == 10**30


def test_true_is_no_integer() -> None:
    with pytest.raises(TypeError):
        kind(int).clean(True)


def test_uuids_are_compared_without_case_and_written_as_received() -> None:
    upper, lower = (
        Uuid("A" * 8 + "-BBBB-CCCC-DDDD-" + "E" * 12),
        Uuid("a" * 8 + "-bbbb-cccc-dddd-" + "e" * 12),
    )
    assert upper == lower
    assert hash(upper) == hash(lower)
    assert kind(Uuid).write(upper) == upper.text != lower.text
    assert upper != upper.text


@pytest.mark.parametrize("text", ["", "{00000000-0000-0000-0000-000000000000}", "0" * 36])
def test_what_is_no_uuid_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="8-4-4-4-12"):
        Uuid(text)


def test_a_uuid_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Uuid.new().text = "x"  # type: ignore[misc]


def test_received_blanks_are_folded_for_the_reader_and_kept_for_the_echo() -> None:
    read = kind(str).read(" UK  Competent Authority ")
    assert read == "UK Competent Authority"
    assert kind(str).write(read) == " UK  Competent Authority "


def test_received_decomposed_letters_are_composed_for_the_reader_and_kept_for_the_echo() -> None:
    read = kind(str).read("Mu\u0308ller")
    assert read == "Müller"
    assert kind(str).write(read) == "Mu\u0308ller"


def test_text_without_anything_to_clean_is_plain_text() -> None:
    assert type(kind(str).read("Müller")) is str


def test_a_no_break_space_is_not_folded() -> None:
    assert kind(str).read("a\u00a0 b") == "a\u00a0 b"


def test_cleaning_leaves_received_text_alone() -> None:
    read = kind(str).read(" x ")
    assert isinstance(read, VerbatimText)
    assert clean_text(read) is read


def test_text_is_composed_before_its_length_counts() -> None:
    assert clean_text("u\u0308" * 100) == "ü" * 100


@pytest.mark.parametrize("text", ["\x00", "a\x0b", "\ud800", "\uffff"])
def test_a_character_that_xml_cannot_hold_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="XML") as caught:
        clean_text(f"Kanarienvogel{text}")
    assert "Kanarienvogel" not in str(caught.value)


def test_a_word_of_a_list_is_read_with_blanks_around_it() -> None:
    assert kind(Colour).read(" Red ") is Colour.RED


def test_a_plain_string_is_no_word_of_a_list() -> None:
    with pytest.raises(TypeError):
        kind(Colour).clean("Red")


def test_other_types_have_no_kind() -> None:
    assert kind_of(float) is None
