"""The penalties of a Notify Check Result: imposed where the check was, requested, and decided on at home.

Regulation (EU) 2016/480, Annex III, appendix, lists the codes. Each state has its own codes: you cannot
request a fine from the state of establishment, and the state of infringement cannot withdraw a licence.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from movehub.records.personal import PersonalText
from movehub.records.record import record


class PenaltyAtInfringement(StrEnum):
    """What the Member State of infringement itself imposes."""

    WARNING = "101"
    OTHER = "102"
    TEMPORARY_CABOTAGE_BAN = "201"
    FINE = "202"
    PROHIBITION = "203"
    IMMOBILISATION = "204"


class PenaltyAtEstablishment(StrEnum):
    """The penalties that the Member State of establishment can impose, on request."""

    WARNING = "101"
    #: A decision can have it. It is not in the law's list for requests: see the rule `NCR-12`.
    OTHER = "102"
    TEMPORARY_WITHDRAWAL_OF_TRUE_COPIES = "301"
    PERMANENT_WITHDRAWAL_OF_TRUE_COPIES = "302"
    TEMPORARY_WITHDRAWAL_OF_LICENCE = "303"
    PERMANENT_WITHDRAWAL_OF_LICENCE = "304"
    #: No new driver attestations for a time.
    SUSPENSION_OF_DRIVER_ATTESTATIONS = "305"
    WITHDRAWAL_OF_DRIVER_ATTESTATIONS = "306"
    #: Driver attestations with further conditions, to prevent misuse.
    CONDITIONS_ON_DRIVER_ATTESTATIONS = "307"


class ExecutionStatus(StrEnum):
    """Whether a penalty has been carried out."""

    YES = "Yes"
    NO = "No"
    UNKNOWN = "Unknown"


@record
class PenaltyImposed:
    """A penalty that the Member State of infringement has imposed."""

    penalty_imposed_identifier: int
    final_decision_date: date
    penalty_type_imposed: PenaltyAtInfringement
    start_date: date | None = None
    end_date: date | None = None
    is_executed: ExecutionStatus
    not_executed_reason: PersonalText | None = None


@record
class PenaltyDecision:
    """What became of a requested penalty. Make it from the request: `requested.imposed(...)`."""

    #: The identifier that the penalty had in the notification.
    penalty_requested_identifier: int
    authority_imposing_penalty: str
    is_imposed: bool
    #: Need not be the type that was requested.
    penalty_type_imposed: PenaltyAtEstablishment
    start_date: date | None = None
    end_date: date | None = None
    #: Why it is not imposed.
    reason: PersonalText | None = None


@record
class PenaltyRequested:
    """A penalty that you request from the Member State of establishment."""

    #: Must be unique in the whole notification: the hub refuses it otherwise.
    penalty_requested_identifier: int
    penalty_type_requested: PenaltyAtEstablishment
    #: In calendar days.
    duration: int | None = None

    def imposed(
        self,
        authority: str,
        penalty: PenaltyAtEstablishment | None = None,
        *,
        start_date: date | None = None,
        end_date: date | None = None,
    ) -> PenaltyDecision:
        """Return the decision to impose it, or to impose another `penalty` in its place."""
        return PenaltyDecision(
            penalty_requested_identifier=self.penalty_requested_identifier,
            authority_imposing_penalty=authority,
            is_imposed=True,
            penalty_type_imposed=penalty or self.penalty_type_requested,
            start_date=start_date,
            end_date=end_date,
        )

    def not_imposed(self, authority: str, reason: str) -> PenaltyDecision:
        """Return the decision not to impose it. The law requires a reason (Annex VIII, 2.5)."""
        return PenaltyDecision(
            penalty_requested_identifier=self.penalty_requested_identifier,
            authority_imposing_penalty=authority,
            is_imposed=False,
            penalty_type_imposed=self.penalty_type_requested,
            reason=reason,
        )
