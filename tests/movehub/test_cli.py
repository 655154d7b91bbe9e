"""The command `movehub`."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from movehub.cli import app
from typer.testing import CliRunner

import tachonet_client
from tests.support.cards import ccs_request


def test_the_sandbox_runs_until_it_is_interrupted_and_serves_the_client_it_wrote_a_file_for(
    tmp_path: Path,
) -> None:
    config = tmp_path / "hub.toml"
    code = "from movehub.cli import main; main()"
    arguments = [sys.executable, "-c", code, "sandbox", "--config", str(config), "--patience", "5"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        try:
            assert "is written" in running.stdout.readline()
            with tachonet_client.TachonetClient.from_config(config) as finland:
                answer = finland.send(ccs_request(), to="DE").body
            assert answer.responding_authority == "Competent authority of DE"
        finally:
            running.send_signal(signal.SIGINT)
        assert running.wait(30) == 0


def test_a_state_that_does_not_take_part_runs_no_sandbox() -> None:
    result = CliRunner().invoke(app, ["sandbox", "--state", "XX"])
    assert result.exit_code == 2
    assert "one of AT, BE" in " ".join(result.output.split())
