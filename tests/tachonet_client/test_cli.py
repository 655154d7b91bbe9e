"""The command `tachonet`, without a hub."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from tachonet_client.cli import app, main
from tests.support.official import specimens


@pytest.mark.parametrize("name", specimens("tachonet", "3.0"))
def test_every_specimen_is_valid(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(specimens("tachonet", "3.0")[name])
    assert CliRunner().invoke(app, ["validate", str(path)]).exit_code == 0


def test_a_configuration_that_is_missing_is_one_line_and_exit_code_4(tmp_path: Path) -> None:
    arguments = ["cic", "--config", str(tmp_path / "none.toml"), "--business-case-id", "1"]
    arguments += ["--originating-authority", "x", "--family-name", "X", "--date-of-birth", "1970-01-01"]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 4
    assert "no configuration file" in " ".join(done.output.split())


def test_the_help_says_that_the_wire_is_reconstructed() -> None:
    assert "reconstructed" in CliRunner().invoke(app, ["--help"]).output


def test_the_version_says_that_the_wire_is_reconstructed() -> None:
    done = CliRunner().invoke(app, ["--version"])
    assert done.exit_code == 0
    said = " ".join(done.output.split())
    assert said.startswith("tachonet of movehub-client ")
    assert "Speaks TACHOnet 3.0." in said
    assert "a reconstruction from Regulation (EU) 2016/68, Annex III, and not official" in said


def test_rules_and_show_are_there_as_in_erru(tmp_path: Path) -> None:
    path = tmp_path / "message.xml"
    path.write_bytes(specimens("tachonet", "3.0")["check_card_status_request_maximal.xml"])
    assert "root: CheckCardStatus_Request" in CliRunner().invoke(app, ["show", str(path)]).output
    assert "MCS-1" in CliRunner().invoke(app, ["rules"]).output


def test_the_command_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["tachonet", "--help"])
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 0
