"""What is exchanged while the node is killed: each kind of message that can come, and requests of its own.

Denmark asks and notifies through the hub, in both systems; the hub's own troubles are in `hub`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from movehub.codec.codec import Codec
from movehub.protocol.exchange import Exchange
from movehub.protocol.message import Body, ErrorStatus, Message
from movehub.protocol.workflow import HUB
from movehub.store.tables import Kind, kind_of

import erru_client as erru
import tachonet_client as tachonet
from tests.support.cards import icdl_request, mcs_request
from tests.support.erru_examples import ctud_request, ncr_request, nu_request, penalty, rsi_request
from tests.support.erru_messages import registered
from tests.support.examples import cgr_request, cic_request

#: How long the hub waits for an answer (2016/68, Annex VI, 1.5; 2016/480, Annex VI, 1.5.2).
_TIMEOUT: Final = timedelta(seconds=20)

CODECS: Final[dict[str, Codec]] = {"erru": erru.CODEC, "tachonet": tachonet.CODEC}
_EDITIONS: Final = {"erru": erru.ERRU_3_5, "tachonet": tachonet.TACHONET_3_0}


@dataclass(frozen=True, slots=True)
class Document:
    """What the hub sends to the node, and the status that it must get. `message` is None for garbage."""

    name: str
    system: str
    data: bytes
    status: int = 202
    message: Message[Any] | None = None

    @property
    def technical_id(self) -> str:
        """By which the node knows it."""
        return "" if self.message is None else str(self.message.header.technical_id).lower()

    @property
    def kind(self) -> Kind | None:
        """What it asks of the node."""
        return None if self.message is None else kind_of(self.message)


@dataclass(frozen=True, slots=True)
class Post:
    """What an application of the node's own state posts."""

    name: str
    system: str
    body: Any


@dataclass(frozen=True, slots=True)
class Response:
    """The later response of the node's own state to a document of the hub's."""

    name: str
    received: Document


#: What is posted, and with which trouble of the hub's it meets: see `hub.TROUBLES`.
POSTS: Final = {
    "CGR": Post("CGR", "erru", cgr_request()),
    "NU": Post("NU", "erru", nu_request()),
    "NU again": Post("NU again", "erru", replace(nu_request(), business_case_id="FI-9")),
    "CTUD": Post("CTUD", "erru", ctud_request()),
    "CIC": Post("CIC", "tachonet", cic_request()),
    "NCR": Post("NCR", "erru", ncr_request(penalty(1))),
    "MCS": Post("MCS", "tachonet", mcs_request()),
}


def later_response(notification: Message[Any]) -> erru.NotifyCheckResultResponse:
    """What a state responds to a check result, weeks later."""
    decisions = tuple(each.imposed("Traficom") for each in notification.body.penalties_requested)
    response: erru.NotifyCheckResultResponse = notification.body.respond("Traficom", registered(), decisions)
    return response


def document(name: str, system: str, message: Message[Any], status: int = 202) -> Document:
    """Return a message as the hub sends it."""
    return Document(name, system, CODECS[system].write(message), status, message)


class Traffic:
    """One run's messages, each new.

    On the synchronous interface a register that fails is not asked again, and its effect is another one: so
    nothing is sent there that it fails with.
    """

    def __init__(self, now: Callable[[], datetime], *, synchronous: bool = False) -> None:
        self._now = now
        self._synchronous = synchronous

    def steps(self) -> list[Document | Post | Response]:
        """Return what is to be done, in its order."""
        return [step for step in self._all() if not (self._synchronous and step.name == "RSI")]

    def _all(self) -> list[Document | Post | Response]:
        ncr = self._asked("NCR", "erru", ncr_request(penalty(1)))
        cgr = self._asked("CGR", "erru", cgr_request())
        nu = self._asked("NU", "erru", nu_request())
        return [
            ncr,
            POSTS["CGR"],
            cgr,
            ncr,  # the same bytes again
            POSTS["NU"],
            self._asked("MCS", "tachonet", mcs_request()),
            nu,
            self._other_bytes(ncr),
            POSTS["NU again"],
            self._asked("RSI", "erru", rsi_request()),
            cgr,
            self._unsolicited(),
            POSTS["CIC"],
            self._error_about("error about nothing", self._unsolicited()),
            self._error_about("error about NU", nu),
            Document("garbage", "erru", ncr.data[: len(ncr.data) // 2], 400),
            self._asked("ICDL", "tachonet", icdl_request()),
            self._asked("NU astray", "erru", nu_request(), to="SE"),
            Response("response to NCR", ncr),
            POSTS["NCR"],
            self._asked("NCR without a response", "erru", ncr_request(penalty(1))),
            POSTS["CTUD"],
            POSTS["MCS"],
            self._asked("CIC", "tachonet", cic_request()),
            self._heartbeat(),
            ncr,
        ]

    def _asked(self, name: str, system: str, body: Body, *, of: str = "DK", to: str = "FI") -> Document:
        message = Exchange(of, _EDITIONS[system], self._now).request(body, to)
        header = replace(message.header, timeout_value=self._now() + _TIMEOUT)
        return document(name, system, replace(message, header=header))

    def _heartbeat(self) -> Document:
        purposes = {
            "request_purpose": erru.RequestPurpose.HEARTBEAT,
            "request_source": erru.RequestSource.HUB,
        }
        return self._asked("heartbeat", "erru", replace(cgr_request(), **purposes), of=HUB)

    def _other_bytes(self, first: Document) -> Document:
        return replace(first, name="NCR, other bytes", data=first.data + b"\n", status=409, message=None)

    def _unsolicited(self) -> Document:
        asked = Exchange("FI", erru.ERRU_3_5, self._now).request(cgr_request(), "DK")
        return document(
            "unsolicited answer", "erru", self._hub("erru").answer(asked, asked.body.answer("DK", ()))
        )

    def _error_about(self, name: str, about: Document) -> Document:
        assert about.message is not None
        error = self._hub("erru").error(about.message, ErrorStatus.OTHER, "no", b"", to="FI")
        return document(name, "erru", error)

    def _hub(self, system: str) -> Exchange:
        return Exchange(HUB, _EDITIONS[system], self._now)
