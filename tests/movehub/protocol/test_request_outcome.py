"""What became of a request as a whole, from its answer and the states that were asked."""

from __future__ import annotations

from typing import Any

import pytest
from movehub.protocol.exchange import Exchange
from movehub.protocol.message import ErrorStatus, Message
from movehub.protocol.outcome import NotificationStatus, SearchStatus
from movehub.protocol.reply import Reply, states_asked
from movehub.protocol.request_outcome import RequestOutcome, Result, outcome_of
from movehub.protocol.workflow import BROADCAST, HUB

import erru_client as erru
from tests.support.erru_examples import ncr_request, nu_request
from tests.support.examples import NOW, cgr_request

OF_FINLAND = Exchange("FI", erru.ERRU_3_5, lambda: NOW)
OF_THE_HUB = Exchange(HUB, erru.ERRU_3_5, lambda: NOW)
PARTICIPANTS = ("DK", "FI", "GR", "SE")


def became(body: Any, to: str, answer: Any) -> RequestOutcome:
    request: Message[Any] = OF_FINLAND.request(body, to)
    return outcome_of(
        request, Reply.of(OF_THE_HUB.answer(request, answer), states_asked(to, "FI", PARTICIPANTS))
    )


def test_a_broadcast_search_is_answered_if_every_participant_has_a_row_that_answers() -> None:
    body = cgr_request()
    rows = [body.answer(code, ()).member_states[0] for code in ("DK", "GR", "SE")]
    assert became(body, BROADCAST, body.answered_with(*rows)) == RequestOutcome(Result.ANSWERED)


def test_a_broadcast_search_names_the_states_that_did_not_answer_or_have_no_row() -> None:
    body = cgr_request()
    silent = body.unanswered("DK", SearchStatus.TIMEOUT)
    (answered,) = body.answer("SE", ()).member_states
    outcome = became(body, BROADCAST, body.answered_with(silent, answered))
    assert outcome == RequestOutcome(Result.INCOMPLETE, ("DK", "GR"))
    assert str(outcome) == "incomplete: DK, GR"


@pytest.mark.parametrize("code", ["GR", "EL"])
def test_greece_answers_by_either_of_its_codes(code: str) -> None:
    body = nu_request()
    rows = [body.acknowledge(each, "X").member_states[0] for each in ("DK", code, "SE")]
    assert became(body, BROADCAST, body.answered_with(*rows)) == RequestOutcome(Result.DELIVERED)


def test_a_broadcast_notification_is_delivered_to_the_states_with_a_receipt_only() -> None:
    body = nu_request()
    (known,) = body.acknowledge("DK", "X").member_states
    late = body.unanswered("SE", NotificationStatus.TIMEOUT)
    outcome = became(body, BROADCAST, body.answered_with(known, late))
    assert outcome == RequestOutcome(Result.NOT_DELIVERED, ("GR", "SE"))


def test_an_error_is_an_outcome_of_its_own() -> None:
    request: Message[Any] = OF_FINLAND.request(ncr_request(), "DK")
    error = OF_THE_HUB.error(request, ErrorStatus.TIMEOUT, "no", b"", to="FI")
    assert outcome_of(request, Reply.of(error, ["DK"])) == RequestOutcome(Result.ERROR, ("DK",))
