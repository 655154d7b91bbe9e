"""The table of workflows: which message answers which, and which requests may be broadcast.

Regulation (EU) 2016/68, Annex II, 1; Regulation (EU) 2016/480, Annex II.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from movehub import law

#: `Header/@to` of a request to every other Member State (official in ERRU, by analogy in TACHOnet).
BROADCAST: Final = "ZZ"
#: The hub itself: it sends consolidated answers and receives ErrorNotifications.
HUB: Final = "EU"
#: `respondingAuthority` if the hub answers for a state that did not (official in ERRU).
HUB_AUTHORITY: Final = "European Commission"

#: `requestPurpose` of the hub's request to test whether a state answers (Annex VI, 1.2).
HEARTBEAT: Final = "Heartbeat"


@dataclass(frozen=True, slots=True)
class Workflow:
    """One workflow. `legs` pairs each message with its answer, in the order of sending."""

    system: str
    abbreviation: str
    name: str
    legs: tuple[tuple[str, str], ...]
    article: str
    broadcast: bool
    #: Whether it is a notification, which the receiver must record however late it comes. Others are
    #: searches.
    notifies: bool = False
    #: The time that the law gives for the later response. See `later_response` for its beginning.
    respond_within: timedelta | None = None
    #: Whether that time begins with a final decision, and not with the sending of the request.
    from_decision: bool = False

    def __str__(self) -> str:
        """Return the system and the abbreviation, as the law writes it: `ERRU CGR`."""
        return f"{self.system} {self.abbreviation}"

    @property
    def opening(self) -> str:
        """The root element of the message that opens the workflow."""
        return self.legs[0][0]

    @property
    def later_response(self) -> str | None:
        """The root element of the response that follows the acknowledgement, days later."""
        return self.legs[1][0] if len(self.legs) > 1 else None

    @property
    def roots(self) -> frozenset[str]:
        """The root elements of all its messages."""
        return frozenset(root for leg in self.legs for root in leg)


def _legs(name: str, answer: str = "Response") -> tuple[tuple[str, str], ...]:
    return ((f"{name}_Request", f"{name}_{answer}"),)


def _four_messages(name: str) -> tuple[tuple[str, str], ...]:
    """Return two legs: the response comes days or weeks later, and has its own acknowledgement."""
    return *_legs(name, "Acknowledgement"), (f"{name}_Response", f"{name}_Acknowledgement")


#: The law has no answer to an RSI, but the hub's messages have one.
_RSI: Final = "Directive 2014/47/EU, Article 18; Regulation (EU) 2017/2205"

#: 2016/68, Annex II, 1.3, and Annex VI, 1.6: ten calendar days, from the moment when the request was sent.
TEN_DAYS: Final = timedelta(days=10)
#: 2016/480, Annex VIII, 2.4 and 2.5: from the final decision on.
SIX_WEEKS: Final = timedelta(weeks=6)

#: Each row: abbreviation, name, legs, article, whether it may be broadcast, whether it is a notification, the
#: time for the later response, and whether that begins with a decision.
_ISSUED: Final = _legs("IssuedCardDrivingLicence")
_MODIFIED: Final = _four_messages("ModifyCardStatus")
_TACHONET: Final = (
    ("CIC", "Check issued cards", _legs("CheckIssuedCards"), str(law.CIC), True, False, None, False),
    ("CCS", "Check card status", _legs("CheckCardStatus"), str(law.CCS), False, False, None, False),
    ("MCS", "Modify card status", _MODIFIED, str(law.MCS), False, True, TEN_DAYS, False),
    ("ICDL", "Issued card driving licence", _ISSUED, str(law.ICDL), False, True, None, False),
)
_UNDERTAKING: Final = _legs("CheckTransportUndertakingData")
_CHECKED: Final = _four_messages("NotifyCheckResult")
_UNFIT: Final = _legs("NotifyUnfitness", "Acknowledgement")
_ERRU: Final = (
    ("CGR", "Check good repute", _legs("CheckGoodRepute"), str(law.CGR), True, False, None, False),
    ("NCR", "Notify check result", _CHECKED, str(law.NCR), False, True, SIX_WEEKS, True),
    ("CTUD", "Check transport undertaking data", _UNDERTAKING, str(law.CTUD), False, False, None, False),
    ("NU", "Notify unfitness", _UNFIT, str(law.NU), True, True, None, False),
    ("RSI", "Roadside inspection", _legs("RoadSideInspection"), _RSI, False, True, None, False),
)
WORKFLOWS: Final = (
    *(Workflow("TACHOnet", *row) for row in _TACHONET),
    *(Workflow("ERRU", *row) for row in _ERRU),
)

_BY_ROOT: Final = {root: workflow for workflow in WORKFLOWS for root in workflow.roots}
_ANSWERS: Final = {sent: answer for workflow in WORKFLOWS for sent, answer in workflow.legs}


def workflow_of(root: str) -> Workflow | None:
    """Return the workflow of a root element. ErrorNotification belongs to no workflow: None."""
    return _BY_ROOT.get(root)


def answer_to(root: str) -> str | None:
    """Return the root element of the answer, or None if the message has no answer."""
    return _ANSWERS.get(root)
