"""The old name of the rate limit works for one more release."""

from __future__ import annotations

import pytest
from movehub import pace
from movehub.rate_limit import RateLimit


def test_the_old_name_is_the_rate_limit_and_warns() -> None:
    with pytest.warns(DeprecationWarning, match="movehub.rate_limit.RateLimit"):
        assert pace.Pace is RateLimit


def test_other_names_are_unknown() -> None:
    with pytest.raises(AttributeError):
        _ = pace.Rate
