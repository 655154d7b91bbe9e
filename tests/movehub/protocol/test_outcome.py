"""Found, not found, no answer: three things, never two."""

from __future__ import annotations

import pytest
from movehub.protocol.outcome import NotificationStatus, Outcome, SearchStatus, was_delivered


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


@pytest.mark.parametrize(
    ("status", "message", "delivered"),
    [
        (NotificationStatus.OK, None, True),
        (NotificationStatus.OK, "Received", True),
        (NotificationStatus.OK, "It has NOT BEEN FORWARDED.", False),
        (NotificationStatus.TIMEOUT, None, False),
        (NotificationStatus.NOT_AVAILABLE, "Received", False),
    ],
)
def test_delivered_means_ok_without_a_message_that_takes_it_back(
    status: NotificationStatus, message: str | None, delivered: bool
) -> None:
    assert was_delivered(status, message) is delivered
