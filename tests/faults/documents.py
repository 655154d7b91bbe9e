"""What the hub writes, and what it keeps of what arrives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from movehub.protocol.exchange import Exchange
from movehub.protocol.message import Body, Message, Request
from movehub.protocol.workflow import HUB
from movehub.store.tables import Kind, kind_of

import erru_client as erru
from tests.support.erru_examples import ncr_request, nu_request, penalty, rsi_request
from tests.support.erru_messages import registered
from tests.support.examples import cgr_request
from tests.support.nodes import answer_of_the_hub, written


@dataclass(frozen=True, slots=True)
class Document:
    """What the hub sends."""

    name: str
    message: Message[Any]
    data: bytes

    @property
    def technical_id(self) -> str:
        return str(self.message.header.technical_id).lower()

    @property
    def kind(self) -> Kind:
        return kind_of(self.message)


@dataclass(frozen=True, slots=True)
class Arrival:
    """What came to the hub, when, and whether it acts on it."""

    technical_id: str
    data: bytes
    at: datetime
    taken: bool


#: What the hub asks of the node, by its name, and what an application posts.
ASKED: Final[dict[str, Request[Any]]] = {
    "CGR": cgr_request(),
    "NU": nu_request(),
    "NCR": ncr_request(penalty(1)),
    "RSI": rsi_request(),
    "heartbeat": replace(
        cgr_request(), request_purpose=erru.RequestPurpose.HEARTBEAT, request_source=erru.RequestSource.HUB
    ),
}
POSTED: Final = {name: ASKED[name] for name in ("CGR", "NU", "NCR")}


def _receipt(body: Any, code: str) -> Body:
    case = body.business_case_id if code == "DK" else code
    return replace(body.acknowledge("Færdselsstyrelsen"), business_case_id=case)


#: The answer to each kind of request that is posted, of a state.
ANSWERS: Final[dict[str, Callable[[Any, str], Body]]] = {
    "CheckGoodRepute_Request": lambda body, code: body.answer(code, ()),
    "NotifyUnfitness_Request": lambda body, code: body.acknowledge(code, "Færdselsstyrelsen"),
    "NotifyCheckResult_Request": _receipt,
    "NotifyCheckResult_Response": _receipt,
}


def answer_of(request: Message[Any], now: datetime, state: str = "DK") -> bytes:
    """The hub's answer to a request of ours; that of another state than the one asked answers nothing."""
    return answer_of_the_hub(request, ANSWERS[request.body.root](request.body, state), now)


def unanswered(request: Message[Any], now: datetime) -> bytes:
    """The hub's answer to a request of ours that did not arrive."""
    body = request.body
    status = body.statuses("NotAvailable")
    if hasattr(body, "answered_with"):
        return answer_of_the_hub(request, body.answered_with(body.unanswered("DK", status)), now)
    return answer_of_the_hub(request, body.unanswered(status), now)


def later_response(notification: Message[Any]) -> erru.NotifyCheckResultResponse:
    """What a state responds to a check result, weeks later."""
    decisions = tuple(each.imposed("Traficom") for each in notification.body.penalties_requested)
    response: erru.NotifyCheckResultResponse = notification.body.respond("Traficom", registered(), decisions)
    return response


def response_of_denmark(notification: Message[Any], now: datetime) -> Document:
    """Denmark's later response to a check result of ours."""
    denmark = Exchange("DK", erru.ERRU_3_5, lambda: now)
    message = denmark.answer(notification, later_response(notification), to="FI")
    return Document("later response", message, written(message))


def request_of(name: str, now: datetime, *, to: str = "FI", until: datetime | None = None) -> Document:
    """A request as the hub forwards it, Denmark's or, if it is a heartbeat, its own."""
    asker = HUB if name == "heartbeat" else "DK"
    message = Exchange(asker, erru.ERRU_3_5, lambda: now).request(ASKED[name], to)
    message = replace(message, header=replace(message.header, timeout_value=until))
    return Document(name, message, written(message))
