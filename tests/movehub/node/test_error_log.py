"""What fails again and again is said once a minute, and that it works again is said, too."""

from __future__ import annotations

import pytest
from movehub import log_limit
from movehub.errors import StoreFailed
from movehub.node.threads import ErrorLog

from tests.support.clock import Clock
from tests.support.examples import CANARY
from tests.support.no_log_limit import LimitLines


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    lines = [record.getMessage().partition(": ")[2] for record in caplog.records]
    caplog.clear()
    return lines


@pytest.fixture
def clock(limit_lines: LimitLines) -> Clock:
    """The clock of the limit."""
    clock = Clock()
    limit_lines(clock)
    return clock


def test_what_fails_again_is_said_once_a_minute_with_how_often(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    errors = ErrorLog()
    for _ in range(100):
        errors.failed(KeyError())
        clock.sleep(0.5)
    assert said(caplog) == ["a step failed with KeyError"]
    clock.sleep(10)
    log_limit.tell_left_out()
    assert said(caplog) == [
        "a step failed with KeyError (98 more lines like this one were left out before it)"
    ]


@pytest.mark.usefixtures("clock")
def test_another_failure_is_said_at_once_and_with_its_reason(caplog: pytest.LogCaptureFixture) -> None:
    errors = ErrorLog()
    errors.failed(ValueError())
    errors.failed(StoreFailed("the database failed with OperationalError: nobody listens there"))
    first, second = said(caplog)
    assert first == "a step failed with ValueError"
    assert "nobody listens there" in second


def test_the_words_of_an_error_that_is_not_ours_are_not_said(caplog: pytest.LogCaptureFixture) -> None:
    ErrorLog().failed(ValueError(CANARY))
    assert said(caplog) == ["a step failed with ValueError"]


@pytest.mark.usefixtures("clock")
def test_that_it_works_again_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    errors = ErrorLog()
    for _ in range(3):
        errors.failed(KeyError())
        errors.recovered()
    assert said(caplog) == ["a step failed with KeyError", "works again, and so do all others"]
