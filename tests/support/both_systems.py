"""A client of each system, a question and a notification of it, and a state that answers them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from movehub.client import Client
from movehub.http.transport import Transport
from movehub.sandbox.faults.relay import RecordingTransport
from movehub.sandbox.registers.drivers import DriverRegister
from movehub.sandbox.registers.undertakings import UndertakingRegister

import erru_client as erru
import tachonet_client as tachonet
from tests.support.cards import icdl_request
from tests.support.erru_messages import nu_request
from tests.support.examples import FI_ERRU, FI_TACHONET, cgr_request, cic_request


@dataclass(frozen=True)
class System:
    """One of the two systems, as Finland and Denmark speak it."""

    name: str
    client: Callable[[str, Transport], Client]
    question: Any
    notification: Any
    #: An answer of Denmark to another question of Finland.
    stray: bytes

    @contextmanager
    def denmark(self) -> Iterator[tuple[RecordingTransport, list[Any]]]:
        """Yield the way to Denmark, which keeps what was carried, and what its register was notified of."""
        if self.name == "erru":
            register = UndertakingRegister("DK")
            yield (
                RecordingTransport(erru.responder(register, "DK", "Færdselsstyrelsen").handle),
                register.notified,
            )
            return
        with closing(DriverRegister("DK")) as cards:
            yield (
                RecordingTransport(tachonet.responder(cards, "DK", "Færdselsstyrelsen").handle),
                cards.notified,
            )


def _stray_erru() -> bytes:
    request = FI_ERRU.request(cgr_request(), "DK")
    return erru.responder(UndertakingRegister("DK"), "DK", "x").handle(erru.encode(request))


def _stray_tachonet() -> bytes:
    request = FI_TACHONET.request(cic_request(), "DK")
    with closing(DriverRegister("DK")) as register:
        return tachonet.responder(register, "DK", "x").handle(tachonet.encode(request))


SYSTEMS = {
    "tachonet": System("tachonet", tachonet.TachonetClient, cic_request(), icdl_request(), _stray_tachonet()),
    "erru": System("erru", erru.ErruClient, cgr_request(), nu_request(), _stray_erru()),
}
