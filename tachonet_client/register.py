"""The answering side: what a national register must be able to say, and the responder that asks it.

Regulation (EU) 2016/68, Annex I, 1.2 and Annex II, 1.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Protocol

from movehub.exchange import Exchange
from movehub.message import Message
from movehub.responder import Responder

from .cic import CheckIssuedCardsRequest, CheckIssuedCardsResponse, FoundDriver, SearchedDriver
from .editions import CODEC, TACHONET_3_0


class DriverCardRegister(Protocol):
    """A register of driver cards. A method that can not tell must raise: an empty answer clears somebody."""

    @abstractmethod
    def check_issued_cards(self, driver: SearchedDriver) -> tuple[FoundDriver, ...]:
        """Return the cards of a driver, searched first by the NYSIIS keys (Annex IV, 2)."""
        ...


def responder(register: DriverCardRegister, member_state: str) -> Responder:
    """Return what answers TACHOnet requests for a Member State, `bytes` in and `bytes` out."""

    def check_issued_cards(request: Message[CheckIssuedCardsRequest], code: str) -> CheckIssuedCardsResponse:
        return request.body.answer(code, register.check_issued_cards(request.body.searched_driver))

    return Responder(
        CODEC,
        Exchange(member_state, TACHONET_3_0),
        handlers={CheckIssuedCardsRequest: check_issued_cards},
        heartbeats={CheckIssuedCardsRequest: lambda request, code: request.body.answer(code, ())},
    )
