"""Found, not found, no answer: three things, never two."""

from __future__ import annotations

import pytest
from movehub.protocol.outcome import NotificationStatus, Outcome, SearchStatus, was_delivered

from tests.support.examples import cgr_request, cic_request


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


@pytest.mark.parametrize("request_", [cic_request(), cgr_request()])
def test_an_answer_is_complete_when_everybody_answered(request_) -> None:
    rows = [request_.answer(code, ()).member_states[0] for code in ("AT", "BE")]
    assert request_.answered_with(*rows).complete
    silent = request_.unanswered("CY", SearchStatus.TIMEOUT)
    incomplete = request_.answered_with(*rows, silent)
    assert not incomplete.complete
    assert incomplete.unanswered == ("CY",)


@pytest.mark.parametrize("request_", [cic_request(), cgr_request()])
def test_a_state_is_missing_that_has_no_row_or_one_without_an_answer(request_) -> None:
    """Greece goes by two codes, and has one row."""
    answered = request_.answer("GR", ()).member_states[0]
    answer = request_.answered_with(answered, request_.unanswered("CY", SearchStatus.TIMEOUT))
    assert answer.missing(("AT", "CY", "EL", "GR")) == ("AT", "CY")


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
