"""`erru validate`: three exit codes, and nothing of a person in what it prints."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from erru_client import CODEC, Fitness, FitnessStatus
from erru_client.cli import app, main
from erru_client.cli_records import fitness
from tests.support.erru_examples import nu_request
from tests.support.examples import FI_ERRU
from tests.support.official import specimens


def validate(*files: Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["validate", *map(str, files)])
    return result.exit_code, result.output


@pytest.fixture
def valid(tmp_path: Path) -> Path:
    path = tmp_path / "valid.xml"
    path.write_bytes(specimens("erru", "3.5")["check_good_repute_request_maximal.xml"])
    return path


def test_a_valid_file_exits_with_0_and_says_what_it_is(valid: Path) -> None:
    code, text = validate(valid)
    assert code == 0
    assert "CheckGoodRepute_Request, ERRU 3.5" in " ".join(text.split())


def test_an_invalid_file_exits_with_1_with_path_line_and_reason(valid: Path) -> None:
    valid.write_bytes(valid.read_bytes().replace(b'requestSource="', b'requestSource="Kanarienvogel'))
    code, text = validate(valid)
    said = " ".join(text.split())
    assert code == 1
    assert "@requestSource" in said
    assert "line" in said
    assert "not one of" in said
    assert "Kanarienvogel" not in said


@pytest.mark.parametrize("content", [None, b"", b"<!DOCTYPE a><a/>", b"\xff\xfe"])
def test_an_unreadable_file_exits_with_2(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "file.xml"
    if content is not None:
        path.write_bytes(content)
    assert validate(path)[0] == 2


@pytest.mark.parametrize(
    ("unfit_from", "said"),
    [
        (date(2026, 11, 2), "reading: unfit from 2026-11-02 on"),
        (
            None,
            "reading: no start date: some registers read it as unfit from the day of reception",
        ),
    ],
)
def test_show_prints_the_reading_of_a_notification_of_unfitness(
    tmp_path: Path, unfit_from: date | None, said: str
) -> None:
    """A person acts on the reading, and without a date it has two."""
    path = tmp_path / "nu.xml"
    message = FI_ERRU.request(nu_request(unfit_from=unfit_from), "DK")
    path.write_bytes(CODEC.encode(message, despite=() if unfit_from else ["NU-1"]))
    shown = CliRunner().invoke(app, ["show", str(path)])
    assert shown.exit_code == 0
    assert said in shown.stdout
    plain = json.loads(CliRunner().invoke(app, ["show", str(path), "--json"]).stdout)
    assert f"reading: {plain['reading']}" in shown.stdout


def test_show_prints_no_reading_of_another_message(valid: Path) -> None:
    assert "reading" not in CliRunner().invoke(app, ["show", str(valid)]).output


def test_of_many_files_the_worst_decides_and_all_are_told(valid: Path, tmp_path: Path) -> None:
    code, text = validate(valid, tmp_path / "missing.xml", valid)
    assert code == 2
    assert text.count("valid.xml") == 2


def test_the_end_of_an_unfitness_is_told_with_its_beginning() -> None:
    unfit = Fitness(
        fitness_status=FitnessStatus.UNFIT,
        unfit_start_date=date(2026, 1, 1),
        unfit_end_date=date(2027, 1, 1),
    )
    assert fitness(unfit) == "Unfit from 2026-01-01 until 2027-01-01"
    assert fitness(Fitness(fitness_status=FitnessStatus.FIT)) == "Fit"


def test_the_version_says_which_editions_are_spoken() -> None:
    done = CliRunner().invoke(app, ["--version"])
    assert done.exit_code == 0
    assert done.output.endswith("Speaks ERRU 3.4 and 3.5.\n")


def test_a_header_is_shown_with_the_words_of_the_wire(valid: Path) -> None:
    shown = CliRunner().invoke(app, ["show", str(valid)]).output
    assert "  from: " in shown
    assert "from_" not in shown


@pytest.mark.parametrize("command", ["cgr", "ctud", "nu"])
def test_the_names_of_options_are_whole_at_80_columns(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    shown = CliRunner().invoke(app, [command, "--help"]).output
    assert "…" not in shown
    assert "--originating-authority" in shown


@pytest.mark.parametrize("command", ["cgr", "nu"])
def test_a_date_of_birth_that_is_none_is_not_repeated(command: str) -> None:
    given = ["--config", "none.toml", "--date-of-birth", "31.12.1970"]
    done = CliRunner().invoke(app, [command, *given])
    assert done.exit_code == 2
    assert "the form is YYYY-MM-DD" in done.output
    assert "31.12.1970" not in done.output


@pytest.mark.parametrize("command", ["cgr", "ctud", "nu"])
def test_a_request_is_given_by_a_body_or_by_options(command: str, valid: Path) -> None:
    to = ["--config", "none.toml", "--to", "DK"]
    done = CliRunner().invoke(app, [command, *to, "--originating-authority", "x", "-"], input="{}")
    assert done.exit_code == 2
    assert "give BODY or --originating-authority, not both" in " ".join(done.output.split())
    done = CliRunner().invoke(app, [command, *to])
    assert done.exit_code == 2
    assert "missing: BODY, or --business-case-id" in " ".join(done.output.split())


def test_the_command_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["erru", "--help"])
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 0
