"""`tachonet batch` under official schemas: not run once more through a renamed schema, as it has its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.altered import altered, edition_of
from tests.support.hub import Registers, in_front_of, run

CIC = "tachonet/messages/check_issued_cards.xsd"
FIRST_NAME = '<xs:attribute name="firstName" type="Name">'
GERMAN = "FI-1,Brueckenthaler,Juergen,1984-03-17,DE\n"


def test_a_file_is_judged_by_the_edition_that_is_configured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The official schemas may ask for more than ours do: then no line may leave that they refuse."""
    registers = Registers()
    in_front_of(registers, monkeypatch)
    registers.edition = edition_of(altered(tmp_path, CIC, (FIRST_NAME, f'{FIRST_NAME[:-1]} use="required">')))

    def batch(*lines: str) -> tuple[int, str]:
        heading = "business_case_id,family_name,first_name,date_of_birth,to\n"
        (tmp_path / "a.csv").write_text(heading + "".join(lines), "utf-8")
        given = ("--results", str(tmp_path / "r.csv"), "--originating-authority", "Traficom")
        return run("batch", str(tmp_path / "a.csv"), "--config", "hub.toml", *given)

    code, said = batch(GERMAN, "FI-2,Nemonen,,1984-03-17,AT\n")
    assert code == 4
    assert "line 3: CheckIssuedCards_Request/Body/SearchedDriver/@firstName" in said
    assert not (tmp_path / "r.csv").exists()
    assert batch(GERMAN)[0] == 0
    registers.close()
