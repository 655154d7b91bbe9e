"""Settings for the whole run."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["movehub.sandbox.pytest_faults"]

settings.register_profile(
    "default",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
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
