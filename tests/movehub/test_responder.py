"""The answering side: a register asked, or an honest error."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from movehub.errors import TheirFault
from movehub.exchange import Exchange
from movehub.message import ErrorNotification, ErrorStatus, Message
from movehub.outcome import SearchStatus
from movehub.workflow import BROADCAST, HUB

import erru_client
import tachonet_client
from tests.support.examples import (
    CANARY,
    FI_ERRU,
    FI_TACHONET,
    cgr_request,
    cic_request,
    found_driver,
    found_manager,
)


class Cards:
    """A register that answers with a list, or raises."""

    def __init__(self, found: tuple[Any, ...] = (), error: Exception | None = None) -> None:
        self.asked: list[Any] = []
        self._found = found
        self._error = error

    def check_issued_cards(
        self, driver: tachonet_client.SearchedDriver
    ) -> tuple[tachonet_client.FoundDriver, ...]:
        return self._answer(driver)

    def check_good_repute(self, search: Any) -> tuple[erru_client.FoundTransportManager, ...]:
        return self._answer(search)

    def _answer(self, asked: Any) -> tuple[Any, ...]:
        self.asked.append(asked)
        if self._error is not None:
            raise self._error
        return self._found


def ask_cic(register: Cards, request: Message[Any] | None = None) -> Message[Any]:
    sent = tachonet_client.encode(request or FI_TACHONET.request(cic_request(), to="DK"))
    return tachonet_client.decode(tachonet_client.responder(register, "DK", "Færdselsstyrelsen").handle(sent))


def ask_cgr(register: Cards, request: Message[Any] | None = None) -> Message[Any]:
    sent = erru_client.encode(request or FI_ERRU.request(cgr_request(), to="DK"))
    return erru_client.decode(erru_client.responder(register, "DK", "Færdselsstyrelsen").handle(sent))


def test_records_make_found_and_none_make_not_found() -> None:
    for found, status in (((found_manager(),), SearchStatus.FOUND), ((), SearchStatus.NOT_FOUND)):
        (row,) = ask_cgr(Cards(found)).body.member_states
        assert (row.member_state_code, row.status_code, row.found) == ("DK", status, found)


def test_the_answer_repeats_the_request_to_the_letter() -> None:
    request = cgr_request()
    sent = erru_client.encode(FI_ERRU.request(request, to="DK"))
    padded = sent.replace(b'businessCaseId="FI-1"', b'businessCaseId=" FI-1 "').replace(
        CANARY.encode(), CANARY.encode() + b"  "
    )
    answer = erru_client.responder(Cards(), "DK", "Færdselsstyrelsen").handle(padded)
    assert b'businessCaseId=" FI-1 "' in answer
    assert CANARY.encode() + b"  " in answer


def test_a_broadcast_is_answered_like_a_single_request() -> None:
    answer = ask_cic(Cards((found_driver(),)), FI_TACHONET.request(cic_request(), to=BROADCAST))
    assert answer.header.to == "FI"
    assert answer.body.member_states[0].found == (found_driver(),)


def test_an_answer_goes_out_in_the_edition_of_its_request() -> None:
    old = Exchange("FI", erru_client.ERRU_3_4)
    assert ask_cgr(Cards(), old.request(cgr_request(), to="DK")).header.version == "3.4"


@pytest.mark.parametrize("ask", [ask_cic, ask_cgr])
def test_a_register_that_fails_is_a_server_error_and_never_a_not_found(
    ask: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = ask(Cards(error=RuntimeError(f"no connection while looking for {CANARY}")))
    assert isinstance(answer.body, ErrorNotification)
    assert answer.body.status_code is ErrorStatus.SERVER_ERROR
    assert answer.header.to == HUB
    assert CANARY not in str(answer.body.status_message)
    assert CANARY not in caplog.text
    assert "RuntimeError" in caplog.text


def test_data_that_make_no_valid_answer_are_a_server_error(caplog: pytest.LogCaptureFixture) -> None:
    """In 3.5 the validity of the certificate is mandatory; it is not invented where the register lacks it."""
    found = found_manager()
    silent = replace(found, certificate=replace(found.certificate, certificate_validity=None))
    answer = ask_cgr(Cards((silent,)))
    assert isinstance(answer.body, ErrorNotification)
    assert answer.body.status_code is ErrorStatus.SERVER_ERROR
    assert CANARY not in caplog.text


def test_a_heartbeat_is_answered_and_never_reaches_the_register() -> None:
    for register, answer in (
        (
            cards := Cards(),
            ask_cic(cards, Exchange(HUB, FI_TACHONET.edition).request(heartbeat_cic(), to="DK")),
        ),
        (
            managers := Cards(),
            ask_cgr(managers, Exchange(HUB, FI_ERRU.edition).request(heartbeat_cgr(), to="DK")),
        ),
    ):
        assert register.asked == []
        assert answer.body.member_states[0].status_code is SearchStatus.NOT_FOUND


def of_the_hub(exchange: Exchange, body: Any) -> Message[Any]:
    return Exchange(HUB, exchange.edition).request(body, to="DK")


def heartbeat_cic() -> tachonet_client.CheckIssuedCardsRequest:
    return replace(cic_request(), request_purpose=tachonet_client.RequestPurpose.HEARTBEAT)


def heartbeat_cgr() -> erru_client.CheckGoodReputeRequest:
    return replace(cgr_request(), request_purpose=erru_client.RequestPurpose.HEARTBEAT)


def test_a_message_for_another_state_is_refused_with_invalid_data() -> None:
    register = Cards()
    answer = ask_cic(register, FI_TACHONET.request(cic_request(), to="SE"))
    assert answer.body.status_code is ErrorStatus.INVALID_DATA
    assert register.asked == []


def test_an_answer_that_arrives_as_a_request_is_refused_with_invalid_data() -> None:
    request = FI_TACHONET.request(cic_request(), to="DK")
    stray = FI_TACHONET.answer(request, cic_request().answer("FI", ()), to="DK")
    assert ask_cic(Cards(), stray).body.status_code is ErrorStatus.INVALID_DATA


def test_an_error_notification_is_never_answered() -> None:
    error = FI_ERRU.error(FI_ERRU.request(cgr_request(), to="DK"), ErrorStatus.OTHER, "x", b"<x/>", to="DK")
    assert erru_client.responder(Cards(), "DK", "Færdselsstyrelsen").handle(erru_client.encode(error)) == b""


def test_what_is_no_message_is_raised_for_the_endpoint_to_refuse() -> None:
    with pytest.raises(TheirFault):
        erru_client.responder(Cards(), "DK", "Færdselsstyrelsen").handle(b"<x/>")


def test_the_register_is_asked_with_the_search_as_it_came() -> None:
    register = Cards()
    ask_cic(register)
    (driver,) = register.asked
    assert driver.date_of_birth == date(1981, 4, 2)


def test_a_heartbeat_of_a_state_is_refused_and_clears_nobody() -> None:
    """Whoever may call a question a heartbeat would get a "not found" about a real person."""
    hub = Exchange(HUB, FI_ERRU.edition).request(heartbeat_cgr(), to="DK")
    forged = replace(hub, header=replace(hub.header, from_="FI"))
    register = Cards((found_manager(),))
    assert ask_cgr(register, forged).body.status_code is ErrorStatus.INVALID_DATA
    assert register.asked == []


def test_an_error_notification_that_arrives_is_handed_over() -> None:
    received: list[Message[ErrorNotification]] = []
    error = FI_ERRU.error(FI_ERRU.request(cgr_request(), to="DK"), ErrorStatus.OTHER, "x", b"<x/>", to="DK")
    responder = erru_client.responder(Cards(), "DK", "Færdselsstyrelsen", on_error=received.append)
    assert responder.handle(erru_client.encode(error)) == b""
    assert received == [error]


@pytest.mark.parametrize("returned", [None, found_manager(), [found_manager()], ("x",), (None,)])
def test_a_register_that_returns_nonsense_is_a_server_error(returned: Any) -> None:
    assert ask_cgr(Cards(returned)).body.status_code is ErrorStatus.SERVER_ERROR


def test_an_error_about_the_largest_message_can_still_be_sent() -> None:
    sent = erru_client.encode(FI_ERRU.request(cgr_request(), to="DK"))
    padded = sent.replace(b"?>\n<", b"?>\n<!--" + b"<" * 2_000_000 + b"--><", 1)
    responder = erru_client.responder(Cards(error=RuntimeError()), "DK", "Færdselsstyrelsen")
    answer = erru_client.decode(responder.handle(padded))
    assert answer.body.status_code is ErrorStatus.SERVER_ERROR


def test_an_answer_can_be_addressed_to_the_hub_where_national_practice_wants_it() -> None:
    responder = erru_client.responder(Cards(), "DK", "Færdselsstyrelsen", answers_to=HUB)
    sent = erru_client.encode(FI_ERRU.request(cgr_request(), to="DK"))
    assert erru_client.decode(responder.handle(sent)).header.to == HUB
