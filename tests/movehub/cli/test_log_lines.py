"""Each line of `movehub serve` has its time, level and logger, and none of a peer's words act on a reader."""

from __future__ import annotations

import gc
import json
import logging
import os
import signal
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import Any, Final

import pytest
from movehub.cli.log_lines import LogFormat, LogLevel, logging_to_stderr
from movehub.cli.main import app
from movehub.errors import HttpRefused
from movehub.http.transport import HttpsTransport
from movehub.protocol.exchange import utc_now
from movehub.tls.credentials import Credentials
from typer.testing import CliRunner

from tests.support.clock import Clock
from tests.support.erru_examples import nu_request
from tests.support.examples import CANARY
from tests.support.no_log_limit import LimitLines
from tests.support.nodes import from_denmark, written

LOG: Final = logging.getLogger("movehub.test_log_lines")
#: Words that begin a line, clear a terminal, and turn text around.
HOSTILE: Final = "a\n2026-01-01T00:00:00.000Z CRITICAL fake: b\x1b[2J\x85\x9b31m\u202e\u2028"

Lines = Callable[[], list[str]]


@contextmanager
def lines(
    capsys: pytest.CaptureFixture[str],
    form: LogFormat = LogFormat.TEXT,
    level: LogLevel = LogLevel.INFO,
) -> Iterator[Lines]:
    with logging_to_stderr(level, form):
        yield lambda: capsys.readouterr().err.split("\n")[:-1]


def at_ten(message: str, *args: object) -> logging.LogRecord:
    record = LOG.makeRecord(LOG.name, logging.WARNING, __file__, 1, message, args, None)
    record.created = datetime.fromisoformat("2026-11-23T10:00:00.123+00:00").timestamp()
    return record


def failing() -> None:
    raise OSError(28, CANARY)


def test_a_line_has_the_time_in_utc_the_level_the_logger_and_the_text(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with lines(capsys) as said:
        LOG.handle(at_ten("a document of %r is rejected", "CN=hub"))
        assert said() == [
            "2026-11-23T10:00:00.123Z WARNING  movehub.test_log_lines: a document of 'CN=hub' is rejected"
        ]


def test_a_line_of_json_is_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    with lines(capsys, LogFormat.JSON) as said:
        LOG.handle(at_ten("a document of %r is rejected", "CN=hub"))
        (line,) = said()
    assert json.loads(line) == {
        "time": "2026-11-23T10:00:00.123Z",
        "level": "WARNING",
        "logger": "movehub.test_log_lines",
        "message": "a document of 'CN=hub' is rejected",
    }


def test_words_of_a_peer_begin_no_line_and_act_on_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with lines(capsys) as said:
        LOG.warning("a client said %s", HOSTILE)
        (line,) = said()
    assert line.isprintable()
    assert line.endswith(
        r"a\u000A2026-01-01T00:00:00.000Z CRITICAL fake: b\u001B[2J\u0085\u009B31m\u202E\u2028"
    )


def test_words_of_a_peer_are_the_same_in_json_and_begin_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    with lines(capsys, LogFormat.JSON) as said:
        LOG.warning("a client said %s", HOSTILE)
        (line,) = said()
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["message"] == f"a client said {HOSTILE}"


@pytest.mark.names_somebody
@pytest.mark.parametrize("form", LogFormat)
def test_an_exception_is_its_kind_and_place_and_never_its_text(
    capsys: pytest.CaptureFixture[str], form: LogFormat
) -> None:
    with lines(capsys, form) as said:
        try:
            failing()
        except OSError:
            LOG.exception("it failed")
        (line,) = said()
    assert "OSError ENOSPC in test_log_lines.py:" in line
    assert CANARY not in line


def test_a_thread_that_ends_with_an_error_is_one_line_without_its_text(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with lines(capsys) as said:
        thread = Thread(target=failing, name="query-0")
        thread.start()
        thread.join()
        (line,) = said()
    assert "CRITICAL movehub.cli.log_lines: query-0 ended: OSError ENOSPC in test_log_lines.py:" in line
    assert CANARY not in line


def test_an_error_that_python_ignores_is_one_line_without_its_text(
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Falling:
        def __del__(self) -> None:
            failing()

    with lines(capsys) as said:
        falling = Falling()
        del falling
        gc.collect()
        (line,) = said()
    assert "an error was ignored: OSError ENOSPC in test_log_lines.py:" in line
    assert CANARY not in line


def test_a_warning_of_python_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with warnings.catch_warnings(), lines(capsys) as said:
        warnings.simplefilter("always")
        warnings.warn("an old name", DeprecationWarning, stacklevel=1)
        (line,) = said()
    assert "WARNING  py.warnings: " in line
    assert "DeprecationWarning: an old name" in line


@pytest.mark.parametrize(
    ("level", "shown"),
    [
        (LogLevel.INFO, ["INFO", "WARNING", "ERROR"]),
        (LogLevel.WARNING, ["WARNING", "ERROR"]),
        (LogLevel.ERROR, ["ERROR"]),
    ],
)
def test_a_level_leaves_out_what_is_below_it(
    capsys: pytest.CaptureFixture[str], level: LogLevel, shown: list[str]
) -> None:
    with lines(capsys, level=level) as said:
        for each in (LOG.debug, LOG.info, LOG.warning, LOG.error):
            each("a line")
        assert [line.split()[1] for line in said()] == shown


def test_the_level_and_the_handlers_are_as_before_when_it_ends(capsys: pytest.CaptureFixture[str]) -> None:
    before = logging.root.level, list(logging.root.handlers)
    with lines(capsys, level=LogLevel.ERROR):
        pass
    assert (logging.root.level, logging.root.handlers) == before


def test_a_line_that_cannot_be_formatted_is_not_lost(capsys: pytest.CaptureFixture[str]) -> None:
    with lines(capsys) as said:
        logging.root.handlers[-1].handle(at_ten("%d documents", CANARY))  # that of pytest would raise
        (line,) = said()
    assert line.endswith("%d documents")


def test_a_standard_error_that_is_full_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with open("/dev/full", "w", buffering=1) as full:  # each write fails with ENOSPC
        monkeypatch.setattr(sys, "stderr", full)
        with lines(None) as _:  # type: ignore[arg-type]
            LOG.error("a line")
        with pytest.raises(OSError, match="28"):
            full.flush()
        monkeypatch.undo()
        os.dup2(os.open(os.devnull, os.O_WRONLY), full.fileno())


def test_a_library_that_repeats_a_line_is_limited_and_your_register_is_not(
    capsys: pytest.CaptureFixture[str], limit_lines: LimitLines
) -> None:
    limit_lines(Clock())
    with lines(capsys) as said:
        for number in range(100):
            logging.getLogger("urllib3.connectionpool").warning("pool %d is full", number)
            logging.getLogger("traficom.register").info("stored notification %d", number)
        names = [line.split()[2] for line in said()]
    assert names.count("urllib3.connectionpool:") == 5
    assert names.count("traficom.register:") == 100


@pytest.mark.parametrize("wrong", [["--log-level", "debug"], ["--log-format", "xml"]])
def test_another_level_or_format_is_refused(wrong: list[str]) -> None:
    assert CliRunner().invoke(app, ["serve", *wrong]).exit_code == 2


@pytest.mark.parametrize("form", ["text", "JSON"])
def test_a_node_that_cannot_start_says_why_in_one_line(tmp_path: Path, form: str) -> None:
    options = ["serve", "--config", f"{tmp_path}/none.toml", "--log-format", form]
    told = CliRunner().invoke(app, options)
    assert told.exit_code == 4
    assert told.stderr.count("\n") == 1
    said = json.loads(told.stderr)["message"] if form == "JSON" else told.stderr
    assert f"InvalidConfiguration: there is no configuration file {tmp_path}/none.toml" in said


@pytest.fixture
def config(tmp_path: Path, state: Credentials) -> Path:
    path = tmp_path / "node.toml"
    path.write_text(
        f"""
member_state = "FI"
certificate = "{state.certificate}"
key = "{state.key}"
authority = "{state.authority}"
[erru]
url = "https://localhost:1/"
[node]
database = "sqlite:///node.db"
listen = "127.0.0.1:0"
allowed_subjects = ["CN=hub"]
[node.erru]
register = "tests.support.registers:undertakings"
authority = "Traficom"
""",
        "utf-8",
    )
    return path


def _objects(lines: Iterable[str] | None) -> Iterator[dict[str, Any]]:
    return map(json.loads, lines or ())


def test_each_line_of_a_real_node_is_an_object_and_a_flood_is_counted(config: Path, hub: Credentials) -> None:
    """It is posted a hundred bad documents with a name in them, and good ones for a hub that is down."""
    begin = [sys.executable, "-c", "from movehub.cli.main import main; main()", "serve"]
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    with subprocess.Popen(
        [*begin, "--config", str(config), "--log-format", "json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    ) as serving:
        try:
            began = next(said for said in _objects(serving.stderr) if "serves over" in said["message"])
            port = began["message"].partition("127.0.0.1:")[2].partition(",")[0]
            with HttpsTransport(f"https://localhost:{port}/erru", hub) as transport:
                transport.deliver(written(from_denmark(nu_request(), utc_now())))
                for _ in range(100):
                    with pytest.raises(HttpRefused, match="400"):
                        transport.deliver(f"<{CANARY}/>".encode())
            serving.send_signal(signal.SIGTERM)
            out, err = serving.communicate(timeout=30)
        finally:
            serving.kill()
    said = list(_objects(err.splitlines()))
    assert (serving.returncode, out) == (0, "")
    rejected = [each["message"] for each in said if "is rejected" in each["message"]]
    assert len(rejected) == 6
    assert rejected[-1].endswith("(94 more lines like this one were left out before it)")
    assert said[-1]["message"] == "ended; unfinished work is stored"
    assert CANARY not in err
    assert "Kanarienvogel" not in err
