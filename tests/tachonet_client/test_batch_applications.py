"""The file of applications is judged as a whole, and no complaint shows a person."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from movehub.errors import InvalidConfiguration, InvalidOutgoing

from tachonet_client import CODEC, CheckIssuedCardsRequest
from tachonet_client.batch_applications import Applications
from tests.support.examples import CANARY, FI_TACHONET

LEAST = "business_case_id,family_name,date_of_birth"


def sendable(request: CheckIssuedCardsRequest, to: str) -> bytes:
    return CODEC.encode(FI_TACHONET.request(request, to))


def read(folder: Path, *lines: str, encoding: str = "utf-8") -> Applications:
    path = folder / "applications.csv"
    path.write_bytes("\r\n".join(lines).encode(encoding))
    return Applications.read(path, "Traficom", sendable)


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
        ((f"{LEAST},to", f"FI-1,{CANARY},1970-01-02,FI"), "line 2: .*does not ask itself"),
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
        ((LEAST, f'FI-1,"{CANARY}'), "cannot be read as CSV"),
    ],
)
def test_a_file_that_is_no_table_of_applications_is_refused(
    tmp_path: Path, lines: tuple[str, ...], said: str
) -> None:
    with pytest.raises(InvalidConfiguration, match=said) as caught:
        read(tmp_path, *lines)
    assert CANARY not in str(caught.value)


def test_a_file_that_is_not_there_or_not_in_utf_8_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfiguration, match="UTF-8"):
        read(tmp_path, LEAST, "FI-1,Müller,1970-01-02", encoding="latin-1")
    with pytest.raises(InvalidConfiguration, match="cannot be opened"):
        Applications.read(tmp_path / "none.csv", "Traficom", sendable)
