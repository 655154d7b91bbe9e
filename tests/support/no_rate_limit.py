"""No test waits for the law's rate, but those that are about it: they have the mark `rate_of_the_law`.

Loaded for every test. It takes out the time between two turns. The library has no switch for that.
"""

from __future__ import annotations

import pytest
from movehub.protocol import rate_limit, waiting_line


@pytest.fixture(autouse=True)
def nobody_waits_for_the_rate_of_the_law(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Let requests leave at once, and let each test begin with empty lines."""
    monkeypatch.setattr(waiting_line, "_BY_NAME", {})
    if "rate_of_the_law" not in request.keywords:
        monkeypatch.setattr(rate_limit, "_seconds_apart", lambda _: 0.0)
