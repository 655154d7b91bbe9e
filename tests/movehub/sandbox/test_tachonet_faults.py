"""The five faults of Regulation (EU) 2016/68, Annex VI, 1.8, in every workflow, over HTTPS.

(a) the connection to the central system is lost, (b) a request has no answer, (c) the answer comes after the
time was up, (d) a message comes unsolicited, (e) a message is invalid. No fault may read as "not found", as
"delivered", or as a record in the register.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import Event
from typing import Any

import pytest
from movehub.errors import (
    ErrorNotified,
    HttpRefused,
    HubUnreachable,
    InvalidIncoming,
    NotCorrelated,
    OutcomeUnknown,
    TheirFault,
)
from movehub.http.endpoint import Endpoint
from movehub.http.transport import HttpsTransport, Timeouts
from movehub.protocol.exchange import Exchange
from movehub.protocol.message import ErrorNotification, ErrorStatus, Message
from movehub.protocol.outcome import Outcome
from movehub.protocol.workflow import HUB
from movehub.sandbox.network import Sandbox
from movehub.sandbox.registers.drivers import DriverRegister
from movehub.sandbox.server import SandboxServer

import tachonet_client as tachonet
from tests.support.cards import ccs_request, checked_card, icdl_request, mcs_request
from tests.support.examples import CANARY, DK_TACHONET, FI_TACHONET, cic_request, found_driver
from tests.support.peers import Script, http, peer, read_request, replying

CIC, CCS, MCS, ICDL = cic_request(), ccs_request(), mcs_request(), icdl_request()

#: A request of each workflow, and what Denmark would answer to it.
WORKFLOWS: dict[str, tuple[Any, Any]] = {
    "CIC": (CIC, CIC.answer("DK", (found_driver(),))),
    "CCS": (CCS, CCS.answer("Færdselsstyrelsen", checked_card())),
    "MCS": (MCS, MCS.acknowledge("Færdselsstyrelsen")),
    "ICDL": (ICDL, ICDL.answer("Færdselsstyrelsen", tachonet.RecordingStatus.OK)),
}
REQUESTS = {name: request for name, (request, _) in WORKFLOWS.items()}

of_every_workflow = pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
with_its_answer = pytest.mark.parametrize(("request_", "answer"), WORKFLOWS.values(), ids=WORKFLOWS)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox("FI", late=["LV"], down=["GR"], patience=1.0) as running:
        yield running


@contextmanager
def hub_that(sandbox: Sandbox, script: Script) -> Iterator[tachonet.TachonetClient]:
    """Yield Finland's client of a hub that behaves as scripted."""
    with (
        peer(sandbox.issued["hub"], script) as url,
        HttpsTransport(url, sandbox.credentials, timeouts=Timeouts(connect=1.0, total=1.0)) as transport,
    ):
        yield tachonet.TachonetClient("FI", transport)


@contextmanager
def at_the_door(sandbox: Sandbox) -> Iterator[tuple[HttpsTransport, DriverRegister]]:
    """Yield the hub's way to Finland, and the register there."""
    register = DriverRegister("FI")
    application = Endpoint(tachonet.responder(register, "FI", "Traficom").handle)
    with (
        SandboxServer(application, sandbox.issued["FI"]) as server,
        HttpsTransport(server.url(), sandbox.issued["hub"]) as transport,
    ):
        yield transport, register
    register.close()


def says_nothing(answer: Any) -> bool:
    """Whether an answer clears nobody and delivers nothing."""
    if hasattr(answer, "delivered"):
        return not answer.delivered
    (row,) = getattr(answer, "member_states", (answer,))
    return bool(row.outcome is Outcome.NO_ANSWER)


# (a) the connection to the central system is lost


def broken_off(connection: ssl.SSLSocket, _: Event) -> None:
    read_request(connection)


def broken_off_within_the_answer(connection: ssl.SSLSocket, _: Event) -> None:
    read_request(connection)
    connection.sendall(http("200 OK", b"<a/>" * 100)[:120])


@of_every_workflow
@pytest.mark.parametrize("script", [broken_off, broken_off_within_the_answer])
def test_a_lost_connection_leaves_the_outcome_unknown(
    sandbox: Sandbox, request_: Any, script: Script
) -> None:
    """The message left, so it must not be repeated blindly."""
    with hub_that(sandbox, script) as finland, pytest.raises(OutcomeUnknown):
        finland.send(request_, to="DK")


@of_every_workflow
def test_a_lost_connection_before_anything_left_may_be_tried_again(sandbox: Sandbox, request_: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"https://localhost:{closed.getsockname()[1]}/"
    with HttpsTransport(url, sandbox.credentials) as transport, pytest.raises(HubUnreachable):
        tachonet.TachonetClient("FI", transport).send(request_, to="DK")


# (b) a request has no answer


@of_every_workflow
def test_no_answer_of_a_state_is_the_hubs_word_and_clears_nobody(sandbox: Sandbox, request_: Any) -> None:
    with sandbox.transport("tachonet") as transport:
        answer = tachonet.TachonetClient("FI", transport).send(request_, to="GR").body
    assert says_nothing(answer)


@of_every_workflow
def test_no_answer_of_the_hub_ends_when_the_time_is_up(sandbox: Sandbox, request_: Any) -> None:
    def silent(connection: ssl.SSLSocket, ending: Event) -> None:
        read_request(connection)
        ending.wait()

    with hub_that(sandbox, silent) as finland, pytest.raises(OutcomeUnknown):
        finland.send(request_, to="DK")


# (c) the answer comes after the time was up


@of_every_workflow
def test_a_late_answer_of_a_state_is_a_timeout_and_is_not_taken(sandbox: Sandbox, request_: Any) -> None:
    """Latvia answers well, only later than the hub waits."""
    with sandbox.transport("tachonet") as transport:
        answer = tachonet.TachonetClient("FI", transport).send(request_, to="LV").body
    assert says_nothing(answer)
    (row,) = getattr(answer, "member_states", (answer,))
    assert row.status_code.value == "Timeout"


# (d) a message comes unsolicited


@with_its_answer
def test_an_unsolicited_message_is_not_taken_for_the_answer(
    sandbox: Sandbox, request_: Any, answer: Any
) -> None:
    """Right in all but the workflow: it answers another request of ours."""
    earlier = FI_TACHONET.request(request_, "DK")
    stray = tachonet.encode(DK_TACHONET.answer(earlier, answer))
    with hub_that(sandbox, replying(http("200 OK", stray))) as finland:
        with pytest.raises(NotCorrelated):
            finland.send(request_, to="DK")


@with_its_answer
def test_an_unsolicited_message_at_the_door_is_refused_and_reaches_no_register(
    sandbox: Sandbox, request_: Any, answer: Any
) -> None:
    """On the synchronous interface an answer comes on the connection of its request, never on its own."""
    stray = DK_TACHONET.answer(FI_TACHONET.request(request_, "DK"), answer)
    with at_the_door(sandbox) as (hub, register):
        refused: Message[Any] = tachonet.decode(hub.post(tachonet.encode(stray)))
    assert isinstance(refused.body, ErrorNotification)
    assert refused.body.status_code is ErrorStatus.INVALID_DATA
    assert register.notified == []


def test_an_unsolicited_mcs_response_is_kept_for_the_register_to_judge(sandbox: Sandbox) -> None:
    """It comes on a connection of its own by law, and only the register knows what it once notified."""
    opened = FI_TACHONET.request(MCS, "DK")
    stray = DK_TACHONET.answer(
        opened, MCS.respond("x", tachonet.ModificationStatus.OK, tachonet.CardStatus.STOLEN)
    )
    with at_the_door(sandbox) as (hub, register):
        receipt = tachonet.decode(hub.post(tachonet.encode(stray)))
    assert register.notified == [stray]
    DK_TACHONET.check_answer(stray, receipt)


# (e) a message is invalid

INVALID = {
    "no XML": b"OK",
    "no document of TACHOnet": b"<html><body>500</body></html>",
    "broken off": b"<?xml version='1.0' encoding='UTF-8'?>\n<a",
    "with a DOCTYPE": b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
    "not UTF-8": b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe9</a>",
}


@of_every_workflow
@pytest.mark.parametrize("document", INVALID.values(), ids=INVALID)
def test_an_invalid_message_of_the_hub_is_its_fault_and_never_a_not_found(
    sandbox: Sandbox, request_: Any, document: bytes
) -> None:
    with hub_that(sandbox, replying(http("200 OK", document))) as finland, pytest.raises(TheirFault):
        finland.send(request_, to="DK")


@with_its_answer
def test_an_invalid_message_that_breaks_the_schema_is_not_read(
    sandbox: Sandbox, request_: Any, answer: Any
) -> None:
    good = tachonet.encode(DK_TACHONET.answer(FI_TACHONET.request(request_, "DK"), answer))
    bad = good.replace(b"originatingAuthority=", b"originatedBy=")
    assert bad != good
    with hub_that(sandbox, replying(http("200 OK", bad))) as finland:
        with pytest.raises(InvalidIncoming) as caught:
            finland.send(request_, to="DK")
    assert CANARY not in str(caught.value)


@of_every_workflow
def test_an_invalid_message_at_the_door_is_refused_and_reaches_no_register(
    sandbox: Sandbox, request_: Any
) -> None:
    good = tachonet.encode(Exchange("DK", tachonet.TACHONET_3_0).request(request_, "FI"))
    bad = good.replace(b"businessCaseId=", b"caseNumber=")
    with at_the_door(sandbox) as (hub, register):
        for document in (bad, *INVALID.values()):
            with pytest.raises(HttpRefused):
                hub.post(document)
    assert register.notified == []


@of_every_workflow
def test_an_invalid_message_that_we_sent_comes_back_as_an_error_notification(
    sandbox: Sandbox, request_: Any
) -> None:
    """The hub reports what it cannot process (Annex VI, 2.2): a script or a state that it lacks."""
    if request_ is CCS or request_ is MCS:
        message = FI_TACHONET.request(request_, "ZY")
    else:
        field = "searched_driver" if request_ is CIC else "issued_card"
        unreadable = replace(getattr(request_, field), family_name="中")
        message = FI_TACHONET.request(replace(request_, **{field: unreadable}), "DK")
    with sandbox.transport("tachonet") as transport:
        answer = tachonet.decode(transport.post(tachonet.CODEC.write(message)))
    assert answer.header.from_ == HUB
    with pytest.raises(ErrorNotified, match="InvalidData"):
        FI_TACHONET.check_answer(message, answer)
