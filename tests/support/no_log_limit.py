"""No line of a log is left out in a test because another test has logged others like it.

Loaded for every test. A test of the limit asks for `limit_lines`, and gives it a clock.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Final

import pytest
from movehub import log_limit

#: Limits the lines by a clock that gives seconds.
LimitLines = Callable[[Callable[[], float]], None]

#: The clock of each test begins a day after that of the one before: no minute reaches into another test.
_DAYS: Final = itertools.count(step=86_400.0)


@pytest.fixture(autouse=True)
def every_line_is_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let any number of lines be alike: no minute lasts."""
    monkeypatch.setattr(log_limit, "_MINUTE", 0.0)


@pytest.fixture
def limit_lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[LimitLines]:
    """Limit the lines again, by a clock of the test."""

    def by(clock: Callable[[], float]) -> None:
        began = next(_DAYS) - clock()
        monkeypatch.setattr(log_limit, "_MINUTE", 60.0)
        monkeypatch.setattr(log_limit, "time", SimpleNamespace(monotonic=lambda: began + clock()))

    yield by
    log_limit.tell_left_out(ending=True)
