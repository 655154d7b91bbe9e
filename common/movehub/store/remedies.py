"""What a person is to do about each reason to look, and by which point of law. The table alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from movehub.store.escalations import Reason


@dataclass(frozen=True, slots=True)
class Remedy:
    """The point of law, and what to do."""

    article: str
    do: str


def _fault(letter: str) -> str:
    return f"2016/68 Annex VI, 1.9 ({letter}); 2016/480 Annex VI, 1.7 ({letter})"


_ESCALATION: Final = "Annex VI, 2.2"

#: One row a reason.
REMEDIES: Final[Mapping[Reason, Remedy]] = MappingProxyType(
    {
        Reason.UNSOLICITED: Remedy(
            _fault("d"),
            "It answers nothing that is open here. `movehub node show` it; ask its sender what it is about.",
        ),
        Reason.UNREADABLE: Remedy(
            _fault("e"),
            "The log names place and reason. Is it of an edition that is not spoken here? Tell its sender.",
        ),
        Reason.NOT_CORRELATED: Remedy(
            _fault("e"), "Do not use the answer. Tell its sender, and ask again if the case still needs it."
        ),
        Reason.ERROR_NOTIFIED: Remedy(
            _ESCALATION,
            "`movehub node show` it; mend what its status names, and send a new one if that is due.",
        ),
        Reason.REGISTER_FAILED: Remedy(
            _ESCALATION,
            "Mend the register, then `movehub node retry` the message. Nobody was told 'not found'.",
        ),
        Reason.TOO_LATE: Remedy(
            _fault("c"), "See why it took so long; a state that waits for a receipt is told by another way."
        ),
        Reason.REFUSED: Remedy(_ESCALATION, "Mend what the HTTP status says, and send a new message."),
        Reason.OUTCOME_UNKNOWN: Remedy(
            _fault("a"), "It may have arrived. Find out before it is sent again: it could count twice."
        ),
        Reason.NO_ANSWER: Remedy(
            _fault("b"), "Nobody is cleared by this. Ask again, or ask the state by another way."
        ),
        Reason.NOT_REACHED: Remedy(
            _fault("a"),
            "Look at the line to the hub and at both certificates. What waits goes out by itself; then this "
            "is marked as done.",
        ),
        Reason.NOT_SENT: Remedy(
            "2016/68 Annex VI, 1.6; 2016/480 Annex VI, 1.5.2",
            "Nothing was asked. Ask again as a new request.",
        ),
        Reason.IDENTIFIER_REUSED: Remedy(
            "Annex III, appendix", "The first document stands. Ask the sender which of the two holds."
        ),
        Reason.CLOCK: Remedy(
            "Annex VI, 1.5", "Compare this machine's clock with a time server; then tell the partner."
        ),
        Reason.KEPT_TOO_LONG: Remedy(
            "2016/68 Annex VII, 3; 2016/480 Annex VII, 4",
            "Bring it to its end. Where nothing more will come, mark this as done: the next run removes it.",
        ),
        Reason.JOURNAL_BROKEN: Remedy(
            "arrêté of 13 October 2004", "Keep the database as it is, and find out who wrote to it."
        ),
    }
)
