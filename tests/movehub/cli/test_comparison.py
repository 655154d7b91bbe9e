"""A record beside the request: each difference has a word, and no cell is cut off."""

from __future__ import annotations

import pytest
from movehub.cli.comparison import Field, Likeness, compared, print_comparison
from movehub.cli.console import out
from rich.text import Text

NAMESAKE = (
    Field("Family name", "Brückenthaler-Hohenwart", "Brueckenthaler-Hohenwart"),
    Field("First name", "Jürgen Maria", "Jürgen Maria"),
    Field("Date of birth", "1984-03-17", "1984-03-17"),
    Field("Place of birth", "Gänserndorf an der March", "Neunkirchen am Steinfeld"),
    Field("Driving licence", "", "01669920 of AT"),
    Field("Certificate", "DE-FQ-15-64534 of DE"),
    Field("Nothing", ""),
    Field("Issued by", "Kartenausgabestelle Österreich, Abteilung für Fahrerkarten", asked_for=False),
)


@pytest.mark.parametrize(
    ("asked", "found", "likeness"),
    [
        ("Jürgen", "Jürgen", Likeness.SAME),
        ("Juergen", "JÜRGEN", Likeness.SPELLING),
        ("Παπαδόπουλος", "Papadopoulos", Likeness.SPELLING),
        ("tp 532339 001", "TP-532339/001", Likeness.SPELLING),
        ("汉字", "漢字", Likeness.DIFFERENT),
        ("!", "?", Likeness.DIFFERENT),
        ("Jürgen", "Jurgen", Likeness.DIFFERENT),
        ("1984-03-17", "1984-03-18", Likeness.DIFFERENT),
        ("", "Linz", Likeness.NOT_ASKED),
        ("Linz", "", Likeness.NOT_SAID),
        ("", "", None),
    ],
)
def test_each_field_says_how_it_differs(asked: str, found: str, likeness: Likeness | None) -> None:
    assert Field("x", found, asked).likeness is likeness


def test_a_field_of_the_record_alone_is_not_compared() -> None:
    assert NAMESAKE[-1].likeness is None
    assert [each["field"] for each in compared(NAMESAKE)] == [each.name for each in NAMESAKE[:6]]


def test_a_difference_shows_without_colour() -> None:
    with out.capture() as captured:
        print_comparison("AT, card 1", "Applicant", NAMESAKE)
    lines = [" ".join(line.split()) for line in captured.get().splitlines()]
    assert "Place of birth Neunkirchen am Steinfeld Gänserndorf an der March ≠ different" in lines
    assert "Driving licence 01669920 of AT – not in the answer" in lines
    assert "Certificate – DE-FQ-15-64534 of DE not in the request" in lines
    assert not any(line.startswith("Nothing") for line in lines)


@pytest.mark.parametrize("width", [80, 100, 120])
def test_no_letter_of_a_comparison_is_cut_off(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    with out.capture() as captured:
        print_comparison("AT, card 1", "Applicant", NAMESAKE)
    shown = captured.get()
    assert max(map(len, shown.splitlines())) <= width
    wanted = "".join(f"{each.asked}{each.found}" for each in NAMESAKE) + "Applicant≠ different"
    missing = {letter: wanted.count(letter) - shown.count(letter) for letter in set(wanted) - {" "}}
    assert max(missing.values()) <= 0, missing
    assert "…" not in shown


def test_received_text_is_no_markup() -> None:
    with out.capture() as captured:
        print_comparison("[red]DK[/]", "Applicant", [Field("x", "[/]\x1b[2J", "[b]")])
    shown = Text(captured.get()).plain
    assert "[red]DK[/]" in shown
    assert "\x1b" not in shown
