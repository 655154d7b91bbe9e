"""What a peer or an outage can repeat fills no disk with lines, and each line that is left out is counted."""

from __future__ import annotations

import ast
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import movehub
import pytest
from hypothesis import given
from hypothesis import strategies as st
from movehub import log_limit
from movehub.log_limit import LogLimit, alike, limited

from tests.support.clock import Clock
from tests.support.no_log_limit import LimitLines

LOG: Final = limited("movehub.test_log_limit")
ROOT: Final = Path(movehub.__file__).parent

#: Each module whose lines are not limited, and why no peer can repeat them.
BOUNDED: Final = {
    "client.py": "one line for each request of ours, at most two a second",
    "config.py": "at the start",
    "node/banner.py": "at the start",
    "node/preflight.py": "at the start",
    "store/databases.py": "at the first connection",
    "store/clock_skew.py": "once in ten minutes, with the step that prunes",
    "store/anchors.py": "once a day, and once in ten minutes while the journal is broken",
    "tls/revocation.py": "when a file was changed",
    "tls/reload.py": "when a file was changed",
    "cli/serve.py": "at the start and at the end",
    "cli/log_lines.py": "once for each thread, which has ended",
}
#: What lines are about.
ABOUT: Final = {
    "type(error).__name__",
    "kind.__name__",  # of an error
    "kind",  # of an error
    "f\"{type(error).__name__} {getattr(error, 'cause', '')}\"",
    "f'{of}: {kind}'",  # a type of message, and the beginning of a text of ours
    "error.reason.partition(':')[0]",  # a text of ours
    "failed",  # a text of ours, with the kind of an error
    "str(of)",  # a type of message
    "rule.id",
    "status",  # of an ErrorNotification, from the schema
    "why",  # a text of ours, or the kind of an error
    "'works again'",
}
#: The limit itself.
OTHERS: Final = {"log_limit.py"}


@pytest.fixture
def clock(limit_lines: LimitLines) -> Clock:
    clock = Clock()
    limit_lines(clock)
    return clock


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    lines = [record.getMessage() for record in caplog.records]
    caplog.clear()
    return lines


def repeat(times: int, *, about: str = "a peer") -> None:
    for number in range(times):
        LOG.warning("line %d about %s", number, about, extra=alike(about))


@pytest.mark.usefixtures("clock")
def test_five_lines_that_are_alike_are_logged_at_once(caplog: pytest.LogCaptureFixture) -> None:
    repeat(1000)
    assert said(caplog) == [f"line {number} about a peer" for number in range(5)]


def test_the_last_line_follows_after_the_minute_with_the_number_of_those_before_it(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    repeat(1000)
    caplog.clear()
    clock.sleep(59)
    log_limit.tell_left_out()
    assert said(caplog) == []
    clock.sleep(1)
    log_limit.tell_left_out()
    log_limit.tell_left_out()
    assert said(caplog) == ["line 999 about a peer (994 more lines like this one were left out before it)"]


@pytest.mark.usefixtures("clock")
def test_at_the_end_nothing_stays_untold(caplog: pytest.LogCaptureFixture) -> None:
    repeat(6)
    caplog.clear()
    log_limit.tell_left_out(ending=True)
    assert said(caplog) == ["line 5 about a peer"]


def test_where_nobody_tells_it_the_next_line_has_the_number(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    repeat(10)
    caplog.clear()
    clock.sleep(60)
    repeat(1)
    assert said(caplog) == ["line 0 about a peer (5 more lines like this one were left out before it)"]


@pytest.mark.usefixtures("clock")
def test_a_line_about_something_else_is_logged_at_once(caplog: pytest.LogCaptureFixture) -> None:
    repeat(1000)
    repeat(1000, about="another")
    LOG.warning("from another place")
    assert len(said(caplog)) == 11


def test_a_clock_that_is_set_back_silences_nothing(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    repeat(1000)
    clock.sleep(-3600)
    caplog.clear()
    repeat(1)
    assert len(said(caplog)) == 1


def test_a_limit_remembers_a_bounded_number_of_kinds() -> None:
    limit = LogLimit(Clock())
    for number in range(100_000):
        limit.due(str(number))
    assert len(limit._minutes) <= 1000


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 40)), max_size=200))
def test_each_line_is_logged_or_counted_once(steps: list[tuple[str, float]]) -> None:
    clock = Clock()
    limit, logged, counted = LogLimit(clock), 0, 0
    for what, seconds in steps:
        clock.sleep(seconds)
        before = limit.due(what, 2, logging.makeLogRecord({}))
        logged += before is not None
        counted += before or 0
        counted += sum(count for _, count in limit.left_out())
    counted += sum(count for _, count in limit.left_out(ending=True))
    assert logged + counted == len(steps)


def _modules() -> Iterator[tuple[str, ast.Module]]:
    for file in sorted(ROOT.rglob("*.py")):
        name = file.relative_to(ROOT).as_posix()
        if not name.startswith("sandbox/"):  # for practice; no peer calls it from outside
            yield name, ast.parse(file.read_text())


def _loggers(tree: ast.Module) -> set[str]:
    """The functions with which a module gets a logger."""
    names = {"limited", "getLogger"}
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    called = {call.id if isinstance(call, ast.Name) else getattr(call, "attr", "") for call in calls}
    return called & names


def test_each_module_that_logs_is_limited_or_has_a_reason_why_no_peer_can_repeat_its_lines() -> None:
    found = {name: _loggers(tree) for name, tree in _modules()}
    assert {name for name, how in found.items() if "getLogger" in how} == BOUNDED.keys() | OTHERS
    assert not {name for name, how in found.items() if "limited" in how} & BOUNDED.keys()


def test_what_a_line_is_about_is_one_of_few_things_whatever_a_peer_sends() -> None:
    """Each is listed here. Look at a new one: if a peer could make it differ, its lines had no limit."""
    found = {
        ast.unparse(node.args[0])
        for name, tree in _modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "alike"
    }
    assert found == ABOUT
