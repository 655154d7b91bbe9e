"""Found, not found, no answer: three things, never two."""

from __future__ import annotations

import pytest
from movehub.protocol.outcome import Outcome, SearchStatus


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (SearchStatus.FOUND, Outcome.FOUND),
        (SearchStatus.NOT_FOUND, Outcome.NOT_FOUND),
        (SearchStatus.TIMEOUT, Outcome.NO_ANSWER),
        (SearchStatus.NOT_AVAILABLE, Outcome.NO_ANSWER),
    ],
)
def test_each_status_has_one_meaning(status: SearchStatus, outcome: Outcome) -> None:
    assert status.outcome is outcome
