"""Notify Check Result (NCR).

    infringement ── Request ──▸ establishment      what a check gave, and the penalties asked for
    infringement ◂── Acknowledgement NCRN_Ack ──   within seconds
    infringement ◂── Response ── establishment     weeks later, same workflow: which penalties it imposed
    infringement ── Acknowledgement NCRR_Ack ──▸

Regulation (EU) 2016/480, Annex II, 1.2 and Annex VIII, 2.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import ClassVar

from movehub.errors import InvalidOutgoing
from movehub.protocol.later_response import AnsweredLater
from movehub.protocol.message import Body, Request
from movehub.protocol.outcome import Acknowledged, NotificationStatus, Receipt
from movehub.records.personal import PersonalText
from movehub.records.record import record, wire

from .deadlines import respond_by
from .infringements import InfringementCategory
from .penalties import PenaltyDecision, PenaltyImposed, PenaltyRequested
from .vocabulary import ErruRequest, RegisteredUndertaking, Vehicle


class CheckResult(StrEnum):
    """How a check ended."""

    #: Passed, probably with minor infringements: another value means no infringement at all.
    PASS = "Pass"  # noqa: S105
    FAIL = "Fail"
    #: Not one infringement, not even a minor one (Annex VIII, 2.3). Needs no response.
    CLEAN_CHECK = "CleanCheck"


class AcknowledgementType(StrEnum):
    """The message that is acknowledged."""

    NOTIFICATION = "NCRN_Ack"
    RESPONSE = "NCRR_Ack"


class CheckResultResponseStatus(StrEnum):
    """Whether the undertaking is in the register of the state that responds."""

    OK = "OK"
    NOT_FOUND = "NotFound"


@record
class CheckSummary:
    """The result of the check and its day."""

    check_result: CheckResult
    date_of_check: date


@record
class MinorInfringement:
    """How many minor infringements were found."""

    date_of_infringement: date
    number_of_infringements: int


@record
class SeriousInfringement:
    """One serious infringement, with the penalties that were imposed and those that are requested."""

    date_of_infringement: date
    category: InfringementCategory
    #: A code of `INFRINGEMENTS`.
    infringement_type: str
    appeal_possible: bool
    #: At least one.
    penalties_imposed: tuple[PenaltyImposed, ...] = wire(each="PenaltyImposed")
    penalties_requested: tuple[PenaltyRequested, ...] = wire(each="PenaltyRequested", default=())


@record
class CheckedUndertaking:
    """The undertaking, the vehicle that was checked, and the result."""

    transport_undertaking_name: PersonalText
    #: Of the Community licence, or of a certified true copy of it.
    community_licence_number: PersonalText
    vehicle: Vehicle
    check_summary: CheckSummary
    minor_infringement: MinorInfringement | None = None
    serious_infringements: tuple[SeriousInfringement, ...] = wire("SeriousInfringement", default=())


@record
class NotifyCheckResultAcknowledgement(Receipt, Body, root="NotifyCheckResult_Acknowledgement"):
    """The receipt of the other state, or the hub's notice that there is none. See `delivered`."""

    business_case_id: str
    originating_authority: str
    responding_authority: str
    acknowledgement_type: AcknowledgementType
    status_code: NotificationStatus
    status_message: PersonalText | None = None

    def repeated(self) -> tuple[object, ...]:
        """Case, and which of the two messages it acknowledges."""
        return self.business_case_id, self.originating_authority, self.acknowledgement_type


@record
class NotifyCheckResultResponse(
    Acknowledged["NotifyCheckResultAcknowledgement"],
    Request["NotifyCheckResultAcknowledgement"],
    root="NotifyCheckResult_Response",
):
    """Which of the requested penalties were imposed. It goes out in the workflow of the notification."""

    acknowledged_with: ClassVar[type[NotifyCheckResultAcknowledgement]] = NotifyCheckResultAcknowledgement
    acknowledged_as: ClassVar[AcknowledgementType] = AcknowledgementType.RESPONSE

    business_case_id: str
    originating_authority: str
    responding_authority: str
    status_code: CheckResultResponseStatus
    status_message: PersonalText | None = None
    #: The law requires it (Annex III, appendix). Without it the status is `NotFound`.
    transport_undertaking: RegisteredUndertaking | None = None
    penalties_imposed: tuple[PenaltyDecision, ...] = wire(each="PenaltyImposed", default=())

    def acknowledge(
        self,
        responding_authority: str = "",  # noqa: ARG002 - the law has no place for it
    ) -> NotifyCheckResultAcknowledgement:
        """Return the receipt. Both of its authorities are in the response, so you need not give yours.

        In an NCRR_Ack the two have swapped roles (Annex III, appendix): `originating_authority` acknowledges,
        and `responding_authority` is the destination, which sent the response.
        """
        return self._receipt(self.responding_authority, NotificationStatus.OK, None)


@record
class NotifyCheckResultRequest(
    AnsweredLater,
    Acknowledged["NotifyCheckResultAcknowledgement"],
    ErruRequest["NotifyCheckResultAcknowledgement"],
    root="NotifyCheckResult_Request",
):
    """Notify the state of establishment of the result of a check. The first answer is a receipt."""

    acknowledged_with: ClassVar[type[NotifyCheckResultAcknowledgement]] = NotifyCheckResultAcknowledgement
    acknowledged_as: ClassVar[AcknowledgementType] = AcknowledgementType.NOTIFICATION

    transport_undertaking: CheckedUndertaking

    @property
    def check_result(self) -> CheckResult:
        """How the check ended."""
        return self.transport_undertaking.check_summary.check_result

    @property
    def penalties_requested(self) -> tuple[PenaltyRequested, ...]:
        """All penalties asked for, of every infringement."""
        found = self.transport_undertaking.serious_infringements
        return tuple(penalty for infringement in found for penalty in infringement.penalties_requested)

    @property
    def response_due(self) -> bool:
        """Whether a response must follow within six weeks: after any infringement, minor ones too.

        Only a clean check needs none (Annex VIII, 2.5).
        """
        return self.check_result is not CheckResult.CLEAN_CHECK

    @property
    def final_decision(self) -> date | None:
        """The day of the last final decision about its serious infringements, None without one."""
        decided = [
            penalty.final_decision_date
            for infringement in self.transport_undertaking.serious_infringements
            for penalty in infringement.penalties_imposed
        ]
        return max(decided, default=None)

    @property
    def respond_by(self) -> date | None:
        """The last day for the response: six weeks after the last final decision. None without one."""
        decision = self.final_decision
        return None if decision is None or not self.response_due else respond_by(decision)

    def undecided(self, response: NotifyCheckResultResponse) -> tuple[PenaltyRequested, ...]:
        """Return the requested penalties that a response does not mention."""
        decided = {decision.penalty_requested_identifier for decision in response.penalties_imposed}
        return tuple(
            penalty
            for penalty in self.penalties_requested
            if penalty.penalty_requested_identifier not in decided
        )

    def respond(
        self,
        responding_authority: str,
        undertaking: RegisteredUndertaking | None,
        penalties: tuple[PenaltyDecision, ...] = (),
        status_message: str | None = None,
    ) -> NotifyCheckResultResponse:
        """Return the response: `OK` with the undertaking, `NotFound` where the register does not have it.

        Raises InvalidOutgoing where a decision is about no penalty that was requested, or where the
        undertaking was not found and yet punished.
        """
        requested = {penalty.penalty_requested_identifier for penalty in self.penalties_requested}
        if any(decision.penalty_requested_identifier not in requested for decision in penalties):
            raise InvalidOutgoing("a decision about a penalty that was not requested", workflow="ERRU NCR")
        if undertaking is None and penalties:
            raise InvalidOutgoing("decisions about an undertaking that was not found", workflow="ERRU NCR")
        status = CheckResultResponseStatus.OK if undertaking else CheckResultResponseStatus.NOT_FOUND
        return NotifyCheckResultResponse(
            business_case_id=self.business_case_id,
            originating_authority=self.originating_authority,
            responding_authority=responding_authority,
            status_code=status,
            status_message=status_message,
            transport_undertaking=undertaking,
            penalties_imposed=penalties,
        )
