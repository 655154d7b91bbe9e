"""An OK with a text is delivered only if the text takes nothing back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from movehub.protocol.hub_texts import TEXTS, HubText, takes_back
from movehub.protocol.outcome import NotificationStatus, Outcome
from movehub.protocol.workflow import HUB_AUTHORITY

import tachonet_client as tachonet
from tests.support.cards import ccs_request, icdl_request, mcs_request
from tests.support.erru_examples import ctud_request, ncr_request, nu_request, rsi_request
from tests.support.erru_messages import ncr_response
from tests.support.examples import cgr_request, cic_request

#: What official test cases and the issue of this library report as texts of undelivered messages.
REPORTED = (
    "The country of establishment is still using ERRU v2 messages. The notification has not been forwarded."
    " The workflow is complete",
    "TO MemberState does not implement the NotifyUnfitness workflow",
    "The notification could not be forwarded.",
    "The notification was not forwarded.",
    "IT  COULD NOT\nBE  FORWARDED",
    "the message cannot be forwarded",
    "It couldn't be forwarded",
    "The request has not yet been forwarded.",
    "The hub was unable to forward the message",
    "The Member State does not implement the workflow",
    "The Member State does not take part in this workflow.",
)
STATE = "Færdselsstyrelsen"
MCS_RESPONSE = mcs_request().respond(
    "x", tachonet.ModificationStatus.OK, recorded_status=tachonet.CardStatus.STOLEN
)


def _nu(authority: str) -> Any:
    return nu_request().acknowledge("DK", authority).member_states[0]


#: The answer of each message that notifies, by the authority that writes it.
RECEIPTS: dict[str, Any] = {
    "NCR": ncr_request().acknowledge,
    "NCR response": lambda authority: replace(ncr_response().acknowledge(), responding_authority=authority),
    "MCS": mcs_request().acknowledge,
    "MCS response": MCS_RESPONSE.acknowledge,
    "NU": _nu,
    "ICDL": lambda authority: icdl_request().answer(authority, tachonet.RecordingStatus.OK),
    "ICDL, not recorded": lambda authority: icdl_request().answer(
        authority, tachonet.RecordingStatus.NOT_PROCESSED
    ),
    "RSI": lambda authority: rsi_request().answer(authority, found=True),
    "RSI, not found": lambda authority: rsi_request().answer(authority, found=False),
}

of_every_receipt = pytest.mark.parametrize("receipt", RECEIPTS.values(), ids=RECEIPTS)


def _with(receipt: Any, text: str | None) -> Any:
    return replace(receipt, status_message=text)


@of_every_receipt
@pytest.mark.parametrize("text", REPORTED)
@pytest.mark.parametrize("authority", [STATE, HUB_AUTHORITY])
def test_a_known_text_takes_the_ok_back_whoever_writes_it(receipt: Any, text: str, authority: str) -> None:
    assert not _with(receipt(authority), text).delivered


@of_every_receipt
@pytest.mark.parametrize("authority", [HUB_AUTHORITY, "EUROPEAN COMMISSION ", "EU", "Unknown"])
def test_an_unknown_text_of_the_hub_takes_the_ok_back(receipt: Any, authority: str) -> None:
    assert not _with(receipt(authority), "See the helpdesk").delivered


@of_every_receipt
def test_a_state_may_comment_its_ok(receipt: Any) -> None:
    assert _with(receipt(STATE), "Forwarded to the traffic office of Ribe").delivered


@of_every_receipt
@pytest.mark.parametrize("authority", [STATE, HUB_AUTHORITY])
def test_an_ok_without_a_text_is_delivered(receipt: Any, authority: str) -> None:
    assert receipt(authority).delivered


def test_a_text_that_the_table_knows_as_harmless_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    harmless = HubText("Thank you", r"\bthank you\b", True, "a test")
    monkeypatch.setattr("movehub.protocol.hub_texts.TEXTS", (harmless,))
    assert not takes_back("Thank  you.", HUB_AUTHORITY)
    assert takes_back("See the helpdesk", HUB_AUTHORITY)


@pytest.mark.parametrize("row", TEXTS, ids=lambda row: row.example)
def test_a_row_recognises_its_own_example_and_has_a_source(row: HubText) -> None:
    assert row.matches(row.example.upper())
    assert row.source


@pytest.mark.parametrize(
    "answer",
    [
        lambda text: _with(cic_request().answer("DK", ()).member_states[0], text),
        lambda text: _with(cgr_request().answer("DK", ()).member_states[0], text),
        lambda text: ccs_request().answer(STATE, None, text),
        lambda text: ctud_request().answer(STATE, (), text),
    ],
    ids=["CIC", "CGR", "CCS", "CTUD"],
)
@pytest.mark.parametrize("text", REPORTED)
def test_not_found_by_a_state_that_the_request_did_not_reach_is_no_answer(answer: Any, text: str) -> None:
    assert answer("Ask Ribe, too").outcome is Outcome.NOT_FOUND
    assert answer(text).outcome is Outcome.NO_ANSWER


@pytest.mark.parametrize(
    "answer",
    [
        lambda text: ccs_request().answer(HUB_AUTHORITY, None, text),
        lambda text: ctud_request().answer(HUB_AUTHORITY, (), text),
    ],
    ids=["CCS", "CTUD"],
)
def test_an_unknown_text_of_the_hub_takes_not_found_back(answer: Any) -> None:
    """The hub knows no card and no undertaking. Without a text, it may pass on what a state has said."""
    assert answer("See the helpdesk").outcome is Outcome.NO_ANSWER
    assert answer(None).outcome is Outcome.NOT_FOUND


@pytest.mark.parametrize("found", [True, False])
def test_an_inspection_that_was_not_delivered_has_no_answer(found: bool) -> None:
    answer = rsi_request().answer(STATE, found=found, status_message="It was not forwarded")
    assert answer.outcome is Outcome.NO_ANSWER


@pytest.mark.parametrize("status", [NotificationStatus.TIMEOUT, NotificationStatus.NOT_AVAILABLE])
def test_only_an_ok_is_delivered(status: NotificationStatus) -> None:
    assert not ncr_request().unanswered(status).delivered
