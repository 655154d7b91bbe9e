"""The asking side, from a request to its answer, with the hub in process."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from movehub.errors import InvalidConfiguration, InvalidOutgoing, NotCorrelated, TheirFault, TransportError
from movehub.protocol.exchange import Exchange
from movehub.protocol.member_states import MEMBER_STATES
from movehub.protocol.outcome import Outcome
from movehub.protocol.repetition import respelt_fields

import erru_client
import tachonet_client
from tests.support.erru_examples import ncr_request, nu_request
from tests.support.examples import CANARY, cgr_request, cic_request, found_driver


class Answering:
    """A transport that answers with whatever it is given."""

    def __init__(self, *answers: bytes) -> None:
        self.sent: list[bytes] = []
        self.closed = False
        self._answers = list(answers)

    def post(self, data: bytes) -> bytes:
        self.sent.append(data)
        return self._answers.pop(0)

    def close(self) -> None:
        self.closed = True


class Register:
    def check_issued_cards(
        self, driver: tachonet_client.SearchedDriver
    ) -> tuple[tachonet_client.FoundDriver, ...]:
        return (found_driver(),)


class InProcess:
    """A state's responder as a transport."""

    def __init__(self) -> None:
        self.post = tachonet_client.responder(Register(), "DK", "Færdselsstyrelsen").handle


def test_a_request_gets_the_answer_of_its_own_type() -> None:
    client = tachonet_client.TachonetClient("FI", InProcess())
    reply = client.send(cic_request(), to="DK")
    (denmark,) = reply.body.member_states
    assert denmark.outcome is Outcome.FOUND
    assert denmark.found == (found_driver(),)
    assert reply.complete


def test_nothing_is_sent_where_our_own_message_is_wrong() -> None:
    transport = Answering()
    client = tachonet_client.TachonetClient("FI", transport)
    with pytest.raises(InvalidOutgoing):
        client.send(cic_request(), to="FI")
    assert transport.sent == []


@pytest.mark.parametrize("answer", [b"", b"<html>500</html>", b"OK", b"<a"])
def test_what_is_no_message_is_an_error_and_never_a_not_found(answer: bytes) -> None:
    client = erru_client.ErruClient("FI", Answering(answer))
    with pytest.raises(TheirFault):
        client.send(cgr_request(), to="DK")


def test_an_answer_to_another_question_is_an_error() -> None:
    stray = erru_client.ErruClient("FI", Answering(b"")).exchange.request(cgr_request(), to="DK")
    answer = erru_client.encode(
        erru_client.ErruClient("DK", Answering()).exchange.answer(stray, stray.body.answer("DK", ()))
    )
    with pytest.raises(NotCorrelated):
        erru_client.ErruClient("FI", Answering(answer)).send(cgr_request(), to="DK")


def respelt(data: bytes) -> bytes:
    return data.replace(CANARY.encode(), f"{CANARY[:3]} {CANARY[3:]}".upper().encode())


@pytest.mark.parametrize(
    ("system", "request_", "field"),
    [
        (tachonet_client, cic_request(), "SearchedDriver.family_name"),
        (erru_client, cgr_request(), "SearchByName.name.family_name"),
    ],
    ids=["tachonet", "erru"],
)
def test_an_answer_in_other_letter_case_or_blanks_is_returned_and_the_log_names_the_field(
    system: Any, request_: Any, field: str, caplog: pytest.LogCaptureFixture
) -> None:
    denmark = Exchange("DK", system.CODEC.editions[-1])

    class Shouting:
        def post(self, data: bytes) -> bytes:
            received = system.decode(respelt(data))
            return bytes(system.encode(denmark.answer(received, received.body.answer("DK", ()))))

    reply = getattr(system, f"{system.__name__.partition('_')[0].title()}Client")("FI", Shouting()).send(
        request_, to="DK"
    )
    assert reply.body.member_states[0].outcome is Outcome.NOT_FOUND
    (line,) = caplog.messages
    assert line.endswith(f"repeats the search in other letter case or with other blanks: {field}")
    assert respelt_fields(request_, reply.body) == (field,)


def test_a_client_asks_the_participants_and_no_other_state() -> None:
    client = tachonet_client.TachonetClient("TR", InProcess(), participants=["TR", "DK", "EL"])
    assert client.send(cic_request(), to="DK").complete
    assert client.asked("ZZ") == client.others == ("DK", "GR")
    assert client.asked("DK") == ("DK",)
    with pytest.raises(InvalidOutgoing, match="HDR-5"):
        client.send(cic_request(), to="SE")


@pytest.mark.parametrize(("system", "code"), [("tachonet", "TR"), ("tachonet", "XX"), ("erru", "CH")])
def test_a_state_that_does_not_take_part_has_no_client(system: str, code: str) -> None:
    client = {"tachonet": tachonet_client.TachonetClient, "erru": erru_client.ErruClient}[system]
    with pytest.raises(InvalidConfiguration, match=f"{code} does not take part .* {system}.participants"):
        client(code, InProcess())


@pytest.mark.parametrize(("alias", "code"), [("GB", "UK"), ("EL", "GR")])
def test_a_client_has_the_code_of_its_state_in_a_header_and_not_the_other_one(alias: str, code: str) -> None:
    with pytest.raises(InvalidConfiguration, match=f"the code of {alias} in a header is {code}"):
        tachonet_client.TachonetClient(alias, InProcess(), participants=[alias, "DK"])
    assert tachonet_client.TachonetClient(code, InProcess(), participants=[alias, "DK"]).others == ("DK",)


@pytest.mark.parametrize("system", ["tachonet CIC", "erru CGR", "erru NU"])
def test_a_broadcast_with_one_row_of_27_is_not_complete_and_names_the_26_others(system: str) -> None:
    """The client knows who was asked: all participants of the configuration but its own state."""
    name, workflow = system.split()
    module = {"tachonet": tachonet_client, "erru": erru_client}[name]
    hub = Exchange("EU", module.CODEC.editions[-1])
    request = {"CIC": cic_request, "CGR": cgr_request, "NU": nu_request}[workflow]()

    class OneRow:
        def post(self, data: bytes) -> bytes:
            received = module.decode(data)
            row = _row_of("DK", received.body)
            return bytes(module.encode(hub.answer(received, received.body.answered_with(row))))

    states = sorted({*MEMBER_STATES, "IS"}) if name == "tachonet" else [*sorted(MEMBER_STATES), "IS"]
    client_class = {"tachonet": tachonet_client.TachonetClient, "erru": erru_client.ErruClient}[name]
    reply = client_class("FI", OneRow(), participants=states).send(request, to="ZZ")
    others = tuple(sorted({*states} - {"FI", "DK"}))
    assert not reply.complete
    assert reply.missing == others
    assert reply.in_words == f"27 asked, 1 has a row, 26 missing: {', '.join(others)}"


def _row_of(state: str, request: Any) -> Any:
    if hasattr(request, "acknowledge"):
        return request.acknowledge(state, "Authority").member_states[0]
    return request.answer(state, ()).member_states[0]


def test_a_failing_transport_is_passed_on_as_it_is() -> None:
    class Failing:
        def post(self, data: bytes) -> bytes:
            raise TransportError("gone")

    with pytest.raises(TransportError, match="gone"):
        erru_client.ErruClient("FI", Failing()).send(cgr_request(), to="DK")


def test_an_edition_that_is_not_spoken_cannot_be_configured() -> None:
    with pytest.raises(InvalidConfiguration, match=r"ERRU 3\.3 is not supported"):
        erru_client.ErruClient("FI", Answering(), version="3.3")


def test_the_older_edition_can_be_chosen() -> None:
    transport = Answering(b"")
    with pytest.raises(TheirFault):
        erru_client.ErruClient("FI", transport, version="3.4").send(cgr_request(), to="DK")
    assert erru_client.decode(transport.sent[0]).header.version == "3.4"


def test_a_client_closes_its_transport() -> None:
    transport = Answering()
    with erru_client.ErruClient("FI", transport):
        assert not transport.closed
    assert transport.closed


def test_a_transport_without_close_is_left_alone() -> None:
    with tachonet_client.TachonetClient("FI", InProcess()):
        pass


def test_a_message_is_stamped_with_the_present_time() -> None:
    transport = Answering(b"")
    before = datetime.now(UTC).replace(microsecond=0)
    with pytest.raises(TheirFault):
        erru_client.ErruClient("FI", transport).send(cgr_request(), to="DK")
    assert before <= erru_client.decode(transport.sent[0]).header.sent_at <= datetime.now(UTC)


def test_a_missing_configuration_file_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfiguration, match="no configuration file"):
        erru_client.ErruClient.from_config(tmp_path / "none.toml")


def test_an_answer_that_breaks_a_rule_is_reported_and_used(caplog: pytest.LogCaptureFixture) -> None:
    """Rules are errors on what is sent, and warnings on what is received."""

    class Denmark:
        def post(self, data: bytes) -> bytes:
            request = tachonet_client.decode(data)
            (row,) = request.body.answer("DK", (found_driver(),)).member_states
            row = replace(row, status_code=tachonet_client.SearchStatus.NOT_FOUND)
            denmark = Exchange("DK", tachonet_client.TACHONET_3_0)
            return tachonet_client.CODEC.write(denmark.answer(request, request.body.answered_with(row)))

    (row,) = tachonet_client.TachonetClient("FI", Denmark()).send(cic_request(), to="DK").body.member_states
    assert row.outcome is Outcome.FOUND
    (said,) = [each.getMessage() for each in caplog.records]
    assert said.startswith("a received message breaks CIC-1: ")
    assert CANARY not in said


@pytest.mark.parametrize("version", ["3.4", "3.5"])
def test_a_response_is_in_the_edition_of_its_request(version: str) -> None:
    """A state serves both editions, and its client has only one."""
    finland = Exchange("FI", erru_client.CODEC.edition(version))
    request = finland.request(ncr_request(), "DK")
    response = request.body.respond("Færdselsstyrelsen", None)

    class Receiving:
        def post(self, data: bytes) -> bytes:
            received = erru_client.decode(data)
            assert (received.header.version, received.body) == (version, response)
            return erru_client.encode(finland.answer(received, received.body.acknowledge()))

    assert erru_client.ErruClient("DK", Receiving()).respond(request, response).body.delivered


def test_a_response_to_a_request_of_an_unknown_edition_is_not_sent() -> None:
    request = Exchange("FI", erru_client.ERRU_3_5).request(ncr_request(), "DK")
    strange = replace(request, header=replace(request.header, version="9.9"))
    with pytest.raises(InvalidOutgoing, match=r"ERRU is spoken in 3\.4, 3\.5"):
        erru_client.ErruClient("DK", Answering()).respond(strange, request.body.respond("X", None))
