"""Why something needs a person, by which point of law, and what that person is to do. The table alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Reason(StrEnum):
    """Why something needs a person."""

    ERROR_NOTIFIED = "error notified"
    UNSOLICITED = "unsolicited"
    LATE_ANSWER = "late answer"
    NO_ANSWER = "no answer"
    OUTCOME_UNKNOWN = "outcome unknown"
    REFUSED = "refused"
    NOT_DELIVERED = "not delivered"
    INVALID = "invalid"
    IDENTIFIER_REUSED = "identifier reused"
    NOT_LET_IN = "not let in"
    REGISTER_FAILED = "register failed"
    CLOCK_SKEW = "clock skew"
    KEPT_TOO_LONG = "kept too long"
    CERTIFICATE_ENDS = "certificate ends"
    JOURNAL_BROKEN = "journal broken"


@dataclass(frozen=True, slots=True)
class Remedy:
    """The point of law, and what to do."""

    article: str
    do: str


def _of_the_five(letter: str) -> str:
    return f"2016/68 Annex VI, 1.9 ({letter}); 2016/480 Annex VI, 1.7 ({letter})"


#: One row a reason.
REMEDIES: Final[Mapping[Reason, Remedy]] = MappingProxyType(
    {
        Reason.ERROR_NOTIFIED: Remedy(
            "Annex VI, 2.2",
            "Read the notification's status, mend what it names, and send a new message if one is still due.",
        ),
        Reason.UNSOLICITED: Remedy(
            _of_the_five("d"), "It answers nothing that is open here. Ask its sender what it belongs to."
        ),
        Reason.LATE_ANSWER: Remedy(
            _of_the_five("c"), "The answer is with its workflow now. See whether the case was closed without it."
        ),
        Reason.NO_ANSWER: Remedy(
            _of_the_five("b"), "Nobody is cleared by this. Ask again, or ask the state by another way."
        ),
        Reason.OUTCOME_UNKNOWN: Remedy(
            _of_the_five("b"), "It may have arrived. Find out before it is sent again: it could count twice."
        ),
        Reason.REFUSED: Remedy("Annex VI, 2.2", "The hub did not take it. Mend what its status says."),
        Reason.NOT_DELIVERED: Remedy(
            _of_the_five("a"), "The time to deliver it is over. Tell the state by another way, and mend the line."
        ),
        Reason.INVALID: Remedy(_of_the_five("e"), "It breaks its schema. Tell the hub's helpdesk."),
        Reason.IDENTIFIER_REUSED: Remedy(
            "Annex III, appendix", "Another document has an identifier that was used. Ask its sender which holds."
        ),
        Reason.NOT_LET_IN: Remedy(
            "Annex V, 2", "A good certificate that is not configured. If it is the hub's new one, let it in."
        ),
        Reason.REGISTER_FAILED: Remedy(
            "Annex VI, 2.2", "Mend the register. The sender was told of an error, never of 'not found'."
        ),
        Reason.CLOCK_SKEW: Remedy(
            "Annex III, appendix; Annex VI, 1.5", "Compare this machine's clock with a time server, then tell them."
        ),
        Reason.KEPT_TOO_LONG: Remedy(
            "Annex VII",
            "Its period is over and it is not finished. Finish it; where that is past, mark this as done, and "
            "the next run removes it.",
        ),
        Reason.CERTIFICATE_ENDS: Remedy("Annex V, 2", "Ask the Commission for a new certificate, and put it in place."),
        Reason.JOURNAL_BROKEN: Remedy(
            "arrêté of 13 October 2004", "Keep the database as it is, and find out who wrote to it."
        ),
    }
)
