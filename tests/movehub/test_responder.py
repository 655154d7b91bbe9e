"""The answering side: a register asked, or an honest error."""

from __future__ import annotations

import logging
from asyncio import CancelledError
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from movehub.errors import InvalidConfiguration, NotCorrelated, TheirFault
from movehub.protocol.exchange import Exchange
from movehub.protocol.message import ErrorNotification, ErrorStatus, Message
from movehub.protocol.outcome import SearchStatus
from movehub.protocol.workflow import BROADCAST, HUB

import erru_client
import tachonet_client
from tests.support.cards import mcs_request
from tests.support.erru_examples import nu_request, rsi_request
from tests.support.examples import (
    CANARY,
    DK_TACHONET,
    FI_ERRU,
    FI_TACHONET,
    cgr_request,
    cic_request,
    found_driver,
    found_manager,
)


class Cards:
    """A register that answers with a list, or raises."""

    def __init__(self, found: tuple[Any, ...] = (), error: BaseException | None = None) -> None:
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


def gaps() -> dict[str, erru_client.FoundTransportManager]:
    """Managers as an old register has them, by the rule that they break."""
    manager = found_manager()
    unfit = erru_client.Fitness(
        fitness_status=erru_client.FitnessStatus.UNFIT, unfit_start_date=date(2026, 1, 1), unfit_end_date=None
    )
    managed = replace(manager.transport_undertakings, total_managed_undertakings=1, undertakings=())
    return {
        "CGR-4": replace(manager, certificate=replace(manager.certificate, fitness=unfit)),
        "CGR-10": replace(manager, transport_undertakings=managed),
        "CGR-11": replace(manager, certificate=replace(manager.certificate, certificate_validity=None)),
    }


def ask_despite(rule: str, *despite: str) -> Message[Any]:
    exchange = replace(FI_ERRU, edition=erru_client.ERRU_3_4)
    asked = erru_client.encode(exchange.request(cgr_request(), to="DK"))
    register = Cards((found_manager(), gaps()[rule]))
    answers = erru_client.responder(register, "DK", "Færdselsstyrelsen", despite=despite)  # type: ignore[arg-type]
    return erru_client.decode(answers.handle(asked))


@pytest.mark.parametrize("rule", ["CGR-4", "CGR-10", "CGR-11"])
def test_a_manager_with_a_gap_leaves_if_the_responder_waives_the_rule(rule: str) -> None:
    """Otherwise an unfit manager of an old register never gets out. The date is not invented."""
    (row,) = ask_despite(rule, rule).body.member_states
    assert row.found == (found_manager(), gaps()[rule])


@pytest.mark.parametrize("rule", ["CGR-4", "CGR-10", "CGR-11"])
def test_the_error_of_a_gap_names_the_rule_its_article_and_the_next_step(
    rule: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert isinstance(ask_despite(rule).body, ErrorNotification)
    (line,) = [each for each in caplog.messages if "register" in each]
    for part in (
        f"breaks {rule}: ",
        "[Annex III, appendix: ",
        f'despite=["{rule}"]',
        ". Nothing was sent. Correct the register",
    ):
        assert part in line


def test_a_responder_waives_no_rule_that_must_hold() -> None:
    with pytest.raises(InvalidConfiguration, match=r"CGR-2 cannot be waived.* CGR-4, CGR-10, CGR-11, NU-1"):
        ask_despite("CGR-4", "CGR-4", "CGR-2")


def from_a_stranger(message: Message[Any]) -> Message[Any]:
    return replace(message, header=replace(message.header, from_="TR"))


def test_a_state_that_is_not_in_the_own_list_is_answered_with_a_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The hub let it in (2016/68, Article 3a). An old list must not leave it without its answer."""
    request = from_a_stranger(FI_TACHONET.request(cic_request(), to="DK"))
    answers = tachonet_client.responder(Cards(), "DK", "Færdselsstyrelsen")
    answer = tachonet_client.decode(answers.handle(tachonet_client.CODEC.write(request)))
    assert answer.body.member_states[0].status_code is SearchStatus.NOT_FOUND
    assert answer.header.to == "TR"
    (line,) = caplog.messages
    assert line.startswith("a received message breaks HDR-5: the sender and the state asked take part in")
    known = answers.codec.participants | {"TR"}
    listed = tachonet_client.responder(Cards(), "DK", "Færdselsstyrelsen", participants=known)
    caplog.clear()
    listed.handle(tachonet_client.CODEC.write(request))
    assert caplog.messages == []


def test_a_notification_of_a_state_that_is_not_in_the_own_list_is_stored() -> None:
    told: list[Any] = []

    class Stores(Cards):
        def modify_card_status(self, notification: Any) -> None:
            told.append(notification)

    request = from_a_stranger(FI_TACHONET.request(mcs_request(), to="DK"))
    responder = tachonet_client.responder(Stores(), "DK", "x")  # type: ignore[abstract]
    receipt = tachonet_client.decode(responder.handle(tachonet_client.CODEC.write(request)))
    assert receipt.body.delivered
    assert len(told) == 1


def test_the_later_response_to_a_state_that_is_not_in_the_own_list_is_sent() -> None:
    request = from_a_stranger(FI_TACHONET.request(mcs_request(), to="DK"))
    status = tachonet_client.CardStatus.STOLEN
    response = request.body.respond("x", tachonet_client.ModificationStatus.OK, status)
    message = DK_TACHONET.answer(request, response)
    assert tachonet_client.decode(tachonet_client.encode(message)).header.to == "TR"


def test_a_state_that_does_not_take_part_has_no_responder() -> None:
    with pytest.raises(InvalidConfiguration, match="TR does not take part in TACHOnet"):
        tachonet_client.responder(Cards(), "TR", "x")
    with pytest.raises(InvalidConfiguration, match="the code of GB in a header is UK"):
        tachonet_client.responder(Cards(), "GB", "x")


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


@pytest.mark.parametrize(
    "returned", [None, found_manager(), [found_manager()], ("x",), (None,), "", 0, False]
)
def test_a_register_that_returns_nonsense_is_a_server_error(returned: Any) -> None:
    assert ask_cgr(Cards(returned)).body.status_code is ErrorStatus.SERVER_ERROR


class Storing:
    """A register whose storing methods return what they are told to."""

    def __init__(self, returned: Any = None) -> None:
        self.stored: list[Message[Any]] = []
        self._returned = returned

    def modify_card_status(self, notification: Message[Any]) -> Any:
        self.stored.append(notification)
        return self._returned

    notify_unfitness = notify_check_result = receive_check_result_response = modify_card_status
    receive_card_status_response = road_side_inspection = modify_card_status


class Waiting:
    """A register of coroutines: nothing in them ever runs."""

    async def modify_card_status(self, notification: Message[Any]) -> None:
        raise AssertionError("nobody awaits it")

    notify_unfitness = road_side_inspection = check_good_repute = modify_card_status
    check_issued_cards = modify_card_status


def notify(register: Any, body: Any, sender: str = "FI", **options: Any) -> Any:
    """The body of what a system answers to its notification."""
    tacho = isinstance(
        body, tachonet_client.ModifyCardStatusRequest | tachonet_client.CheckIssuedCardsRequest
    )
    system: Any = tachonet_client if tacho else erru_client
    message = (FI_TACHONET if tacho else FI_ERRU).request(body, to="DK")
    message = replace(message, header=replace(message.header, from_=sender))
    responder = system.responder(register, "DK", "Færdselsstyrelsen", **options)
    return system.decode(responder.handle(system.CODEC.write(message))).body


@pytest.mark.parametrize("body", [mcs_request(), nu_request()], ids=["MCS", "NU"])
@pytest.mark.parametrize("returned", [False, True, "stored", 0])
def test_a_method_that_stores_returns_nothing_or_has_not_stored(body: Any, returned: Any) -> None:
    assert notify(Storing(), body).root.endswith("_Acknowledgement")
    assert notify(Storing(returned), body).status_code is ErrorStatus.SERVER_ERROR


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("body", [mcs_request(), nu_request(), rsi_request(), cgr_request(), cic_request()])
def test_a_register_of_coroutines_is_a_server_error(body: Any, caplog: pytest.LogCaptureFixture) -> None:
    """They were called and never ran: an OK would lose what was notified."""
    assert notify(Waiting(), body).status_code is ErrorStatus.SERVER_ERROR
    assert "returned a coroutine" in caplog.text


@pytest.mark.parametrize("returned", [None, 1, "OK"])
def test_whether_an_inspection_is_known_is_said_by_true_or_false(returned: Any) -> None:
    assert notify(Storing(returned), rsi_request()).status_code is ErrorStatus.SERVER_ERROR
    assert notify(Storing(True), rsi_request()).status_code is erru_client.InspectionStatus.OK


@pytest.mark.parametrize("system", [tachonet_client, erru_client])
@pytest.mark.parametrize(
    ("authority", "answers_to"),
    [("A" * 60, None), ("", None), ("\x01", None), (None, None), ("A", "Hub"), ("A", "DK"), ("A", BROADCAST)],
)
def test_settings_that_would_fail_once_something_is_stored_are_refused_at_once(
    system: Any, authority: Any, answers_to: str | None
) -> None:
    with pytest.raises(InvalidConfiguration, match="no answer can be made with these settings"):
        system.responder(Storing(), "DK", authority, answers_to=answers_to)


@pytest.mark.parametrize("body", [mcs_request(), nu_request()], ids=["MCS", "NU"])
@pytest.mark.parametrize("sender", ["DK", BROADCAST])
def test_what_cannot_be_answered_is_refused_before_it_is_stored(body: Any, sender: str) -> None:
    """Stored and told as failed, it would be sent again."""
    register = Storing()
    assert notify(register, body, sender).status_code is ErrorStatus.INVALID_DATA
    assert register.stored == []


def test_an_error_notification_for_another_state_is_not_handed_over() -> None:
    received: list[Message[ErrorNotification]] = []
    error = FI_ERRU.error(FI_ERRU.request(cgr_request(), to="DK"), ErrorStatus.OTHER, "x", b"<x/>", to="SE")
    responder = erru_client.responder(Cards(), "DK", "Færdselsstyrelsen", on_error=received.append)
    with pytest.raises(NotCorrelated, match="for another state"):
        responder.handle(erru_client.encode(error))
    assert received == []


def test_a_look_up_that_was_cancelled_is_a_server_error() -> None:
    """asyncio's CancelledError is no Exception."""
    assert ask_cgr(Cards(error=CancelledError(CANARY))).body.status_code is ErrorStatus.SERVER_ERROR


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_what_ends_the_process_is_left_to_end_it(end: type[BaseException]) -> None:
    with pytest.raises(end):
        ask_cgr(Cards(error=end()))


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
