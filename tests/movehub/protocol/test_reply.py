"""An answer is complete if every state that was asked has answered. Only the reply knows them."""

from __future__ import annotations

from typing import Any

import pytest
from movehub.protocol import BROADCAST, Message, Reply, missing_states, states_asked
from movehub.protocol.outcome import NotificationStatus, SearchStatus

from tests.support.cards import ccs_request
from tests.support.erru_examples import ncr_request, nu_request
from tests.support.examples import cgr_request, cic_request

SEARCHES = [cic_request(), cgr_request()]
NOT_FORWARDED = "The notification has not been forwarded."


def reply_to(body: Any, *asked: str) -> Reply[Any]:
    return Reply.of(Message(header=None, body=body), asked)  # type: ignore[arg-type]


def answered(request: Any, *states: str) -> list[Any]:
    return [request.answer(code, ()).member_states[0] for code in states]


@pytest.mark.parametrize("request_", SEARCHES)
def test_an_answer_is_complete_if_every_state_asked_has_answered(request_: Any) -> None:
    answer = request_.answered_with(*answered(request_, "AT", "BE"))
    assert reply_to(answer, "AT", "BE").complete
    assert not reply_to(answer, "AT", "BE", "CY").complete


@pytest.mark.parametrize("request_", SEARCHES)
def test_a_state_is_missing_that_has_no_row_or_one_without_an_answer(request_: Any) -> None:
    """Greece goes by two codes, and has one row."""
    silent = request_.unanswered("CY", SearchStatus.TIMEOUT)
    reply = reply_to(request_.answered_with(*answered(request_, "GR"), silent), "AT", "CY", "EL")
    assert reply.missing == ("AT", "CY")
    assert reply.in_words == "3 asked, 2 have a row, 1 missing: AT; no answer from CY"


def test_a_state_without_an_answer_is_missing_even_if_it_is_no_participant() -> None:
    silent = cic_request().unanswered("CY", SearchStatus.NOT_AVAILABLE)
    answer = cic_request().answered_with(*answered(cic_request(), "AT"), silent)
    assert missing_states(answer, ["AT"]) == ("CY",)


def test_a_request_that_asked_no_state_is_not_complete() -> None:
    assert not reply_to(cic_request().answered_with(*answered(cic_request(), "AT"))).complete


def test_a_state_that_does_not_have_the_notification_is_missing() -> None:
    told = nu_request().acknowledge("AT", "Authority").member_states[0]
    taken_back = nu_request().unanswered("BE", NotificationStatus.OK, NOT_FORWARDED)
    late = nu_request().unanswered("CY", NotificationStatus.TIMEOUT)
    reply = reply_to(nu_request().answered_with(told, taken_back, late), "AT", "BE", "CY", "DE")
    assert reply.missing == ("BE", "CY", "DE")


@pytest.mark.parametrize(
    ("body", "complete"),
    [
        (ccs_request().answer("DK", None), True),
        (ccs_request().unanswered(SearchStatus.TIMEOUT), False),
        (ncr_request().acknowledge("DK"), True),
        (ncr_request().unanswered(NotificationStatus.OK, NOT_FORWARDED), False),
    ],
)
def test_an_answer_without_rows_is_that_of_the_one_state_asked(body: Any, complete: bool) -> None:
    reply = reply_to(body, "DK")
    assert reply.complete is complete
    assert reply.missing == (() if complete else ("DK",))


def test_a_broadcast_asks_all_other_participants_and_another_request_one_state() -> None:
    assert states_asked(BROADCAST, "FI", {"FI", "SE", "DK"}) == ("DK", "SE")
    assert states_asked("EL", "FI", {"FI", "SE", "DK"}) == ("GR",)


def test_a_document_alone_does_not_say_that_it_is_complete() -> None:
    """It does not tell who was asked, so neither the message nor its body has such an attribute."""
    body = cic_request().answered_with(*answered(cic_request(), "AT"))
    for each in (Message(header=None, body=body), body):  # type: ignore[arg-type]
        assert not any(hasattr(each, name) for name in ("complete", "missing", "unanswered"))


def test_the_words_about_a_notification_do_not_say_that_no_answer_came() -> None:
    taken_back = ncr_request().unanswered(NotificationStatus.OK, NOT_FORWARDED)
    assert reply_to(taken_back, "HR").in_words == "1 asked, 1 has a row; not delivered to HR"
