"""In both systems, and over both interfaces, whom a message names stands in its document alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest
from movehub.node.receiver import Receiver, SynchronousReceiver
from movehub.node.work_queue import WorkQueue
from movehub.node.worker import Worker
from movehub.protocol.exchange import Exchange
from movehub.protocol.message import Body
from movehub.responder import Responder
from movehub.sandbox.registers.drivers import DriverRegister
from movehub.sandbox.registers.undertakings import UndertakingRegister
from movehub.store import Store, inbox
from movehub.store.tables import Kind

import erru_client as erru
import tachonet_client as tachonet
from tests.support.canary_search import (
    BODIES,
    DOCUMENTS,
    Failing,
    Told,
    broken,
    everything_logged,
    kept_and_logged,
    posted,
)
from tests.support.cards import ccs_request, icdl_request, mcs_request
from tests.support.databases import Hands
from tests.support.examples import cic_request


class Quoting:
    """A register of any kind that finds nobody, and says whom it has not found."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def fails(*_: object) -> Any:
            raise Failing

        return fails


#: Of each system: who answers with a register, and what it is asked.
_SYSTEMS: Final[dict[str, tuple[Callable[[Any], Responder], Sequence[Body], Exchange]]] = {
    "tachonet": (
        lambda register: tachonet.responder(register, "FI", "Traficom"),
        (cic_request(), ccs_request(), icdl_request(), mcs_request()),
        Exchange("DK", tachonet.TACHONET_3_0),
    ),
    "erru": (
        lambda register: erru.responder(register, "FI", "Traficom"),
        BODIES,
        Exchange("DK", erru.ERRU_3_5),
    ),
}


@pytest.mark.parametrize("synchronous", [False, True], ids=["asynchronous", "synchronous"])
@pytest.mark.parametrize("system", _SYSTEMS)
def test_a_name_stands_in_the_documents_and_nowhere_else(
    system: str, synchronous: bool, address: str, clock: Hands, caplog: pytest.LogCaptureFixture
) -> None:
    everything_logged(caplog)
    told, (respond, bodies, denmark) = Told(), _SYSTEMS[system]
    denmark = replace(denmark, now=clock)
    with Store.open(address, now=clock) as store, closing(DriverRegister("FI")) as drivers:
        works = drivers if system == "tachonet" else UndertakingRegister("FI")
        for register in (works, Quoting()):
            responder = respond(register)
            work = inbox.work((Kind.QUERY, Kind.NOTIFICATION))
            worker = Worker(
                store, {responder.codec.system: responder}, WorkQueue(store, work), synchronous=synchronous
            )
            receiver = Receiver(store, responder.codec, synchronous=synchronous)
            answering = SynchronousReceiver(receiver, store, worker.work_on)
            accept = answering.accept if synchronous else receiver.accept
            for body in bodies:
                message = denmark.request(body, "FI")
                asked = replace(
                    message, header=replace(message.header, timeout_value=clock() + timedelta(seconds=10))
                )
                document = responder.codec.write(asked)
                for each in (document, document + b"\n", *broken(document)):
                    posted(accept, told, each)
            for seconds in (0, 8, 60, 60):  # a search fails within its deadline, too
                clock.forward(seconds)
                while worker.step():
                    pass
        assert kept_and_logged(store, clock, told, caplog) == DOCUMENTS
    assert sorted(set(told.named())) == []
