"""The answering side: what a national register must be able to say, and the responder that asks it.

Regulation (EU) 2016/480, Annex I, 1.2 and Annex II.
"""

from __future__ import annotations

from typing import Protocol

from movehub.exchange import Exchange
from movehub.responder import Responder

from .cgr import (
    CheckGoodReputeRequest,
    CheckGoodReputeResponse,
    FoundTransportManager,
    SearchByCertificate,
    SearchByName,
)
from .editions import CODEC, ERRU_3_5


class TransportUndertakingRegister(Protocol):
    """A register of transport undertakings. A method that can not tell must raise: an empty answer clears."""

    def check_good_repute(
        self, search: SearchByName | SearchByCertificate
    ) -> tuple[FoundTransportManager, ...]:
        """Return the transport managers that fit, searched by NYSIIS keys, certificate and own means."""
        ...


def responder(register: TransportUndertakingRegister, member_state: str) -> Responder:
    """Return what answers ERRU requests for a Member State, `bytes` in and `bytes` out."""

    def check_good_repute(request: CheckGoodReputeRequest, code: str) -> CheckGoodReputeResponse:
        return request.answer(code, register.check_good_repute(request.searched_transport_manager))

    return Responder(
        CODEC,
        Exchange(member_state, ERRU_3_5),
        handlers={CheckGoodReputeRequest: check_good_repute},
        heartbeats={CheckGoodReputeRequest: lambda request, code: request.answer(code, ())},
    )
