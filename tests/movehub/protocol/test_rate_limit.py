"""Two requests a second at most (Annex VI, 1.7 of 2016/68; 1.6 of 2016/480)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from movehub.errors import InvalidConfiguration
from movehub.protocol.rate_limit import MOST_PER_SECOND, RateLimit

from tests.support.clock import Clock


@given(st.lists(st.floats(0, 3), max_size=30))
def test_no_second_has_more_than_two_requests(work: list[float]) -> None:
    clock = Clock()
    limit = RateLimit(clock=clock, sleep=clock.sleep)
    starts = []
    for seconds in work:
        limit.wait()
        starts.append(clock())
        clock.now += seconds
    for earlier, later in zip(starts, starts[2:], strict=False):
        assert later - earlier >= 1 - 1e-9


def test_the_first_request_does_not_wait_and_the_next_waits_for_the_rest_of_its_interval() -> None:
    clock = Clock()
    limit = RateLimit(clock=clock, sleep=clock.sleep)
    limit.wait()
    clock.now += 0.3
    limit.wait()
    limit.wait()
    assert clock.slept == pytest.approx([0.2, 0.5])


def test_a_sleep_that_ends_too_early_is_followed_by_another() -> None:
    clock = Clock()
    limit = RateLimit(1.0, clock=clock, sleep=lambda seconds: clock.sleep(seconds / 2 + 0.01))
    limit.wait()
    limit.wait()
    assert clock.now >= 1.0


@pytest.mark.parametrize("rate", [0, -1, MOST_PER_SECOND + 0.1, 1e-300, float("nan"), float("inf")])
def test_a_limit_above_the_law_or_below_one_an_hour_is_rejected(rate: float) -> None:
    with pytest.raises(InvalidConfiguration, match="two requests a second"):
        RateLimit(rate)
