"""Rules about Notify Check Result and Notify Unfitness."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any, Final

from movehub import law
from movehub.protocol.message import Message
from movehub.protocol.rules import Level, Rule
from movehub.protocol.workflow import HUB

from ..deadlines import notify_by
from ..infringements import INFRINGEMENTS
from ..ncr import (
    CheckResult,
    CheckResultResponseStatus,
    NotifyCheckResultRequest,
    NotifyCheckResultResponse,
    SeriousInfringement,
)
from ..nu import NotifyUnfitnessAcknowledgement, NotifyUnfitnessRequest, UnfitnessReading
from ..penalties import ExecutionStatus, PenaltyAtEstablishment, PenaltyImposed
from ..vocabulary import RequestPurpose


def _serious(message: Message[Any]) -> tuple[SeriousInfringement, ...]:
    request: NotifyCheckResultRequest = message.body
    return request.transport_undertaking.serious_infringements


def _imposed(message: Message[Any]) -> Iterator[PenaltyImposed]:
    for infringement in _serious(message):
        yield from infringement.penalties_imposed


def _without_infringement(message: Message[Any]) -> bool:
    checked = message.body.transport_undertaking
    return checked.minor_infringement is None and not checked.serious_infringements


def _repeats(numbers: Collection[int]) -> bool:
    return len(numbers) != len(set(numbers))


def _ended(result: CheckResult) -> Callable[[Message[Any]], bool]:
    return lambda message: message.body.check_result is result


_clean, _failed, _passed = map(_ended, (CheckResult.CLEAN_CHECK, CheckResult.FAIL, CheckResult.PASS))


def _is_late(message: Message[Any]) -> bool:
    sent = message.header.sent_at.date()
    return any(sent > notify_by(penalty.final_decision_date) for penalty in _imposed(message))


def _of_another_category(infringement: SeriousInfringement) -> bool:
    known = INFRINGEMENTS.get(infringement.infringement_type)
    return known is not None and known.category is not infringement.category


def _ends_before_it_starts(penalty: Any) -> bool:
    begins, ends = penalty.start_date, penalty.end_date
    return begins is not None and ends is not None and bool(begins > ends)


def _is_ok(message: Message[Any]) -> bool:
    return message.body.status_code is CheckResultResponseStatus.OK


_REQUEST, _RESPONSE = (NotifyCheckResultRequest,), (NotifyCheckResultResponse,)

NOTIFICATION_RULES: Final = (
    Rule(
        "NCR-1",
        "a clean check has no infringement, not even a minor one",
        law.MINOR_INFRINGEMENTS.erru,
        Level.ERROR,
        _REQUEST,
        lambda message: _clean(message) and not _without_infringement(message),
    ),
    Rule(
        "NCR-2",
        "a failed check has an infringement",
        "common sense, but test case NCR_11 contradicts it",
        Level.WARNING,
        _REQUEST,
        lambda message: _failed(message) and _without_infringement(message),
    ),
    Rule(
        "NCR-3",
        "a check without infringement is notified as a clean check",
        law.CLEAN_CHECK.erru,
        Level.WARNING,
        _REQUEST,
        lambda message: _passed(message) and _without_infringement(message),
    ),
    Rule(
        "NCR-4",
        "penaltyRequestedIdentifier is unique in the message",
        "the hub refuses it, see test case NCR_07",
        Level.ERROR,
        _REQUEST,
        lambda message: _repeats(
            [penalty.penalty_requested_identifier for penalty in message.body.penalties_requested]
        ),
    ),
    Rule(
        "NCR-5",
        "penaltyImposedIdentifier is unique in the message",
        "all official test messages follow it, but no document requires it",
        Level.WARNING,
        _REQUEST,
        lambda message: _repeats([penalty.penalty_imposed_identifier for penalty in _imposed(message)]),
    ),
    Rule(
        "NCR-6",
        "a notification is sent within six weeks of the final decision",
        f"{law.NOTIFY_WITHIN_6_WEEKS.erru}, although the Commission's test data are decades late",
        Level.WARNING,
        _REQUEST,
        _is_late,
    ),
    Rule(
        "NCR-7",
        "the category matches the code of the infringement",
        "Regulation (EU) 2016/403, Annex I; it is unknown if the hub checks it",
        Level.WARNING,
        _REQUEST,
        lambda message: any(map(_of_another_category, _serious(message))),
    ),
    Rule(
        "NCR-8",
        "a penalty does not end before it starts",
        "common sense",
        Level.WARNING,
        _REQUEST,
        lambda message: any(map(_ends_before_it_starts, _imposed(message))),
    ),
    Rule(
        "NCR-9",
        "the final decision does not come before the infringement",
        "common sense, but the Commission's test data contradict it",
        Level.WARNING,
        _REQUEST,
        lambda message: any(
            penalty.final_decision_date < infringement.date_of_infringement
            for infringement in _serious(message)
            for penalty in infringement.penalties_imposed
        ),
    ),
    Rule(
        "NCR-10",
        "the number of minor infringements, if given, is at least one",
        "common sense, but the schema accepts 0",
        Level.WARNING,
        _REQUEST,
        lambda message: (
            (minor := message.body.transport_undertaking.minor_infringement) is not None
            and minor.number_of_infringements == 0
        ),
    ),
    Rule(
        "NCR-11",
        "a penalty that was not executed has a reason",
        "description of notExecutedReason in the official schema",
        Level.WARNING,
        _REQUEST,
        lambda message: any(
            penalty.is_executed is ExecutionStatus.NO and penalty.not_executed_reason is None
            for penalty in _imposed(message)
        ),
    ),
    Rule(
        "NCR-12",
        "a penalty of the type Other is not requested",
        f"{law.FIELDS}, Penalty Type Requested: 102 is not in the list, although the schema accepts it",
        Level.WARNING,
        _REQUEST,
        lambda message: any(
            penalty.penalty_type_requested is PenaltyAtEstablishment.OTHER
            for penalty in message.body.penalties_requested
        ),
    ),
    Rule(
        "NCRR-1",
        "a requested penalty that was not imposed has a reason",
        law.RESPOND_WITHIN_6_WEEKS.erru,
        Level.ERROR,
        _RESPONSE,
        lambda message: any(
            not decision.is_imposed and decision.reason is None for decision in message.body.penalties_imposed
        ),
    ),
    Rule(
        "NCRR-2",
        "a response contains each requested penalty only once",
        "description of penaltyRequestedIdentifier in the official schema",
        Level.WARNING,
        _RESPONSE,
        lambda message: _repeats(
            [decision.penalty_requested_identifier for decision in message.body.penalties_imposed]
        ),
    ),
    Rule(
        "NCRR-3",
        "an OK contains the undertaking",
        f"{law.FIELDS}: Transport Undertaking is mandatory",
        Level.ERROR,
        _RESPONSE,
        lambda message: _is_ok(message) and message.body.transport_undertaking is None,
    ),
    Rule(
        "NCRR-4",
        "a penalty does not end before it starts",
        "common sense",
        Level.WARNING,
        _RESPONSE,
        lambda message: any(map(_ends_before_it_starts, message.body.penalties_imposed)),
    ),
    Rule(
        "NCRR-5",
        "a NotFound does not contain the undertaking",
        f"common sense, but {law.FIELDS}, has the undertaking in each response",
        Level.WARNING,
        _RESPONSE,
        lambda message: not _is_ok(message) and message.body.transport_undertaking is not None,
    ),
    Rule(
        "NU-1",
        "a notification has the day from which the manager is unfit",
        f"{law.FIELDS}: mandatory. Without it: {UnfitnessReading.UNDATED.value}",
        Level.ERROR,
        (NotifyUnfitnessRequest,),
        lambda message: (
            message.body.reading is UnfitnessReading.UNDATED
            and message.body.request_purpose is not RequestPurpose.HEARTBEAT
        ),
        waivable=True,
    ),
    Rule(
        "NU-2",
        "a Member State acknowledges with one row, its own",
        "a national system checks it in both directions",
        Level.ERROR,
        (NotifyUnfitnessAcknowledgement,),
        lambda message: (
            message.header.from_ != HUB
            and [row.member_state_code for row in message.body.member_states] != [message.header.from_]
        ),
    ),
)
