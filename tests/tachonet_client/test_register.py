"""The answering side of TACHOnet: each workflow asks its method of the register, and heartbeats ask none."""

from __future__ import annotations

import inspect
from dataclasses import replace
from typing import Any

import pytest
from movehub.protocol.exchange import Exchange
from movehub.protocol.message import ErrorNotification, ErrorStatus, Message
from movehub.protocol.outcome import NotificationStatus, Outcome, Receipt
from movehub.protocol.workflow import HUB, WORKFLOWS

import tachonet_client as tachonet
from tachonet_client.register import NOTHING_RECORDED
from tests.support.cards import (
    CARD,
    ccs_request,
    checked_card,
    icdl_request,
    mcs_request,
    workshop_card,
)
from tests.support.examples import DK_TACHONET, FI_TACHONET, cic_request, found_driver

AUTHORITY = "Færdselsstyrelsen"
REQUESTS: dict[str, Any] = {
    "CIC": cic_request(),
    "CCS": ccs_request(),
    "MCS": mcs_request(),
    "ICDL": icdl_request(),
}


class Register:
    """Gives what it is told to give, or raises, and remembers what it was asked."""

    def __init__(self, given: Any = None, error: Exception | None = None) -> None:
        self.asked: list[tuple[str, Any]] = []
        self._given = given
        self._error = error

    def check_issued_cards(self, driver: tachonet.SearchedDriver) -> tuple[tachonet.FoundDriver, ...]:
        return self._answer("check_issued_cards", driver)  # type: ignore[no-any-return]

    def check_card_status(self, card: tachonet.SearchedCard) -> tachonet.CheckedCard | None:
        return self._answer("check_card_status", card)  # type: ignore[no-any-return]

    def modify_card_status(self, notification: Message[tachonet.ModifyCardStatusRequest]) -> None:
        self._answer("modify_card_status", notification)

    def receive_card_status_response(self, response: Message[tachonet.ModifyCardStatusResponse]) -> None:
        self._answer("receive_card_status_response", response)

    def issued_card_driving_licence(
        self, notification: Message[tachonet.IssuedCardDrivingLicenceRequest]
    ) -> tachonet.RecordingStatus:
        return self._answer("issued_card_driving_licence", notification)  # type: ignore[no-any-return]

    def _answer(self, method: str, asked: Any) -> Any:
        self.asked.append((method, asked))
        if self._error is not None:
            raise self._error
        return self._given


def ask(register: Register, message: Message[Any], **options: Any) -> Message[Any]:
    answering: tachonet.DriverCardRegister = register
    responder = tachonet.responder(answering, "DK", AUTHORITY, **options)
    return tachonet.decode(responder.handle(tachonet.encode(message)))


def opened(body: Any) -> Message[Any]:
    return FI_TACHONET.request(body, "DK")


def test_the_register_has_one_method_for_each_message_that_can_arrive() -> None:
    methods = {name for name in vars(tachonet.DriverCardRegister) if not name.startswith("_")}
    legs = [leg for workflow in WORKFLOWS if workflow.system == "TACHOnet" for leg in workflow.legs]
    assert len(methods) == len(legs)
    assert inspect.isabstract(tachonet.DriverCardRegister)


def test_cic_is_asked_with_the_driver_and_answered_with_the_cards() -> None:
    register = Register((found_driver(),))
    (row,) = ask(register, opened(cic_request())).body.member_states
    assert register.asked == [("check_issued_cards", cic_request().searched_driver)]
    assert (row.member_state_code, row.outcome, row.found) == ("DK", Outcome.FOUND, (found_driver(),))


@pytest.mark.parametrize("card", [checked_card(), workshop_card()])
def test_ccs_is_asked_with_the_number_and_answered_with_the_card(card: tachonet.CheckedCard) -> None:
    register = Register(card)
    answer = ask(register, opened(ccs_request())).body
    assert register.asked == [("check_card_status", tachonet.SearchedCard(card_number=CARD))]
    assert (answer.responding_authority, answer.outcome, answer.card) == (AUTHORITY, Outcome.FOUND, card)


def test_ccs_of_a_card_that_was_never_issued_is_not_found() -> None:
    answer = ask(Register(None), opened(ccs_request())).body
    assert (answer.outcome, answer.card) == (Outcome.NOT_FOUND, None)


def test_mcs_is_stored_whole_and_acknowledged() -> None:
    register, message = Register(), opened(mcs_request())
    receipt = ask(register, message).body
    assert register.asked == [("modify_card_status", message)]
    assert receipt.delivered
    assert receipt.acknowledgement_type is tachonet.AcknowledgementType.NOTIFICATION
    assert receipt.responding_authority == AUTHORITY


def test_an_mcs_response_is_stored_whole_and_acknowledged_in_its_turn() -> None:
    register, request = Register(), DK_TACHONET.request(mcs_request(), "FI")
    response = FI_TACHONET.answer(
        request, mcs_request().respond("T", tachonet.ModificationStatus.OK, tachonet.CardStatus.LOST)
    )
    receipt = ask(register, response)
    assert register.asked == [("receive_card_status_response", response)]
    assert receipt.body.acknowledgement_type is tachonet.AcknowledgementType.RESPONSE
    FI_TACHONET.check_answer(response, receipt)


@pytest.mark.parametrize("status", list(tachonet.CardStatus))
def test_mcs_with_any_status_of_the_appendix_reaches_the_register(status: tachonet.CardStatus) -> None:
    """Annex II, 4: no message is rejected for its status."""
    request = mcs_request()
    changed = replace(request.modified_card, new_card_status=status)
    register = Register()
    assert ask(register, opened(replace(request, modified_card=changed))).body.delivered
    assert len(register.asked) == 1


@pytest.mark.parametrize("result", list(tachonet.RecordingStatus))
def test_icdl_is_answered_with_what_became_of_it(result: tachonet.RecordingStatus) -> None:
    register, message = Register(result), opened(icdl_request())
    answer = ask(register, message).body
    assert register.asked == [("issued_card_driving_licence", message)]
    assert (answer.status_code.value, answer.responding_authority) == (result.value, AUTHORITY)
    assert (answer.issued_card, answer.holder) == (None, None)


@pytest.mark.parametrize("body", REQUESTS.values(), ids=REQUESTS)
def test_a_register_that_fails_is_a_server_error_and_never_an_answer(body: Any) -> None:
    answer = ask(Register(error=RuntimeError()), opened(body)).body
    assert isinstance(answer, ErrorNotification)
    assert answer.status_code is ErrorStatus.SERVER_ERROR


@pytest.mark.parametrize("body", [ccs_request(), icdl_request()], ids=["CCS", "ICDL"])
@pytest.mark.parametrize("nonsense", ["x", True, found_driver()])
def test_a_register_that_gives_nonsense_is_a_server_error(body: Any, nonsense: Any) -> None:
    assert ask(Register(nonsense), opened(body)).body.status_code is ErrorStatus.SERVER_ERROR


def test_icdl_without_a_word_of_what_became_of_it_is_a_server_error() -> None:
    """None does not say whether it was recorded."""
    assert ask(Register(None), opened(icdl_request())).body.status_code is ErrorStatus.SERVER_ERROR


@pytest.mark.parametrize(
    "word", [tachonet.ModificationStatus.OK, *tachonet.IssuedCardDrivingLicenceStatus, "NotProcessed"]
)
def test_icdl_with_a_word_of_another_list_is_a_server_error(word: Any) -> None:
    """`OK` of another list is a mistake, and `Timeout` is the hub's alone to say."""
    assert ask(Register(word), opened(icdl_request())).body.status_code is ErrorStatus.SERVER_ERROR
    with pytest.raises(TypeError, match="takes a RecordingStatus"):
        icdl_request().answer(AUTHORITY, word)


def heartbeat(body: Any, sender: str = HUB) -> Message[Any]:
    probe = replace(
        body,
        request_purpose=tachonet.RequestPurpose.HEARTBEAT,
        request_source=tachonet.RequestSource.HUB,
    )
    message = Exchange(HUB, tachonet.TACHONET_3_0).request(probe, "DK")
    return replace(message, header=replace(message.header, from_=sender))


@pytest.mark.parametrize("body", REQUESTS.values(), ids=REQUESTS)
def test_a_heartbeat_is_answered_and_never_reaches_the_register(body: Any) -> None:
    register, message = Register(), heartbeat(body)
    answer = ask(register, message)
    Exchange(HUB, tachonet.TACHONET_3_0).check_answer(message, answer)
    assert register.asked == []


@pytest.mark.parametrize("body", REQUESTS.values(), ids=REQUESTS)
def test_a_heartbeat_of_a_state_is_refused(body: Any) -> None:
    register = Register()
    assert ask(register, heartbeat(body, "FI")).body.status_code is ErrorStatus.INVALID_DATA
    assert register.asked == []


def test_a_heartbeat_finds_nobody_and_receives_what_it_is_sent() -> None:
    (row,) = ask(Register(), heartbeat(cic_request())).body.member_states
    checked = ask(Register(), heartbeat(ccs_request())).body
    receipt = ask(Register(), heartbeat(mcs_request())).body
    assert (row.outcome, row.found) == (Outcome.NOT_FOUND, ())
    assert (checked.outcome, checked.card) == (Outcome.NOT_FOUND, None)
    assert isinstance(receipt, Receipt)
    assert receipt.status_code is NotificationStatus.OK


def test_a_heartbeat_of_icdl_says_that_nothing_was_recorded() -> None:
    """`OK` would promise a record, and "licence not found" would say that somebody has looked."""
    answer = ask(Register(), heartbeat(icdl_request())).body
    assert answer.status_code is tachonet.IssuedCardDrivingLicenceStatus.NOT_PROCESSED
    assert answer.status_message == NOTHING_RECORDED


def test_an_error_notification_that_arrives_is_handed_over() -> None:
    """Annex VI, 2.2."""
    received: list[Message[ErrorNotification]] = []
    error = FI_TACHONET.error(opened(ccs_request()), ErrorStatus.OTHER, "x", b"<x/>", to="DK")
    responder = tachonet.responder(Register(), "DK", AUTHORITY, on_error=received.append)
    assert responder.handle(tachonet.encode(error)) == b""
    assert received == [error]


def test_an_answer_can_be_addressed_to_the_hub_where_national_practice_wants_it() -> None:
    assert ask(Register(None), opened(ccs_request()), answers_to=HUB).header.to == HUB
