"""The command `movehub`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from movehub.cli.main import app
from movehub.sandbox.profiles import ALL
from typer.testing import CliRunner

import tachonet_client
from tests.support.cards import ccs_request


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_the_sandbox_serves_the_client_it_wrote_a_file_for_and_leaves_no_key_behind(
    tmp_path: Path, ending: signal.Signals
) -> None:
    keys = tmp_path / "temporary"
    keys.mkdir()
    config = tmp_path / "hub.toml"
    code = "from movehub.cli.main import main; main()"
    arguments = [sys.executable, "-c", code, "sandbox", "--config", str(config), "--patience", "5"]
    with subprocess.Popen(
        arguments, stdout=subprocess.PIPE, text=True, env={**os.environ, "TMPDIR": str(keys)}
    ) as running:
        assert running.stdout is not None
        try:
            assert "is written" in running.stdout.readline()
            assert list(keys.glob("*/**/*.key"))
            with tachonet_client.TachonetClient.from_config(config) as finland:
                answer = finland.send(ccs_request(), to="DE").body
            assert answer.responding_authority == "Competent authority of DE"
            running.send_signal(ending)
            assert running.wait(30) == 0
        finally:
            running.kill()  # where it did not end, the test would not either
    assert list(keys.iterdir()) == []


@pytest.mark.parametrize("command", [["serve"], ["node", "escalations"]])
def test_a_node_and_its_commands_fail_alike(tmp_path: Path, command: list[str]) -> None:
    result = CliRunner().invoke(app, [*command, "--config", str(tmp_path / "none.toml")])
    assert result.exit_code == 4
    assert f"there is no configuration file {tmp_path}/none.toml" in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_state_that_does_not_take_part_runs_no_sandbox() -> None:
    result = CliRunner().invoke(app, ["sandbox", "--state", "XX"])
    assert result.exit_code == 2
    assert "XX takes part in no system of this sandbox" in " ".join(result.output.split())


def test_a_sandbox_has_the_participants_of_a_configuration_file(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text('[tachonet]\nparticipants = ["TR", "AT"]\n', "utf-8")
    listed = ["sandbox", "--participants-of", str(tmp_path / "own.toml"), "--state"]
    for words in ([*listed, "XX"], ["sandbox", "--state", "TR"]):
        result = CliRunner().invoke(app, words)
        assert result.exit_code == 2
        assert f"{words[-1]} takes part in no system" in " ".join(result.output.split())
    started: list[Any] = []
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("movehub.sandbox.network.Sandbox.__enter__", lambda sandbox: _note(started, sandbox))
        assert CliRunner().invoke(app, [*listed, "TR"]).exit_code == 0
    assert [sandbox.member_state for sandbox in started] == ["TR"]


def test_a_sandbox_has_states_that_are_late_down_or_old_in_all_workflows_or_in_one() -> None:
    started: list[Any] = []
    options = ["--late", "LV", "--late", "FR:CGR", "--down", "PL:NU", "--version-2", "DE"]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("movehub.sandbox.network.Sandbox.__enter__", lambda sandbox: _note(started, sandbox))
        assert CliRunner().invoke(app, ["sandbox", *options]).exit_code == 0
    (sandbox,) = started
    assert sandbox._late == {"LV": ALL, "FR": {"CGR"}}
    assert (sandbox._down, sandbox._old) == ({"PL": {"NU"}}, {"DE": ALL})
    result = CliRunner().invoke(app, ["sandbox", "--late", "FR:XYZ"])
    assert result.exit_code == 2
    assert "XYZ is no workflow" in " ".join(result.output.split())


def _note(started: list[Any], sandbox: Any) -> None:
    started.append(sandbox)
    raise KeyboardInterrupt


def test_the_package_runs_as_a_module() -> None:
    done = subprocess.run([sys.executable, "-m", "movehub", "--version"], capture_output=True, check=True)
    assert done.stdout.startswith(b"movehub of movehub-client ")


def test_the_face_has_the_command_too() -> None:
    code = "from movehub.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code, "--version"], capture_output=True, check=True)
    assert done.stdout.startswith(b"movehub of movehub-client ")
