"""Settings for the whole run."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, settings

#: Whoever runs the tests may be on a terminal of any width: what the commands print is not broken for it.
os.environ.pop("COLUMNS", None)
#: A shell has what it runs in the background ignore Ctrl-C, and all that this starts would ignore it as well.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

_TOLD: Final = "told at the end"

pytest_plugins = [
    "movehub.sandbox.pytest_faults",
    "tests.support.canary_watch",
    "tests.support.no_log_limit",
    "tests.support.no_rate_limit",
    "tests.support.sandbox_keys",
]

settings.register_profile(
    "default",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
#: For a second run of the same code, where what is asked is whether all of it is there.
settings.register_profile("few", settings.get_profile("default"), max_examples=10)
#: The same, thoroughly, and differently from seed to seed: see `make faults`.
settings.register_profile("faults", settings.get_profile("default"), derandomize=False, database=None)
settings.load_profile("default")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--through-mapping", action="store_true", help="speak TACHOnet through a renamed schema")


def pytest_configure(config: pytest.Config) -> None:
    """See `tests/support/through_mapping.py`."""
    if config.getoption("--through-mapping"):
        from tests.support.through_mapping import install

        folder = TemporaryDirectory(prefix="renamed-")
        config.add_cleanup(folder.cleanup)
        install(Path(folder.name))


@pytest.fixture
def told_at_the_end(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Have a line printed below the results, such as how much was tried."""
    return lambda line: record_property(_TOLD, line)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the lines that tests have left, wherever they ran."""
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, line in getattr(report, "user_properties", ()):
                if name == _TOLD and report.when == "call":
                    terminalreporter.write_line(line)
