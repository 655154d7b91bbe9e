"""The file of a batch is judged as a whole, and no complaint shows a person. CIC stands for every kind."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from movehub.batch import Lines
from movehub.errors import InvalidConfiguration, InvalidOutgoing

from tachonet_client import CODEC, CheckIssuedCardsRequest
from tachonet_client.batch_cic import CIC
from tests.support.examples import CANARY, FI_TACHONET

LEAST = "business_case_id,family_name,date_of_birth"


def sendable(request: CheckIssuedCardsRequest, to: str) -> bytes:
    return CODEC.encode(FI_TACHONET.request(request, to))


def read(folder: Path, *lines: str, encoding: str = "utf-8", as_written: bool = False) -> Lines:
    path = folder / "applications.csv"
    path.write_bytes("".join(f"{line}\r\n" for line in lines).encode(encoding))
    return Lines.read(CIC, path, "Traficom", sendable, as_written=as_written)


def test_a_line_becomes_a_request_to_all_states_unless_it_names_one(tmp_path: Path) -> None:
    heading = f"{LEAST},first_name,driving_licence_number,driving_licence_issuing_country,to"
    one, other = read(
        tmp_path, heading, "FI-1,Παπαδόπουλος,1981-04-02,Ελένη,12,GR,GR", "FI-2,Müller,1970-01-02,,,,"
    ).lines
    driver = one.request.searched_driver
    assert (one.number, one.to, one.request.business_case_id) == (2, "GR", "FI-1")
    assert (driver.family_name, driver.first_name) == ("Παπαδόπουλος", "Ελένη")
    assert (driver.date_of_birth, driver.driving_licence_number) == (date(1981, 4, 2), "12")
    assert (other.number, other.to) == (3, "ZZ")
    assert other.request.searched_driver.first_name is None
    assert other.request.originating_authority == "Traficom"


def test_a_place_of_birth_may_be_given(tmp_path: Path) -> None:
    """Annex III, appendix: optional in the request."""
    (line,) = read(tmp_path, f"{LEAST},place_of_birth,to", "FI-1,Müller,1970-01-02,Wien,AT").lines
    assert line.request.searched_driver.place_of_birth == "Wien"


def test_semicolons_blank_lines_and_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    made = read(
        tmp_path, LEAST.replace(",", ";"), "", "FI-1;Müller, geb. Maier;1970-01-02", encoding="utf-8-sig"
    )
    assert [(line.number, line.request.searched_driver.family_name) for line in made.lines] == [
        (3, "Müller, geb. Maier")
    ]


def test_the_digest_is_that_of_the_file(tmp_path: Path) -> None:
    first, same = read(tmp_path, LEAST, "FI-1,A,1970-01-02"), read(tmp_path, LEAST, "FI-1,A,1970-01-02")
    assert first.digest == same.digest
    assert first.digest != read(tmp_path, LEAST, "FI-1,A,1970-01-03").digest


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ((LEAST, f"FI-1,{CANARY},02.01.1970"), "line 2: date_of_birth must be a day"),
        ((LEAST, f",{CANARY},1970-01-02"), "line 2: .*@businessCaseId"),
        ((LEAST, f"FI-1,{CANARY}\x01,1970-01-02"), "line 2: SearchedDriver.family_name"),
        ((f"{LEAST},to", f"FI-1,{CANARY},1970-01-02,FI"), "line 2: .*cannot ask itself"),
        (
            (LEAST, f"FI-1,{CANARY},1", f"FI-2,{CANARY},1970-01-02", f"FI-3,{CANARY},3"),
            "line 2: .*; line 4: ",
        ),
        ((LEAST, *[f"FI-1,{CANARY},1"] * 12), "and 2 more faulty lines"),
    ],
)
def test_every_faulty_line_is_named_and_nobody_on_it(
    tmp_path: Path, lines: tuple[str, ...], said: str
) -> None:
    with pytest.raises(InvalidOutgoing, match=said) as caught:
        read(tmp_path, *lines)
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ((), "lacks the column business_case_id, family_name, date_of_birth"),
        (("business_case_id,family_name",), "lacks the column date_of_birth"),
        ((f"{LEAST},firstname",), "the columns of the file of applications are"),
        ((f"{LEAST},to,to",), "each once"),
        ((LEAST, f"FI-1,{CANARY},1970-01-02,more"), "line 2 has more cells"),
        ((LEAST, "", f"FI-1,{CANARY}"), "line 3 has fewer cells"),
        ((LEAST, f'FI-1,"{CANARY}'), "cannot be read as CSV"),
    ],
)
def test_a_file_that_is_no_table_of_applications_is_refused(
    tmp_path: Path, lines: tuple[str, ...], said: str
) -> None:
    with pytest.raises(InvalidConfiguration, match=said) as caught:
        read(tmp_path, *lines)
    assert CANARY not in str(caught.value)


WITH_LICENCE = f"{LEAST},first_name,driving_licence_number"
#: What spreadsheets in several languages leave in a cell.
WRONG = [
    *("#N/A", "#n/a", "#NV", "#N/D", "#REF!", "#¡REF!", "#VALUE!", "#WERT!", "#NAME?", "#NOM ?", "#DIV/0!"),
    *("#PUUTTUU!", "#VIITTAUS!", "#####", "1.23457E+11", "1,23457E+11", "1E+11", "1.2e-7", "-3.1E+05"),
    *("Err:502", "#GETTING_DATA", "1.23457E11"),
]
DOUBTFUL = ["nan", "NaN", "NULL", "null", "None", "N/A", "<NA>", "NaT", "(null)", "123456.0"]


@pytest.mark.parametrize("as_written", [False, True])
@pytest.mark.parametrize("column", range(5))
@pytest.mark.parametrize("cell", WRONG)
def test_what_a_spreadsheet_leaves_in_place_of_a_value_is_never_sent(
    tmp_path: Path, cell: str, column: int, as_written: bool
) -> None:
    """Today's answer to it would be "not found", of every state."""
    cells = ["FI-1", CANARY, "1970-01-02", "Anna", "1"]
    cells[column] = f'" {cell}"'
    with pytest.raises(InvalidOutgoing, match="line 2: [a-z_]+ is (an error|a number)") as caught:
        read(tmp_path, WITH_LICENCE, ",".join(cells), as_written=as_written)
    assert cell not in str(caught.value).replace("such as #N/A", "").replace("such as 1.23457E+11", "")


@pytest.mark.parametrize("column", [0, 1, 3, 4])
@pytest.mark.parametrize("cell", DOUBTFUL)
def test_what_is_probably_an_empty_cell_is_sent_only_if_confirmed(
    tmp_path: Path, cell: str, column: int
) -> None:
    cells = ["FI-1", CANARY, "1970-01-02", "Anna", "1"]
    cells[column] = cell
    line = ",".join(cells)
    with pytest.raises(InvalidOutgoing, match="line 2: [a-z_]+ is a .*--as-written"):
        read(tmp_path, WITH_LICENCE, line)
    assert len(read(tmp_path, WITH_LICENCE, line, as_written=True).lines) == 1


@pytest.mark.parametrize("column", [1, 3])
def test_a_name_that_the_hub_cannot_write_is_reported_before_it_is_sent(tmp_path: Path, column: int) -> None:
    cells = ["FI-1", CANARY, "1970-01-02", "Anna", "1’2"]
    cells[column] = f"{CANARY}’s"
    with pytest.raises(InvalidOutgoing, match="line 2: [a-z_]+ has a character .*--as-written") as caught:
        read(tmp_path, WITH_LICENCE, ",".join(cells))
    assert CANARY not in str(caught.value)
    (line,) = read(tmp_path, WITH_LICENCE, ",".join(cells), as_written=True).lines
    assert f"{CANARY}’s" in {
        line.request.searched_driver.family_name,
        line.request.searched_driver.first_name,
    }


@pytest.mark.parametrize(
    "cells",
    [
        "#12,Nanni,1970-01-02,Nullara,12E3",
        "1E5,Nonesuch,1970-01-02,Noneda,2024/1.0A",
        "F-#1,Müller-Knuths,1970-01-02,Ελένη,#1",
    ],
)
def test_what_only_looks_like_it_is_sent(tmp_path: Path, cells: str) -> None:
    assert len(read(tmp_path, WITH_LICENCE, cells).lines) == 1


@pytest.mark.parametrize("line_break", ["\n", "\r", "\r\n"])
def test_a_quotation_mark_too_many_never_makes_one_applicant_of_two(tmp_path: Path, line_break: str) -> None:
    """By CSV's own rules these two lines are one row of the right length."""
    lines = (
        f"{LEAST},first_name,to",
        f'FI-1,"{CANARY},1984-03-17,,SE',
        'FI-2,Jones",1980-01-01,,SE',
        "",
    )
    (tmp_path / "a.csv").write_bytes(line_break.join(lines).encode())
    with pytest.raises(InvalidConfiguration, match="line break in it") as caught:
        Lines.read(CIC, tmp_path / "a.csv", "Traficom", sendable)
    assert CANARY not in str(caught.value)


@given(st.data())
def test_a_file_that_is_cut_at_any_byte_never_asks_about_somebody_else(data: st.DataObject) -> None:
    """Whatever is left is refused, or is the beginning of what was there."""
    columns = data.draw(
        st.permutations(
            (*LEAST.split(","), "to", "driving_licence_number", "driving_licence_issuing_country")
        )
    )
    cells = {
        "business_case_id": "FI-1",
        "family_name": "Müller",
        "date_of_birth": "1970-01-02",
        "to": "SE",
        "driving_licence_number": "123456",
        "driving_licence_issuing_country": "SE",
    }
    row = ",".join(cells[column] for column in columns)
    whole = f"{','.join(columns)}\n{row}\n{row}\n".encode()
    with TemporaryDirectory() as name:
        path = Path(name) / "a.csv"
        path.write_bytes(whole)
        all_lines = Lines.read(CIC, path, "Traficom", sendable).lines
        path.write_bytes(whole[: data.draw(st.integers(0, len(whole)), "cut after")])
        try:
            left = Lines.read(CIC, path, "Traficom", sendable).lines
        except (InvalidConfiguration, InvalidOutgoing):
            return
    assert left == all_lines[: len(left)]


def test_a_last_line_without_its_line_break_is_taken_where_it_shows_that_it_is_whole(tmp_path: Path) -> None:
    """Some spreadsheets leave the last line break out."""
    path = tmp_path / "a.csv"
    path.write_text(f"{LEAST},to\nFI-1,{CANARY},1970-01-02,ZZ", "utf-8")
    assert [line.to for line in Lines.read(CIC, path, "Traficom", sendable).lines] == ["ZZ"]
    for torn in (f"{LEAST},to\nFI-1,{CANARY},1970-01-02,", f"{LEAST},first_name\nFI-1,{CANARY},1970-01-02,A"):
        path.write_text(torn, "utf-8")
        with pytest.raises(InvalidConfiguration, match="line 2, the last, has no line break"):
            Lines.read(CIC, path, "Traficom", sendable)


@pytest.mark.parametrize("form", ["19700102", "1970-W01-5", "1970-W01"])
def test_a_day_has_one_form(tmp_path: Path, form: str) -> None:
    with pytest.raises(InvalidOutgoing, match="YYYY-MM-DD"):
        read(tmp_path, LEAST, f"FI-1,{CANARY},{form}")


def test_an_error_about_the_file_carries_nothing_of_it(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(f"{LEAST}\n1,{CANARY}".encode() + b"\xff,1980-01-01\n")
    with pytest.raises(InvalidConfiguration, match="UTF-8") as caught:
        Lines.read(CIC, tmp_path / "a.csv", "Traficom", sendable)
    assert caught.value.__context__ is None


def test_a_file_that_is_not_there_or_not_in_utf_8_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfiguration, match="UTF-8"):
        read(tmp_path, LEAST, "FI-1,Müller,1970-01-02", encoding="latin-1")
    with pytest.raises(InvalidConfiguration, match="cannot be opened"):
        Lines.read(CIC, tmp_path / "none.csv", "Traficom", sendable)
