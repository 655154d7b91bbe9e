"""Scripts of faults as values, and the players one by one."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from movehub.errors import HubUnreachable, NotSent, OutcomeUnknown, TransportError
from movehub.http.endpoint import Endpoint
from movehub.http.server import HttpsServer
from movehub.http.transport import HttpsTransport, Timeouts
from movehub.sandbox.faults.proxy import port_of
from movehub.sandbox.faults.relay import FaultRelay, RecordingTransport, RelayCertificates
from movehub.sandbox.faults.script import (
    INSIDE,
    ON_THE_WIRE,
    Fault,
    Kind,
    Script,
    Side,
    equal_weights,
)
from movehub.sandbox.pytest_faults import MakesProxies, MakesRelays
from movehub.tls.credentials import Credentials

FAULTS = st.builds(
    Fault,
    st.sampled_from(Kind),
    st.sampled_from(Side),
    st.integers(0, 10_000),
    st.floats(0, 30, allow_nan=False),
)


@given(st.integers(), st.integers(0, 20), st.lists(FAULTS, min_size=1, max_size=5, unique=True))
def test_the_same_seed_draws_the_same_script(seed: int, length: int, faults: list[Fault]) -> None:
    weights = equal_weights(faults)
    assert Script.drawn(seed, length, weights) == Script.drawn(seed, length, weights)
    assert len(Script.drawn(seed, length, weights).faults) == length


@given(st.lists(FAULTS, max_size=5), st.integers())
def test_a_script_prints_the_python_that_makes_it_again(faults: list[Fault], seed: int) -> None:
    script = Script(tuple(faults), seed)
    text = repr(script)
    for kind in (*Kind, *Side):  # an enumeration prints as <Kind.CUT: 'cut'>
        text = text.replace(repr(kind), f"{type(kind).__name__}.{kind.name}")
    again = eval(text, {"Script": Script, "Fault": Fault, "Kind": Kind, "Side": Side})
    assert again == script


def test_a_script_says_its_seed_and_the_numbers_that_matter() -> None:
    faults = (Fault(Kind.CUT, Side.ANSWER, 10), Fault(Kind.LATE, seconds=2.5), Fault(Kind.DROP, after=7))
    said = str(Script(faults, 7))
    assert said == "seed 7: cut the answer after 10 bytes, late by 2.5 s, drop"


def test_a_weight_of_nothing_is_never_drawn() -> None:
    weights = {Fault(Kind.DROP): 0.0, Fault(Kind.CUT): 1.0}
    assert set(Script.drawn(1, 50, weights).faults) == {Fault(Kind.CUT)}


def test_every_fault_can_be_played_by_one_of_the_two() -> None:
    assert set(Kind) == ON_THE_WIRE | INSIDE


@pytest.mark.parametrize("kind", sorted(set(Kind) - ON_THE_WIRE))
def test_a_proxy_refuses_what_it_would_need_keys_for(fault_proxy: MakesProxies, kind: Kind) -> None:
    with pytest.raises(ValueError, match=str(kind)):
        fault_proxy(1, Script.of(kind))


def test_a_relay_refuses_a_certificate_that_it_was_not_given(
    fault_relay: MakesRelays, hub: Credentials
) -> None:
    with pytest.raises(ValueError, match="expired certificate"):
        fault_relay(RelayCertificates(hub), RecordingTransport(bytes), Script.of(Kind.EXPIRED_CERTIFICATE))


def test_each_connection_has_a_fault_of_its_own_and_then_none() -> None:
    script = Script.of(Kind.DROP, Kind.CUT)
    assert [script.fault(turn).kind for turn in range(4)] == [Kind.DROP, Kind.CUT, Kind.PASS, Kind.PASS]


def test_an_address_tells_its_port() -> None:
    assert port_of("https://localhost:4711/erru") == 4711
    with pytest.raises(ValueError, match="no port"):
        port_of("https://localhost/erru")


CUTS = [
    Fault(kind, side, after)
    for kind in (Kind.CUT, Kind.RESET)
    for side in Side
    for after in range(0, 6000, 125)
]


def test_wherever_a_connection_is_cut_an_error_tells_whether_the_message_was_taken(
    fault_proxy: MakesProxies, hub: Credentials, state: Credentials
) -> None:
    """At 192 places of handshake, request and answer: `NotSent` has to be true of the other side."""
    taken: list[bytes] = []

    def handle(data: bytes) -> bytes:
        taken.append(data)
        return b"x" * 1000

    told = set()
    with HttpsServer(Endpoint(handle), hub, threads=2) as server:
        proxy = fault_proxy(server.port, Script.of(*CUTS))
        for number, fault in enumerate(CUTS):
            document = f"<a>{number}</a>".encode().ljust(1000)
            with HttpsTransport(proxy.url(), state) as transport:
                try:
                    transport.post(document)
                except TransportError as error:
                    told.add(type(error))
                    assert isinstance(error, OutcomeUnknown | HubUnreachable), fault
                    assert not (isinstance(error, NotSent) and document in taken), fault
                else:
                    assert taken[-1] == document
    assert len(taken) == len(set(taken)), "nothing was sent twice"
    assert told == {OutcomeUnknown, HubUnreachable}


@pytest.mark.parametrize("side", Side)
def test_a_slow_line_carries_everything(
    fault_proxy: MakesProxies, hub: Credentials, state: Credentials, side: Side
) -> None:
    with HttpsServer(Endpoint(lambda data: data), hub, threads=1) as server:
        proxy = fault_proxy(server.port, Script.of(Fault(Kind.SLOW, side)))
        with HttpsTransport(proxy.url(), state) as transport:
            assert transport.post(b"<a/>") == b"<a/>"


@pytest.mark.parametrize(
    "fault",
    [Fault(Kind.DROP), Fault(Kind.NO_TLS), Fault(Kind.RESET), Fault(Kind.DELAY, seconds=30)],
    ids=str,
)
def test_what_goes_wrong_before_the_handshake_means_that_nothing_was_sent(
    fault_proxy: MakesProxies, hub: Credentials, state: Credentials, fault: Fault
) -> None:
    taken: list[bytes] = []

    def handle(data: bytes) -> bytes:
        taken.append(data)
        return b"<b/>"

    with HttpsServer(Endpoint(handle), hub) as server:
        proxy = fault_proxy(server.port, Script.of(fault))
        with HttpsTransport(proxy.url(), state, timeouts=Timeouts(0.3, 0.3)) as transport:
            with pytest.raises(HubUnreachable):
                transport.post(b"<a/>")
        with HttpsTransport(proxy.url(), state) as transport:  # `NotSent` may be tried again
            transport.post(b"<a/>")
    assert taken == [b"<a/>"]


def test_a_relay_can_deliver_in_another_order(
    fault_relay: MakesRelays, hub: Credentials, state: Credentials
) -> None:
    onwards = RecordingTransport(lambda data: data)
    relay = fault_relay(RelayCertificates(hub), onwards, Script.of(Fault(Kind.REORDER, seconds=10)))
    with HttpsTransport(relay.url(), state) as transport, ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(transport.post, [b"<a/>", b"<b/>"]))
    assert answers == [b"<a/>", b"<b/>"], "each has its own answer"
    assert onwards.carried == [relay.arrived[1], relay.arrived[0]]


def test_a_relay_can_deliver_twice(fault_relay: MakesRelays, hub: Credentials, state: Credentials) -> None:
    onwards = RecordingTransport(lambda data: data)
    relay = fault_relay(RelayCertificates(hub), onwards, Script.of(Kind.DUPLICATE))
    with HttpsTransport(relay.url(), state) as transport:
        assert transport.post(b"<a/>") == b"<a/>"
    assert onwards.carried == [b"<a/>", b"<a/>"]


def test_a_player_ends_while_a_client_is_in_the_middle_of_its_handshake(hub: Credentials) -> None:
    with FaultRelay(RelayCertificates(hub), RecordingTransport(bytes), Script()) as relay:
        client = socket.create_connection(("127.0.0.1", relay.port), timeout=10)
        client.sendall(b"\x16\x03\x01")
    with client, suppress(ConnectionResetError):  # where it ended before the connection was accepted
        assert client.recv(1) == b""
