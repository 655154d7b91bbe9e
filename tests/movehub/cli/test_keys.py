"""The commands `movehub keys`."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from movehub.cli.main import app
from movehub.names.explain import Compared, Stage, Verdict, meeting, preparation, rules
from movehub.names.nysiis import encode
from movehub.names.search_keys import family_name_key
from typer.testing import CliRunner

from tests.support.key_service import as_built_in, key_service

words = st.text(st.sampled_from("AEHKMNPRSTCDFVWYIZQüßΓΥщ -"))


def run(*arguments: str) -> tuple[int, str]:
    """The exit code, and what was printed with its line breaks undone."""
    done = CliRunner().invoke(app, ["keys", *arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done.exit_code, " ".join(done.output.split())


def test_a_name_alone_is_enough() -> None:
    code, shown = run("Creighton-Ward")
    assert code == 0
    assert "transliterated CREIGHTON-WARD" in shown
    assert "letters only CREIGHTONWARD" in shown
    assert "step 2: last letters RD become D CREIGHTONWAD" in shown
    assert "key CRAGTANWAD" in shown
    assert "the hub's keys count" in shown


def test_a_name_that_is_a_command_is_shown_by_the_long_form() -> None:
    assert "input why" in run("show", "why")[1]
    assert run("why")[0] == 2


def test_an_option_may_stand_before_the_name() -> None:
    for arguments in (("--first", "Penelope Jane"), ("Penelope Jane", "--first")):
        code, shown = run(*arguments)
        assert code == 0
        assert "first first name PENELOPE" in shown
        assert "key PANALAP" in shown


def test_a_state_reads_its_own_letters() -> None:
    assert "transliterated SHTARBANOV" in run("Щърбанов", "--state", "BG")[1]
    assert "transliterated SHCHIERBANOV" in run("Щърбанов")[1]


def test_a_name_without_a_letter_has_no_key() -> None:
    assert "letters only (nothing)" in run("'-'")[1]


def test_a_character_that_cannot_be_printed_is_shown_as_what_it_is() -> None:
    assert "input A\\xad" in run("A\xadb")[1]


@pytest.mark.parametrize("arguments", [("Müller中",), ("why", "Müller中", "Miller")])
def test_a_refusal_is_one_line_and_exit_code_4(arguments: tuple[str, ...]) -> None:
    assert run(*arguments) == (4, "Refused U+4E2D at position 6 has no reading in ASCII")


def test_why_says_from_which_step_on_two_names_meet() -> None:
    assert run("why", "Braun", "Brown")[0] == 0
    assert "They meet, at: step 4" in run("why", "Braun", "Brown")[1]
    assert "They meet, at: composed (NFC)" in run("why", "Mu\u0308ller", "Müller")[1]
    assert "They meet, at: transliterated" in run("why", "Παπαδόπουλος", "Papadopoulos")[1]


def test_why_says_where_two_names_part_and_what_only_one_of_them_went_through() -> None:
    code, shown = run("why", "Schmidt", "Smith")
    assert code == 1
    assert "They part at letter 4 of the key: D in the first, T in the second." in shown
    assert "Only name 1: step 1: first letters SCH become SSS; step 2: last letters DT become D." in shown
    assert "Only name 2: step 4: H becomes the previous letter" in shown


def test_why_knows_when_one_key_begins_the_other() -> None:
    assert "at letter 4 of the key: nothing in the first, AR in the second" in run("why", "Mal", "Malar")[1]


@given(words, words)
def test_what_why_says_is_what_the_keys_are(one: str, other: str) -> None:
    try:
        both = meeting(one, other)
    except ValueError:
        return
    keys = family_name_key(one), family_name_key(other)
    assert both.keys == keys
    assert (both.met_at is not None) == (keys[0] == keys[1])
    assert all(key.startswith(both.in_common) for key in keys)
    if keys[0] != keys[1]:
        length = len(both.in_common)
        assert keys[0][length : length + 1] != keys[1][length : length + 1]


@given(st.text(st.sampled_from("AEHKMNPRSTCDFVWYIZQ")))
def test_the_last_rule_leaves_the_key(word: str) -> None:
    fired = rules(word)
    assert (fired[-1].text if fired else word) == encode(word)


def test_a_step_does_not_show_the_name_in_its_repr() -> None:
    assert repr(Stage("input", "Petra")) == "Stage(title='input')"
    assert "PETRA" not in repr(preparation("Petra"))
    assert "Petra" not in repr(meeting("Petra", "Petro"))
    assert "Petra" not in repr(Compared(2, "family_name", "Petra", "PATR", None))


@pytest.fixture
def listed(tmp_path: Path) -> str:
    path = tmp_path / "names.csv"
    path.write_text(
        "number,family_name,first_name\n1,Creighton-Ward,Penelope Jane\n2,Aachen,\n3,Müller中,Petra\n",
        "utf-8",
    )
    return str(path)


def test_a_service_that_makes_the_same_keys_is_exit_code_0(listed: str) -> None:
    with key_service() as url:
        code, shown = run("compare", "--service", url, listed)
    assert code == 0
    assert shown == "5 names compared: 4 same, 1 refused by both."


def test_each_difference_is_told_by_line_and_without_the_name(listed: str) -> None:
    def other(question: dict[str, object]) -> tuple[int, bytes]:
        answers = {
            "Aachen": (200, b'{"searchKey": "AACAN"}'),
            "Petra": (422, b""),
            "Müller中": (200, b'{"searchKey": "MALAR"}'),
        }
        return answers.get(str(question["name"])) or as_built_in(question)

    with key_service(other) as url:
        code, shown = run("compare", "--service", url, listed)
        _, with_names = run("compare", "--show-names", "--service", url, listed)
    assert code == 1
    assert "3 family_name ACAN AACAN" in shown
    assert "4 family_name refused MALAR" in shown
    assert "4 first_name PATR refused" in shown
    assert "5 names compared: 2 same, 1 different, 1 refused here, 1 refused there." in shown
    assert "Aachen" not in shown
    assert "3 family_name Aachen ACAN AACAN" in with_names


def test_a_comparison_that_cannot_be_made_is_one_line_and_exit_code_4(listed: str, tmp_path: Path) -> None:
    with key_service(lambda _: (500, b"")) as url:
        assert run("compare", "--service", url, listed)[0] == 4
        assert "cannot be read" in run("compare", "--service", url, str(tmp_path / "none.csv"))[1]
        (tmp_path / "other.csv").write_text("surname\nMüller\n", "utf-8")
        assert "needs a column" in run("compare", "--service", url, str(tmp_path / "other.csv"))[1]
        (tmp_path / "latin.csv").write_bytes("family_name\nMüller\n".encode("latin-1"))
        assert "UTF-8" in run("compare", "--service", url, str(tmp_path / "latin.csv"))[1]
    assert "needs https://" in run("compare", "--service", "http://keys.example/", listed)[1]
    assert "PEM" in run("compare", "--service", "https://k/", "--authority", listed, listed)[1]


@pytest.mark.parametrize(
    ("ours", "theirs", "verdict"),
    [
        ("A", "A", Verdict.SAME),
        ("A", "B", Verdict.DIFFERENT),
        (None, None, Verdict.REFUSED_BY_BOTH),
        (None, "A", Verdict.REFUSED_HERE),
        ("A", None, Verdict.REFUSED_THERE),
    ],
)
def test_a_comparison_has_one_verdict(ours: str | None, theirs: str | None, verdict: Verdict) -> None:
    assert Compared(2, "family_name", "A", ours, theirs).verdict is verdict
    assert verdict.agrees == (ours == theirs)


def test_the_help_names_every_form() -> None:
    shown = run("--help")[1]
    assert all(form in shown for form in ("NAME", "why", "compare"))
    assert run()[0] == 2
