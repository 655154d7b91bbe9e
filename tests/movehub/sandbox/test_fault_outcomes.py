"""What each fault comes to for whoever sends, in both systems: never "not found", and nothing sent twice.

The five of Annex VI, 1.8 of Regulation (EU) 2016/68 and 1.7 of (EU) 2016/480 have a test of their name each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import Any

import pytest
from movehub.client import Client
from movehub.errors import (
    HubNotTrusted,
    HubUnreachable,
    Malformed,
    MovehubError,
    NotCorrelated,
    NotSent,
    OutcomeUnknown,
    TheirFault,
)
from movehub.http.transport import HttpsTransport, Timeouts
from movehub.sandbox.faults.relay import FaultRelay, RecordingTransport, RelayCertificates
from movehub.sandbox.faults.script import Fault, Kind, Script, Side, equal_weights
from movehub.sandbox.pki import Authority
from movehub.sandbox.pytest_faults import MakesProxies, MakesRelays
from movehub.tls.credentials import Credentials

from tests.support.both_systems import SYSTEMS, System

#: Longer than any of the clients here waits; the end of a test ends it, too.
FOREVER = 60.0

#: How a sender learns of each fault that is played inside TLS; None where it learns of nothing.
OUTCOMES: dict[Fault, type[MovehubError] | None] = {
    Fault(Kind.PASS): None,
    Fault(Kind.DELAY, seconds=0.01): None,
    Fault(Kind.SLOW, Side.ANSWER): None,
    Fault(Kind.REORDER, seconds=0.01): None,
    Fault(Kind.DUPLICATE): None,
    Fault(Kind.UNSOLICITED): None,
    Fault(Kind.CUT, Side.REQUEST, 40): OutcomeUnknown,
    Fault(Kind.CUT, Side.ANSWER, 40): OutcomeUnknown,
    Fault(Kind.RESET, Side.REQUEST, 40): OutcomeUnknown,
    Fault(Kind.RESET, Side.ANSWER, 40): OutcomeUnknown,
    Fault(Kind.LATE, seconds=FOREVER): OutcomeUnknown,
    Fault(Kind.NO_HTTP): OutcomeUnknown,
    Fault(Kind.NO_XML): Malformed,
    Fault(Kind.STRAY_ANSWER): NotCorrelated,
    Fault(Kind.WRONG_CERTIFICATE): HubNotTrusted,
    Fault(Kind.EXPIRED_CERTIFICATE): HubNotTrusted,
}

#: How often the other side gets the message; once where nothing stands here.
DELIVERED = {
    Fault(Kind.DUPLICATE): 2,
    Fault(Kind.CUT, Side.REQUEST, 40): 0,
    Fault(Kind.RESET, Side.REQUEST, 40): 0,
    Fault(Kind.WRONG_CERTIFICATE): 0,
    Fault(Kind.EXPIRED_CERTIFICATE): 0,
}

each_system = pytest.mark.parametrize("system", SYSTEMS.values(), ids=SYSTEMS)


class Scene:
    """Finland, the relay in the hub's place, and Denmark behind it."""

    def __init__(
        self, client: Client, relay: FaultRelay, denmark: RecordingTransport, notified: list[Any]
    ) -> None:
        self.client = client
        self.relay = relay
        self.denmark = denmark
        self.notified = notified

    def send(self, body: Any) -> Any:
        """The answer's body, or the error."""
        try:
            return self.client.send(body, to="DK").body
        except MovehubError as error:
            return error

    def delivered(self, stray: bytes) -> list[bytes]:
        return [each for each in self.denmark.carried if each != stray]


@pytest.fixture(scope="module")
def faces(authority: Authority, foreign: Authority, hub: Credentials) -> RelayCertificates:
    expired = authority.issue("hub-expired", ends_in=timedelta(hours=-1))
    return RelayCertificates(hub, wrong=foreign.issue("hub"), expired=expired)


Stage = Callable[[System, Script], Any]


@pytest.fixture
def stage(fault_relay: MakesRelays, faces: RelayCertificates, state: Credentials) -> Stage:
    @contextmanager
    def staged(system: System, script: Script) -> Iterator[Scene]:
        with ExitStack() as opened:
            denmark, notified = opened.enter_context(system.denmark())
            relay = fault_relay(faces, denmark, script, stray=system.stray)
            timeouts = Timeouts(0.5, 0.5)
            transport = opened.enter_context(HttpsTransport(relay.url(), state, timeouts=timeouts))
            yield Scene(system.client("FI", transport), relay, denmark, notified)

    return staged


def learned(outcome: Any) -> type[MovehubError] | None:
    return type(outcome) if isinstance(outcome, MovehubError) else None


# The five of the law, each by its name


@each_system
@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("kind", [Kind.CUT, Kind.RESET])
def test_connection_lost(stage: Stage, system: System, kind: Kind, side: Side) -> None:
    """(a) Lost while the message or its answer is under way: nobody knows, and it is not sent again."""
    with stage(system, Script.of(Fault(kind, side, 40))) as scene:
        assert learned(scene.send(system.notification)) is OutcomeUnknown
        assert len(scene.notified) == (1 if side is Side.ANSWER else 0)


@each_system
def test_connection_lost_before_anything_left(
    fault_proxy: MakesProxies, state: Credentials, system: System
) -> None:
    """(a) Lost before: it may be sent again."""
    proxy = fault_proxy(1, Script.of(Kind.DROP))
    with HttpsTransport(proxy.url(), state) as transport, pytest.raises(HubUnreachable):
        system.client("FI", transport).send(system.notification, to="DK")


@each_system
def test_no_answer(stage: Stage, system: System) -> None:
    """(b) The other side has it and says nothing: unknown, when the time is up."""
    with stage(system, Script.of(Fault(Kind.LATE, seconds=FOREVER))) as scene:
        assert learned(scene.send(system.notification)) is OutcomeUnknown
        assert len(scene.notified) == 1


@each_system
def test_late_answer(stage: Stage, system: System) -> None:
    """(c) It comes when nobody waits any more, and is not taken for that of the next question."""
    with stage(system, Script.of(Fault(Kind.LATE, seconds=0.7))) as scene:
        assert learned(scene.send(system.question)) is OutcomeUnknown
        assert learned(scene.send(system.question)) is None
        assert len(set(scene.delivered(system.stray))) == 2


@each_system
def test_unsolicited_message(stage: Stage, system: System) -> None:
    """(d) In the place of the answer it is refused; beside it, it does no harm."""
    with stage(system, Script.of(Kind.STRAY_ANSWER, Kind.UNSOLICITED)) as scene:
        assert learned(scene.send(system.question)) is NotCorrelated
        assert learned(scene.send(system.notification)) is None
        assert len(scene.notified) == 1


@each_system
def test_invalid_message(stage: Stage, system: System) -> None:
    """(e) It is their fault, and no answer."""
    with stage(system, Script.of(Kind.NO_XML)) as scene:
        assert isinstance(scene.send(system.question), TheirFault)


# All of them


@each_system
@pytest.mark.parametrize("fault", OUTCOMES, ids=str)
def test_each_fault_comes_to_one_outcome_and_one_delivery(stage: Stage, system: System, fault: Fault) -> None:
    with stage(system, Script.of(fault)) as scene:
        outcome = scene.send(system.notification)
        assert learned(outcome) is OUTCOMES[fault]
        assert len(scene.delivered(system.stray)) == DELIVERED.get(fault, 1)
    if isinstance(outcome, NotSent):
        assert scene.notified == []


@each_system
@pytest.mark.parametrize("seed", range(3))
def test_whatever_a_script_plays_the_sender_knows_what_became_of_each(
    stage: Stage, system: System, seed: int
) -> None:
    """Twenty messages one after the other: each outcome is that of its own fault, and none is sent again."""
    script = Script.drawn(seed, 20, equal_weights(OUTCOMES))
    with stage(system, script) as scene:
        for fault in script.faults:
            before = len(scene.delivered(system.stray))
            assert learned(scene.send(system.question)) is OUTCOMES[fault], f"{fault} of {script}"
            assert len(scene.delivered(system.stray)) - before == DELIVERED.get(fault, 1), (
                f"{fault} of {script}"
            )
        arrived = list(scene.relay.arrived.values())
    assert len(arrived) == len(set(arrived))
