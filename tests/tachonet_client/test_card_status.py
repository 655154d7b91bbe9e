"""The 18 statuses, and their translation into a national procedure: total, checked, never a rejection."""

from __future__ import annotations

import dataclasses
import re
from enum import StrEnum
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from movehub.errors import InvalidConfiguration
from movehub.sandbox import Sandbox

from tachonet_client import CardStatus, CheckedCard, StatusTranslation, TachonetClient
from tachonet_client.card_status import STATUSES, Declared, definition_of, doubt_about_new_status
from tests.support.official import REPOSITORY

ALL = [status.value for status in CardStatus]

local_values = st.lists(st.text(min_size=1, max_size=20), min_size=1, max_size=25, unique=True)


@st.composite
def tables(draw: st.DrawFn) -> tuple[dict[str, str], list[str]]:
    """A translation that is whole: a local value for every status."""
    local = draw(local_values)
    return {status: draw(st.sampled_from(local)) for status in ALL}, local


def test_each_of_the_18_statuses_has_one_definition_in_the_order_of_the_appendix() -> None:
    assert [row.status for row in STATUSES] == list(CardStatus)
    assert len(STATUSES) == 18
    assert all(row.meaning and row.law and "Annex II, appendix" in row.source for row in STATUSES)
    assert definition_of(CardStatus.IN_EXCHANGE).law == "In Exchange"


def test_the_names_are_those_of_the_law_in_its_order() -> None:
    law = REPOSITORY.parent / "shared" / "law" / "reg-2016-68-tachonet-in-force-2018.en.md"
    if not law.is_file():
        pytest.skip(f"the text of the regulation is not in {law}")
    table = law.read_text("utf-8").partition("| **Card Status** |")[2].partition("## ANNEX III")[0]
    assert re.findall(r"^\| (\w[\w ]*) \|", table, re.MULTILINE) == [row.law for row in STATUSES]


def test_a_status_is_never_a_statement_about_validity() -> None:
    """Annex II, 5. The one field that is stands in CIC and CCS answers."""
    assert not any("valid" in field.name for field in dataclasses.fields(STATUSES[0]))
    assert not any("valid" in row.meaning for row in STATUSES)
    assert not any("valid" in value for value in StatusTranslation.default().local)
    assert "valid_for_driving" in {field.name for field in dataclasses.fields(CheckedCard)}


@given(tables())
def test_a_translation_is_total_over_the_statuses(made: tuple[dict[str, str], list[str]]) -> None:
    table, local = made
    translation = StatusTranslation.of(table, local)
    assert {translation.to_local(status) for status in CardStatus} <= set(local)
    assert {status.value: translation.to_local(status) for status in CardStatus} == table


@given(tables(), st.sets(st.sampled_from(ALL), min_size=1))
def test_a_table_with_holes_is_refused_and_every_hole_is_named(
    made: tuple[dict[str, str], list[str]], holes: set[str]
) -> None:
    table, local = made
    holed = {status: value for status, value in table.items() if status not in holes}
    with pytest.raises(InvalidConfiguration) as caught:
        StatusTranslation.of(holed, local)
    named = str(caught.value).partition("no value for ")[2].partition(";")[0]
    assert set(named.split(", ")) == holes


def test_a_value_that_the_procedure_has_not_is_named() -> None:
    table = dict.fromkeys(ALL, "open") | {"Lost": "gone", "Stolen": "gone", "Expired": "over"}
    with pytest.raises(InvalidConfiguration, match="not a local value: gone, over$"):
        StatusTranslation.of(table, ["open", "closed"])


def test_a_status_that_the_law_has_not_is_named() -> None:
    table = dict.fromkeys(ALL, "open") | {"Borrowed": "open", "handedover": "open"}
    with pytest.raises(InvalidConfiguration, match="no status of Annex II is called Borrowed, handedover$"):
        StatusTranslation.of(table, ["open"])


def test_everything_wrong_is_told_at_once() -> None:
    with pytest.raises(InvalidConfiguration, match="no value for Application, .*Borrowed.*gone"):
        StatusTranslation.of({"Borrowed": "gone"}, ["open"])


def test_an_authority_may_translate_into_an_enumeration_of_its_own() -> None:
    class Procedure(StrEnum):
        OPEN = "open"
        CLOSED = "closed"

    table = dict.fromkeys(CardStatus, Procedure.CLOSED) | {CardStatus.APPLICATION: Procedure.OPEN}
    translation = StatusTranslation.of(table, Procedure)
    assert translation.to_local(CardStatus.APPLICATION) is Procedure.OPEN
    assert translation.to_local(CardStatus.REJECTED) is Procedure.CLOSED


def test_a_translation_does_not_change_with_the_table_that_it_was_made_of() -> None:
    table = dict.fromkeys(CardStatus, "open")
    translation = StatusTranslation.of(table, ["open"])
    table[CardStatus.LOST] = "gone"
    assert translation.to_local(CardStatus.LOST) == "open"
    with pytest.raises(TypeError):
        translation.table[CardStatus.LOST] = "gone"  # type: ignore[index]


def test_the_shipped_table_is_whole_and_uses_all_of_its_values() -> None:
    translation = StatusTranslation.default()
    assert {translation.to_local(status) for status in CardStatus} == translation.local
    assert StatusTranslation.default() is translation
    assert translation.to_local(CardStatus.SUSPENDED) == "taken away"


def test_the_shipped_table_is_a_file_to_copy(tmp_path: Path) -> None:
    text = (files("tachonet_client") / "card_statuses.toml").read_text("utf-8")
    own = tmp_path / "own.toml"
    own.write_text(text.replace('"missing"', '"låst"'), "utf-8")
    assert StatusTranslation.read(own).to_local(CardStatus.LOST) == "låst"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("local = [", "read as TOML"),
        ('local = ["a"]', "needs a list of texts"),
        ('[translation]\nLost = "a"', "needs a list of texts"),
        ('local = "a"\n[translation]\nLost = "a"', "needs a list of texts"),
        ('local = ["a"]\n[translation]\nLost = 1', "needs a list of texts"),
        ('local = ["a"]\n[translation]\nLost = "a"', "no value for Application, Approved, Rejected"),
    ],
)
def test_a_file_that_is_no_translation_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "statuses.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(InvalidConfiguration, match=said):
        StatusTranslation.read(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfiguration, match="there is no status translation"):
        StatusTranslation.read(tmp_path / "none.toml")


def test_a_client_translates_by_the_file_of_its_configuration(tmp_path: Path) -> None:
    """Annex II, 4. A wrong file stops the client at once, and the error names the setting."""
    with Sandbox("FI", participants={"tachonet": ["FI", "DK"]}) as sandbox:
        config = sandbox.write_config(tmp_path / "hub.toml")
        with TachonetClient.from_config(config) as client:
            assert client.statuses is StatusTranslation.default()
        text = config.read_text("utf-8")
        config.write_text(text.replace("[tachonet]", '[tachonet]\nstatuses = "own.toml"'), "utf-8")
        own = tmp_path / "own.toml"
        shipped = (files("tachonet_client") / "card_statuses.toml").read_text("utf-8")
        own.write_text(shipped.replace('"missing"', '"låst"'), "utf-8")
        with TachonetClient.from_config(config) as client:
            assert client.statuses.to_local(CardStatus.LOST) == "låst"
        own.write_text(shipped.replace('Lost = "missing"', ""), "utf-8")
        with pytest.raises(InvalidConfiguration, match=r"tachonet\.statuses, .*own\.toml.* Lost"):
            TachonetClient.from_config(config)


def test_a_client_without_a_file_has_the_table_that_is_shipped() -> None:
    assert TachonetClient("FI", None).statuses is StatusTranslation.default()  # type: ignore[arg-type]


def test_nine_statuses_can_be_declared_by_another_state() -> None:
    """The nine of version 1.41's schema; Withdrawn among them, as Annex VIII, 2.1 asks for it."""
    declared = {status.value for status in CardStatus if doubt_about_new_status(status) is None}
    assert declared == {
        "HandedOver",
        "Confiscated",
        "Suspended",
        "Withdrawn",
        "Lost",
        "Stolen",
        "Malfunctioning",
        "InExchange",
        "Exchanged",
    }
    assert definition_of(CardStatus.WITHDRAWN).declared is Declared.DISPUTED


def test_a_doubt_is_words_and_not_an_error() -> None:
    assert "Renewed" in (doubt_about_new_status(CardStatus.RENEWED) or "")
