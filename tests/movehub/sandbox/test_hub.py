"""The sandbox hub, in process: what it adds, whom it asks, what it makes of their answers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from threading import Event
from typing import Any

import pytest
from movehub.errors import ErrorNotified, HttpRefused, NotSent, OutcomeUnknown
from movehub.names.key_service_http import HttpSearchKeys
from movehub.names.search_keys import BuiltinSearchKeys
from movehub.protocol.exchange import Exchange
from movehub.protocol.message import ErrorNotification, ErrorStatus, Message
from movehub.protocol.outcome import SearchStatus
from movehub.protocol.workflow import BROADCAST, HUB
from movehub.sandbox.hub import Hub

import erru_client
import tachonet_client
from tests.support.examples import CANARY, FI_TACHONET, NOW, cgr_request, cic_request, found_driver
from tests.support.key_service import key_service

Handle = Callable[[bytes], bytes]


class State:
    """A Member State's transport, seen from the hub: it remembers what it was asked."""

    def __init__(self, handle: Handle) -> None:
        self.asked: list[Message[Any]] = []
        self._handle = handle

    def post(self, data: bytes) -> bytes:
        self.asked.append(tachonet_client.decode(data))
        return self._handle(data)


class Register:
    def __init__(self, *found: tachonet_client.FoundDriver) -> None:
        self._found = found

    def check_issued_cards(
        self, driver: tachonet_client.SearchedDriver
    ) -> tuple[tachonet_client.FoundDriver, ...]:
        return self._found


def answering(code: str, *found: tachonet_client.FoundDriver) -> State:
    return State(tachonet_client.responder(Register(*found), code, "Færdselsstyrelsen").handle)


def raising(error: Exception) -> State:
    def handle(data: bytes) -> bytes:
        raise error

    return State(handle)


@pytest.fixture
def ending() -> Iterator[Event]:
    event = Event()
    yield event
    event.set()


@pytest.fixture
def connected() -> Iterator[Callable[..., tachonet_client.TachonetClient]]:
    hubs: list[Hub] = []

    def connect(patience: float = 20, **states: State) -> tachonet_client.TachonetClient:
        hubs.append(
            Hub(tachonet_client.CODEC, states, BuiltinSearchKeys(), patience=patience, now=lambda: NOW)
        )
        return tachonet_client.TachonetClient("FI", hubs[-1])

    yield connect
    for hub in hubs:
        hub.close()


Connect = Callable[..., tachonet_client.TachonetClient]


def test_a_broadcast_asks_every_other_state_once_and_answers_with_one_row_each(connected: Connect) -> None:
    states = {"DK": answering("DK", found_driver()), "AT": answering("AT"), "FI": answering("FI")}
    reply = connected(**states).send(cic_request(), to=BROADCAST)
    rows = [(row.member_state_code, row.status_code) for row in reply.body.member_states]
    assert rows == [("AT", SearchStatus.NOT_FOUND), ("DK", SearchStatus.FOUND)]
    assert reply.header.from_ == HUB
    assert set(reply.missing) == set(tachonet_client.CODEC.participants) - {"AT", "DK", "FI"}
    assert states["FI"].asked == []


def test_a_single_request_asks_that_state_alone(connected: Connect) -> None:
    states = {"DK": answering("DK", found_driver()), "AT": answering("AT")}
    reply = connected(**states).send(cic_request(), to="DK")
    assert [row.member_state_code for row in reply.body.member_states] == ["DK"]
    assert states["AT"].asked == []


def test_the_hub_adds_the_search_keys_and_the_time_until_which_it_waits(connected: Connect) -> None:
    state = answering("DK")
    connected(DK=state).send(cic_request(), to=BROADCAST, test_id="T1")
    (asked,) = state.asked
    driver = asked.body.searched_driver
    assert (driver.family_name_search_key, driver.first_name_search_key) == ("CANARANVAGAL", "ELAN")
    assert asked.header.timeout_value == NOW + timedelta(seconds=20)
    assert (asked.header.from_, asked.header.to, asked.header.test_id) == ("FI", "DK", "T1")


def test_a_forwarded_request_is_a_message_of_its_own_in_the_same_workflow(connected: Connect) -> None:
    states = {"DK": answering("DK"), "AT": answering("AT")}
    reply = connected(**states).send(cic_request(), to=BROADCAST)
    headers = [state.asked[0].header for state in states.values()]
    assert len({header.technical_id for header in headers}) == 2
    assert {header.workflow_id for header in headers} == {reply.header.workflow_id}


def test_a_state_that_does_not_answer_in_time_is_a_timeout(connected: Connect, ending: Event) -> None:
    def never(data: bytes) -> bytes:
        ending.wait(30)
        return b""

    reply = connected(patience=0.2, DK=State(never), AT=answering("AT")).send(cic_request(), to=BROADCAST)
    assert {row.member_state_code: row.status_code for row in reply.body.member_states} == {
        "AT": SearchStatus.NOT_FOUND,
        "DK": SearchStatus.TIMEOUT,
    }
    assert "DK" in reply.missing


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotSent("x"), SearchStatus.NOT_AVAILABLE),
        (OutcomeUnknown("x"), SearchStatus.TIMEOUT),
        (HttpRefused(400), SearchStatus.NOT_AVAILABLE),
    ],
)
def test_a_state_that_cannot_be_reached_or_cuts_off_gave_no_answer(
    connected: Connect, error: Exception, status: SearchStatus
) -> None:
    (row,) = connected(DK=raising(error)).send(cic_request(), to="DK").body.member_states
    assert row.status_code is status


def spoiled(change: Callable[[Message[Any]], Message[Any]]) -> State:
    """Return a state whose answer is changed before it leaves."""
    handle = tachonet_client.responder(Register(found_driver()), "DK", "x").handle
    return State(lambda data: tachonet_client.encode(change(tachonet_client.decode(handle(data)))))


def _claims_timeout(answer: Message[Any]) -> Message[Any]:
    rows = (tachonet_client.CardsInState(member_state_code="DK", status_code=SearchStatus.TIMEOUT),)
    return replace(answer, body=replace(answer.body, member_states=rows))


def _speaks_for_another(answer: Message[Any]) -> Message[Any]:
    rows = tuple(replace(row, member_state_code="SE") for row in answer.body.member_states)
    return replace(answer, body=replace(answer.body, member_states=rows))


def _about_somebody_else(answer: Message[Any]) -> Message[Any]:
    driver = replace(answer.body.searched_driver, family_name=f"{CANARY}son")
    return replace(answer, body=replace(answer.body, searched_driver=driver))


def _another_sender(answer: Message[Any]) -> Message[Any]:
    return replace(answer, header=replace(answer.header, from_="SE"))


def _an_error(answer: Message[Any]) -> Message[Any]:
    return FI_TACHONET.error(answer, ErrorStatus.SERVER_ERROR, "x", b"<x/>")


@pytest.mark.parametrize(
    "change", [_claims_timeout, _speaks_for_another, _about_somebody_else, _another_sender, _an_error]
)
def test_an_answer_that_is_not_to_the_request_is_never_passed_on(
    connected: Connect, change: Callable[[Message[Any]], Message[Any]], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        (row,) = connected(DK=spoiled(change)).send(cic_request(), to="DK").body.member_states
    assert row.status_code is SearchStatus.NOT_AVAILABLE
    assert row.found == ()
    assert CANARY not in caplog.text


def test_a_state_may_repeat_the_search_in_other_letter_case(connected: Connect) -> None:
    def shouting(answer: Message[Any]) -> Message[Any]:
        driver = replace(answer.body.searched_driver, family_name=CANARY.upper())
        return replace(answer, body=replace(answer.body, searched_driver=driver))

    (row,) = connected(DK=spoiled(shouting)).send(cic_request(), to="DK").body.member_states
    assert row.status_code is SearchStatus.FOUND


@pytest.mark.parametrize("answer", [b"", b"<html/>", b"\xff"])
def test_a_state_that_answers_with_garbage_is_not_available(connected: Connect, answer: bytes) -> None:
    (row,) = connected(DK=State(lambda _: answer)).send(cic_request(), to="DK").body.member_states
    assert row.status_code is SearchStatus.NOT_AVAILABLE


def test_a_status_message_of_a_state_is_passed_on(connected: Connect) -> None:
    def told(answer: Message[Any]) -> Message[Any]:
        rows = tuple(replace(row, status_message="read me") for row in answer.body.member_states)
        return replace(answer, body=replace(answer.body, member_states=rows))

    (row,) = connected(DK=spoiled(told)).send(cic_request(), to="DK").body.member_states
    assert row.status_message == "read me"


def test_a_receiver_that_is_not_connected_is_refused_with_an_error_notification(connected: Connect) -> None:
    with pytest.raises(ErrorNotified, match="InvalidData"):
        connected(DK=answering("DK")).send(cic_request(), to="SE")


def test_a_name_that_has_no_key_is_refused_with_an_error_notification(connected: Connect) -> None:
    request = cic_request()
    unknown = replace(request, searched_driver=replace(request.searched_driver, family_name="李"))
    with pytest.raises(ErrorNotified, match="InvalidData"):
        connected(DK=answering("DK")).send(unknown, to="DK")


def refused(hub: Hub, message: Message[Any]) -> ErrorNotification:
    """Send past the rules, as another client would."""
    answer = tachonet_client.decode(hub.post(tachonet_client.CODEC.write(message)))
    assert answer.header.to == "FI"
    assert isinstance(answer.body, ErrorNotification)
    return answer.body


def test_a_header_that_only_the_hub_may_write_is_refused() -> None:
    hub = Hub(tachonet_client.CODEC, {"DK": answering("DK")}, BuiltinSearchKeys())
    request = FI_TACHONET.request(cic_request(), to="DK")
    timed = replace(request, header=replace(request.header, timeout_value=NOW))
    answer = FI_TACHONET.answer(request, cic_request().answer("FI", ()), to="DK")
    assert refused(hub, timed).status_code is ErrorStatus.INVALID_DATA
    assert refused(hub, replace(answer, header=replace(answer.header, to="DK"))).status_code is (
        ErrorStatus.INVALID_DATA
    )
    hub.close()


def test_a_name_that_the_search_key_service_does_not_take_is_refused_with_an_error_notification() -> None:
    request = cic_request()
    unknown = replace(request, searched_driver=replace(request.searched_driver, family_name="李"))
    with key_service() as url, HttpSearchKeys(url) as service:
        hub = Hub(tachonet_client.CODEC, {"DK": answering("DK")}, service)
        asked = FI_TACHONET.request(unknown, to="DK")
        assert refused(hub, asked).status_code is ErrorStatus.INVALID_DATA
        hub.close()


def test_what_cannot_be_read_is_refused_in_http() -> None:
    hub = Hub(tachonet_client.CODEC, {}, BuiltinSearchKeys())
    with pytest.raises(HttpRefused) as caught:
        hub.post(b"<x/>")
    assert caught.value.status == 400
    hub.close()


def test_a_search_by_certificate_alone_needs_no_key() -> None:
    class Managers:
        def check_good_repute(self, search: Any) -> tuple[erru_client.FoundTransportManager, ...]:
            assert isinstance(search, erru_client.SearchByCertificate)
            return ()

    hub = Hub(
        erru_client.CODEC,
        {
            "DK": type(
                "Post",
                (),
                {"post": staticmethod(erru_client.responder(Managers(), "DK", "Færdselsstyrelsen").handle)},
            )()
        },
        BuiltinSearchKeys(),
    )
    certificate = erru_client.Certificate(
        certificate_number="1", certificate_issue_date=date(2000, 1, 1), certificate_issue_country="DK"
    )
    search = erru_client.SearchByCertificate(certificate=certificate)
    request = replace(cgr_request(), searched_transport_manager=search)
    for version in ("3.4", "3.5"):
        reply = erru_client.ErruClient("FI", hub, version=version).send(request, to=BROADCAST)
        assert reply.body.member_states[0].status_code is SearchStatus.NOT_FOUND
        assert reply.header.version == version
    hub.close()


def test_the_hub_speaks_as_eu() -> None:
    assert Exchange(HUB, tachonet_client.TACHONET_3_0).code == "EU"
