"""The answering side: what a national register must be able to say, and the responder that asks it.

Regulation (EU) 2016/480, Annex I, 1.2, Annex II and Annex VIII.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from movehub.protocol.edition import Edition
from movehub.protocol.exchange import Exchange, unchanged
from movehub.protocol.message import ErrorNotification, Message
from movehub.protocol.outcome import NotificationStatus
from movehub.responder import Handler, Responder, expected, stored

from .cgr import CheckGoodReputeRequest, FoundTransportManager, SearchByCertificate, SearchByName
from .ctud import CheckTransportUndertakingDataRequest, FoundUndertaking, SearchedCompany
from .editions import CODEC, ERRU_3_5
from .ncr import (
    AcknowledgementType,
    NotifyCheckResultAcknowledgement,
    NotifyCheckResultRequest,
    NotifyCheckResultResponse,
)
from .nu import NotifyUnfitnessRequest
from .rsi import RoadSideInspectionRequest


class TransportUndertakingRegister(Protocol):
    """A register of transport undertakings, one method a workflow.

    If a method cannot answer or cannot store, it must raise. The other state then gets an ErrorNotification
    `ServerError`. An empty answer means "not found" and clears a person, and a silent failure to store loses
    a sanction. Leave out data that the register does not have. Never invent them. The methods are called, not
    awaited.
    """

    @abstractmethod
    def check_good_repute(
        self, search: SearchByName | SearchByCertificate
    ) -> tuple[FoundTransportManager, ...]:
        """Return the managers that fit: by NYSIIS keys first, by certificate, by own means (Annex IV).

        Each says in `search_method` how it was found.
        """
        ...

    @abstractmethod
    def check_transport_undertaking_data(self, company: SearchedCompany) -> tuple[FoundUndertaking, ...]:
        """Return the undertakings that fit, compared with `matching.same_number` (Annex VIII, 3.4).

        The licence number may be the number of a certified true copy (3.3). Return all data that you have,
        with the certified true copies. Missing data are no reason to refuse (3.5).
        """
        ...

    @abstractmethod
    def notify_check_result(self, notification: Message[NotifyCheckResultRequest]) -> None:
        """Store the result of a check abroad, header and all.

        If `body.response_due`, send the response within six weeks, with `ErruClient.respond` to this message.
        """
        ...

    @abstractmethod
    def receive_check_result_response(self, response: Message[NotifyCheckResultResponse]) -> None:
        """Store which of the penalties requested earlier, in the same workflow, were imposed."""
        ...

    @abstractmethod
    def notify_unfitness(self, notification: Message[NotifyUnfitnessRequest]) -> None:
        """Store that a manager is unfit elsewhere. Look at `body.reading` before acting on it."""
        ...

    @abstractmethod
    def road_side_inspection(self, inspection: Message[RoadSideInspectionRequest]) -> bool:
        """Store an inspection, known or not, and return whether the register knows whom it is about.

        You must not refuse it (Regulation (EU) 2017/2205, Annex, point 2). An initial and a detailed message
        may have the same `business_case_id`: store both.
        """
        ...


def responder(
    register: TransportUndertakingRegister,
    member_state: str,
    authority: str,
    *,
    answers_to: str | None = None,
    on_error: Callable[[Message[ErrorNotification]], None] | None = None,
    edition: Edition | None = None,
    participants: Iterable[str] | None = None,
    complete: Callable[[Message[Any]], Message[Any]] = unchanged,
    despite: Iterable[str] = (),
) -> Responder:
    """Return what answers ERRU messages for a Member State, `bytes` in and `bytes` out.

    `authority` is the name that answers give as respondingAuthority, at most 50 characters. `answers_to` is
    the receiver of answers if your national practice wants another one than the requester, such as `EU`.
    `on_error` is called with each ErrorNotification that arrives (Annex VI, 2.2). `edition` is an edition
    from official schemas (`Edition.from_directory`), and `complete` fills in its extra fields: see
    `Exchange.complete`. `participants` are the states that take part, if they differ from the default. A
    request from another state is answered too, with a warning in the log. `despite` names rules that answers
    may break, such as `CGR-4` if the register has no end date of an unfitness: otherwise the asker gets an
    error, and never learns that the manager is unfit.

    Raises InvalidConfiguration where a schema does not take one of these settings, or a rule of `despite`
    cannot be waived.
    """
    codec = CODEC if edition is None else CODEC.speaking(edition)
    made = Responder(
        codec if participants is None else codec.among(participants),
        Exchange(member_state, edition or ERRU_3_5, complete=complete),
        handlers=_handlers(register, authority),
        heartbeats=_heartbeats(authority),
        specimen=lambda: _specimen(authority),
        answers_to=answers_to,
        on_error=on_error,
    )
    return made.acknowledging(_receipts(authority)).waiving(despite)


def _handlers(register: TransportUndertakingRegister, authority: str) -> dict[type, Handler]:
    receipts = _receipts(authority)

    def notified(request: Message[NotifyCheckResultRequest], code: str) -> Any:
        stored(register.notify_check_result(request))
        return receipts[NotifyCheckResultRequest](request, code)

    def responded(response: Message[NotifyCheckResultResponse], code: str) -> Any:
        stored(register.receive_check_result_response(response))
        return receipts[NotifyCheckResultResponse](response, code)

    def unfit(request: Message[NotifyUnfitnessRequest], code: str) -> Any:
        stored(register.notify_unfitness(request))
        return receipts[NotifyUnfitnessRequest](request, code)

    return {
        CheckGoodReputeRequest: lambda request, code: request.body.answer(
            code, expected(register.check_good_repute(request.body.searched_transport_manager), tuple)
        ),
        CheckTransportUndertakingDataRequest: lambda request, _: request.body.answer(
            authority,
            expected(register.check_transport_undertaking_data(request.body.searched_company), tuple),
        ),
        NotifyCheckResultRequest: notified,
        NotifyCheckResultResponse: responded,
        NotifyUnfitnessRequest: unfit,
        RoadSideInspectionRequest: lambda request, _: request.body.answer(
            authority, found=expected(register.road_side_inspection(request), bool)
        ),
    }


def _receipts(authority: str) -> dict[type, Handler]:
    """Return what acknowledges a notification. The answer to an RSI is no receipt: the register searches."""
    return {
        NotifyCheckResultRequest: lambda request, _: request.body.acknowledge(authority),
        NotifyCheckResultResponse: lambda response, _: response.body.acknowledge(),
        NotifyUnfitnessRequest: lambda request, code: request.body.acknowledge(code, authority),
    }


def _specimen(authority: str) -> NotifyCheckResultAcknowledgement:
    return NotifyCheckResultAcknowledgement(
        business_case_id="specimen",
        originating_authority="specimen",
        responding_authority=authority,
        acknowledgement_type=AcknowledgementType.NOTIFICATION,
        status_code=NotificationStatus.OK,
    )


def _heartbeats(authority: str) -> dict[type, Handler]:
    """Return the handlers for heartbeats of the hub. They answer "not found", and store no data."""
    return {
        CheckGoodReputeRequest: lambda request, code: request.body.answer(code, ()),
        CheckTransportUndertakingDataRequest: lambda request, _: request.body.answer(authority, ()),
        **_receipts(authority),
        RoadSideInspectionRequest: lambda request, _: request.body.answer(authority, found=True),
    }
